// The element types that tensors of PyTorch have, as the check of a compiled
// program knows them. Pure; no compiler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace irlens::mlir_worker {

enum class ElementType : std::uint8_t {
  Bool,
  U8,
  I8,
  I16,
  I32,
  I64,
  F16,
  BF16,
  F32,
  F64,
  C64,
  C128,
};

/// What is known of a type.
struct ElementTypeRow {
  ElementType type;
  std::string_view stored; ///< In a safetensors header.
  std::string_view shown;  ///< As in an entry's signature.
  std::size_t size;        ///< Bytes.
  /// What two correct computations may differ by: relative to the element, or
  /// to the largest one of the tensor (comparison.h).
  double relative;
  double absolute;
};

const ElementTypeRow &rowOf(ElementType type);
std::optional<ElementType> elementTypeStoredAs(std::string_view name);

} // namespace irlens::mlir_worker
