#include "ir_lowering/mlir/check/comparison.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <cstring>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace irlens::mlir_worker {

namespace {

template <typename T> T loadAs(const char *at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

float halfToFloat(std::uint16_t bits) {
  constexpr int mantissaBits = 10;
  constexpr int bias = 15;
  int exponent = (bits >> mantissaBits) & 0x1f;
  int mantissa = bits & 0x3ff;
  float sign = (bits & 0x8000) != 0 ? -1.0F : 1.0F;
  if (exponent == 0x1f)
    return mantissa != 0 ? NAN : sign * INFINITY;
  if (exponent == 0)
    return sign *
           std::ldexp(static_cast<float>(mantissa), 1 - bias - mantissaBits);
  return sign * std::ldexp(static_cast<float>(mantissa | 0x400),
                           exponent - bias - mantissaBits);
}

float brainToFloat(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

/// An element as two numbers; the second one is 0 for all but complex types.
std::complex<double> load(ElementType type, const char *at) {
  switch (type) {
  case ElementType::Bool:
    return static_cast<double>(loadAs<std::uint8_t>(at) != 0);
  case ElementType::U8:
    return loadAs<std::uint8_t>(at);
  case ElementType::I8:
    return loadAs<std::int8_t>(at);
  case ElementType::I16:
    return loadAs<std::int16_t>(at);
  case ElementType::I32:
    return loadAs<std::int32_t>(at);
  case ElementType::I64:
    return static_cast<double>(loadAs<std::int64_t>(at));
  case ElementType::F16:
    return halfToFloat(loadAs<std::uint16_t>(at));
  case ElementType::BF16:
    return brainToFloat(loadAs<std::uint16_t>(at));
  case ElementType::F32:
    return loadAs<float>(at);
  case ElementType::F64:
    return loadAs<double>(at);
  case ElementType::C64:
    return loadAs<std::complex<float>>(at);
  case ElementType::C128:
    return loadAs<std::complex<double>>(at);
  }
  return 0;
}

bool isFinite(std::complex<double> value) {
  return std::isfinite(value.real()) && std::isfinite(value.imag());
}

bool sameWhereNotFinite(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

std::string show(std::complex<double> value, ElementType type) {
  bool isComplex = type == ElementType::C64 || type == ElementType::C128;
  return isComplex ? fmt::format("{:.6g}{:+.6g}i", value.real(), value.imag())
                   : fmt::format("{:.6g}", value.real());
}

std::vector<std::int64_t> indexOf(std::int64_t element,
                                  const std::vector<std::int64_t> &shape) {
  std::vector<std::int64_t> index(shape.size());
  for (std::size_t d = shape.size(); d-- > 0;) {
    index[d] = element % shape[d];
    element /= shape[d];
  }
  return index;
}

class Comparer {
public:
  Comparer(const Tensor &expected, const Tensor &actual)
      : expected_(expected), actual_(actual), row_(rowOf(expected.type)) {}

  Comparison run() {
    double largest = largestExpected();
    for (std::int64_t i = 0; i < expected_.elements(); ++i)
      compareElement(i, largest);
    if (result_.wrongElements == 0)
      return result_;
    result_.verdict = Comparison::Verdict::Wrong;
    result_.reason = fmt::format(
        "{} of {} elements are wrong, the first at [{}]: {} instead of {}",
        result_.wrongElements, expected_.elements(),
        fmt::join(result_.firstWrong, ", "), firstActual_, firstExpected_);
    return result_;
  }

private:
  std::complex<double> at(const Tensor &tensor, std::int64_t element) const {
    return load(tensor.type, tensor.bytes.data() +
                                 static_cast<std::size_t>(element) * row_.size);
  }

  double largestExpected() const {
    double largest = 0;
    for (std::int64_t i = 0; i < expected_.elements(); ++i)
      if (auto value = at(expected_, i); isFinite(value))
        largest = std::max(largest, std::abs(value));
    return largest;
  }

  void compareElement(std::int64_t element, double largest) {
    auto expected = at(expected_, element);
    auto actual = at(actual_, element);
    if (isFinite(expected) && isFinite(actual)) {
      double error = std::abs(actual - expected);
      // What a double cannot tell apart: 64 bit integers.
      bool same =
          std::memcmp(expected_.bytes.data() + offsetOf(element),
                      actual_.bytes.data() + offsetOf(element), row_.size) == 0;
      if (row_.relative == 0 && row_.absolute == 0 &&
          expected_.type != ElementType::Bool && !same)
        error = std::max(error, 1.0);
      result_.maxAbsolute = std::max(result_.maxAbsolute, error);
      if (double size = std::abs(expected); size > 0)
        result_.maxRelative = std::max(result_.maxRelative, error / size);
      if (error <= row_.relative * largest + row_.absolute)
        return;
    } else if (sameWhereNotFinite(expected.real(), actual.real()) &&
               sameWhereNotFinite(expected.imag(), actual.imag())) {
      return;
    }
    if (result_.wrongElements++ > 0)
      return;
    result_.firstWrong = indexOf(element, expected_.shape);
    firstExpected_ = show(expected, expected_.type);
    firstActual_ = show(actual, actual_.type);
  }

  std::size_t offsetOf(std::int64_t element) const {
    return static_cast<std::size_t>(element) * row_.size;
  }

  const Tensor &expected_;
  const Tensor &actual_;
  const ElementTypeRow &row_;
  Comparison result_;
  std::string firstExpected_;
  std::string firstActual_;
};

} // namespace

Comparison compare(const Tensor &expected, const Tensor &actual, bool random) {
  Comparison result;
  if (expected.type == actual.type && expected.shape == actual.shape) {
    if (!random)
      return Comparer(expected, actual).run();
    result.verdict = Comparison::Verdict::NotComparable;
    result.reason = "random";
    return result;
  }
  result.verdict = Comparison::Verdict::Wrong;
  result.reason = fmt::format("it is {} instead of {}", describe(actual),
                              describe(expected));
  return result;
}

} // namespace irlens::mlir_worker
