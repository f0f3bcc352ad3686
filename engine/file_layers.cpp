#include "engine/file_layers.h"

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

FileLayers layersOf(Layers &layers, const fs::path &path, std::string_view text,
                    const Settings &client) {
  std::vector<Layer> found = layers.of(path, text, client);
  Settings settings =
      withDirectives(withLayers(client, found), findDirectives(text));
  if (!isBelow(path, settings.root))
    settings.root.clear(); // The script then runs in its own folder.
  auto table = layers.load(found, targetsOf(settings));
  return {std::move(settings), std::move(table)};
}

} // namespace irlens::engine
