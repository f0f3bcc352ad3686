// How a stage process tells what it is doing while it may die at any moment: a
// record in memory shared with the job process, and LLVM's last words on
// standard error. Written in stage processes, read in the job process after
// their death.
#pragma once

#include "ir_lowering/worker/report.h"

#include <array>
#include <atomic>
#include <string>
#include <string_view>

namespace irlens::mlir_worker {

enum class Phase : std::int32_t {
  Starting,
  Reading,
  MlirPasses,
  Translation,
  Target,
  DeviceLibrary,
  LlvmPasses,
  CodeGeneration,
  Assembling,
  Tool,
  Execution,
  Writing,
};

/// One per stage, in shared memory, hence plain data. The strings are
/// NUL-terminated; a reader may see half of a new one, which is still a string.
struct Progress {
  std::atomic<Phase> phase;
  /// Passes begun since the stage began: tells a second run where to stop.
  std::atomic<std::int32_t> passes;
  std::array<char, 128> pass;
  std::array<char, 256> subject; ///< What the pass runs on.

  void enter(Phase next);
  void beginPass(std::string_view name, std::string_view on);
};

/// Exit codes of a stage process. Anything else, or a signal, is a crash.
enum ExitCode : int { kExitDone = 0, kExitMemory = 113 };

/// Makes this process write LLVM's fatal errors and stack of passes to standard
/// error when it dies, and end with kExitMemory when memory runs out.
void installCrashHandlers();

/// LLVM's last words about a fatal error, "LLVM ERROR: ..."; empty if it said
/// none.
std::string fatalErrorIn(std::string_view standardError);

/// The pass on top of LLVM's stack of passes, "'NAME' on function '@main'";
/// empty if it printed none.
std::string innermostPass(std::string_view standardError);

/// What is known of a dead stage process.
struct Death {
  Status status = Status::Crashed;
  std::string cause; ///< "segmentation fault", "LLVM ERROR: ...", ...
};

/// Explains a wait status with what the process left on standard error.
Death explainDeath(int waitStatus, const std::string &standardError);

/// The diagnostic for it: cause, and the pass that was running.
ReportDiagnostic describe(const Death &death, const Progress &progress,
                          const std::string &standardError);

} // namespace irlens::mlir_worker
