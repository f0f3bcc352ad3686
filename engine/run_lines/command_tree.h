// What RUN lines say, as data: runs, made of pipelines, made of commands whose
// words know where in the test they were written. Made by run_lines.h, read by
// run_rows.h and by whoever runs the commands. Pure data; any thread.
#pragma once

#include "engine/diagnostic.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine::run_lines {

/// A part of the test's text. Lines and columns count from 1, columns in bytes;
/// the end is behind the last character.
struct TextRange {
  int line = 0;
  int column = 0;
  int endLine = 0;
  int endColumn = 0;

  bool operator==(const TextRange &) const = default;
};

/// One word of a command: quotes gone, substitutions made.
struct Word {
  std::string text;
  TextRange range; ///< As written: `%s` and not what it stands for.
};

/// Where a command's stdout or stderr goes.
struct Stream {
  enum class To : std::uint8_t {
    Pipe,   ///< The next command; of the last one, what lit would print.
    Report, ///< Kept beside the result (stderr unless it is redirected).
    File,
  };
  To to = To::Pipe;
  Word file = {};
  bool append = false;
  /// Which redirection of the command this is. `> f 2>&1` gives both streams
  /// the same number: the file is opened once.
  int redirection = -1;
};

/// What a command must do for the run to go on.
enum class Expects : std::uint8_t {
  Success,
  Failure,        ///< `not`: an error, but no crash.
  FailureOrCrash, ///< `!`: anything but success.
  Crash,          ///< `not --crash`.
};

/// As steps write it; empty for success, which they leave out.
inline std::string_view toString(Expects expects) {
  switch (expects) {
  case Expects::Success:
    break;
  case Expects::Failure:
    return "failure";
  case Expects::FailureOrCrash:
    return "failure-or-crash";
  case Expects::Crash:
    return "crash";
  }
  return "";
}

/// Nothing for a word that no step may have.
inline std::optional<Expects> expectsNamed(std::string_view word) {
  for (Expects expects :
       {Expects::Failure, Expects::FailureOrCrash, Expects::Crash})
    if (word == toString(expects))
      return expects;
  return std::nullopt;
}

/// A variable that `env` sets, or takes away.
struct Assignment {
  std::string name;
  std::optional<std::string> value;
};

struct Command {
  Word program; ///< The tool itself: `not` and `env` are in the fields below.
  std::vector<Word> arguments;
  Expects expects = Expects::Success;
  std::vector<Assignment> environment;
  std::optional<Word> input; ///< `< file`; otherwise what comes down the pipe.
  Stream output;
  Stream errors{.to = Stream::To::Report};
  TextRange range;
};

/// Commands joined by `|`. It fails when one of them does.
struct Pipeline {
  std::vector<Command> commands;
  TextRange range;
};

/// When a pipeline runs, given how those before it ended.
enum class Join : std::uint8_t {
  Always,      ///< `;`, and the first one.
  IfSucceeded, ///< `&&`
  IfFailed,    ///< `||`
};

struct Part {
  Join join = Join::Always;
  Pipeline pipeline;
};

/// One RUN line with its continuations. The parts are taken from left to right;
/// the run fails when the last part that ran did.
struct Run {
  std::vector<Part> parts;
  std::string text; ///< The command with its substitutions made.
  TextRange range;  ///< From behind `RUN:` to the end of the last line.
  /// False: a diagnostic says what is not understood, and it is not run.
  bool understood = true;
};

/// `REQUIRES: x86-registered-target`. Which features there are is lit's
/// configuration, which irlens does not read: such lines are shown, not obeyed.
struct Condition {
  enum class Kind : std::uint8_t { Requires, Unsupported, ExpectedToFail };
  Kind kind;
  Word expression;
};

struct RunLines {
  std::vector<Run> runs; ///< In order; the test ends at the first that fails.
  std::vector<Condition> conditions;
  std::vector<Diagnostic> diagnostics;
};

} // namespace irlens::engine::run_lines
