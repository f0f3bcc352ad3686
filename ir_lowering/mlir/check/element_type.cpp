// The numbers behind the tolerances are the defaults of
// torch.testing.assert_close (rtol: f16 1e-3, bf16 1.6e-2, f32 1.3e-6, f64
// 1e-7; atol: 1e-5, f64 1e-7), which are made for one operation. A compiled
// model adds in another order, and rounds elsewhere, through many layers, hence
// a factor: smaller for short types, whose default is several roundings wide
// already. Wrong code is wrong by orders of magnitude more.
#include "ir_lowering/mlir/check/element_type.h"

#include <algorithm>
#include <array>

namespace irlens::mlir_worker {

namespace {

constexpr double kMore = 10;
constexpr double kSomeMore = 3;

using enum ElementType;
constexpr std::array<ElementTypeRow, 12> kRows = {{
    {Bool, "BOOL", "b8", 1, 0, 0},
    {U8, "U8", "u8", 1, 0, 0},
    {I8, "I8", "i8", 1, 0, 0},
    {I16, "I16", "i16", 2, 0, 0},
    {I32, "I32", "i32", 4, 0, 0},
    {I64, "I64", "i64", 8, 0, 0},
    {F16, "F16", "f16", 2, kSomeMore * 1e-3, kMore * 1e-5},
    {BF16, "BF16", "bf16", 2, kSomeMore * 1.6e-2, kMore * 1e-5},
    {F32, "F32", "f32", 4, kMore * 1.3e-6, kMore * 1e-5},
    {F64, "F64", "f64", 8, kMore * 1e-7, kMore * 1e-7},
    {C64, "C64", "c64", 8, kMore * 1.3e-6, kMore * 1e-5},
    {C128, "C128", "c128", 16, kMore * 1e-7, kMore * 1e-7},
}};

} // namespace

const ElementTypeRow &rowOf(ElementType type) {
  return kRows[static_cast<std::size_t>(type)];
}

std::optional<ElementType> elementTypeStoredAs(std::string_view name) {
  const auto *row = std::ranges::find(kRows, name, &ElementTypeRow::stored);
  if (row == kRows.end())
    return std::nullopt;
  return row->type;
}

} // namespace irlens::mlir_worker
