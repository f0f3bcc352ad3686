// The steps {"tool": "mlir-opt", "args": [...], "path": "..."} and
// {"command": ["mytool", "{input}", "-o", "{output}"]}: a text goes in, a text
// comes out. Stage processes only; both fork.
#include "ir_lowering/mlir/tool_step.h"

#include "engine/replace.h"
#include "ir_lowering/mlir/crash.h"
#include "ir_lowering/mlir/text_kind.h"
#include "ir_lowering/worker/process.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <llvm/Config/llvm-config.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/raw_ostream.h>

namespace irlens::mlir_worker {

namespace {

using nlohmann::json;

bool readWords(const json &value, std::vector<std::string> &words) {
  if (!value.is_array())
    return false;
  for (const json &word : value) {
    if (!word.is_string())
      return false;
    words.push_back(word.get<std::string>());
  }
  return true;
}

void addNote(StepContext &context, std::string_view note) {
  if (!context.note.empty())
    context.note += "; ";
  context.note += note;
}

/// LLVM's fatal error, or its pass that crashed, say more than a signal.
ToolFailure explainCrash(const std::string &name, const ToolRun &run,
                         const ToolLimits &limits) {
  ToolFailure failure = describeFailure(name, run, limits);
  bool isOurs = run.end == ToolRun::End::Exited && run.code == kExitMemory;
  if (isOurs)
    return {Status::Memory,
            fmt::format("'{}' needs more memory than the limit of {} MB", name,
                        limits.memoryMb)};
  if (failure.status != Status::Crashed)
    return failure;
  std::string cause = fatalErrorIn(run.output);
  std::string pass = innermostPass(run.output);
  if (cause.empty() && pass.empty())
    return failure;
  failure.message = fmt::format(
      "'{}' crashed{}: {}", name, pass.empty() ? "" : " in pass " + pass,
      cause.empty() ? describeSignal(run.code) : cause);
  return failure;
}

/// Makes text of LLVM's and MLIR's binary forms.
bool decode(StepContext &context, std::string_view format) {
  addNote(context, "bitcode, shown as text");
  context.session.dropModule();
  context.inputFormat = format;
  if (!needModule(context))
    return false;
  context.session.text = {};
  return true;
}

bool takeBinary(StepContext &context, const std::string &path,
                std::string_view head, std::uint64_t size) {
  addNote(context, fmt::format("binary output of {}: its first bytes",
                               describeSize(size)));
  context.textFormat = "text";
  if (auto written = writeFile(path, hexDump(head, size)); !written)
    return context.fail(written.error().message);
  return true;
}

/// Analyses print on standard error; then this is what people want to see.
bool takeWordsAsText(StepContext &context, const std::string &name,
                     const std::string &path, const ToolRun &run) {
  if (run.output.find_first_not_of(" \t\r\n") == std::string::npos) {
    if (!context.isTest)
      return context.fail(
          fmt::format("'{}' ended well but printed nothing", name));
    addNote(context, fmt::format("{} printed nothing", name));
    return true;
  }
  addNote(
      context,
      fmt::format("{} has no output; this is what it said on standard error",
                  name));
  context.textFormat = formatOfText(run.output);
  if (auto written = writeFile(path, run.output); !written)
    return context.fail(written.error().message);
  return true;
}

/// Passes of steps before a tool that fails are not what it fails of.
void enterTool(StepContext &context) {
  context.progress.enter(Phase::Tool);
  context.progress.passes = 0;
}

/// As mlir-opt's own child would be: the text is its standard input.
void useFunction(ToolCall &call, Compiler &compiler, const TextFile &text,
                 const InProcessTool &tool,
                 const std::vector<std::string> &arguments) {
  call.function = [&compiler, text, &tool, arguments] {
    // Steps before this one may have set options.
    llvm::cl::ResetAllOptionOccurrences();
    int code = tool.run(compiler, text, arguments);
    llvm::outs().flush();
    llvm::errs().flush();
    std::fflush(nullptr);
    return code;
  };
}

void useProgram(ToolCall &call, const std::string &program,
                const std::vector<std::string> &arguments) {
  call.function = nullptr;
  call.command = {program};
  // Its words are taken as they are, whatever they look like.
  call.command.insert(call.command.end(), arguments.begin(), arguments.end());
  call.literalCommand = true;
}

/// Another program cannot be told the name of the text that it reads.
void nameLocations(const std::string &path, const std::string &name) {
  constexpr std::string_view kStdin = "loc(\"<stdin>\":";
  std::string text = bytesOf(path);
  std::string ours = fmt::format("loc({}:", json(name).dump());
  if (engine::replaceAll(text, kStdin, ours))
    (void)writeFile(path, text);
}

} // namespace

bool hasOption(const std::vector<std::string> &arguments,
               std::string_view name) {
  return std::ranges::any_of(arguments, [&](std::string_view word) {
    std::string_view bare =
        word.substr(std::min(word.find_first_not_of('-'), word.size()));
    return word.starts_with('-') &&
           (bare == name || (bare.starts_with(name) &&
                             bare.substr(name.size()).starts_with('=')));
  });
}

void addOptions(ToolRequest &request) {
  std::vector<std::string> &arguments = request.arguments;
  if (request.name == "mlir-opt" && !hasOption(arguments, "emit-bytecode") &&
      !hasOption(arguments, "mlir-print-debuginfo"))
    arguments.emplace_back("--mlir-print-debuginfo");
  if (request.name == "opt" && !hasOption(arguments, "S") &&
      !hasOption(arguments, "disable-output"))
    arguments.emplace_back("-S");
}

bool takeWords(StepContext &context, const std::string &name,
               const ToolRun &run) {
  context.words += run.output;
  bool succeeded = run.succeeded();
  bool hasErrors = false;
  for (ReportDiagnostic &diagnostic :
       diagnosticsIn(run.output, context.session.text.shownName())) {
    hasErrors |= diagnostic.severity == "error";
    // A tool that ends well has made what it was asked for.
    if (succeeded && diagnostic.severity == "error")
      diagnostic.severity = "warning";
    context.diagnostics.add(std::move(diagnostic));
  }
  if (succeeded)
    return true;
  ToolFailure failure = explainCrash(name, run, context.limits);
  context.failure = failure.status;
  if (!hasErrors || failure.status != Status::Failed)
    context.diagnostics.add({.message = std::move(failure.message)});
  return false;
}

bool takeResult(StepContext &context, const std::string &name,
                const ToolCall &call, const ToolRun &run) {
  Session &session = context.session;
  session.dropModule();
  session.exact.clear();
  session.text = {call.output, ""};
  context.textFormat.clear();
  std::string head = headOf(call.output);
  context.inputFormat = formatOfText(head);
  if (run.made > run.kept)
    addNote(context, fmt::format("cut after {} of {}", describeSize(run.kept),
                                 describeSize(run.made)));
  if (head.empty())
    return takeWordsAsText(context, name, call.output, run);
  if (isBitcode(head))
    return decode(context, "llvm");
  if (isMlirBytecode(head))
    return decode(context, "mlir");
  if (isBinary(head))
    return takeBinary(context, call.output, head, run.made);
  return true;
}

ToolCall callFor(StepContext &context) {
  return {.input = context.session.text.path,
          .output = context.temporaryFile(),
          .wordsLimit = context.outputLimit,
          .untilMs = context.untilMs};
}

std::string saidBy(const ToolCall &call, const ToolRun &run) {
  return call.joinsErrors ? bytesOf(call.output) : run.output;
}

ToolRun runEither(Compiler &compiler, const ToolRequest &request,
                  const ToolArguments &words, ToolCall &call) {
  const InProcessTool *tool = findInProcessTool(request.name);
  if (!tool || !request.path.empty()) {
    useProgram(
        call, request.path.empty() ? findProgramOf(request.name) : request.path,
        words.program);
    return runTool(call);
  }
  useFunction(call, compiler, words.text, *tool, words.function);
  ToolRun run = runTool(call);
  std::string program;
  if (run.end == ToolRun::End::Exited && run.code == 1 &&
      wantsOtherTool(saidBy(call, run)))
    program = findProgramOf(request.name);
  if (program.empty())
    return run;
  useProgram(call, program, words.program);
  return runTool(call);
}

ToolRun runRequest(StepContext &context, const ToolRequest &request,
                   ToolCall &call) {
  const TextFile &text = context.session.text;
  ToolRun run = runEither(*context.session.compiler, request,
                          {text, request.arguments, request.arguments}, call);
  if (!call.function && run.succeeded() && request.name == "mlir-opt" &&
      !text.name.empty())
    nameLocations(call.output, text.name);
  return run;
}

bool runToolStep(StepContext &context, const json &step) {
  ToolRequest request;
  request.name = step.value("tool", json()).is_string()
                     ? step["tool"].get<std::string>()
                     : "";
  if (request.name.empty() ||
      (step.contains("args") && !readWords(step["args"], request.arguments)) ||
      (step.contains("path") && !step["path"].is_string()))
    return context.fail("step 'tool' takes a name, 'args' (a list of words), "
                        "and 'path'");
  request.path = step.value("path", "");
  if (request.path.empty() && !findInProcessTool(request.name) &&
      findProgramOf(request.name).empty()) {
    context.failure = Status::Unavailable;
    return context.fail(fmt::format(
        "there is no '{}': neither in LLVM_BIN_PATH nor among the programs of "
        "LLVM {}",
        request.name, LLVM_VERSION_MAJOR));
  }
  enterTool(context);
  if (context.isTest)
    return runTestTool(context, request, conditionsOf(step));
  addOptions(request);
  ToolCall call = callFor(context);
  ToolRun run = runRequest(context, request, call);
  return takeWords(context, request.shown(), run) &&
         takeResult(context, request.shown(), call, run);
}

bool runCommandStep(StepContext &context, const json &step) {
  ToolCall call = callFor(context);
  if (!readWords(step["command"], call.command) || call.command.empty() ||
      call.command.front().empty())
    return context.fail("step 'command' takes a program and its arguments, as "
                        "a list of words");
  enterTool(context);
  if (context.isTest)
    return runTestCommand(context, std::move(call.command), conditionsOf(step));
  call.outputLimit = context.outputLimit;
  ToolRun run = runTool(call);
  const std::string &name = call.command.front();
  return takeWords(context, name, run) && takeResult(context, name, call, run);
}

} // namespace irlens::mlir_worker
