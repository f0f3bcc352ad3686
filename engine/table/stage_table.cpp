// StageTable::load: reads the layers, bottom up. See stage.h.
#include "engine/table/configuration.h"
#include "engine/table/layer.h"
#include "engine/table/suggest.h"
#include "engine/table/table_builder.h"

#include "engine/store/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

namespace irlens::engine {

extern const char kBuiltinPipelines[]; // pipelines.json, see CMakeLists.txt

namespace {

/// A layer with what its text holds.
struct OpenLayer {
  OpenLayer(const Layer &layer, std::vector<Diagnostic> &problems)
      : text(layer, problems) {
    if (!layer.problem.empty())
      text.error(ByteRange{}, layer.problem);
    if (layer.text.empty() || !layer.pipelines.empty())
      return;
    auto read = readJsonText(layer.text);
    if (!read)
      text.error(read.error().range, read.error().message);
    else if (!read->isObject())
      text.error(read->range, "the file must hold one object: {...}");
    else
      value = std::move(*read);
  }

  LayerText text;
  std::optional<JsonValue> value;
};

const JsonValue *listOf(OpenLayer &layer, std::string_view key) {
  const JsonValue *found = layer.value ? layer.value->find(key) : nullptr;
  if (!found || found->isList())
    return found;
  layer.text.error(found->range, fmt::format("`{}` must be a list", key));
  return nullptr;
}

/// A complete table says all: what is missing there is a mistake.
void checkComplete(OpenLayer &layer) {
  if (!layer.text.layer.builtin || !layer.value)
    return;
  for (std::string_view key : {"origins", "stages"})
    if (!layer.value->find(key))
      layer.text.error(layer.value->range,
                       fmt::format("the table has no list `{}`", key));
}

std::vector<EnterAt> readEnters(const JsonValue &list, LayerText &text) {
  std::vector<EnterAt> enters;
  for (const JsonValue &item : list.items) {
    EnterAt at;
    for (const JsonMember &member : item.members) {
      auto words = text.strings(member.value, member.key);
      if (member.key == "stages")
        at.stages = std::move(words);
      else if (member.key == "extensions")
        at.extensions = std::move(words);
      else if (member.key == "markers")
        at.markers = std::move(words);
    }
    enters.push_back(std::move(at));
  }
  return enters;
}

/// An origin, or none and what is wrong with it.
std::optional<Origin> readOrigin(const JsonValue &row, LayerText &text) {
  static constexpr std::array<std::string_view, 12> kKeys{
      "id",     "title",    "worker", "extensions", "markers",   "targets",
      "binary", "inherits", "roots",  "enters",     "on-demand", "symbols"};
  if (!row.isObject()) {
    text.error(row.range, "an origin must be an object");
    return std::nullopt;
  }
  text.checkKeys(row, kKeys, "an origin");
  auto word = [&](std::string_view key) {
    const JsonValue *value = row.find(key);
    return value ? value->text : "";
  };
  auto list = [&](std::string_view key) {
    const JsonValue *value = row.find(key);
    return value ? text.strings(*value, key) : std::vector<std::string>();
  };
  auto isSet = [&](std::string_view key) {
    const JsonValue *value = row.find(key);
    return value && value->truth;
  };
  Origin origin;
  origin.id = word("id");
  origin.title = row.find("title") ? word("title") : origin.id;
  origin.extensions = list("extensions");
  origin.markers = list("markers");
  origin.targets = list("targets");
  origin.roots = list("roots");
  origin.symbols = list("symbols");
  origin.inherits = word("inherits");
  origin.binary = isSet("binary");
  origin.onDemand = isSet("on-demand");
  if (const JsonValue *enters = row.find("enters"))
    origin.enters = readEnters(*enters, text);
  for (const auto &[name, executor] : workerNames())
    if (name == word("worker")) {
      origin.executor = executor;
      return origin;
    }
  text.error(row.range, fmt::format("origin {}: unknown worker `{}`", origin.id,
                                    word("worker")));
  return std::nullopt;
}

std::vector<Origin> readOrigins(std::span<std::unique_ptr<OpenLayer>> layers) {
  std::vector<Origin> origins;
  for (auto &layer : layers)
    if (layer->text.layer.builtin)
      if (const JsonValue *list = listOf(*layer, "origins"))
        for (const JsonValue &row : list->items)
          if (auto origin = readOrigin(row, layer->text))
            origins.push_back(std::move(*origin));
  return origins;
}

/// Other names than those of our tools are for RUN lines.
void readTools(OpenLayer &layer, ToolPaths &paths,
               std::vector<std::string> &ownTools) {
  if (!layer.value)
    return;
  LayerText &text = layer.text;
  bool trusted = text.layer.trusted;
  if (const JsonValue *folders = layer.value->find("toolFolders"))
    for (const std::string &folder : text.strings(*folders, "toolFolders"))
      paths.addFolder(text.resolve("./" + folder), trusted);
  const JsonValue *tools = layer.value->find("tools");
  if (!tools)
    return;
  if (!tools->isObject())
    text.error(tools->range, R"(`tools` takes an object: {"opt": "PATH"})");
  for (const JsonMember &member : tools->members) {
    std::string meant = findTool(member.key) ? "" : suggestTool(member.key);
    if (!meant.empty())
      text.warn(text.place(member.keyRange),
                fmt::format("unknown tool `{}`{}", member.key, meant));
    if (!findTool(member.key))
      ownTools.push_back(member.key);
    if (const std::string *path = text.string(member.value, member.key))
      paths.add(member.key, {text.resolve(*path), trusted});
  }
}

void addRows(OpenLayer &layer, const StepContext &context,
             TableBuilder &builder) {
  constexpr std::size_t kMaxRows = 1000; // Of one layer.
  bool builtin = layer.text.layer.builtin;
  std::vector<ReadRow> rows;
  if (const JsonValue *list = listOf(layer, builtin ? "stages" : "rows")) {
    if (list->items.size() > kMaxRows)
      layer.text.error(list->items[kMaxRows].range,
                       fmt::format("at most {} rows are read", kMaxRows));
    for (const JsonValue &value : list->items) {
      if (rows.size() == kMaxRows)
        break;
      rows.push_back(readRow(value, context));
      if (builtin)
        builder.addBuiltin(rows.back(), layer.text);
    }
  }
  for (const PipelineRow &row : layer.text.layer.pipelines)
    rows.push_back(readRow(row, context));
  if (!builtin)
    builder.addUsers(rows, layer.text);
}

} // namespace

bool LoadedTable::hasErrors() const {
  return std::ranges::any_of(problems, [](const Diagnostic &problem) {
    return problem.severity == Severity::Error;
  });
}

Layer builtinLayer() {
  Layer layer;
  layer.name = "built-in";
  layer.text = kBuiltinPipelines;
  layer.builtin = true;
  return layer;
}

LoadedTable StageTable::load(std::span<const Layer> layers,
                             const TargetChoice &choice,
                             const PassRegistry *passes) {
  LoadedTable loaded;
  std::vector<std::unique_ptr<OpenLayer>> open;
  ToolPaths tools;
  for (const Layer &layer : layers) {
    open.push_back(std::make_unique<OpenLayer>(layer, loaded.problems));
    OpenLayer &opened = *open.back();
    checkComplete(opened);
    readTools(opened, tools, loaded.ownTools);
    if (opened.value && !layer.builtin)
      checkConfiguration(*opened.value, opened.text);
  }
  TableBuilder builder(readOrigins(open), choice);
  for (auto &layer : open)
    addRows(*layer, {layer->text, tools, passes, ""}, builder);
  loaded.table.parts_ = builder.finish();
  for (auto &layer : open)
    if (layer->value && !layer->text.layer.builtin)
      checkNames(*layer->value, layer->text, loaded.table);
  std::string rows;
  for (const Stage &stage : loaded.table.stages())
    rows += stage.row + (stage.untrusted ? "untrusted" : "");
  loaded.table.identity_ = hashText(rows);
  return loaded;
}

Result<StageTable> StageTable::parse(std::string_view text,
                                     const TargetChoice &choice) {
  Layer layer;
  layer.name = "table";
  layer.text = text;
  layer.builtin = true;
  LoadedTable loaded = load(std::span(&layer, 1), choice);
  if (loaded.problems.empty())
    return std::move(loaded.table);
  const Diagnostic &first = loaded.problems.front();
  return fail(ErrorCode::InvalidConfig,
              fmt::format("{} (line {})", first.message, first.pos.line));
}

Result<StageTable> StageTable::builtin(const TargetChoice &choice) {
  return parse(kBuiltinPipelines, choice);
}

} // namespace irlens::engine
