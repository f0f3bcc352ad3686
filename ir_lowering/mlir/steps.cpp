#include "ir_lowering/mlir/steps.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fmt/format.h>
#include <llvm/Support/raw_ostream.h>
#include <mlir/IR/AsmState.h>
#include <unistd.h>

namespace irlens::mlir_worker {

using nlohmann::json;

namespace {

struct Step {
  std::string_view name;
  bool (*run)(StepContext &, const json &);
};

bool runText(StepContext &context, const json &value, std::string_view step,
             bool (*run)(StepContext &, const std::string &)) {
  if (!value.is_string())
    return context.fail(fmt::format("step '{}' takes a text", step));
  return run(context, value.get<std::string>());
}

constexpr std::array<Step, 8> kSteps = {{
    {"mlir",
     [](StepContext &context, const json &value) {
       return runText(context, value, "mlir", runMlirPasses);
     }},
    {"translate",
     [](StepContext &context, const json &value) {
       if (value != "llvm-ir")
         return context.fail("step 'translate' knows 'llvm-ir' only");
       return translateToLlvm(context);
     }},
    {"target", setTarget},
    {"device-library",
     [](StepContext &context, const json &value) {
       return runText(context, value, "device-library", linkDeviceLibrary);
     }},
    {"llvm",
     [](StepContext &context, const json &value) {
       return runText(context, value, "llvm", runLlvmPasses);
     }},
    {"codegen", generateCode},
    {"assemble", assemble},
    {"execute",
     [](StepContext &context, const json &value) {
       return runText(context, value, "execute", executeProgram);
     }},
}};

constexpr auto kStepNames = [] {
  std::array<std::string_view, kSteps.size()> names;
  std::ranges::transform(kSteps, names.begin(), &Step::name);
  return names;
}();

} // namespace

void StepContext::beginPass(std::string_view name, std::string_view on) {
  progress.beginPass(name, on);
  diagnostics.setPass(std::string(name));
  if (beforePass)
    beforePass(progress.passes);
}

bool StepContext::fail(std::string message) {
  diagnostics.add({.message = std::move(message)});
  return false;
}

std::span<const std::string_view> stepNames() { return kStepNames; }

bool runSteps(StepContext &context, const json &steps) {
  for (const json &step : steps) {
    const std::string &name = step.begin().key();
    auto known = std::ranges::find(kSteps, name, &Step::name);
    if (known == kSteps.end())
      return context.fail(fmt::format("there is no step '{}'", name));
    if (!known->run(context, step.begin().value()))
      return false;
    context.diagnostics.setPass("");
  }
  return true;
}

engine::Result<void> writeModule(const Session &session,
                                 const std::string &path, bool verified) {
  if (!session.assembly.empty())
    return writeFile(path, session.assembly.str());
  std::string temporary = fmt::format("{}.{}.tmp", path, getpid());
  std::error_code error;
  {
    llvm::raw_fd_ostream stream(temporary, error);
    if (!error && session.llvmModule) {
      session.llvmModule->print(stream, nullptr);
    } else if (!error) {
      mlir::OpPrintingFlags flags;
      flags.enableDebugInfo();
      // Of a module that may be invalid the printer finds out, and chooses the
      // generic form.
      if (verified)
        flags.assumeVerified();
      mlir::ModuleOp module = session.mlirModule.get();
      module->print(stream, flags);
    }
    stream.close();
    if (!error)
      error = stream.error();
    stream.clear_error();
  }
  if (!error && std::rename(temporary.c_str(), path.c_str()) != 0)
    error = std::error_code(errno, std::generic_category());
  if (error) {
    std::remove(temporary.c_str());
    return engine::fail(engine::ErrorCode::Io, path + ": " + error.message());
  }
  return {};
}

std::string formatOf(const Session &session, const std::string &rowFormat) {
  if (!session.assembly.empty())
    return rowFormat;
  return session.llvmModule ? "llvm" : "mlir";
}

std::int64_t countOperations(const Session &session) {
  if (!session.assembly.empty())
    return countInstructionLines(session.assembly.str());
  if (session.llvmModule)
    return session.llvmModule->getInstructionCount();
  std::int64_t count = -1; // The module itself is an operation.
  session.mlirModule.get()->walk([&](mlir::Operation *) { ++count; });
  return count;
}

} // namespace irlens::mlir_worker
