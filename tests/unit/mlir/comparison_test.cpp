// What counts as equal to eager PyTorch, and how a wrong element is told.
#include "ir_lowering/mlir/check/check_table.h"
#include "ir_lowering/mlir/check/comparison.h"

#include <array>
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>

namespace irlens::mlir_worker {
namespace {

using Verdict = Comparison::Verdict;

/// A tensor with its data.
template <typename T> struct Values {
  Values(ElementType type, std::vector<T> values,
         std::vector<std::int64_t> shape = {})
      : data(std::move(values)) {
    tensor.type = type;
    tensor.shape =
        shape.empty()
            ? std::vector<std::int64_t>{static_cast<std::int64_t>(data.size())}
            : std::move(shape);
    tensor.bytes = {reinterpret_cast<const char *>(data.data()), // NOLINT
                    data.size() * sizeof(T)};
  }
  std::vector<T> data;
  Tensor tensor;
};

Comparison floats(std::vector<float> expected, std::vector<float> actual) {
  Values a(ElementType::F32, std::move(expected));
  Values b(ElementType::F32, std::move(actual));
  return compare(a.tensor, b.tensor, false);
}

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(Comparison, AllowsRoundingInProportionToTheLargestElement) {
  Comparison close = floats({1000, 1e-3F}, {1000.01F, 2e-3F});
  EXPECT_EQ(close.verdict, Verdict::Ok);
  EXPECT_NEAR(close.maxAbsolute, 0.01, 1e-4);
  EXPECT_NEAR(close.maxRelative, 1, 1e-4);
  EXPECT_EQ(floats({1, 1e-3F}, {1, 2e-3F}).verdict, Verdict::Wrong);
}

TEST(Comparison, TellsTheFirstWrongElementByItsIndex) {
  Values a(ElementType::F32, std::vector<float>{1, 2, 3, 4, 5, 6}, {2, 3});
  Values b(ElementType::F32, std::vector<float>{1, 2, 3, 4, 5.5F, 7}, {2, 3});
  Comparison wrong = compare(a.tensor, b.tensor, false);
  EXPECT_EQ(wrong.verdict, Verdict::Wrong);
  EXPECT_EQ(wrong.wrongElements, 2);
  EXPECT_EQ(wrong.firstWrong, (std::vector<std::int64_t>{1, 1}));
  EXPECT_EQ(wrong.reason,
            "2 of 6 elements are wrong, the first at [1, 1]: 5.5 instead of 5");
}

TEST(Comparison, TakesWhatIsNotFiniteLiterally) {
  EXPECT_EQ(floats({kNan, kInfinity}, {kNan, kInfinity}).verdict, Verdict::Ok);
  EXPECT_EQ(floats({kInfinity}, {-kInfinity}).verdict, Verdict::Wrong);
  EXPECT_EQ(floats({kInfinity}, {3e38F}).verdict, Verdict::Wrong);
  EXPECT_EQ(floats({1}, {kNan}).verdict, Verdict::Wrong);
  // An infinite element does not excuse the others.
  EXPECT_EQ(floats({kInfinity, 1}, {kInfinity, 2}).verdict, Verdict::Wrong);
}

TEST(Comparison, WantsIntegersExactlyEvenBeyondTheReachOfADouble) {
  constexpr std::int64_t big = (std::int64_t{1} << 60) + 1;
  Values a(ElementType::I64, std::vector<std::int64_t>{big});
  Values b(ElementType::I64, std::vector<std::int64_t>{big - 1});
  EXPECT_EQ(compare(a.tensor, a.tensor, false).verdict, Verdict::Ok);
  EXPECT_EQ(compare(a.tensor, b.tensor, false).verdict, Verdict::Wrong);
  Values negative(ElementType::I8, std::vector<std::int8_t>{-1});
  Values positive(ElementType::I8, std::vector<std::int8_t>{1});
  EXPECT_EQ(compare(negative.tensor, positive.tensor, false).maxAbsolute, 2);
}

TEST(Comparison, AnyTruthIsTrue) {
  Values a(ElementType::Bool, std::vector<std::uint8_t>{1, 0});
  Values b(ElementType::Bool, std::vector<std::uint8_t>{255, 0});
  Values c(ElementType::Bool, std::vector<std::uint8_t>{1, 1});
  EXPECT_EQ(compare(a.tensor, b.tensor, false).verdict, Verdict::Ok);
  EXPECT_EQ(compare(a.tensor, c.tensor, false).verdict, Verdict::Wrong);
}

TEST(Comparison, ReadsShortFloats) {
  // 1, -2, the smallest subnormal number, infinity; then 1 + one step.
  Values half(ElementType::F16,
              std::vector<std::uint16_t>{0x3c00, 0xc000, 0x0001, 0x7c00});
  Values next(ElementType::F16,
              std::vector<std::uint16_t>{0x3c01, 0xc000, 0x0001, 0x7c00});
  Comparison one = compare(half.tensor, next.tensor, false);
  EXPECT_EQ(one.verdict, Verdict::Ok);
  EXPECT_EQ(one.maxAbsolute, std::ldexp(1.0, -10));
  Values tiny(ElementType::F16, std::vector<std::uint16_t>{0x0001});
  Values zero(ElementType::F16, std::vector<std::uint16_t>{0});
  EXPECT_EQ(compare(tiny.tensor, zero.tensor, false).maxAbsolute,
            std::ldexp(1.0, -24));
  Values brain(ElementType::BF16, std::vector<std::uint16_t>{0x3f80});
  Values other(ElementType::BF16, std::vector<std::uint16_t>{0x3f81});
  EXPECT_EQ(compare(brain.tensor, other.tensor, false).maxAbsolute,
            std::ldexp(1.0, -7));
  Values nan(ElementType::F16, std::vector<std::uint16_t>{0x7e00});
  EXPECT_EQ(compare(nan.tensor, nan.tensor, false).verdict, Verdict::Ok);
}

TEST(Comparison, SeesBothPartsOfComplexNumbers) {
  Values a(ElementType::C64, std::vector<float>{1, 2}, {1});
  Values b(ElementType::C64, std::vector<float>{1, -2}, {1});
  Comparison wrong = compare(a.tensor, b.tensor, false);
  EXPECT_EQ(wrong.reason,
            "1 of 1 elements are wrong, the first at [0]: 1-2i instead of "
            "1+2i");
}

TEST(Comparison, OfRandomValuesOnlyTheTypeCounts) {
  Values a(ElementType::F32, std::vector<float>{1, 2});
  Values b(ElementType::F32, std::vector<float>{3, 4});
  Values c(ElementType::F32, std::vector<float>{3, 4}, {2, 1});
  EXPECT_EQ(compare(a.tensor, b.tensor, true).verdict, Verdict::NotComparable);
  Comparison shape = compare(a.tensor, c.tensor, true);
  EXPECT_EQ(shape.verdict, Verdict::Wrong);
  EXPECT_EQ(shape.reason, "it is f32[2, 1] instead of f32[2]");
}

TEST(Comparison, NothingIsEqualToNothing) {
  Values<float> none(ElementType::F32, {}, {0, 3});
  EXPECT_EQ(compare(none.tensor, none.tensor, false).verdict, Verdict::Ok);
}

TEST(CheckTable, HasARowPerResult) {
  Values a(ElementType::F32, std::vector<float>{1, 2});
  Values b(ElementType::F32, std::vector<float>{1, 3});
  Values i(ElementType::I64, std::vector<std::int64_t>{7});
  std::string text =
      checkTable({{"mm", a.tensor, compare(a.tensor, b.tensor, false)},
                  {"argmax", i.tensor, compare(i.tensor, i.tensor, false)},
                  {"rand", a.tensor, compare(a.tensor, b.tensor, true)}},
                 {1, 20.5, 0.25}, "x86");
  EXPECT_EQ(
      text,
      "LLVM IR on x86 against eager PyTorch\n"
      "code generation 20.5 ms, run 0.25 ms, eager PyTorch 1 ms\n"
      "\n"
      "result  type    max abs error  max rel error  allowed                 "
      "status\n"
      "mm      f32[2]  1              0.5            1.3e-05 x max + 0.0001  "
      "wrong: 1 of 2 elements are wrong, the first at [1]: 3 instead of 2\n"
      "argmax  i64[1]  0              0              equal                   "
      "ok\n"
      "rand    f32[2]                                                        "
      "not comparable: random\n");
}

} // namespace
} // namespace irlens::mlir_worker
