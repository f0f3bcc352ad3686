// Compares a tensor that a compiled program has computed with the one that
// eager PyTorch has. Pure; no compiler.
#pragma once

#include "ir_lowering/mlir/check/tensor_file.h"

namespace irlens::mlir_worker {

struct Comparison {
  enum class Verdict : std::uint8_t { Ok, Wrong, NotComparable };
  Verdict verdict = Verdict::Ok;
  std::string reason; ///< Of everything but Ok, for people.
  /// Over all elements that are numbers in both.
  double maxAbsolute = 0;
  double maxRelative = 0;
  std::int64_t wrongElements = 0;
  std::vector<std::int64_t> firstWrong; ///< Index of the first wrong element.
};

/// Elements may differ by `relative` times the larger of the expected element
/// and the largest expected element, plus `absolute` (element_type.cpp): the
/// rounding of a sum is in proportion to what is added, which may cancel out,
/// and not to the result. Integers and truth values must be equal; NaN equals
/// NaN, and an infinity itself.
/// Of what stems from random numbers only type and shape count.
Comparison compare(const Tensor &expected, const Tensor &actual, bool random);

} // namespace irlens::mlir_worker
