// See layers.h.
#include "engine/table/layers.h"

#include "engine/store/files.h"
#include "engine/table/directives.h"
#include "engine/table/json_text.h"
#include "engine/table/tools.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

namespace irlens::engine {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;

// More is no configuration; reading it would keep the loop busy.
constexpr std::uint64_t kMaxBytes = 1024 * 1024;
// Files of one workspace have few different tables.
constexpr std::size_t kTables = 16;

std::string stampOf(const fs::path &file) {
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0 || !S_ISREG(info.st_mode))
    return "";
  return fmt::format("{}|{}|{}.{}", info.st_ino, info.st_size,
                     info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
}

std::optional<Layer> environmentLayer() {
  ToolPaths paths;
  paths.addEnvironment([](const char *name) { return std::getenv(name); });
  Json found = Json::object();
  for (const Tool &tool : tools())
    if (const ToolPath *path = paths.find(tool.name))
      found[std::string(tool.name)] = path->path;
  if (found.empty())
    return std::nullopt;
  Layer layer;
  layer.name = "environment";
  layer.text = Json{{"tools", std::move(found)}}.dump();
  return layer;
}

std::optional<Layer> settingsLayer(const Settings &client) {
  const Settings defaults;
  if (client.rows == defaults.rows && client.tools == defaults.tools &&
      client.toolFolders.empty())
    return std::nullopt;
  Layer layer;
  layer.name = "settings";
  layer.text =
      fmt::format(R"({{"rows":{},"tools":{},"toolFolders":{}}})", client.rows,
                  client.tools, Json(client.toolFolders).dump());
  return layer;
}

/// What stands on the command line: above all others, and trusted.
std::optional<Layer> commandLineLayer(const Settings &client) {
  if (client.commandLineRows.empty())
    return std::nullopt;
  Layer layer;
  layer.name = "command line";
  layer.text = fmt::format(R"({{"rows":{}}})", client.commandLineRows);
  return layer;
}

void append(std::vector<Layer> &layers, std::optional<Layer> layer) {
  if (layer)
    layers.push_back(std::move(*layer));
}

/// All that the table depends on.
std::string keyOf(const std::vector<Layer> &layers,
                  const TargetChoice &choice) {
  std::string all = Json{{"named", choice.named}, {"plain", choice.plain}}.dump(
      -1, ' ', false, Json::error_handler_t::replace);
  for (const Layer &layer : layers) {
    all += fmt::format("\n{}|{}|{}|{}|", layer.file, layer.trusted, layer.name,
                       layer.problem);
    for (const auto &[range, place] : layer.origins)
      all += fmt::format("{}:{}-{}:{}|", place.line, place.column,
                         place.endLine, place.endColumn);
    // A file's own text counts only where it has rows.
    if (!layer.builtin && layer.pipelines.empty())
      all += layer.text;
    for (const PipelineRow &row : layer.pipelines)
      all += fmt::format("{}={}|{} {}:{}-{}\n", row.id, row.from, row.text,
                         row.line, row.column, row.definition.endColumn);
  }
  return hashText(all);
}

} // namespace

std::vector<fs::path> configurationFiles(const fs::path &file) {
  std::vector<fs::path> files;
  for (fs::path folder = file.parent_path();; folder = folder.parent_path()) {
    files.push_back(folder / kConfigurationFile);
    if (folder == folder.parent_path())
      break;
  }
  std::ranges::reverse(files);
  return files;
}

const Layers::Known &Layers::read(const fs::path &file) {
  Known &known = known_[file];
  std::string stamp = stampOf(file);
  if (stamp == known.stamp)
    return known;
  known = {std::move(stamp), "", ""};
  if (known.stamp.empty())
    return known;
  auto text = readText(file, kMaxBytes + 1);
  if (!text)
    known.problem = text.error().message;
  else if (text->size() > kMaxBytes)
    known.problem = fmt::format("{} is too big", file.string());
  else
    known.text = std::move(*text);
  return known;
}

std::vector<Layer> Layers::common(const Settings &client) {
  std::vector<Layer> layers{builtinLayer()};
  append(layers, environmentLayer());
  append(layers, settingsLayer(client));
  append(layers, commandLineLayer(client));
  return layers;
}

std::vector<Layer> Layers::of(const fs::path &file, std::string_view text,
                              const Settings &client) {
  trust_.refresh();
  std::vector<Layer> layers{builtinLayer()};
  append(layers, environmentLayer());
  for (const fs::path &path : configurationFiles(file)) {
    const Known &known = read(path);
    if (known.stamp.empty())
      continue;
    Layer layer;
    layer.name = layer.file = path.string();
    layer.text = known.text;
    layer.problem = known.problem;
    layer.trusted = trust_.covers(path.parent_path(), client);
    layers.push_back(std::move(layer));
  }
  append(layers, settingsLayer(client));
  std::vector<PipelineRow> pipelines = findPipelines(text, file.string());
  if (!pipelines.empty()) {
    Layer layer;
    layer.name = "comments";
    layer.file = file.string();
    layer.trusted = trust_.covers(file.parent_path(), client);
    layer.pipelines = std::move(pipelines);
    layers.push_back(std::move(layer));
  }
  append(layers, commandLineLayer(client));
  return layers;
}

std::shared_ptr<const LoadedTable>
Layers::load(const std::vector<Layer> &layers, const TargetChoice &choice) {
  std::string key = keyOf(layers, choice);
  auto found = std::ranges::find(made_, key, &Made::key);
  if (found != made_.end()) {
    std::rotate(found, found + 1, made_.end());
    return made_.back().table;
  }
  if (made_.size() == kTables)
    made_.erase(made_.begin());
  made_.push_back({std::move(key), std::make_shared<const LoadedTable>(
                                       StageTable::load(layers, choice))});
  return made_.back().table;
}

Settings withLayers(const Settings &client, std::span<const Layer> layers) {
  Settings settings = client;
  bool any = false;
  Settings below;
  for (const Layer &layer : layers) {
    if (layer.builtin || layer.text.empty() || layer.file.empty())
      continue;
    auto value = readJsonText(layer.text);
    const JsonValue *found = value ? value->find("settings") : nullptr;
    if (!found || !found->isObject())
      continue;
    JsonValue mine = *found;
    std::erase_if(mine.members, [](const JsonMember &member) {
      return !isPerFile(member.key);
    });
    applySettings(below, toJson(mine)); // What is wrong, the table reports.
    any = true;
  }
  if (!any)
    return settings;
  overlaySettings(settings, below);
  // What the client says itself comes before what a folder says.
  overlaySettings(settings, client);
  return settings;
}

} // namespace irlens::engine
