// Reads and checks the stage table, and puts the chosen targets into its rows.
// Pure; any thread.
#include "engine/table/stage.h"

#include "engine/store/files.h"
#include "engine/table/target_choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace irlens::engine {

extern const char kBuiltinPipelines[]; // pipelines.json, see CMakeLists.txt

namespace {

using Json = nlohmann::json;

constexpr auto kFormats =
    std::to_array<std::pair<std::string_view, TextFormat>>({
        {"text", TextFormat::Plain},
        {"mlir", TextFormat::Mlir},
        {"llvm", TextFormat::Llvm},
        {"asm", TextFormat::Asm},
        {"spirv", TextFormat::Spirv},
        {"torchscript", TextFormat::TorchScript},
        {"fx", TextFormat::Fx},
    });

/// Which worker knows a step. One stage is executed by one worker.
constexpr auto kSteps = std::to_array<std::pair<std::string_view, Executor>>({
    {"capture", Executor::Python},
    {"torch-mlir", Executor::Python},
    {"triton", Executor::Python},
    {"mlir", Executor::Mlir},
    {"translate", Executor::Mlir},
    {"target", Executor::Mlir},
    {"device-library", Executor::Mlir},
    {"llvm", Executor::Mlir},
    {"codegen", Executor::Mlir},
    {"assemble", Executor::Mlir},
    {"execute", Executor::Mlir},
    {"jit", Executor::TorchScript},
});

constexpr auto kWorkers = std::to_array<std::pair<std::string_view, Executor>>({
    {"python", Executor::Python},
    {"mlir", Executor::Mlir},
    {"torchscript", Executor::TorchScript},
});

template <typename Table>
auto lookUp(const Table &table, std::string_view key)
    -> std::optional<typename Table::value_type::second_type> {
  for (const auto &[name, value] : table)
    if (name == key)
      return value;
  return std::nullopt;
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
    auto wanted = lookUp(kSteps, kind);
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

std::string textOf(const Json &row, const char *key, const char *fallback) {
  auto found = row.find(key);
  return found != row.end() && found->is_string() ? found->get<std::string>()
                                                  : std::string(fallback);
}

std::vector<std::string> listOf(const Json &row, const char *key) {
  std::vector<std::string> list;
  if (auto found = row.find(key); found != row.end() && found->is_array())
    for (const Json &item : *found)
      if (item.is_string())
        list.push_back(item.get<std::string>());
  return list;
}

std::vector<EnterAt> entersOf(const Json &row) {
  std::vector<EnterAt> enters;
  if (auto found = row.find("enters"); found != row.end() && found->is_array())
    for (const Json &item : *found)
      if (item.is_object())
        enters.push_back({listOf(item, "stages"), listOf(item, "extensions"),
                          listOf(item, "markers")});
  return enters;
}

Result<Origin> parseOrigin(const Json &row) {
  if (!row.is_object())
    return fail(ErrorCode::InvalidConfig, "an origin must be an object");
  Origin origin;
  origin.id = textOf(row, "id", "");
  if (!isPlainId(origin.id))
    return fail(ErrorCode::InvalidConfig,
                fmt::format("origin id `{}`: use a-z, 0-9 and -", origin.id));
  origin.title = textOf(row, "title", origin.id.c_str());
  origin.extensions = listOf(row, "extensions");
  origin.markers = listOf(row, "markers");
  origin.targets = listOf(row, "targets");
  origin.binary = row.value("binary", false);
  origin.inherits = textOf(row, "inherits", "");
  origin.roots = listOf(row, "roots");
  origin.enters = entersOf(row);
  origin.onDemand = row.value("on-demand", false);
  std::string worker = textOf(row, "worker", "");
  auto executor = lookUp(kWorkers, worker);
  if (!executor)
    return fail(
        ErrorCode::InvalidConfig,
        fmt::format("origin {}: unknown worker `{}`", origin.id, worker));
  origin.executor = *executor;
  return origin;
}

/// A stage as its row says, before targets are put in.
Result<Stage> parseRow(const Json &row) {
  if (!row.is_object())
    return fail(ErrorCode::InvalidConfig, "a stage must be an object");
  Stage stage;
  stage.id = stage.base = textOf(row, "id", "");
  if (!isPlainId(stage.id))
    return fail(ErrorCode::InvalidConfig,
                fmt::format("stage id `{}`: use a-z, 0-9 and -", stage.id));
  stage.title = textOf(row, "title", stage.id.c_str());
  stage.extension = textOf(row, "extension", "txt");
  stage.language = textOf(row, "language", "plaintext");
  stage.comment = textOf(row, "comment", "//");
  stage.from = textOf(row, "from", "");
  stage.inputs = listOf(row, "inputs");
  stage.target = textOf(row, "target", "");
  stage.byDefault = row.value("default", false);
  stage.perFile = row.value("per-file", false);
  stage.background = row.value("background", false);
  stage.recordsPasses = row.value("passes", false);
  stage.explains = row.value("explains", false);
  auto format = lookUp(kFormats, textOf(row, "format", "text"));
  if (!format)
    return fail(ErrorCode::InvalidConfig,
                fmt::format("stage {}: unknown format `{}`", stage.id,
                            textOf(row, "format", "")));
  stage.format = *format;
  auto executor = checkSteps(row, stage.id);
  if (!executor)
    return std::unexpected(executor.error());
  stage.executor = *executor;
  return stage;
}

/// The row's JSON as a worker gets it: ids of this target, `{target}` replaced.
std::string workerRow(Json row, const Stage &stage) {
  row["id"] = stage.id;
  row["from"] = stage.from;
  row["origin"] = stage.origin;
  std::string text = row.dump();
  constexpr std::string_view kMark = "{target}";
  for (std::size_t at = text.find(kMark); at != std::string::npos;
       at = text.find(kMark, at + stage.target.size()))
    text.replace(at, kMark.size(), stage.target);
  return text;
}

/// Reads the rows of a table one after the other.
class TableReader {
public:
  TableReader(StageTable::Parts &parts, const TargetChoice &choice)
      : parts_(parts), choice_(choice) {}

  Result<void> readOrigins(const Json &rows, const Json &stages) {
    std::vector<std::string> ids;
    for (const Json &row : stages)
      if (row.is_object())
        ids.push_back(textOf(row, "id", ""));
    for (const Json &row : rows) {
      auto origin = parseOrigin(row);
      if (!origin)
        return std::unexpected(origin.error());
      origin->targets = chosenTargets(*origin, ids, choice_);
      parts_.origins.push_back(std::move(*origin));
    }
    return {};
  }

  Result<void> readStage(const Json &row) {
    auto stage = parseRow(row);
    if (!stage)
      return std::unexpected(stage.error());
    // A row may only name rows above it: so there is no cycle, and the order
    // of the table is an order in which everything can be made.
    const Origin *origin = rootOf(stage->from);
    if (!origin)
      return fail(ErrorCode::InvalidConfig,
                  fmt::format("stage {}: `from` names no origin and no stage "
                              "above it: {}",
                              stage->id, stage->from));
    stage->origin = origin->id;
    for (const std::string &other : stage->inputs)
      if (rootOf(other) != origin)
        return fail(ErrorCode::InvalidConfig,
                    fmt::format("stage {}: `inputs` names no stage above it of "
                                "its origin: {}",
                                stage->id, other));
    for (const auto &[base, root] : bases_)
      if (base == stage->base && root == origin->id)
        return fail(ErrorCode::InvalidConfig,
                    fmt::format("stage {} stands twice in the table", base));
    for (const Origin &other : parts_.origins)
      if (other.inherits == origin->id && hasToo(other, *stage)) {
        Stage copy = *stage;
        copy.origin = other.id;
        copy.byDefault = stage->byDefault && !other.onDemand;
        if (isRoot(other, copy) || copy.from == origin->id)
          copy.from = other.id;
        addFor(other, row, std::move(copy));
      }
    addFor(*origin, row, std::move(*stage));
    return {};
  }

private:
  using Key = std::pair<std::string, std::string>;

  /// The origin that a `from` leads to. A stage of an earlier origin wins no
  /// name from a later one: the nearest row above is meant.
  const Origin *rootOf(const std::string &from) const {
    auto origin = std::ranges::find(parts_.origins, from, &Origin::id);
    if (origin != parts_.origins.end())
      return &*origin;
    for (auto it = bases_.rbegin(); it != bases_.rend(); ++it)
      if (it->first == from)
        return &*std::ranges::find(parts_.origins, it->second, &Origin::id);
    return nullptr;
  }

  static bool isRoot(const Origin &origin, const Stage &stage) {
    return std::ranges::find(origin.roots, stage.base) != origin.roots.end();
  }

  /// Whether an origin that inherits from the stage's own has the stage.
  bool hasToo(const Origin &other, const Stage &stage) const {
    if (isRoot(other, stage) || !other.enters.empty())
      return true;
    if (stage.from == stage.origin)
      return false;
    auto has = [&](const std::string &base) {
      return std::ranges::find(bases_, Key(base, other.id)) != bases_.end();
    };
    return has(stage.from) && std::ranges::all_of(stage.inputs, has);
  }

  void addFor(const Origin &origin, const Json &row, Stage stage) {
    bases_.emplace_back(stage.base, origin.id);
    if (origin.targets.empty()) {
      stage.target = chosenTarget(stage, choice_);
      add(row, std::move(stage));
    } else if (row.value("all-targets", false)) {
      // One text about all of them.
      stage.target = fmt::format("{}", fmt::join(origin.targets, ","));
      add(row, std::move(stage));
    } else {
      addForTargets(row, stage, origin);
    }
  }

  void addForTargets(const Json &row, const Stage &stage,
                     const Origin &origin) {
    std::string family = textOf(row, "family", "");
    std::vector<std::string> targets;
    std::ranges::copy_if(origin.targets, std::back_inserter(targets),
                         [&](const std::string &target) {
                           return family.empty() ||
                                  targetFamily(target) == family;
                         });
    for (const std::string &target : targets) {
      Stage made = stage;
      made.target = target;
      made.oneOfMany = targets.size() > 1;
      if (target != targets.front())
        made.id += "." + target;
      if (made.from != origin.id)
        made.from = idFor(made.from, origin.id, target);
      for (std::string &other : made.inputs)
        other = idFor(other, origin.id, target);
      add(row, std::move(made));
    }
  }

  /// The id of a stage's row for a target. A row of one family is made from
  /// rows of that family or of all, so there is one.
  std::string idFor(const std::string &base, const std::string &origin,
                    const std::string &target) const {
    for (const Stage &stage : parts_.stages)
      if (stage.base == base && stage.origin == origin &&
          stage.target == target)
        return stage.id;
    return base;
  }

  void add(const Json &row, Stage stage) {
    stage.row = workerRow(row, stage);
    parts_.stages.push_back(std::move(stage));
  }

  StageTable::Parts &parts_;
  const TargetChoice &choice_;
  std::vector<Key> bases_; ///< Base and origin of the rows so far.
};

} // namespace

Result<StageTable> StageTable::parse(std::string_view text,
                                     const TargetChoice &choice) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  auto isList = [&](const char *key) {
    return json.is_object() && json.contains(key) && json[key].is_array();
  };
  if (json.is_discarded() || !isList("origins") || !isList("stages"))
    return fail(
        ErrorCode::InvalidConfig,
        "the stage table must be JSON with lists `origins` and `stages`");
  StageTable table;
  TableReader reader(table.parts_, choice);
  if (auto read = reader.readOrigins(json["origins"], json["stages"]); !read)
    return std::unexpected(read.error());
  for (const Json &row : json["stages"])
    if (auto read = reader.readStage(row); !read)
      return std::unexpected(read.error());
  std::string rows;
  for (const Stage &stage : table.stages())
    rows += stage.row;
  for (const Json &row : json["origins"])
    if (row.is_object() && row.contains("enters"))
      rows += row.dump();
  table.identity_ = hashText(rows);
  return table;
}

Result<StageTable> StageTable::builtin(const TargetChoice &choice) {
  return parse(kBuiltinPipelines, choice);
}

std::optional<TextFormat> formatNamed(std::string_view name) {
  return lookUp(kFormats, name);
}

} // namespace irlens::engine
