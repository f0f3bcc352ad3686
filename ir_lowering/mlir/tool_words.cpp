#include "ir_lowering/mlir/tool_words.h"

#include "ir_lowering/worker/process.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <optional>

namespace irlens::mlir_worker {

namespace {

constexpr std::size_t kLastLines = 5;
constexpr std::size_t kMaxDiagnostics = 200;

/// The lines of a text, one after the other.
class LineReader {
public:
  explicit LineReader(std::string_view text) : rest_(text) {}

  bool next() {
    if (rest_.empty())
      return false;
    std::size_t end = std::min(rest_.find('\n'), rest_.size());
    line_ = rest_.substr(0, end);
    if (line_.ends_with('\r'))
      line_.remove_suffix(1);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return true;
  }
  std::string_view line() const { return line_; }

private:
  std::string_view rest_;
  std::string_view line_;
};

struct Severity {
  std::string_view word;
  std::string_view name; ///< Of a diagnostic; empty: a note.
};

constexpr std::array<Severity, 5> kSeverities = {{
    {"fatal error", "error"},
    {"error", "error"},
    {"warning", "warning"},
    {"remark", "info"},
    {"note", ""},
}};

/// Takes a severity and the colon behind it off the text.
const Severity *takeSeverity(std::string_view &text) {
  for (const Severity &severity : kSeverities)
    if (text.starts_with(severity.word) &&
        text.substr(severity.word.size()).starts_with(':')) {
      text.remove_prefix(severity.word.size() + 1);
      text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
      return &severity;
    }
  return nullptr;
}

/// Reads ":12" off the text.
std::optional<int> takeNumber(std::string_view &text) {
  int number = 0;
  if (!text.starts_with(':'))
    return std::nullopt;
  auto [end, error] =
      std::from_chars(text.data() + 1, text.data() + text.size(), number);
  if (error != std::errc() || number < 0)
    return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// Reads "FILE:3:5" or "FILE:3" and ": " off the text. The file may contain
/// colons and blanks, hence the search for the first that numbers follow.
std::optional<engine::SourcePos> takePlace(std::string_view &text) {
  for (std::size_t at = text.find(':'); at != std::string_view::npos;
       at = text.find(':', at + 1)) {
    std::string_view rest = text.substr(at);
    auto line = takeNumber(rest);
    if (!line)
      continue;
    int column = takeNumber(rest).value_or(0);
    if (!rest.starts_with(": "))
      continue;
    engine::SourcePos place{std::string(text.substr(0, at)), *line, column};
    text = rest.substr(2);
    return place;
  }
  return std::nullopt;
}

struct Message {
  const Severity *severity;
  std::optional<engine::SourcePos> place;
  std::string_view text;
};

/// "opt: " in front of a place: what a program calls itself.
void skipProgram(std::string_view &line) {
  std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos || colon == 0)
    return;
  std::string_view name = line.substr(0, colon);
  bool isSeverity = std::ranges::find(kSeverities, name, &Severity::word) !=
                    kSeverities.end();
  if (!isSeverity && name.find_first_of(" :<\"'") == std::string_view::npos)
    line.remove_prefix(colon + 2);
}

/// The forms: PLACE: error: TEXT; error: PLACE: TEXT (LLVM's code generators);
/// error: TEXT; each may stand behind the name of the program.
std::optional<Message> readMessage(std::string_view line) {
  skipProgram(line);
  const Severity *severity = takeSeverity(line);
  if (severity)
    skipProgram(line);
  auto place = takePlace(line);
  const Severity *second = takeSeverity(line);
  if (!severity)
    severity = second;
  if (!severity)
    return std::nullopt;
  return Message{severity, place, line};
}

bool isKnown(const engine::SourcePos &place) {
  return place.line > 0 && place.file != "<unknown>";
}

bool mentionsMemory(std::string_view words) {
  return words.find("std::bad_alloc") != std::string_view::npos ||
         words.find("LLVM ERROR: out of memory") != std::string_view::npos ||
         words.find("MemoryError") != std::string_view::npos;
}

std::string withWords(std::string message, std::string_view words) {
  std::string last = lastLines(words, kLastLines);
  return last.empty() ? message + ", and said nothing"
                      : fmt::format("{}: {}", message, last);
}

ToolFailure describeStart(const std::string &name, int error) {
  switch (error) {
  case ENOENT:
    return {Status::Unavailable,
            fmt::format("'{}' is not installed: no such program", name)};
  case EACCES:
    return {Status::Failed,
            fmt::format("'{}' may not be run: it is no executable file", name)};
  case ENOEXEC:
    return {Status::Failed,
            fmt::format("'{}' is no program of this system (a script needs a "
                        "first line like #!/bin/sh)",
                        name)};
  case ENOMEM:
  case EAGAIN:
    return {Status::Memory, fmt::format("'{}' could not be started: {}", name,
                                        std::strerror(error))};
  default:
    return {Status::Failed, fmt::format("'{}' could not be started: {}", name,
                                        std::strerror(error))};
  }
}

} // namespace

std::vector<ReportDiagnostic> diagnosticsIn(std::string_view words,
                                            const std::string &inputName) {
  std::vector<ReportDiagnostic> found;
  for (LineReader lines(words); lines.next();) {
    auto message = readMessage(lines.line());
    if (!message)
      continue;
    Frames frames;
    if (message->place && isKnown(*message->place)) {
      if (message->place->file == "<stdin>" || message->place->file == "-")
        message->place->file = inputName;
      frames.push_back(*message->place);
    }
    std::string text = shortened(std::string(message->text), 2000);
    if (!message->severity->name.empty()) {
      if (found.size() == kMaxDiagnostics)
        break;
      found.push_back({.severity = std::string(message->severity->name),
                       .message = std::move(text),
                       .frames = std::move(frames)});
    } else if (!found.empty() && text == "called from") {
      // MLIR's way to print a chain of calls.
      found.back().frames.insert(found.back().frames.end(), frames.begin(),
                                 frames.end());
    } else if (!found.empty()) {
      found.back().notes.push_back({std::move(text), std::move(frames)});
    }
  }
  return found;
}

std::string lastLines(std::string_view text, std::size_t count) {
  std::vector<std::string_view> lines;
  for (LineReader reader(text); reader.next();)
    if (reader.line().find_first_not_of(" \t") != std::string_view::npos &&
        (lines.empty() || lines.back() != reader.line()))
      lines.push_back(reader.line());
  if (lines.size() > count)
    lines.erase(lines.begin(),
                lines.end() - static_cast<std::ptrdiff_t>(count));
  return shortened(fmt::format("{}", fmt::join(lines, "\n")), 2000);
}

std::string describeSize(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 3> units = {"KiB", "MiB", "GiB"};
  if (bytes < 1024)
    return fmt::format("{} bytes", bytes);
  double size = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < units.size(); ++unit)
    size /= 1024;
  return fmt::format("{:.3g} {}", size, units[unit]);
}

ToolFailure describeFailure(const std::string &name, const ToolRun &run,
                            const ToolLimits &limits) {
  if (run.end == ToolRun::End::NotStarted)
    return describeStart(name, run.code);
  if (run.end == ToolRun::End::TimedOut) {
    std::string last = lastLines(run.output, kLastLines);
    return {Status::Timeout, fmt::format("'{}' was {}{}{}", name,
                                         describeTimeout(limits.timeoutMs),
                                         last.empty() ? "" : ": ", last)};
  }
  if (mentionsMemory(run.output))
    return {Status::Memory,
            withWords(fmt::format("'{}' needs more memory than the limit of {} "
                                  "MB",
                                  name, limits.memoryMb),
                      run.output)};
  if (run.end == ToolRun::End::Signalled)
    return {Status::Crashed, withWords(fmt::format("'{}' crashed ({})", name,
                                                   describeSignal(run.code)),
                                       run.output)};
  return {Status::Failed,
          withWords(fmt::format("'{}' ended with exit code {}", name, run.code),
                    run.output)};
}

bool wantsOtherTool(std::string_view words) {
  constexpr std::array<std::string_view, 5> marks = {
      "Unknown command line argument",
      "does not refer to a registered pass",
      "unknown pass name",
      "ialect `test",
      "Cannot find option named",
  };
  return std::ranges::any_of(marks, [&](std::string_view mark) {
    return words.find(mark) != std::string_view::npos;
  });
}

} // namespace irlens::mlir_worker
