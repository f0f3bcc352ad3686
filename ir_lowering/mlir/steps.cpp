#include "ir_lowering/mlir/steps.h"

#include "engine/table/step_kinds.h"
#include "ir_lowering/mlir/text_kind.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
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

bool translate(StepContext &context, const json &value) {
  if (value == "llvm-ir")
    return translateToLlvm(context);
  // Reading it has made a module of it, which is printed as text.
  if (value == "bitcode-to-text")
    return context.session.llvmModule ||
           context.fail(
               fmt::format("{} is no bitcode", context.session.form()));
  return context.fail("step 'translate' knows 'llvm-ir' and 'bitcode-to-text'");
}

constexpr std::array<Step, 18> kSteps = {{
    {"mlir",
     [](StepContext &context, const json &value) {
       return runText(context, value, "mlir", runMlirPasses);
     }},
    {"translate", translate},
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
    {"tool", runToolStep},
    {"command", runCommandStep},
    {"filecheck", runFileCheck},
    {"count", countLines},
    {"diff", compareTexts},
    {"read", readFileStep},
    {"write", writeFileStep},
    {"split-file", splitFileStep},
    {"remove", removeFile},
    {"make-directory", makeDirectory},
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

std::string StepContext::temporaryFile() {
  temporaries.push_back(
      fmt::format("{}.{}.{}.tmp", artifact, getpid(), temporaries.size()));
  return temporaries.back();
}

std::span<const std::string_view> stepNames() { return kStepNames; }

bool runSteps(StepContext &context, const json &steps) {
  std::error_code ignored; // Who writes there then says what is wrong.
  if (context.isTest)
    std::filesystem::create_directories(context.temporaryFolder, ignored);
  for (const json &step : steps) {
    std::string name = stepName(step);
    auto known = std::ranges::find(kSteps, name, &Step::name);
    if (known == kSteps.end())
      return context.fail(fmt::format("there is no step '{}'", name));
    const json &value = engine::takesCommandKeys(name) ? step : step[name];
    if (isTextStep(step) ? !needText(context) : !needModule(context))
      return false;
    if (!isTextStep(step)) {
      context.session.text = {};
      context.session.exact.clear();
    }
    if (!known->run(context, value))
      return false;
    context.diagnostics.setPass("");
  }
  return true;
}

std::string moduleFormatOf(const TextFile &text, const std::string &format) {
  if (format == "mlir" || format == "llvm")
    return format;
  std::string head = headOf(text.path);
  if (isBitcode(head))
    return "llvm";
  std::string_view found =
      isMlirBytecode(head) ? std::string_view("mlir") : formatOfText(head);
  return found == "mlir" || found == "llvm" ? std::string(found) : "";
}

bool needModule(StepContext &context) {
  Session &session = context.session;
  if (session.isInMemory())
    return true;
  context.progress.enter(Phase::Reading);
  std::string format = moduleFormatOf(session.text, context.inputFormat);
  if (format.empty())
    return context.fail("the text before this stage is neither MLIR nor LLVM "
                        "IR: only tools and commands can read it");
  bool parsed = parseText(session, format, context.diagnostics);
  if (!parsed)
    context.diagnostics.addIfSilent(
        fmt::format("{} cannot be read", session.text.shownName()));
  else
    rememberLaunches(session);
  return parsed;
}

bool needText(StepContext &context) {
  Session &session = context.session;
  if (!session.text.path.empty())
    return true;
  context.progress.enter(Phase::Writing);
  std::string path = context.temporaryFile();
  if (auto written = writeModule(session, path, /*verified=*/true); !written)
    return context.fail(written.error().message);
  session.text = {path, ""};
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
