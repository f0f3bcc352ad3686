// The run store: finished runs on disk, found again by content.
//
// A run's key covers what is known before it (source bytes, stage table,
// targets, tools). Which modules the script imports is known only afterwards,
// so a key leads to a manifest that lists, per run, the imported files and
// their hashes; a run is found when all of them still match (as ccache does in
// direct mode).
//
//     <store>/manifests/<key>.json
//     {"runs":[{"folder":"...","files":{path:hash}}]} <store>/runs/<folder>/...
//     see engine/worker/PROTOCOL.md
//
// Several processes may share a store: files appear by rename, and a folder in
// use is locked, so that nobody removes it. Loop thread, but evictRuns() is for
// the pool.
#pragma once

#include "engine/result.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace irlens::engine {

/// A run's folder while somebody uses it. One that was never recorded is
/// removed with its last user: the run was cancelled, or failed in a way worth
/// trying again.
class RunFolder {
public:
  RunFolder(std::filesystem::path path, int lockFd, bool recorded);
  ~RunFolder();
  RunFolder(const RunFolder &) = delete;
  RunFolder &operator=(const RunFolder &) = delete;

  const std::filesystem::path &path() const { return path_; }
  bool recorded() const { return recorded_; }
  void markRecorded() { recorded_ = true; }

private:
  std::filesystem::path path_;
  int lockFd_;
  bool recorded_;
};

/// Path -> hash of its bytes (files.h, hashFile).
using FileHashes = std::map<std::string, std::string>;

class RunStore {
public:
  /// `folder` empty: irlens in XDG_CACHE_HOME or ~/.cache. Errors: Io.
  static Result<RunStore> open(const std::string &folder);
  static std::filesystem::path defaultFolder();

  const std::filesystem::path &folder() const { return folder_; }

  /// The recorded run of this key whose files are unchanged, marked as used
  /// now.
  std::shared_ptr<RunFolder> find(const std::string &key) const;
  /// A new, empty folder. Errors: Io (no space, no rights).
  Result<std::shared_ptr<RunFolder>> create(const std::string &key) const;
  /// Makes a run findable. Errors: Io; the run is then simply not found again.
  Result<void> record(const std::string &key, const FileHashes &files,
                      RunFolder &run) const;

private:
  explicit RunStore(std::filesystem::path folder)
      : folder_(std::move(folder)) {}
  std::filesystem::path folder_;
};

/// Removes the least recently used runs until the store is within `limitBytes`;
/// runs in use stay. Pure in the sense of EventLoop::work.
void evictRuns(const std::filesystem::path &store, std::uint64_t limitBytes);

} // namespace irlens::engine
