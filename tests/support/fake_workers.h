// Puts tests/support/fake_worker.py in the place of an installation's workers.
// For the unit tests of engine and server, and for tests/protocol's server.
#pragma once

#include "engine/table/settings.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace irlens::test {

/// `root` is the folder of the installation; the workers log to root/log.
/// `support` is the folder of this header.
inline void installFakeWorkers(const std::filesystem::path &root,
                               const std::string &support) {
  namespace fs = std::filesystem;
  fs::create_directories(root / "bin");
  fs::create_directories(root / "share/irlens/python/irlens_worker");
  for (const char *name : {"irlens-mlir", "python"}) {
    fs::path file = root / "bin" / name;
    std::ofstream(file) << "#!/bin/sh\nexec python3 " << support
                        << "/fake_worker.py \"$@\"\n";
    fs::permissions(file, fs::perms::owner_all);
  }
  std::ofstream(root / "share/irlens/python/irlens_worker/__init__.py");
  ::setenv("FAKE_WORKER_LOG", (root / "log").c_str(), 1);
  ::unsetenv("FAKE_WORKER_BROKEN");
}

/// Settings that name them.
inline engine::Settings fakeSettings(const std::filesystem::path &root) {
  engine::Settings settings;
  settings.installRoot = root.string();
  settings.python = (root / "bin/python").string();
  return settings;
}

} // namespace irlens::test
