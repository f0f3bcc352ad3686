// Code generation to assembly text, with comments: the line comments of each
// instruction are where the call chains come from.
#include "ir_lowering/mlir/line_comments.h"
#include "ir_lowering/mlir/steps.h"

#include <fmt/format.h>
#include <llvm/ADT/SmallString.h>
#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/raw_ostream.h>

namespace irlens::mlir_worker {

using nlohmann::json;

namespace {

/// Options that LLVM has as command line options only ("--spirv-ext=all"). They
/// are global state, of a process that makes one stage.
bool applyOptions(StepContext &context, const json &options) {
  std::vector<std::string> words = {"irlens-mlir"};
  for (const json &option : options)
    if (option.is_string())
      words.push_back(option.get<std::string>());
  std::vector<const char *> arguments;
  for (const std::string &word : words)
    arguments.push_back(word.c_str());
  std::string error;
  llvm::raw_string_ostream errors(error);
  llvm::cl::ResetAllOptionOccurrences();
  if (!llvm::cl::ParseCommandLineOptions(static_cast<int>(arguments.size()),
                                         arguments.data(), "", &errors))
    return context.fail("code generation options: " + error);
  return true;
}

} // namespace

bool generateCode(StepContext &context, const json &request) {
  Session &session = context.session;
  if (!session.llvmModule || !session.target || !session.assembly.empty())
    return context.fail("code generation needs LLVM IR with a target");
  if (!request.is_object())
    return context.fail("step 'codegen' takes {opt, options, contract}");
  if (auto options = request.find("options");
      options != request.end() && !applyOptions(context, *options))
    return false;
  int asked = 2;
  if (auto opt = request.find("opt");
      opt != request.end() && opt->is_number_integer())
    asked = opt->get<int>();
  int level = context.codegenLevel >= 0 ? context.codegenLevel : asked;
  if (level != asked)
    context.note = fmt::format("code generation crashed at -O{}, done at -O{}",
                               asked, level);
  context.progress.enter(Phase::CodeGeneration);

  llvm::Module &module = *session.llvmModule;
  std::string error;
  // A new one: level and options are read when a machine is made.
  auto machine =
      makeMachine(module, session.target->getTargetCPU().str(),
                  session.target->getTargetFeatureString().str(), level, error);
  if (!machine)
    return context.fail(error);
  // A product and a sum in one instruction, as the vendors' compilers do.
  if (request.value("contract", false))
    machine->Options.AllowFPOpFusion = llvm::FPOpFusion::Fast;
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream stream(text);
  std::unique_ptr<llvm::legacy::PassManager> owner =
      module.getTargetTriple().isSPIRV()
          ? std::make_unique<LineCommentPassManager>()
          : std::make_unique<llvm::legacy::PassManager>();
  llvm::legacy::PassManager &passes = *owner;
  llvm::TargetLibraryInfoImpl libraries(module.getTargetTriple());
  passes.add(new llvm::TargetLibraryInfoWrapperPass(libraries));
  if (machine->addPassesToEmitFile(passes, stream, nullptr,
                                   llvm::CodeGenFileType::AssemblyFile))
    return context.fail(
        fmt::format("{} has no assembly text", module.getTargetTriple().str()));
  // Counts as a pass: the IR before it is what a failure leaves to look at.
  context.beginPass("code generation", "the module");
  passes.run(module);
  if (context.diagnostics.hasErrors())
    return false;
  session.assembly = std::move(text);
  return true;
}

} // namespace irlens::mlir_worker
