// Reads and checks the stage table. Pure; any thread.
#include "engine/stage.h"

#include "engine/suggest.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace irlens::engine {

extern const char kBuiltinPipelines[]; // pipelines.json, see CMakeLists.txt

namespace {

using Json = nlohmann::json;

constexpr std::array<std::pair<std::string_view, TextFormat>, 7> kFormats{{
    {"text", TextFormat::Plain},
    {"mlir", TextFormat::Mlir},
    {"llvm", TextFormat::Llvm},
    {"asm", TextFormat::Asm},
    {"spirv", TextFormat::Spirv},
    {"torchscript", TextFormat::TorchScript},
    {"fx", TextFormat::Fx},
}};

/// Which worker knows a step. One stage is executed by one worker.
constexpr std::array<std::pair<std::string_view, Executor>, 7> kSteps{{
    {"capture", Executor::Python},
    {"torch-mlir", Executor::Python},
    {"mlir", Executor::Mlir},
    {"translate", Executor::Mlir},
    {"target", Executor::Mlir},
    {"device-library", Executor::Mlir},
    {"llvm", Executor::Mlir},
}};
constexpr std::string_view kCodegenStep = "codegen";

template <typename Table>
auto lookUp(const Table &table, std::string_view key)
    -> std::optional<typename Table::value_type::second_type> {
  for (const auto &[name, value] : table)
    if (name == key)
      return value;
  return std::nullopt;
}

std::optional<Executor> executorOf(std::string_view step) {
  if (step == kCodegenStep)
    return Executor::Mlir;
  return lookUp(kSteps, step);
}

bool isPlainId(std::string_view id) {
  return !id.empty() && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

/// The executor of a row, or what is wrong with its steps.
Result<Executor> checkSteps(const Json &row, const std::string &id) {
  auto steps = row.find("steps");
  if (steps == row.end() || !steps->is_array())
    return fail(ErrorCode::InvalidConfig,
                fmt::format("stage {}: `steps` must be a list", id));
  std::optional<Executor> executor;
  for (const Json &step : *steps) {
    if (!step.is_object() || step.size() != 1)
      return fail(
          ErrorCode::InvalidConfig,
          fmt::format("stage {}: a step is an object with one key", id));
    const std::string &kind = step.begin().key();
    auto wanted = executorOf(kind);
    if (!wanted)
      return fail(ErrorCode::InvalidConfig,
                  fmt::format("stage {}: unknown step `{}`", id, kind));
    if (executor && *executor != *wanted)
      return fail(
          ErrorCode::InvalidConfig,
          fmt::format("stage {}: steps of different workers; make two stages "
                      "of it",
                      id));
    executor = wanted;
  }
  if (!executor)
    return fail(ErrorCode::InvalidConfig,
                fmt::format("stage {}: `steps` is empty", id));
  return *executor;
}

Result<Stage> parseRow(const Json &row) {
  if (!row.is_object())
    return fail(ErrorCode::InvalidConfig, "a stage must be an object");
  Stage stage;
  auto text = [&](const char *key, const char *fallback) {
    auto found = row.find(key);
    return found != row.end() && found->is_string() ? found->get<std::string>()
                                                    : std::string(fallback);
  };
  stage.id = text("id", "");
  if (!isPlainId(stage.id))
    return fail(ErrorCode::InvalidConfig,
                fmt::format("stage id `{}`: use a-z, 0-9 and -", stage.id));
  stage.title = text("title", stage.id.c_str());
  stage.extension = text("extension", "txt");
  stage.language = text("language", "plaintext");
  stage.comment = text("comment", "//");
  stage.from = text("from", "source");
  stage.target = text("target", "");
  stage.byDefault = row.value("default", false);
  stage.perFile = row.value("per-file", false);
  auto format = lookUp(kFormats, text("format", "text"));
  if (!format)
    return fail(ErrorCode::InvalidConfig,
                fmt::format("stage {}: unknown format `{}`", stage.id,
                            text("format", "")));
  stage.format = *format;
  auto executor = checkSteps(row, stage.id);
  if (!executor)
    return std::unexpected(executor.error());
  stage.executor = *executor;
  stage.row = row.dump();
  return stage;
}

} // namespace

Result<StageTable> StageTable::parse(std::string_view text) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object() || !json.contains("stages") ||
      !json["stages"].is_array())
    return fail(ErrorCode::InvalidConfig,
                "the stage table must be JSON with a list `stages`");
  StageTable table;
  table.text_ = text;
  for (const Json &row : json["stages"]) {
    auto stage = parseRow(row);
    if (!stage)
      return std::unexpected(stage.error());
    if (table.find(stage->id))
      return fail(ErrorCode::InvalidConfig,
                  fmt::format("stage {} stands twice in the table", stage->id));
    // A row may only name rows above it: so there is no cycle, and the order of
    // the table is an order in which everything can be made.
    if (stage->from != "source" && !table.find(stage->from))
      return fail(ErrorCode::InvalidConfig,
                  fmt::format("stage {}: `from` names no stage above it: {}",
                              stage->id, stage->from));
    table.stages_.push_back(std::move(*stage));
  }
  return table;
}

Result<StageTable> StageTable::builtin() { return parse(kBuiltinPipelines); }

const Stage *StageTable::find(std::string_view id) const {
  int index = indexOf(id);
  return index < 0 ? nullptr : &stages_[static_cast<std::size_t>(index)];
}

int StageTable::indexOf(std::string_view id) const {
  auto found = std::ranges::find(stages_, id, &Stage::id);
  return found == stages_.end() ? -1
                                : static_cast<int>(found - stages_.begin());
}

std::string StageTable::suggest(std::string_view unknown) const {
  std::vector<std::string_view> ids;
  for (const Stage &stage : stages_)
    ids.push_back(stage.id);
  return nearest(unknown, ids);
}

std::vector<const Stage *> StageTable::lineage(std::string_view id) const {
  std::vector<const Stage *> line;
  for (const Stage *stage = find(id); stage; stage = find(stage->from))
    line.insert(line.begin(), stage);
  return line;
}

std::optional<TextFormat> formatNamed(std::string_view name) {
  return lookUp(kFormats, name);
}

std::string rowForTarget(const Stage &stage, std::string_view target) {
  std::string row = stage.row;
  constexpr std::string_view kMark = "{target}";
  for (std::size_t at = row.find(kMark); at != std::string::npos;
       at = row.find(kMark, at + target.size()))
    row.replace(at, kMark.size(), target);
  return row;
}

} // namespace irlens::engine
