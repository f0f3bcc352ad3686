// Tools in a row that is a test: run exactly as the command line says, on
// exactly what the tool before has printed, so that checks see what lit's see.
// What people read is made beside it: the same tool once more, with debug info.
// Stage processes only; forks.
#include "ir_lowering/mlir/text_kind.h"
#include "ir_lowering/mlir/tool_step.h"

#include <fmt/format.h>
#include <optional>

namespace irlens::mlir_worker {

using engine::run_lines::Expects;

namespace {

constexpr std::string_view kNullDevice = "/dev/null";

class TestCommand {
public:
  TestCommand(StepContext &context, std::string name,
              const Conditions &conditions)
      : context_(context), name_(std::move(name)), conditions_(conditions) {
    call_.input = exactText(context.session);
    // Stays beside the stage: what is made from it goes on from there.
    call_.output = context.artifact + ".out";
    call_.untilMs = context.untilMs;
    call_.environment = conditions.environment;
    call_.joinsErrors = conditions.joinsErrors;
  }

  ToolCall &call() { return call_; }
  /// False, with a diagnostic, when it would write elsewhere.
  bool mayWrite() {
    for (const std::string &file : {conditions_.output, conditions_.errorsFile})
      if (!file.empty() && file != kNullDevice && !isTemporary(context_, file))
        return context_.fail(
            fmt::format("not run: a test writes nowhere but below its own "
                        "folder, and not {}",
                        file));
    return true;
  }

  ToolRun run() { return runTool(call_); }
  /// Keeps what was said; false, with diagnostics, for another end than the
  /// expected one.
  bool take(const ToolRun &run) {
    if (!conditions_.errorsFile.empty() &&
        conditions_.errorsFile != kNullDevice)
      if (auto written = writeFile(conditions_.errorsFile, run.output);
          !written)
        return context_.fail(written.error().message);
    const bool good = isAsExpected(conditions_.expects, run);
    std::string surprise =
        good ? "" : describeSurprise(conditions_.expects, name_, run);
    if (!surprise.empty())
      context_.fail(surprise);
    // Errors that are wanted are none.
    if (good && conditions_.expects != Expects::Success) {
      context_.words += run.output;
      return true;
    }
    ToolRun told = run;
    told.output = saidBy(call_, run);
    if (good || surprise.empty())
      return takeWords(context_, name_, told) && good;
    context_.words += run.output;
    return false;
  }

  /// The result becomes the text, as it is.
  bool show(const ToolRun &run) {
    ToolCall shown{.output = context_.temporaryFile()};
    if (auto copied = writeFile(shown.output, bytesOf(call_.output)); !copied)
      return context_.fail(copied.error().message);
    ToolRun told = run;
    if (conditions_.joinsErrors)
      told.output.clear();
    return takeResult(context_, name_, shown, told) && keepExact();
  }

  bool keepExact() {
    context_.session.exact = call_.output;
    return true;
  }

private:
  StepContext &context_;
  std::string name_;
  const Conditions &conditions_;
  ToolCall call_;
};

/// The words of a tool that is not told what it reads by its standard input:
/// the file of that name has the text, and messages call it so.
std::vector<std::string> namedArguments(const ToolRequest &request,
                                        const Conditions &conditions) {
  std::vector<std::string> words = request.arguments;
  if (!conditions.name.empty())
    words.push_back(conditions.name);
  // llc writes beside what it reads unless it is told otherwise; with an option
  // more mlir-translate does no more than what it is asked for.
  const bool saysWhere = request.name == "llc" ||
                         request.name == "mlir-translate" ||
                         !conditions.output.empty();
  if (saysWhere) {
    words.emplace_back("-o");
    words.push_back(conditions.output.empty() ? "-" : conditions.output);
  }
  return words;
}

ToolRun runExactly(StepContext &context, const ToolRequest &request,
                   const Conditions &conditions, ToolCall &call) {
  ToolArguments words{{call.input, "<stdin>"}, {}, {}};
  words.program = words.function = namedArguments(request, conditions);
  if (request.name == "mlir-opt") {
    words.function = request.arguments;
    if (!conditions.name.empty())
      words.text.name = conditions.name;
    if (!conditions.output.empty())
      words.function.insert(words.function.end(), {"-o", conditions.output});
  }
  return runEither(*context.session.compiler, request, words, call);
}

/// The tool as it is run for people, if that shows more than the exact run:
/// debug info, or text where the test makes bitcode.
std::optional<ToolRequest> shownRequest(const StepContext &context,
                                        const ToolRequest &request,
                                        const Conditions &conditions) {
  if (conditions.expects != Expects::Success || conditions.joinsErrors ||
      !conditions.output.empty())
    return std::nullopt;
  ToolRequest shown = request;
  addOptions(shown);
  bool showsMore = !context.session.exact.empty() ||
                   shown.arguments != request.arguments ||
                   request.name == "mlir-translate";
  return showsMore ? std::optional(std::move(shown)) : std::nullopt;
}

} // namespace

bool runTestTool(StepContext &context, const ToolRequest &request,
                 const Conditions &conditions) {
  TestCommand command(context, request.shown(), conditions);
  if (!command.mayWrite())
    return false;
  ToolRun run = runExactly(context, request, conditions, command.call());
  // Before what was made becomes the text.
  auto shown = shownRequest(context, request, conditions);
  if (!shown)
    return command.take(run) && command.show(run);
  ToolCall call = callFor(context);
  ToolRun again = runRequest(context, *shown, call);
  // Of two that fail, this one knows the user's lines.
  if (!run.succeeded() && !again.succeeded())
    return takeWords(context, request.shown(), again);
  if (!command.take(run))
    return false;
  std::string head = headOf(call.output);
  if (!again.succeeded() || head.empty())
    return command.show(run);
  return takeResult(context, request.shown(), call, again) &&
         command.keepExact();
}

bool runTestCommand(StepContext &context, std::vector<std::string> words,
                    const Conditions &conditions) {
  TestCommand command(context, words.front(), conditions);
  if (!command.mayWrite())
    return false;
  if (!conditions.output.empty())
    for (std::string &word : words)
      if (word == kToolOutput)
        word = conditions.output;
  command.call().command = std::move(words);
  ToolRun run = command.run();
  return command.take(run) && command.show(run);
}

} // namespace irlens::mlir_worker
