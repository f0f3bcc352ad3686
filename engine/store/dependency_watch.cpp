#include "engine/store/dependency_watch.h"

#include <utility>

namespace irlens::engine {
namespace {

/// Editors write a file in several steps; one change is enough.
constexpr std::chrono::milliseconds kDebounce{80};

} // namespace

DependencyWatch::DependencyWatch(EventLoop &loop,
                                 std::function<void()> onChange)
    : loop_(loop), onChange_(std::move(onChange)) {}

void DependencyWatch::watch(const std::vector<std::filesystem::path> &files) {
  files_ = {files.begin(), files.end()};
  std::map<std::filesystem::path, std::unique_ptr<Handle>> folders;
  for (const auto &file : files_) {
    auto folder = file.parent_path();
    if (folders.contains(folder))
      continue;
    if (auto old = folders_.extract(folder)) {
      folders.insert(std::move(old));
      continue;
    }
    auto handle = loop_.watchFolder(
        folder.string(), [this, folder](const std::string &name) {
          if (files_.contains(folder / name))
            debounce_ = loop_.after(kDebounce, onChange_);
        });
    if (handle)
      folders[folder] = std::move(*handle);
  }
  folders_ = std::move(folders);
}

} // namespace irlens::engine
