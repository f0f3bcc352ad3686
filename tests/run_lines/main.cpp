// run_lines_driver (commands | rows) FILE TEMPORARY TOOLS: does what the RUN
// lines of a test say and prints how that ended, in the words of its EXPECT
// comment. tests/run_lines/test_oracle.py compares that with lit.
// run_lines_driver (split | split-leading) FILE FOLDER: what split-file does,
// for tests/run_lines/test_split_file.py.
#include "engine/run_lines/split_file.h"
#include "tests/run_lines/interpreter.h"

#include <algorithm>
#include <exception>
#include <iostream>
#include <string>

using namespace irlens;
using namespace irlens::engine::run_lines;
using namespace irlens::run_lines_test;

namespace {

/// What lit decides before it runs anything. The oracle's lit has one feature.
bool isUnsupported(const RunLines &lines) {
  return std::ranges::any_of(lines.conditions, [](const Condition &condition) {
    const bool there = condition.expression.text == "llvm-22";
    return (condition.kind == Condition::Kind::Requires && !there) ||
           (condition.kind == Condition::Kind::Unsupported && there);
  });
}

bool isExpectedToFail(const RunLines &lines) {
  return std::ranges::any_of(lines.conditions, [](const Condition &condition) {
    return condition.kind == Condition::Kind::ExpectedToFail &&
           condition.expression.text == "*";
  });
}

Outcome outcomeOf(Test &test, bool rows) {
  RunLines lines = readRunLines(test.text(), test.surroundings());
  if (isUnsupported(lines))
    return "unsupported";
  for (const auto &diagnostic : lines.diagnostics)
    if (diagnostic.severity == engine::Severity::Error)
      return "not understood line " + std::to_string(diagnostic.pos.line);
  Outcome outcome =
      rows ? followRows(test, lines) : followCommands(test, lines);
  if (!isExpectedToFail(lines))
    return outcome;
  return outcome == "pass" ? "unexpected pass" : "expected failure";
}

int split(const std::string &file, const std::string &folder, bool leading) {
  auto parts = splitFile(readFile(file), leading);
  if (!parts) {
    std::cout << parts.error().line << ": " << parts.error().message << "\n";
    return 1;
  }
  for (const FilePart &part : *parts)
    writeFile(folder + "/" + part.name, part.text);
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  if (argc == 4)
    return split(argv[2], argv[3], std::string(argv[1]) == "split-leading");
  if (argc != 5) {
    std::cerr << "usage: run_lines_driver (commands | rows) FILE TEMPORARY "
                 "TOOLS\n";
    return 2;
  }
  try {
    Test test(argv[2], argv[3], argv[4]);
    std::cout << outcomeOf(test, std::string(argv[1]) == "rows") << "\n";
  } catch (const std::exception &error) {
    std::cout << "broken: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
