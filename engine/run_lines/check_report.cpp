// See check_report.h. LLVM prints messages as
//     file:line:column: kind: text
//     the line
//        ^~~~
// with more lines of text in between, and messages that name no file.
#include "engine/run_lines/check_report.h"

#include "engine/text/lines.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace irlens::engine::run_lines {

namespace {

constexpr auto kKinds = std::to_array<std::pair<std::string_view, Severity>>({
    {"error: ", Severity::Error},
    {"warning: ", Severity::Warning},
    {"remark: ", Severity::Info},
    {"note: ", Severity::Hint},
});

struct Message {
  Severity severity; ///< Hint: a note.
  std::string_view file;
  int line = 0;
  int column = 0;
  std::string text;
  std::string_view source; ///< The line as it was printed.
  int length = 0;          ///< Of `^~~~`.
};

std::optional<int> numberBefore(std::string_view text, std::size_t colon,
                                std::size_t &begin) {
  begin = colon;
  while (begin > 0 && text[begin - 1] >= '0' && text[begin - 1] <= '9')
    --begin;
  int number = 0;
  auto [end, error] =
      std::from_chars(text.data() + begin, text.data() + colon, number);
  if (error != std::errc{} || begin == 0 || text[begin - 1] != ':')
    return std::nullopt;
  return number;
}

/// `file:3:7: error: text`.
std::optional<Message> placedMessage(std::string_view line) {
  for (const auto &[word, severity] : kKinds)
    for (std::size_t at = line.find(word); at != std::string_view::npos;
         at = line.find(word, at + 1)) {
      if (at < 2 || line.substr(at - 2, 2) != ": ")
        continue;
      std::size_t columnBegin = 0;
      std::size_t lineBegin = 0;
      auto column = numberBefore(line, at - 2, columnBegin);
      if (!column)
        continue;
      auto number = numberBefore(line, columnBegin - 1, lineBegin);
      if (!number || lineBegin < 2)
        continue;
      return Message{severity,
                     line.substr(0, lineBegin - 1),
                     *number,
                     *column,
                     std::string(line.substr(at + word.size())),
                     {},
                     0};
    }
  return std::nullopt;
}

/// What FileCheck and LLVM's command lines say of no place.
std::optional<Message> unplacedMessage(std::string_view line) {
  for (std::string_view start : {"error: ", "FileCheck error: "})
    if (line.starts_with(start))
      return Message{Severity::Error,
                     {},
                     0,
                     0,
                     std::string(line.substr(start.size())),
                     {},
                     0};
  if (line.starts_with("Could not open") ||
      line.contains("Unknown command line argument") ||
      line.contains("for the --"))
    return Message{Severity::Error, {}, 0, 0, std::string(line), {}, 0};
  return std::nullopt;
}

/// The length of `^~~~` on a line with nothing else.
std::optional<int> caretLength(std::string_view line) {
  std::size_t caret = line.find('^');
  if (caret == std::string_view::npos ||
      line.find_first_not_of(" \t~^") != std::string_view::npos)
    return std::nullopt;
  std::size_t end =
      std::min(line.find_first_not_of('~', caret + 1), line.size());
  return int(end - caret);
}

std::vector<std::string_view> linesOf(std::string_view text) {
  std::vector<std::string_view> result;
  for (text::Lines lines(text); lines.next();)
    result.push_back(lines.text());
  return result;
}

std::vector<Message> readMessages(std::string_view errors) {
  std::vector<Message> result;
  std::vector<std::string_view> lines = linesOf(errors);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto message = placedMessage(lines[i]);
    if (!message)
      message = unplacedMessage(lines[i]);
    if (!message) {
      continue;
    }
    // A text may have several lines; the source and its caret end it.
    if (message->line > 0)
      for (std::size_t j = i + 1; j + 1 < lines.size(); ++j) {
        if (placedMessage(lines[j]))
          break;
        if (auto length = caretLength(lines[j + 1])) {
          for (std::size_t k = i + 1; k < j; ++k)
            message->text.append("\n").append(lines[k]);
          message->source = lines[j];
          message->length = *length;
          i = j + 1;
          break;
        }
      }
    result.push_back(std::move(*message));
  }
  return result;
}

bool isBlank(char c) { return c == ' ' || c == '\t'; }

/// The column, in the line as it is, of one in the line with its blanks joined.
int trueColumn(std::string_view line, int joined) {
  std::size_t at = 0;
  for (int column = 1; column < joined && at < line.size(); ++column) {
    const bool blank = isBlank(line[at]);
    ++at;
    while (blank && at < line.size() && isBlank(line[at]))
      ++at;
  }
  return int(at) + 1;
}

class Placer {
public:
  Placer(const ReportContext &context, bool joinsBlanks, bool quotesLines)
      : context_(context), joinsBlanks_(joinsBlanks),
        quotesLines_(quotesLines) {
    for (const ReportedFile &file : context.files)
      texts_.push_back(linesOf(file.text));
  }

  Diagnostic place(const Message &message) const {
    Diagnostic result;
    result.severity = message.severity;
    result.message = message.text;
    result.pos = position(message, 0);
    if (result.pos.line == 0) {
      result.pos = context_.command;
      result.end = context_.commandEnd;
    } else if (message.length > 1) {
      result.end = position(message, message.length);
    }
    return result;
  }

  Note note(const Message &message) const {
    Note result{position(message, 0), message.text};
    // The line tells more than its number: the reader has another file open.
    std::size_t first = message.source.find_first_not_of(" \t");
    if (quotesLines_ && first != std::string_view::npos)
      result.message.append(": ").append(message.source.substr(first));
    return result;
  }

private:
  /// Of the message's place plus some columns; line 0 when it names no file.
  SourcePos position(const Message &message, int more) const {
    // FileCheck names so what an option brought into being.
    if (message.file.empty() || message.file == "command line")
      return {};
    SourcePos result{std::string(message.file), message.line,
                     message.column + more};
    for (std::size_t i = 0; i < context_.files.size(); ++i) {
      if (context_.files[i].reported != message.file)
        continue;
      result.file = context_.files[i].path;
      result.line += context_.files[i].linesBefore;
      const std::size_t line = std::size_t(message.line) - 1;
      if (joinsBlanks_ && line < texts_[i].size())
        result.column = trueColumn(texts_[i][line], result.column);
      break;
    }
    return result;
  }

  const ReportContext &context_;
  bool joinsBlanks_; ///< Columns count a row of blanks as one.
  bool quotesLines_; ///< Notes show the line that they are about.
  std::vector<std::vector<std::string_view>> texts_; ///< Lines of each file.
};

std::vector<Diagnostic> toDiagnostics(const std::vector<Message> &messages,
                                      const Placer &placer) {
  std::vector<Diagnostic> result;
  for (const Message &message : messages)
    if (message.severity == Severity::Hint && !result.empty())
      result.back().notes.push_back(placer.note(message));
    else
      result.push_back(placer.place(message));
  return result;
}

} // namespace

std::vector<Diagnostic> readFileCheckReport(std::string_view errors,
                                            const ReportContext &context) {
  return toDiagnostics(readMessages(errors),
                       Placer(context, !context.strictWhitespace, true));
}

std::vector<Diagnostic> readToolReport(std::string_view errors,
                                       const ReportContext &context) {
  return toDiagnostics(readMessages(errors), Placer(context, false, false));
}

} // namespace irlens::engine::run_lines
