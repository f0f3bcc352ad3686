// Reads tensors from a safetensors file
// (github.com/huggingface/safetensors): eight bytes with the length of a JSON
// header, the header, and the data. The Python worker writes such files
// (irlens_torch/check/safetensors.py). Nothing in one is taken for granted.
// Pure; no compiler.
#pragma once

#include "engine/result.h"
#include "ir_lowering/mlir/check/element_type.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::mlir_worker {

struct Tensor {
  ElementType type = ElementType::F32;
  std::vector<std::int64_t> shape;
  std::string_view bytes; ///< In row-major order; as many as the shape says.

  std::int64_t elements() const;
};

/// "f32[8, 64]"
std::string describe(const Tensor &tensor);

class TensorFile {
public:
  /// Errors: InvalidConfig with what is wrong.
  static engine::Result<TensorFile> parse(std::string bytes);

  const Tensor *find(std::string_view name) const;
  const std::map<std::string, Tensor, std::less<>> &tensors() const {
    return tensors_;
  }
  /// The text under a key of `__metadata__`; empty without one.
  std::string metadata(const std::string &key) const;

private:
  std::shared_ptr<const std::string> bytes_; ///< The tensors point into it.
  std::map<std::string, Tensor, std::less<>> tensors_;
  std::map<std::string, std::string> metadata_;
};

} // namespace irlens::mlir_worker
