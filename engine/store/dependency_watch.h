// Watches the files that a run stood on, so that an edit made by any program
// (another editor, git) lowers the file again. Editors that tell of file
// changes themselves do no harm: the second request finds the same content.
// Loop thread only.
#pragma once

#include "engine/loop/event_loop.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace irlens::engine {

class DependencyWatch {
public:
  DependencyWatch(EventLoop &loop, std::function<void()> onChange);

  /// Watches exactly these files from now on. A folder that cannot be watched
  /// (no inotify watch left) is passed over.
  void watch(const std::vector<std::filesystem::path> &files);

private:
  EventLoop &loop_;
  std::function<void()> onChange_;
  std::set<std::filesystem::path> files_;
  std::map<std::filesystem::path, std::unique_ptr<Handle>> folders_;
  std::unique_ptr<Handle> debounce_;
};

} // namespace irlens::engine
