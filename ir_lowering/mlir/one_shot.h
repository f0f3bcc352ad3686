// `irlens-mlir --lower INPUT --from STAGE --to STAGE`, `--steps STEPS INPUT`
// and
// `--check INPUT`: one job without an engine, for tests and for trying things
// out. Same code as the fork server's jobs.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace irlens::mlir_worker {

class Compiler;

struct OneShot {
  std::string input;
  std::string from = "linalg";
  std::string to = "llvm-dialect";
  std::string pipelines; ///< File; empty: the built-in table.
  /// JSON arrays of steps, one per stage; each is made from the one before.
  std::vector<std::string> steps;
  std::string name; ///< The file that locations name; empty: the input.
  std::map<std::string, std::string> targets;
  int timeoutMs = 60000;
  int memoryMb = 4096;
  std::uint64_t outputLimit = 8 << 20;
};

/// Prints the stage's text to stdout and diagnostics to stderr. Returns the
/// exit code: 0, 1 when the stage failed (its text is then the IR before the
/// failing pass), 2 when the request makes no sense.
int lowerOnce(const OneShot &request, Compiler &compiler);

/// Prints check.json to stdout. Returns 0, or 1 when the check did not end
/// well.
int checkOnce(const OneShot &request, Compiler &compiler);

} // namespace irlens::mlir_worker
