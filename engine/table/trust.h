// Which folders may add stages that are run. Those of a folder that nobody has
// trusted are listed, but not made. Trust is the client's word, a setting, or
// was given on the command line and is remembered. Loop thread; reads and
// writes one small file.
#pragma once

#include "engine/result.h"
#include "engine/table/settings.h"
#include "engine/table/stage.h"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace irlens::engine {

class Trust {
public:
  /// `memory`: the file with the folders that were trusted for good; it may
  /// not exist.
  explicit Trust(std::filesystem::path memory);

  /// True for a folder below one that is trusted.
  bool covers(const std::filesystem::path &folder,
              const Settings &settings) const;
  /// Trusts a folder from now on. Errors: Io; it is trusted all the same.
  Result<void> remember(const std::filesystem::path &folder);
  /// Reads the memory again if another process has changed it.
  void refresh();

private:
  std::filesystem::path memory_;
  std::filesystem::file_time_type stamp_;
  std::vector<std::filesystem::path> folders_;
};

/// In the user's state folder (XDG_STATE_HOME, else ~/.local/state).
std::filesystem::path trustMemory();

/// Why a stage that is Stage::untrusted is not made, and what to do about it.
std::string untrustedReason(const Stage &stage);

} // namespace irlens::engine
