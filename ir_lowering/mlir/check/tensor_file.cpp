#include "ir_lowering/mlir/check/tensor_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <nlohmann/json.hpp>

namespace irlens::mlir_worker {

using engine::ErrorCode;
using nlohmann::json;

namespace {

constexpr std::size_t kLengthBytes = 8;

/// Sizes come as any JSON number; only those that fit are sizes.
std::optional<std::uint64_t> sizeFrom(const json &value) {
  if (value.is_number_unsigned())
    return value.get<std::uint64_t>();
  if (value.is_number_integer() && value.get<std::int64_t>() >= 0)
    return static_cast<std::uint64_t>(value.get<std::int64_t>());
  return std::nullopt;
}

/// `a * b`, unless that is more than a file can hold.
std::optional<std::uint64_t> product(std::uint64_t a, std::uint64_t b) {
  constexpr auto most =
      static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (b != 0 && a > most / b)
    return std::nullopt;
  return a * b;
}

engine::Result<Tensor> parseTensor(const std::string &name, const json &entry,
                                   std::string_view data) {
  auto bad = [&](std::string_view reason) {
    return engine::fail(ErrorCode::InvalidConfig,
                        fmt::format("tensor '{}': {}", name, reason));
  };
  if (!entry.is_object() || !entry.contains("dtype") ||
      !entry.contains("shape") || !entry.contains("data_offsets"))
    return bad("needs dtype, shape and data_offsets");
  const json &dtype = entry["dtype"];
  auto type = dtype.is_string()
                  ? elementTypeStoredAs(dtype.get_ref<const std::string &>())
                  : std::nullopt;
  if (!type)
    return bad(fmt::format("unknown dtype {}", dtype.dump()));
  Tensor tensor{*type, {}, {}};
  std::uint64_t size = rowOf(*type).size;
  if (!entry["shape"].is_array())
    return bad("its shape is not a list");
  for (const json &dimension : entry["shape"]) {
    auto extent = sizeFrom(dimension);
    auto grown = extent ? product(size, *extent) : std::nullopt;
    if (!grown)
      return bad("its shape is not one of a tensor");
    size = *grown;
    tensor.shape.push_back(static_cast<std::int64_t>(*extent));
  }
  const json &offsets = entry["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2)
    return bad("data_offsets is not a pair");
  auto begin = sizeFrom(offsets[0]);
  auto end = sizeFrom(offsets[1]);
  if (!begin || !end || *begin > *end || *end > data.size())
    return bad("its data lies outside the file");
  if (*end - *begin != size)
    return bad(fmt::format("has {} bytes of data and a shape of {}",
                           *end - *begin, size));
  tensor.bytes = data.substr(*begin, size);
  return tensor;
}

} // namespace

std::int64_t Tensor::elements() const {
  return static_cast<std::int64_t>(bytes.size() / rowOf(type).size);
}

std::string describe(const Tensor &tensor) {
  return fmt::format("{}[{}]", rowOf(tensor.type).shown,
                     fmt::join(tensor.shape, ", "));
}

engine::Result<TensorFile> TensorFile::parse(std::string bytes) {
  TensorFile file;
  file.bytes_ = std::make_shared<const std::string>(std::move(bytes));
  std::string_view all = *file.bytes_;
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes && i < all.size(); ++i)
    length |= static_cast<std::uint64_t>(static_cast<unsigned char>(all[i]))
              << (8 * i);
  if (all.size() < kLengthBytes || length > all.size() - kLengthBytes)
    return engine::fail(ErrorCode::InvalidConfig, "the header is cut off");
  json header = json::parse(all.substr(kLengthBytes, length), nullptr,
                            /*allow_exceptions=*/false);
  if (!header.is_object())
    return engine::fail(ErrorCode::InvalidConfig,
                        "the header is not a JSON object");
  std::string_view data = all.substr(kLengthBytes + length);
  for (const auto &[name, entry] : header.items()) {
    if (name == "__metadata__") {
      for (const auto &[key, value] : entry.items())
        if (entry.is_object() && value.is_string())
          file.metadata_[key] = value.get<std::string>();
      continue;
    }
    auto tensor = parseTensor(name, entry, data);
    if (!tensor)
      return std::unexpected(tensor.error());
    file.tensors_.emplace(name, std::move(*tensor));
  }
  return file;
}

const Tensor *TensorFile::find(std::string_view name) const {
  auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

std::string TensorFile::metadata(const std::string &key) const {
  auto found = metadata_.find(key);
  return found == metadata_.end() ? std::string() : found->second;
}

} // namespace irlens::mlir_worker
