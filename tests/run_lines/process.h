// Runs a program without a shell and waits for it: what the driver of the tests
// in tests/run_lines stands on.
#pragma once

#include "engine/run_lines/command_tree.h"

#include <string>
#include <vector>

namespace irlens::run_lines_test {

struct Invocation {
  std::vector<std::string> words; ///< The first is the program's path.
  std::vector<engine::run_lines::Assignment> environment;
  std::string input; ///< A file, as are the others.
  std::string output;
  std::string errors; ///< Empty: to where the output goes.
  bool appendOutput = false;
  bool appendErrors = false;
};

struct Exit {
  int code = 0;
  bool crashed = false;
};

Exit run(const Invocation &invocation);

std::string readFile(const std::string &path);
void writeFile(const std::string &path, const std::string &text,
               bool append = false);

/// Whether an end is the one that was expected.
bool isAsExpected(engine::run_lines::Expects expects, const Exit &exit);

} // namespace irlens::run_lines_test
