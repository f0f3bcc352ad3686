// See run_line_layer.h.
#include "engine/run_line_layer.h"

#include "engine/replace.h"
#include "engine/run_lines/run_lines.h"
#include "engine/run_lines/run_rows.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace irlens::engine {
namespace {

using Json = nlohmann::json;
using run_lines::RunRow;

/// In a path, what means something to a shell, as characters of Unicode's
/// private area: lit pastes paths into a line before it splits it into words,
/// so that there no folder may have a space in its name.
std::string protect(std::string_view path) {
  constexpr std::string_view kSpecial = " \t\n'\"\\$&;|<>()*?[]{}#!`~%";
  std::string safe;
  for (char c : path) {
    if (kSpecial.contains(c)) {
      auto byte = static_cast<unsigned char>(c);
      safe += '\xEE'; // U+E000 and the byte, in UTF-8
      safe += static_cast<char>(0x80 | (byte >> 6));
      safe += static_cast<char>(0x80 | (byte & 0x3F));
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string unprotect(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool isProtected = text[i] == '\xEE' && i + 2 < text.size() &&
                       (text[i + 1] == '\x80' || text[i + 1] == '\x81');
    if (!isProtected) {
      plain += text[i];
      continue;
    }
    plain +=
        static_cast<char>((text[i + 1] & 0x3F) << 6 | (text[i + 2] & 0x3F));
    i += 2;
  }
  return plain;
}

/// The words of a row with paths as they are.
void unprotect(Json &json) {
  if (json.is_string())
    json = unprotect(json.get_ref<const std::string &>());
  else if (json.is_structured())
    for (Json &part : json)
      unprotect(part);
}

Definition placeOf(const std::string &file, const run_lines::TextRange &range) {
  return {file, range.line, range.column, range.endLine, range.endColumn};
}

/// "RUN 2: mlir-opt | opt", "RUN 2.1: ..." for the second pipeline of a line.
std::string titleOf(const Json &row) {
  std::string tools;
  for (const Json &step : row["steps"]) {
    std::string name;
    if (step.contains("tool"))
      name = step["tool"];
    else if (step.contains("command"))
      name = step["command"][0];
    else
      continue;
    tools += (tools.empty() ? "" : " | ") + name;
  }
  auto id = row["id"].get<std::string>();
  std::string number = id.substr(id.find('-') + 1);
  std::ranges::replace(number, '-', '.');
  return fmt::format("RUN {}: {}", number, tools.empty() ? "checks" : tools);
}

/// The row as the table reads it.
std::string textOf(const RunRow &row) {
  Json json = Json::parse(row.json);
  unprotect(json);
  json["title"] = titleOf(json);
  json["default"] = true;
  json["test"] = true;
  json["all-targets"] = true; // The tools' words say for which.
  return json.dump();
}

/// Appends a row to the layer's text, and where its parts are written.
void add(Layer &layer, const RunRow &row) {
  const std::string text = textOf(row);
  const std::size_t begin = layer.text.size();
  layer.text += text;
  layer.origins.push_back(
      {{begin, layer.text.size()}, placeOf(layer.file, row.definition)});
  auto value = readJsonText(text);
  const JsonValue *steps = value ? value->find("steps") : nullptr;
  for (std::size_t i = 0; steps && i < steps->items.size(); ++i) {
    const ByteRange &range = steps->items[i].range;
    layer.origins.push_back({{begin + range.begin, begin + range.end},
                             placeOf(layer.file, row.steps[i])});
  }
}

/// Nobody knows the folder of %t, everybody knows %t.
void nameTemporaries(std::string &message, const std::string &temporary) {
  replaceAll(message, temporary, "%t");
}

} // namespace

std::optional<RunLineLayer> runLineLayer(const RunLineFile &file) {
  run_lines::RowContext context;
  context.surroundings.file = protect(file.path.string());
  context.surroundings.temporary =
      fmt::format("{}/{}.tmp", run_lines::kTemporaryFolder,
                  protect(file.path.filename().string()));
  context.stage = file.stage;
  context.text = file.text;
  context.tools = file.ownTools;
  auto lines = run_lines::readRunLines(file.text, context.surroundings);
  auto rows = run_lines::rowsOf(lines, context);

  RunLineLayer made;
  made.layer.name = "RUN lines";
  made.layer.file = file.path.string();
  made.layer.trusted = file.trusted;
  made.layer.text = R"({"rows":[)";
  for (const RunRow &row : rows.rows) {
    if (&row != rows.rows.data())
      made.layer.text += ',';
    add(made.layer, row);
    made.rows.push_back(row.id);
  }
  made.layer.text += "]}";
  made.problems = std::move(lines.diagnostics);
  std::ranges::move(rows.diagnostics, std::back_inserter(made.problems));
  for (Diagnostic &problem : made.problems) {
    nameTemporaries(problem.message, context.surroundings.temporary);
    problem.message = unprotect(problem.message);
  }
  if (rows.rows.empty() && made.problems.empty())
    return std::nullopt;
  return made;
}

} // namespace irlens::engine
