#include "ir_lowering/mlir/stage_rows.h"

#include <algorithm>
#include <fmt/format.h>

namespace irlens::mlir_worker {

using engine::ErrorCode;
using nlohmann::json;

namespace {

const json *findStage(const json &table, const std::string &id) {
  if (!table.is_object() || !table.contains("stages"))
    return nullptr;
  for (const json &row : table["stages"])
    if (row.is_object() && row.value("id", "") == id)
      return &row;
  return nullptr;
}

/// Replaces {target} in every string below `value`.
void substitute(json &value, const std::string &target) {
  constexpr std::string_view mark = "{target}";
  if (value.is_string()) {
    auto text = value.get<std::string>();
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos;
         at += target.size())
      text.replace(at, mark.size(), target);
    value = text;
  } else if (value.is_structured()) {
    for (json &inner : value)
      substitute(inner, target);
  }
}

} // namespace

engine::Result<std::vector<Row>>
rowsBetween(std::string_view text, const std::string &from,
            const std::string &to,
            const std::map<std::string, std::string> &targets) {
  json table = json::parse(text, nullptr, false);
  if (table.is_discarded())
    return engine::fail(ErrorCode::InvalidConfig, "the table is not JSON");
  std::vector<Row> rows;
  for (std::string at = to; at != from;) {
    const json *stage = findStage(table, at);
    if (!stage)
      return engine::fail(
          ErrorCode::NotFound,
          at == to ? fmt::format("there is no stage '{}'", to)
                   : fmt::format("'{}' is not made from '{}'", to, from));
    json row = *stage;
    auto target = targets.find(at);
    substitute(row["steps"], target != targets.end() ? target->second
                                                     : row.value("target", ""));
    auto parsed = parseRow(row);
    if (!parsed)
      return std::unexpected(parsed.error());
    at = parsed->from;
    rows.push_back(std::move(*parsed));
    if (rows.size() > table["stages"].size())
      return engine::fail(ErrorCode::InvalidConfig,
                          fmt::format("'{}' is made from itself", to));
  }
  std::ranges::reverse(rows);
  return rows;
}

std::string formatOf(std::string_view text, const std::string &stage) {
  json table = json::parse(text, nullptr, false);
  const json *row = findStage(table, stage);
  return row ? row->value("format", "") : "";
}

} // namespace irlens::mlir_worker
