// `irlens-mlir --lower INPUT --from STAGE --to STAGE`: one job without an
// engine, for tests and for trying things out. Same code as the fork server's
// jobs.
#pragma once

#include <map>
#include <string>

namespace irlens::mlir_worker {

class Compiler;

struct OneShot {
  std::string input;
  std::string from = "linalg";
  std::string to = "llvm-dialect";
  std::string pipelines; ///< File; empty: the built-in table.
  std::map<std::string, std::string> targets;
  int timeoutMs = 60000;
  int memoryMb = 4096;
};

/// Prints the stage's text to stdout and diagnostics to stderr. Returns the
/// exit code: 0, 1 when the stage failed (its text is then the IR before the
/// failing pass), 2 when the request makes no sense.
int lowerOnce(const OneShot &request, Compiler &compiler);

} // namespace irlens::mlir_worker
