// The document of a check: one row per result. Pure; no compiler.
#pragma once

#include "ir_lowering/mlir/check/comparison.h"
#include "ir_lowering/mlir/check/reference.h"

namespace irlens::mlir_worker {

struct CheckedResult {
  std::string name;
  Tensor expected;
  Comparison comparison;
};

struct CheckTimes {
  double eagerMs = 0;
  double compileMs = 0; ///< Code generation.
  double runMs = 0;
};

std::string checkTable(const std::vector<CheckedResult> &results,
                       const CheckTimes &times, std::string_view target);

} // namespace irlens::mlir_worker
