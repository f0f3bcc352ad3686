// An installation whose workers are tests/support/fake_worker.py.
#pragma once

#include "engine/table/settings.h"
#include "tests/support/temp_folder.h"

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace irlens::engine::test {

class FakeInstallation {
public:
  FakeInstallation() {
    ::setenv("FAKE_WORKER_LOG", log().c_str(), 1);
    ::unsetenv("FAKE_WORKER_BROKEN");
    std::string script =
        "#!/bin/sh\nexec python3 " IRLENS_TEST_SUPPORT "/fake_worker.py\n";
    folder.write("bin/irlens-mlir", script, /*executable=*/true);
    folder.write("bin/python", script, /*executable=*/true);
    folder.write("share/irlens/python/irlens_worker/__init__.py", "");
  }

  Settings settings() const {
    Settings settings;
    settings.installRoot = folder.path().string();
    settings.python = (folder.path() / "bin/python").string();
    settings.store = (folder.path() / "store").string();
    return settings;
  }

  std::string log() const { return (folder.path() / "log").string(); }

  /// The requests that the workers got, "start" lines left out.
  std::vector<std::string> requests() const {
    std::vector<std::string> lines;
    std::ifstream file(log());
    for (std::string line; std::getline(file, line);)
      if (line != "start")
        lines.push_back(line);
    return lines;
  }

  irlens::test::TempFolder folder;
};

} // namespace irlens::engine::test
