// See run_lines.h.
#include "engine/run_lines/run_lines.h"

#include "engine/run_lines/keyword_lines.h"
#include "engine/run_lines/shell_parser.h"

#include <string>
#include <utility>

namespace irlens::engine::run_lines {

namespace {

class Reader {
public:
  Reader(std::string_view text, const Surroundings &surroundings)
      : text_(text), file_(surroundings.file), lines_(text),
        substitutions_(surroundings) {}

  RunLines read() {
    for (const KeywordLine &line : findKeywordLines(text_)) {
      if (line.unterminated)
        report(Severity::Error,
               {"this line ends in \\, and no line of its kind follows",
                line.word});
      readLine(line);
    }
    return std::move(result_);
  }

private:
  void report(Severity severity, const Complaint &complaint) {
    TextRange range = lines_.range(complaint.place);
    result_.diagnostics.push_back(
        {.severity = severity,
         .message = complaint.message,
         .stage = {},
         .op = {},
         .pos = {file_, range.line, range.column},
         .notes = {},
         .end = {file_, range.endLine, range.endColumn}});
  }

  void readLine(const KeywordLine &line) {
    switch (line.keyword) {
    case Keyword::Run:
      readRun(line);
      break;
    case Keyword::Define:
      if (auto wrong = substitutions_.define(line.text))
        report(Severity::Error, *wrong);
      break;
    case Keyword::Redefine:
      if (auto wrong = substitutions_.redefine(line.text))
        report(Severity::Error, *wrong);
      break;
    case Keyword::Requires:
      addCondition(Condition::Kind::Requires, line.text);
      break;
    case Keyword::Unsupported:
      addCondition(Condition::Kind::Unsupported, line.text);
      break;
    case Keyword::ExpectedToFail:
      addCondition(Condition::Kind::ExpectedToFail, line.text);
      break;
    case Keyword::AllowRetries:
    case Keyword::End:
      break;
    }
  }

  void addCondition(Condition::Kind kind, const PlacedText &text) {
    PlacedText expression = text.trimmed();
    if (!expression.empty())
      result_.conditions.push_back(
          {kind, {expression.text(), lines_.range(expression.span())}});
  }

  void readRun(const KeywordLine &line) {
    Run run;
    run.range = lines_.range(line.text.trimmed().span());
    run.understood = !line.unterminated;
    // Before anything is substituted: the branches may hold anything.
    if (std::size_t at = line.text.find("%if ", 0); at != std::string::npos) {
      report(Severity::Error, {"not understood: %if, which depends on lit's "
                               "configuration",
                               line.text.span(at, at + 3)});
      run.understood = false;
      result_.runs.push_back(std::move(run));
      return;
    }
    auto applied = substitutions_.apply(line.text);
    if (!applied) {
      report(Severity::Error, applied.error());
      run.understood = false;
      result_.runs.push_back(std::move(run));
      return;
    }
    const PlacedText &command = *applied;
    run.text = command.text();
    for (const Complaint &unknown : unknownSubstitutions(command)) {
      const bool named = unknown.message.contains("%{");
      report(named ? Severity::Error : Severity::Warning, unknown);
      run.understood &= !named;
    }
    ParsedCommands parsed = parseCommands(command, lines_);
    for (const Complaint &error : parsed.errors)
      report(Severity::Error, error);
    for (const Complaint &warning : parsed.warnings)
      report(Severity::Warning, warning);
    run.understood &= parsed.errors.empty();
    run.parts = std::move(parsed.parts);
    result_.runs.push_back(std::move(run));
  }

  std::string_view text_;
  std::string file_;
  LineIndex lines_;
  Substitutions substitutions_;
  RunLines result_;
};

} // namespace

RunLines readRunLines(std::string_view text, const Surroundings &surroundings) {
  return Reader(text, surroundings).read();
}

bool mayHaveRunLines(std::string_view text) { return text.contains("RUN:"); }

} // namespace irlens::engine::run_lines
