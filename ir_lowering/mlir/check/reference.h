// What eager PyTorch has made of an entry: the arguments of `main`, the weights
// by symbol and the results to expect (irlens_torch/check/reference.py writes
// it). Pure; no compiler.
#pragma once

#include "ir_lowering/mlir/check/tensor_file.h"
#include "ir_lowering/worker/report.h"

namespace irlens::mlir_worker {

struct ExpectedResult {
  std::string name; ///< Of the value in the exported program.
  Tensor value;
  /// Depends on random numbers: only type and shape can be compared.
  bool random = false;
  Frames frames; ///< Where the user's code makes it, innermost first.
};

struct Reference {
  TensorFile file; ///< Keeps the data of all tensors.
  std::vector<Tensor> arguments;
  std::vector<ExpectedResult> results;
  double eagerMs = 0;

  /// The tensor for an external symbol. Of several symbols with one name the
  /// lowering calls the later ones NAME.1, NAME.2 (externalize_weights.cpp).
  const Tensor *weight(std::string_view symbol) const;
};

/// Errors: InvalidConfig with what is missing.
engine::Result<Reference> parseReference(std::string bytes);

} // namespace irlens::mlir_worker
