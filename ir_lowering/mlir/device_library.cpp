// Mathematical functions for the GPU targets. Their back ends select few of
// them: an `llvm.exp.f32` or a call of `tanhf` ends in "no libcall available"
// or an unresolved symbol. The vendors' bitcode libraries have them all under
// names of their own, and come with the triton wheel.
#include "ir_lowering/mlir/steps.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IRReader/IRReader.h>
#include <llvm/Linker/Linker.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/TargetParser/TargetParser.h>
#include <llvm/Transforms/IPO/Internalize.h>

namespace irlens::mlir_worker {

namespace {

namespace fs = std::filesystem;

/// `name` without suffix, as in libm; `intrinsic` is 0 when LLVM has none, or
/// when all GPU targets select it.
struct MathFunction {
  std::string_view name;
  llvm::Intrinsic::ID intrinsic = llvm::Intrinsic::not_intrinsic;
  std::string_view ocml = {}; ///< Where OCML calls it otherwise.
};

namespace Intr = llvm::Intrinsic;

constexpr std::array kMathFunctions = std::to_array<MathFunction>({
    {"acos", Intr::acos},
    {"acosh"},
    {"asin", Intr::asin},
    {"asinh"},
    {"atan", Intr::atan},
    {"atan2", Intr::atan2},
    {"atanh"},
    {"cbrt"},
    {"ceil"},
    {"cos", Intr::cos},
    {"cosh", Intr::cosh},
    {"erf"},
    {"erfc"},
    {"exp", Intr::exp},
    {"exp10", Intr::exp10},
    {"exp2", Intr::exp2},
    {"expm1"},
    {"fabs"},
    {"floor"},
    {"fma"},
    {"fmod"},
    {"hypot"},
    {"ldexp"},
    {"lgamma"},
    {"log", Intr::log},
    {"log10", Intr::log10},
    {"log1p"},
    {"log2", Intr::log2},
    {"nextafter"},
    {"pow", Intr::pow},
    {"powi", Intr::powi, "pown"},
    {"remainder"},
    {"rint"},
    {"round"},
    {"rsqrt"},
    {"sin", Intr::sin},
    {"sinh", Intr::sinh},
    {"sqrt"},
    {"tan", Intr::tan},
    {"tanh", Intr::tanh},
    {"tgamma"},
    {"trunc"},
});

/// What sets the two libraries apart.
struct Library {
  std::string_view name;
  std::string_view file;
  std::string_view folder; ///< Below a Python site folder.
  std::string_view prefix; ///< Of its functions.

  std::string nameOf(const MathFunction &function, bool isDouble) const {
    if (name == "ocml")
      return fmt::format("__ocml_{}_{}",
                         function.ocml.empty() ? function.name : function.ocml,
                         isDouble ? "f64" : "f32");
    return fmt::format("__nv_{}{}", function.name, isDouble ? "" : "f");
  }
};

constexpr std::array<Library, 2> kLibraries = {{
    {"libdevice", "libdevice.10.bc", "triton/backends/nvidia/lib", "__nv_"},
    {"ocml", "ocml.bc", "triton/backends/amd/lib", "__ocml_"},
}};

/// Calls `name` on float or double; narrower operands are widened first.
llvm::Value *callScalar(llvm::IRBuilder<> &builder, const Library &library,
                        const MathFunction &function,
                        llvm::ArrayRef<llvm::Value *> arguments) {
  llvm::Type *type = arguments.front()->getType();
  llvm::Type *wide = type->isDoubleTy() ? type : builder.getFloatTy();
  llvm::SmallVector<llvm::Value *> operands;
  llvm::SmallVector<llvm::Type *> types;
  for (llvm::Value *argument : arguments) {
    bool narrow =
        argument->getType()->isFloatingPointTy() && argument->getType() != wide;
    operands.push_back(narrow ? builder.CreateFPExt(argument, wide) : argument);
    types.push_back(operands.back()->getType());
  }
  llvm::Module *module = builder.GetInsertBlock()->getModule();
  llvm::FunctionCallee callee =
      module->getOrInsertFunction(library.nameOf(function, wide->isDoubleTy()),
                                  llvm::FunctionType::get(wide, types, false));
  llvm::Value *result = builder.CreateCall(callee, operands);
  return wide == type ? result : builder.CreateFPTrunc(result, type);
}

void replaceIntrinsic(llvm::IntrinsicInst *call, const Library &library,
                      const MathFunction &function) {
  llvm::IRBuilder<> builder(call);
  llvm::SmallVector<llvm::Value *> arguments(call->args());
  llvm::Value *result = nullptr;
  if (auto *vector = llvm::dyn_cast<llvm::FixedVectorType>(call->getType())) {
    result = llvm::PoisonValue::get(vector);
    for (unsigned lane = 0; lane < vector->getNumElements(); ++lane) {
      llvm::SmallVector<llvm::Value *> lanes;
      for (llvm::Value *argument : arguments)
        lanes.push_back(argument->getType()->isVectorTy()
                            ? builder.CreateExtractElement(argument, lane)
                            : argument);
      result = builder.CreateInsertElement(
          result, callScalar(builder, library, function, lanes), lane);
    }
  } else {
    result = callScalar(builder, library, function, arguments);
  }
  call->replaceAllUsesWith(result);
  call->eraseFromParent();
}

const MathFunction *findIntrinsic(llvm::Intrinsic::ID id) {
  auto it = std::ranges::find(kMathFunctions, id, &MathFunction::intrinsic);
  return id == llvm::Intrinsic::not_intrinsic || it == kMathFunctions.end()
             ? nullptr
             : &*it;
}

void replaceIntrinsics(llvm::Module &module, const Library &library) {
  llvm::SmallVector<llvm::IntrinsicInst *> calls;
  for (llvm::Function &function : module)
    for (llvm::Instruction &instruction : llvm::instructions(function))
      if (auto *call = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction);
          call && findIntrinsic(call->getIntrinsicID()))
        calls.push_back(call);
  for (llvm::IntrinsicInst *call : calls)
    replaceIntrinsic(call, library, *findIntrinsic(call->getIntrinsicID()));
}

/// `expf` and `exp` become the library's functions of the same type.
void renameLibmCalls(llvm::Module &module, const Library &library) {
  for (const MathFunction &function : kMathFunctions)
    for (bool isDouble : {false, true}) {
      std::string name =
          fmt::format("{}{}", function.name, isDouble ? "" : "f");
      llvm::Function *libm = module.getFunction(name);
      llvm::Type *wanted = isDouble
                               ? llvm::Type::getDoubleTy(module.getContext())
                               : llvm::Type::getFloatTy(module.getContext());
      if (!libm || !libm->isDeclaration() || libm->getReturnType() != wanted)
        continue;
      llvm::FunctionCallee device = module.getOrInsertFunction(
          library.nameOf(function, isDouble), libm->getFunctionType());
      libm->replaceAllUsesWith(device.getCallee());
      libm->eraseFromParent();
    }
}

std::vector<std::string> missingFunctions(const llvm::Module &module,
                                          const Library &library) {
  std::vector<std::string> missing;
  for (const llvm::Function &function : module)
    if (function.isDeclaration() && !function.use_empty() &&
        function.getName().starts_with(library.prefix))
      missing.push_back(function.getName().str());
  return missing;
}

std::string findFile(const std::vector<std::string> &folders,
                     const Library &library) {
  for (const fs::path folder : folders)
    for (const fs::path &candidate :
         {folder / library.file, folder / library.folder / library.file})
      if (std::error_code ignored; fs::exists(candidate, ignored))
        return candidate.string();
  return "";
}

/// OCML reads what it must know of the device from constants that the compiler
/// driver defines. Values: ROCm-Device-Libs, doc/OCML.md and oclc/inc/oclc.h.
void defineOcmlConstants(llvm::Module &module, const std::string &cpu) {
  llvm::AMDGPU::IsaVersion isa = llvm::AMDGPU::getIsaVersion(cpu);
  unsigned version = isa.Major * 1000 + isa.Minor * 100 + isa.Stepping;
  const std::array<std::pair<std::string_view, unsigned>, 7> values = {{
      {"__oclc_ABI_version", 600},
      {"__oclc_ISA_version", version},
      {"__oclc_correctly_rounded_sqrt32", 1},
      {"__oclc_daz_opt", 0},
      {"__oclc_finite_only_opt", 0},
      {"__oclc_unsafe_math_opt", 0},
      {"__oclc_wavefrontsize64", isa.Major < 10 ? 1 : 0},
  }};
  for (auto [name, value] : values)
    if (llvm::GlobalVariable *global = module.getGlobalVariable(name)) {
      global->setInitializer(
          llvm::ConstantInt::get(global->getValueType(), value));
      global->setLinkage(llvm::GlobalValue::InternalLinkage);
      global->setConstant(true);
    }
}

bool linkFile(StepContext &context, const Library &library,
              const std::string &path) {
  llvm::Module &module = *context.session.llvmModule;
  llvm::SMDiagnostic error;
  std::unique_ptr<llvm::Module> code =
      llvm::getLazyIRFileModule(path, error, module.getContext());
  if (!code)
    return context.fail(fmt::format("{}: {}", path, error.getMessage().str()));
  // Made for the family as a whole: the module's own target is the narrower
  // one.
  code->setTargetTriple(module.getTargetTriple());
  code->setDataLayout(module.getDataLayout());
  auto internalize = [](llvm::Module &into, const llvm::StringSet<> &linked) {
    llvm::internalizeModule(into, [&](const llvm::GlobalValue &value) {
      return !value.hasName() || !linked.contains(value.getName());
    });
  };
  if (llvm::Linker::linkModules(module, std::move(code),
                                llvm::Linker::LinkOnlyNeeded, internalize))
    return context.fail(fmt::format("{} cannot be linked", path));
  if (library.name == "ocml")
    defineOcmlConstants(module, context.session.target->getTargetCPU().str());
  setTargetAttributes(module, *context.session.target);
  return true;
}

void addSiteFolders(const fs::path &venv, std::vector<std::string> &folders) {
  std::error_code ignored;
  for (const fs::directory_entry &python :
       fs::directory_iterator(venv / "lib", ignored))
    if (fs::path site = python.path() / "site-packages";
        fs::is_directory(site / "triton" / "backends", ignored))
      folders.push_back(site.string());
}

} // namespace

std::vector<std::string>
deviceLibraryFolders(const std::vector<std::string> &first) {
  std::vector<std::string> folders = first;
  if (const char *list = std::getenv("IRLENS_DEVICE_LIBRARIES")) {
    std::string_view rest = list;
    while (!rest.empty()) {
      std::string_view folder = rest.substr(0, rest.find(':'));
      rest.remove_prefix(std::min(folder.size() + 1, rest.size()));
      if (!folder.empty())
        folders.emplace_back(folder);
    }
  }
  std::error_code ignored;
  fs::path at = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  // PREFIX/bin, or a build folder inside the checkout.
  for (int up = 0; up < 3; ++up) {
    at = at.parent_path();
    addSiteFolders(at / ".venv", folders);
  }
  std::erase_if(folders, [](const std::string &folder) {
    std::error_code ignored;
    return !fs::is_directory(folder, ignored);
  });
  return folders;
}

bool linkDeviceLibrary(StepContext &context, const std::string &name) {
  Session &session = context.session;
  auto library = std::ranges::find(kLibraries, name, &Library::name);
  if (library == kLibraries.end())
    return context.fail(fmt::format("there is no device library '{}'", name));
  if (!session.llvmModule || !session.target)
    return context.fail("a device library is linked to LLVM IR with a target");
  context.progress.enter(Phase::DeviceLibrary);
  replaceIntrinsics(*session.llvmModule, *library);
  renameLibmCalls(*session.llvmModule, *library);
  std::vector<std::string> needed =
      missingFunctions(*session.llvmModule, *library);
  if (needed.empty())
    return true;
  std::string path =
      findFile(deviceLibraryFolders(session.deviceLibraries), *library);
  if (path.empty())
    return context.fail(fmt::format(
        "{} is needed for {} and was not found: pip install triton==3.9.0",
        library->file, needed.front()));
  if (!linkFile(context, *library, path))
    return false;
  for (const std::string &missing :
       missingFunctions(*session.llvmModule, *library))
    context.fail(fmt::format("{} has no {}", path, missing));
  return !context.diagnostics.hasErrors();
}

} // namespace irlens::mlir_worker
