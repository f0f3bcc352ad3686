// Where IR documents live: which URI stands for which stage of which file.
// Clients with virtual documents get irlens:// URIs, the others read-only file
// copies below the cache folder. The file that a unit stands for is noted on
// disk, so that documents which an editor reopens after a restart find their
// way back. Loop thread only.
#pragma once

#include "lsp/wire/uri.h"

#include "engine/table/settings.h"
#include "engine/table/stage.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace irlens::lsp {

/// The setting `store`, else irlens in the user's cache folder.
std::filesystem::path cacheFolder(const engine::Settings &settings);

class IrDocuments {
public:
  /// Makes no folder before something has to be written into it.
  IrDocuments(const std::filesystem::path &folder, bool virtualDocuments);

  bool areVirtual() const { return virtual_; }

  /// Notes which file a unit stands for, in memory and on disk.
  void note(const std::filesystem::path &source);
  /// The file that a unit stands for: from this session, else from an earlier
  /// one.
  std::optional<std::filesystem::path> source(const std::string &unit) const;

  DocumentId id(const std::filesystem::path &source, const std::string &entry,
                const engine::Stage &stage) const;
  std::string uri(const DocumentId &id) const;
  std::string uri(const std::filesystem::path &source, const std::string &entry,
                  const engine::Stage &stage) const;
  /// Both forms are understood, whatever the client prefers.
  std::optional<DocumentId> parse(std::string_view uri) const;

  std::filesystem::path copyPath(const DocumentId &id) const;
  /// Writes a read-only copy, unless it holds these bytes already.
  engine::Result<void> writeCopy(const DocumentId &id,
                                 std::string_view text) const;

private:
  std::filesystem::path folder_;
  bool virtual_;
  std::map<std::string, std::filesystem::path> units_;
};

} // namespace irlens::lsp
