// What the two interpreters of tests/run_lines share: the test, its temporary
// files, running one program, and how a test ended. run_commands.cpp follows
// the commands as they are written, run_steps.cpp the rows made of them.
#pragma once

#include "engine/run_lines/check_report.h"
#include "engine/run_lines/run_rows.h"
#include "tests/run_lines/process.h"

#include <optional>
#include <string>
#include <vector>

namespace irlens::run_lines_test {

/// "pass", "fail line 12", "fail run 3", ...: the words of the tests' EXPECT.
using Outcome = std::string;

class Test {
public:
  Test(std::string file, std::string temporary, std::string tools);

  const std::string &file() const { return surroundings_.file; }
  const std::string &text() const { return text_; }
  const engine::run_lines::Surroundings &surroundings() const {
    return surroundings_;
  }
  /// An unused file name below the temporary folder.
  std::string fresh();
  std::string tool(const std::string &name) const;
  bool isTool(const std::string &name) const;

  /// Does what split-file does; false when that fails.
  bool split(const std::string &file, const std::string &folder,
             bool leadingLines);
  /// Takes a file or folder away, if it is a temporary one.
  void remove(const std::string &path) const;
  void makeDirectory(const std::string &path) const;
  /// Runs FileCheck over a file; its complaints are kept for failure().
  Exit fileCheck(std::vector<std::string> arguments, const std::string &against,
                 const std::string &input, bool strictWhitespace,
                 const std::vector<engine::run_lines::Assignment> &environment);
  /// Keeps what a tool complained about. `standardInput` is what it read there.
  void toolFailed(const std::string &errors, const std::string &standardInput);
  /// The line of the first complaint in the test, else the RUN line's.
  Outcome failure(int runLine) const;

private:
  engine::run_lines::ReportContext
  reportContext(const std::string &standardInput) const;
  void check(const std::string &path) const;

  struct Part {
    std::string path;
    std::string name;
    int firstLine; ///< In the test.
    int lineCount;
    int linesBefore; ///< What to add to a line of the part.
    std::string text;
  };
  engine::run_lines::Surroundings surroundings_;
  std::string text_;
  std::string tools_;
  std::vector<Part> parts_;
  std::vector<engine::Diagnostic> complaints_;
  int count_ = 0;
};

/// Both end at the first run that fails.
Outcome followCommands(Test &test, const engine::run_lines::RunLines &lines);
Outcome followRows(Test &test, const engine::run_lines::RunLines &lines);

} // namespace irlens::run_lines_test
