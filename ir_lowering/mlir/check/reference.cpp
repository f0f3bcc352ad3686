#include "ir_lowering/mlir/check/reference.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace irlens::mlir_worker {

using engine::ErrorCode;
using nlohmann::json;

namespace {

Frames framesOf(const json &result) {
  Frames frames;
  auto list = result.find("frames");
  if (list == result.end() || !list->is_array())
    return frames;
  for (const json &frame : *list)
    if (frame.is_array() && frame.size() == 3 && frame[0].is_string() &&
        frame[1].is_number_integer() && frame[2].is_number_integer())
      frames.push_back({frame[0].get<std::string>(), frame[1].get<int>(),
                        frame[2].get<int>()});
  return frames;
}

} // namespace

const Tensor *Reference::weight(std::string_view symbol) const {
  if (const Tensor *tensor = file.find(fmt::format("weight.{}", symbol)))
    return tensor;
  std::size_t dot = symbol.rfind('.');
  if (dot == std::string_view::npos || dot + 1 == symbol.size() ||
      !std::ranges::all_of(symbol.substr(dot + 1),
                           [](unsigned char c) { return std::isdigit(c); }))
    return nullptr;
  return file.find(fmt::format("weight.{}", symbol.substr(0, dot)));
}

engine::Result<Reference> parseReference(std::string bytes) {
  auto file = TensorFile::parse(std::move(bytes));
  if (!file)
    return std::unexpected(file.error());
  Reference reference{std::move(*file), {}, {}, 0};
  json details = json::parse(reference.file.metadata("irlens"), nullptr,
                             /*allow_exceptions=*/false);
  if (!details.is_object() || !details.contains("results") ||
      !details["results"].is_array())
    return engine::fail(ErrorCode::InvalidConfig,
                        "the metadata names no results");
  if (auto ms = details.find("eager_ms");
      ms != details.end() && ms->is_number())
    reference.eagerMs = ms->get<double>();
  while (const Tensor *argument = reference.file.find(
             fmt::format("argument.{}", reference.arguments.size())))
    reference.arguments.push_back(*argument);
  for (const json &result : details["results"]) {
    std::string key = fmt::format("result.{}", reference.results.size());
    const Tensor *value = reference.file.find(key);
    if (!value || !result.is_object())
      return engine::fail(ErrorCode::InvalidConfig,
                          fmt::format("{} is missing", key));
    auto name = result.find("name");
    auto random = result.find("random");
    reference.results.push_back(
        {name != result.end() && name->is_string() ? name->get<std::string>()
                                                   : key,
         *value,
         random != result.end() && random->is_boolean() && random->get<bool>(),
         framesOf(result)});
  }
  return reference;
}

} // namespace irlens::mlir_worker
