// The steps of tests that look at a text and leave it as it is: FileCheck,
// count, diff. A text that is not as it should be fails the stage, and is shown
// all the same. Stage processes only.
#include "engine/run_lines/check_report.h"
#include "ir_lowering/mlir/conditions.h"
#include "ir_lowering/mlir/steps.h"
#include "ir_lowering/mlir/tools/tools.h"

#include <algorithm>
#include <fmt/format.h>
#include <llvm/Config/llvm-config.h>

namespace irlens::mlir_worker {

using nlohmann::json;

namespace {

/// Of FileCheck's stderr people read the messages alone.
constexpr std::string_view kFileCheck = "FileCheck";

Frames framesOf(const engine::SourcePos &place) {
  return place.line > 0 ? Frames{place} : Frames{};
}

ReportDiagnostic reported(const engine::Diagnostic &diagnostic) {
  ReportDiagnostic result{
      .severity = std::string(engine::severityName(diagnostic.severity)),
      .message = shortened(diagnostic.message, 2000),
      .frames = framesOf(diagnostic.pos),
      .endLine = diagnostic.end.line,
      .endColumn = diagnostic.end.column};
  for (const engine::Note &note : diagnostic.notes)
    result.notes.push_back({shortened(note.message, 2000), framesOf(note.pos)});
  return result;
}

/// A check says no: what it looked at stays.
bool failCheck(StepContext &context) {
  context.keepsText = true;
  return false;
}

bool failCheck(StepContext &context, std::string message) {
  context.fail(std::move(message));
  return failCheck(context);
}

struct FileCheck {
  std::vector<std::string> arguments;
  std::string against;
  std::string program;
};

bool isStrict(const std::vector<std::string> &arguments) {
  return std::ranges::any_of(arguments, [](const std::string &word) {
    return word.ends_with("-strict-whitespace");
  });
}

void report(StepContext &context, const FileCheck &check, const ToolRun &run) {
  const std::string text = bytesOf(exactText(context.session));
  const std::string checks = bytesOf(check.against);
  engine::run_lines::ReportContext where;
  where.strictWhitespace = isStrict(check.arguments);
  // The engine knows the document of this text.
  where.files.push_back({"<stdin>", context.artifact + ".raw", text});
  where.files.push_back({check.against, check.against, checks});
  auto found = engine::run_lines::readFileCheckReport(run.output, where);
  for (const engine::Diagnostic &diagnostic : found)
    context.diagnostics.add(reported(diagnostic));
}

/// The text and the file to compare it with, less what options say to ignore.
std::string comparable(std::string text,
                       const std::vector<std::string> &arguments) {
  auto has = [&](const char *option) {
    return std::ranges::find(arguments, option) != arguments.end();
  };
  if (has("--strip-trailing-cr"))
    std::erase(text, '\r');
  if (has("-w") || has("--ignore-all-space"))
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t'; });
  if (!has("-b") && !has("--ignore-space-change"))
    return text;
  std::string joined;
  for (char c : text) {
    if (c == '\t')
      c = ' ';
    if (c == ' ' && joined.ends_with(' '))
      continue;
    if (c == '\n' && joined.ends_with(' '))
      joined.pop_back();
    joined += c;
  }
  return joined;
}

/// "line 3 is `a`, and `b` in f.expected"
std::string firstDifference(std::string_view text, std::string_view other,
                            const std::string &file) {
  int line = 1;
  for (;; ++line) {
    std::string_view mine = text.substr(0, text.find('\n'));
    std::string_view theirs = other.substr(0, other.find('\n'));
    if (mine != theirs || text.empty() || other.empty())
      return fmt::format("line {} is `{}`, and `{}` in {}", line,
                         shortened(std::string(mine), 200),
                         shortened(std::string(theirs), 200), file);
    text.remove_prefix(std::min(mine.size() + 1, text.size()));
    other.remove_prefix(std::min(theirs.size() + 1, other.size()));
  }
}

ToolRun ended(bool well) {
  return {.end = ToolRun::End::Exited, .code = well ? 0 : 1};
}

} // namespace

bool runFileCheck(StepContext &context, const json &step) {
  const json &request = step["filecheck"];
  FileCheck check;
  check.program = wordOf(step, "path");
  if (check.program.empty())
    check.program = findProgramOf(kFileCheck);
  check.arguments = wordsOf(request, "args");
  check.against = wordOf(request, "against");
  if (check.against.empty())
    return context.fail("step 'filecheck' takes `args` and `against`");
  if (check.program.empty()) {
    context.failure = Status::Unavailable;
    context.keepsText = true;
    return context.fail(fmt::format("FileCheck is not installed: sudo apt "
                                    "install llvm-{}-tools",
                                    LLVM_VERSION_MAJOR));
  }
  Conditions conditions = conditionsOf(step);
  ToolCall call{.input = exactText(context.session),
                .output = context.temporaryFile(),
                .untilMs = context.untilMs,
                .literalCommand = true};
  call.command = {check.program};
  call.command.insert(call.command.end(), check.arguments.begin(),
                      check.arguments.end());
  call.command.push_back(check.against);
  call.command.emplace_back("-dump-input=never");
  // What a shell of the user's says is not what the test says.
  call.environment = {{"FILECHECK_OPTS", std::nullopt}};
  std::ranges::copy(conditions.environment,
                    std::back_inserter(call.environment));
  context.progress.enter(Phase::Tool);
  ToolRun run = runTool(call);
  context.words += run.output;
  if (isAsExpected(conditions.expects, run))
    return true;
  std::string surprise =
      describeSurprise(conditions.expects, std::string(kFileCheck), run);
  if (!surprise.empty())
    return failCheck(context, std::move(surprise));
  report(context, check, run);
  if (run.end != ToolRun::End::Exited || !context.diagnostics.hasErrors()) {
    ToolFailure failure =
        describeFailure(std::string(kFileCheck), run, context.limits);
    context.failure = failure.status;
    context.diagnostics.add({.message = std::move(failure.message)});
  }
  return failCheck(context);
}

bool countLines(StepContext &context, const json &step) {
  const std::string text = bytesOf(exactText(context.session));
  const auto lines = std::ranges::count(text, '\n');
  const std::string wanted = wordOf(step, "count");
  Conditions conditions = conditionsOf(step);
  ToolRun run = ended(fmt::format("{}", lines) == wanted);
  if (isAsExpected(conditions.expects, run))
    return true;
  std::string surprise = describeSurprise(conditions.expects, "count", run);
  return failCheck(
      context,
      surprise.empty()
          ? fmt::format("count: expected {} lines and got {}", wanted, lines)
          : surprise);
}

bool compareTexts(StepContext &context, const json &step) {
  const json &request = step["diff"];
  const std::string against = wordOf(request, "against");
  if (against.empty())
    return context.fail("step 'diff' takes `args` and `against`");
  const std::vector<std::string> arguments = wordsOf(request, "args");
  const std::string text =
      comparable(bytesOf(exactText(context.session)), arguments);
  const std::string other = comparable(bytesOf(against), arguments);
  Conditions conditions = conditionsOf(step);
  ToolRun run = ended(text == other);
  if (isAsExpected(conditions.expects, run))
    return true;
  std::string surprise = describeSurprise(conditions.expects, "diff", run);
  return failCheck(context,
                   surprise.empty()
                       ? "diff: " + firstDifference(text, other, against)
                       : surprise);
}

} // namespace irlens::mlir_worker
