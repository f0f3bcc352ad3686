// llc: LLVM has no library of it. What people use of it is little over
// CodeGen's own command line flags; any other option is for the real program,
// which the step then runs.
#include "ir_lowering/mlir/tools/tools.h"

#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/CodeGen/CommandFlags.h>
#include <llvm/CodeGen/MachineModuleInfo.h>
#include <llvm/IR/DiagnosticHandler.h>
#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/DiagnosticPrinter.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/IRReader/IRReader.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/ToolOutputFile.h>
#include <llvm/Support/WithColor.h>
#include <llvm/Target/TargetLoweringObjectFile.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/TargetParser/Host.h>

namespace irlens::mlir_worker {

namespace {

using namespace llvm;

constexpr const char *kName = "llc";

/// Registers itself when made.
struct Options {
  cl::opt<std::string> input{cl::Positional, cl::init("-")};
  cl::opt<std::string> output{"o", cl::init("-")};
  cl::opt<std::string> triple{"mtriple"};
  cl::opt<char> level{"O", cl::Prefix, cl::init('2')};
  cl::opt<bool> noVerify{"disable-verify", cl::init(false)};
  cl::opt<bool> verbose{"asm-verbose", cl::init(true)};
  cl::opt<bool> showEncoding{"show-mc-encoding", cl::init(false)};
  cl::opt<bool> keepComments{"preserve-as-comments", cl::init(true)};
  cl::opt<bool> noLibraryCalls{"disable-simplify-libcalls", cl::init(false)};
  codegen::RegisterCodeGenFlags codeGeneration;
};

/// Prints as llc does, and goes on after an error.
class Printer : public DiagnosticHandler {
public:
  bool handleDiagnostics(const DiagnosticInfo &info) override {
    if (info.getSeverity() == DS_Error)
      HasErrors = true;
    if (info.getKind() == DK_SrcMgr) {
      cast<DiagnosticInfoSrcMgr>(info).getSMDiag().print(nullptr, errs());
      return true;
    }
    if (const auto *remark = dyn_cast<DiagnosticInfoOptimizationBase>(&info);
        remark && !remark->isEnabled())
      return true;
    errs() << LLVMContext::getDiagnosticMessagePrefix(info.getSeverity())
           << ": ";
    DiagnosticPrinterRawOStream printer(errs());
    info.print(printer);
    errs() << "\n";
    return true;
  }
};

int fail(const Twine &message) {
  WithColor::error(errs(), kName) << message << "\n";
  return 1;
}

/// One compilation, from the options to the text.
class Compilation {
public:
  explicit Compilation(const Options &options) : options_(options) {}

  int run() {
    context_.setDiagnosticHandler(std::make_unique<Printer>());
    auto level = CodeGenOpt::parseLevel(options_.level);
    if (!level)
      return fail("invalid optimization level.");
    level_ = *level;
    SMDiagnostic error;
    module_ = parseIRFile(options_.input, error, context_,
                          ParserCallbacks([this](StringRef triple, StringRef) {
                            return chooseTarget(triple);
                          }));
    if (!machine_ && !targetError_.empty())
      return fail(targetError_);
    if (!module_) {
      error.print(kName, WithColor::error(errs(), kName));
      return 1;
    }
    return emit();
  }

private:
  /// Called by the parser, which needs the layout of the target's data.
  std::optional<std::string> chooseTarget(StringRef ofModule) {
    triple_ =
        Triple(options_.triple.empty() ? ofModule.str()
                                       : Triple::normalize(options_.triple));
    if (triple_.getTriple().empty())
      triple_.setTriple(sys::getDefaultTargetTriple());
    const Target *target = TargetRegistry::lookupTarget(codegen::getMArch(),
                                                        triple_, targetError_);
    if (!target)
      return std::nullopt;
    TargetOptions target_options =
        codegen::InitTargetOptionsFromCodeGenFlags(triple_);
    target_options.MCOptions.ShowMCEncoding = options_.showEncoding;
    target_options.MCOptions.AsmVerbose = options_.verbose;
    target_options.MCOptions.PreserveAsmComments = options_.keepComments;
    machine_.reset(target->createTargetMachine(
        triple_, codegen::getCPUStr(), codegen::getFeaturesStr(),
        target_options, codegen::getExplicitRelocModel(),
        codegen::getExplicitCodeModel(), level_));
    return machine_->createDataLayout().getStringRepresentation();
  }

  void prepare() {
    if (!options_.triple.empty())
      module_->setTargetTriple(Triple(Triple::normalize(options_.triple)));
    if (auto model = module_->getCodeModel();
        model && !codegen::getExplicitCodeModel())
      machine_->setCodeModel(*model);
    if (auto threshold = codegen::getExplicitLargeDataThreshold())
      machine_->setLargeDataThreshold(*threshold);
    if (codegen::getFloatABIForCalls() != FloatABI::Default)
      machine_->Options.FloatABIType = codegen::getFloatABIForCalls();
    machine_->Options.VerifyArgABICompliance = false;
    codegen::setFunctionAttributes(codegen::getCPUStr(),
                                   codegen::getFeaturesStr(), *module_);
  }

  int emit() {
    std::error_code error;
    bool isText = codegen::getFileType() == CodeGenFileType::AssemblyFile;
    ToolOutputFile output(options_.output, error,
                          isText ? sys::fs::OF_TextWithCRLF : sys::fs::OF_None);
    if (error)
      return fail(options_.output + ": " + error.message());
    machine_->Options.ObjectFilenameForDebug = options_.output;
    if (!options_.noVerify && verifyModule(*module_, &errs()))
      return fail(options_.input + ": input module cannot be verified");
    prepare();

    SmallVector<char, 0> bytes;
    raw_svector_ostream stream(bytes);
    legacy::PassManager passes;
    TargetLibraryInfoImpl libraries(module_->getTargetTriple(),
                                    machine_->Options.VecLib);
    if (options_.noLibraryCalls)
      libraries.disableAllFunctions();
    passes.add(new TargetLibraryInfoWrapperPass(libraries));
    auto *functions = new MachineModuleInfoWrapperPass(machine_.get());
    if (machine_->addPassesToEmitFile(passes, stream, nullptr,
                                      codegen::getFileType(), options_.noVerify,
                                      functions))
      return fail("target does not support generation of this file type");
    machine_->getObjFileLowering()->Initialize(functions->getMMI().getContext(),
                                               *machine_);
    cl::PrintOptionValues();
    passes.run(*module_);
    if (context_.getDiagHandlerPtr()->HasErrors)
      return 1;
    output.os() << stream.str();
    output.keep();
    return 0;
  }

  const Options &options_;
  LLVMContext context_;
  CodeGenOptLevel level_ = CodeGenOptLevel::Default;
  Triple triple_;
  std::string targetError_;
  std::unique_ptr<TargetMachine> machine_;
  std::unique_ptr<Module> module_;
};

} // namespace

int runLlc(Compiler &, const TextFile &, std::vector<std::string> arguments) {
  auto *options = new Options; // For as long as the process.
  ArgumentVector words(kName, std::move(arguments));
  cl::ParseCommandLineOptions(words.count(), words.data(),
                              "llvm system compiler\n");
  return Compilation(*options).run();
}

} // namespace irlens::mlir_worker
