#include "engine/file_layers.h"

#include "engine/run/entering.h"
#include "engine/run_line_layer.h"
#include "engine/run_lines/run_lines.h"
#include "engine/table/directives.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace irlens::engine {
namespace fs = std::filesystem;

TargetChoice targetsOf(const Settings &settings) {
  return {settings.targets, settings.plainTargets};
}

std::shared_ptr<const StageTable>
tableIn(const std::shared_ptr<const LoadedTable> &loaded) {
  return {loaded, &loaded->table};
}

bool isConfigurationOf(const fs::path &path, const fs::path &file) {
  auto files = configurationFiles(file);
  return std::ranges::find(files, path) != files.end();
}

bool isBelow(const fs::path &path, const std::string &root) {
  if (root.empty())
    return false;
  auto relative = path.lexically_relative(root);
  return !relative.empty() && *relative.begin() != "..";
}

AllLayers allLayersOf(Layers &layers, const fs::path &path,
                      std::string_view text, const Settings &client) {
  AllLayers all{layers.of(path, text, client), {}, {}};
  if (!run_lines::mayHaveRunLines(text))
    return all;
  // Where the file enters, and which tools there are, the others know.
  auto below = layers.load(all.layers, {});
  auto enter = enterPoint(below->table, path, text);
  if (!enter || enter->at->stages.empty())
    return all;
  auto lines =
      runLineLayer({path, text, enter->at->stages.front(), below->ownTools,
                    layers.trust().covers(path.parent_path(), client)});
  if (!lines)
    return all;
  all.problems = std::move(lines->problems);
  if (lines->layer.trusted)
    all.runs = std::move(lines->rows);
  // What stands on the command line goes on from them.
  auto place = all.layers.end();
  if (all.layers.back().name == "command line")
    --place;
  all.layers.insert(place, std::move(lines->layer));
  return all;
}

FileLayers layersOf(Layers &layers, const fs::path &path, std::string_view text,
                    const Settings &client) {
  auto [found, problems, runs] = allLayersOf(layers, path, text, client);
  Settings settings =
      withDirectives(withLayers(client, found), findDirectives(text));
  // A test says itself what is to be made of it; lowered to the end, one that
  // expects errors would only have more of them.
  if (settings.stages.empty())
    settings.stages = std::move(runs);
  if (!isBelow(path, settings.root))
    settings.root.clear(); // The script then runs in its own folder.
  auto table = layers.load(found, targetsOf(settings));
  return {std::move(settings), std::move(table), std::move(problems)};
}

} // namespace irlens::engine
