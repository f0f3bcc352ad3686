// See layer_text.h.
#include "engine/table/layer_text.h"

#include "engine/table/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace irlens::engine {

/// Of a text that was made of another, the place of the smallest part around.
Definition LayerText::place(ByteRange range) const {
  const TextOrigin *nearest = nullptr;
  auto size = [](const TextOrigin &origin) {
    return origin.range.end - origin.range.begin;
  };
  for (const TextOrigin &origin : layer.origins)
    if (origin.range.begin <= range.begin && range.end <= origin.range.end &&
        (!nearest || size(origin) < size(*nearest)))
      nearest = &origin;
  return nearest ? nearest->place : places_.place(range);
}

void LayerText::error(const Definition &place, std::string message,
                      Severity severity) {
  Diagnostic problem;
  problem.severity = severity;
  problem.message = std::move(message);
  if (place.file.empty())
    problem.message = fmt::format("{}: {}", layer.name, problem.message);
  problem.pos = {place.file, place.line, place.column};
  problem.end = {place.file, place.endLine, place.endColumn};
  problems_.push_back(std::move(problem));
}

std::string LayerText::resolve(const std::string &path) const {
  if (!path.contains('/') || layer.file.empty())
    return path;
  return (std::filesystem::path(layer.file).parent_path() / path)
      .lexically_normal()
      .string();
}

const std::string *LayerText::string(const JsonValue &value,
                                     std::string_view key) {
  if (value.isString())
    return &value.text;
  error(value.range, fmt::format("`{}` must be a string", key));
  return nullptr;
}

const bool *LayerText::boolean(const JsonValue &value, std::string_view key) {
  if (value.kind == JsonValue::Kind::Bool)
    return &value.truth;
  error(value.range, fmt::format("`{}` must be true or false", key));
  return nullptr;
}

std::vector<std::string> LayerText::strings(const JsonValue &value,
                                            std::string_view key) {
  std::vector<std::string> list;
  if (!value.isList())
    error(value.range, fmt::format("`{}` must be a list of strings", key));
  for (const JsonValue &item : value.items)
    if (item.isString())
      list.push_back(item.text);
    else
      error(item.range, fmt::format("`{}` must be a list of strings", key));
  return list;
}

void LayerText::checkKeys(const JsonValue &object,
                          std::span<const std::string_view> known,
                          std::string_view what) {
  for (const JsonMember &member : object.members)
    if (std::ranges::find(known, member.key) == known.end())
      error(member.keyRange,
            fmt::format("{} has no key `{}`{}", what, member.key,
                        didYouMean(member.key, known)));
}

} // namespace irlens::engine
