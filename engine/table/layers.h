// Which layers the stage table of a file has: the built-in rows, what the
// environment says about tools, each .irlens.json from the outermost folder to
// the file's own, the client's settings, the file's own comments. Knows which
// files it looked for, so that a change can be noticed. Loop thread; one stat
// per folder, and a file is read again only when it has changed.
#pragma once

#include "engine/table/layer.h"
#include "engine/table/settings.h"
#include "engine/table/trust.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

class Layers {
public:
  explicit Layers(Trust trust) : trust_(std::move(trust)) {}

  /// The layers of a file, lowest first. `text`: of the file, empty for one
  /// that is not for people to read.
  std::vector<Layer> of(const std::filesystem::path &file,
                        std::string_view text, const Settings &client);
  /// Those that do not depend on a file.
  static std::vector<Layer> common(const Settings &client);

  /// The table of such layers; the same one for the same layers.
  std::shared_ptr<const LoadedTable> load(const std::vector<Layer> &layers,
                                          const TargetChoice &choice);

  Trust &trust() { return trust_; }

private:
  struct Known {
    std::string stamp; ///< Empty: there is no such file.
    std::string text;
    std::string problem; ///< Why it could not be read.
  };
  struct Made {
    std::string key;
    std::shared_ptr<const LoadedTable> table;
  };

  const Known &read(const std::filesystem::path &file);

  Trust trust_;
  std::map<std::filesystem::path, Known> known_;
  std::vector<Made> made_; ///< The latest last.
};

/// The paths of all .irlens.json that a file has or could have.
std::vector<std::filesystem::path>
configurationFiles(const std::filesystem::path &file);

/// The client's settings over those that the layers have for a file.
Settings withLayers(const Settings &client, std::span<const Layer> layers);

} // namespace irlens::engine
