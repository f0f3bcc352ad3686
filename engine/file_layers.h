// What the layers of the stage table make of one file: its settings and its
// table. Called by the engine; loop thread only, as Layers are.
#pragma once

#include "engine/table/layers.h"
#include "engine/table/settings.h"
#include "engine/table/stage.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

struct FileLayers {
  Settings settings;
  std::shared_ptr<const LoadedTable> table;
  /// What is wrong in its RUN lines: the table goes on without them.
  std::vector<Diagnostic> problems;
};

/// All layers of a file, lowest first: those of Layers, and its RUN lines.
struct AllLayers {
  std::vector<Layer> layers;
  std::vector<Diagnostic> problems; ///< In the RUN lines.
  std::vector<std::string> runs;    ///< Rows of those that may be run.
};
AllLayers allLayersOf(Layers &layers, const std::filesystem::path &path,
                      std::string_view text, const Settings &client);

/// `text`: of the file, empty for one that is not for people to read.
/// `client`: the settings of the session.
FileLayers layersOf(Layers &layers, const std::filesystem::path &path,
                    std::string_view text, const Settings &client);

TargetChoice targetsOf(const Settings &settings);

/// The table alone; it lives as long as what it was loaded with.
std::shared_ptr<const StageTable>
tableIn(const std::shared_ptr<const LoadedTable> &loaded);

/// True for a .irlens.json in the file's folder or one above it.
bool isConfigurationOf(const std::filesystem::path &path,
                       const std::filesystem::path &file);

/// False for an empty root.
bool isBelow(const std::filesystem::path &path, const std::string &root);

} // namespace irlens::engine
