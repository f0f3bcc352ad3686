// The job kind `check`: what parser and verifier say of a text while somebody
// types it. Runs in the job's process, which forks one that may die.
#pragma once

#include "ir_lowering/mlir/request.h"
#include "ir_lowering/worker/report.h"

#include <vector>

namespace irlens::mlir_worker {

class Compiler;

/// Leaves the diagnostics in OUT/check.json. Ok however many there are.
JobOutcome runCheck(const Check &check, Compiler &compiler);

// check_mlir.cpp, check_llvm.cpp: in a process of their own.
std::vector<ReportDiagnostic> checkMlir(const Check &check, Compiler &compiler);
std::vector<ReportDiagnostic> checkLlvm(const Check &check);

} // namespace irlens::mlir_worker
