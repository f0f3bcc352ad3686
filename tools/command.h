// The subcommands of irlens that need no editor. Each builds an engine on a
// loop of its own, waits for what it asked for, prints, and returns the exit
// code: 0 all asked for is ok, 1 something failed, 2 wrong usage.
#pragma once

#include "engine/settings.h"

#include <string>
#include <vector>

namespace irlens::tools {

struct LowerOptions {
  std::string file;
  std::vector<std::string>
      stages; ///< Ids, or "all"; empty: the default stages.
  std::string entry;
  std::string out;
  bool json = false;
  bool check = false; ///< The stage that compares with eager PyTorch, too.
  bool force = false;
};

int lowerCommand(const engine::Settings &settings, const LowerOptions &options);
int stagesCommand(const engine::Settings &settings, const std::string &file);
int doctorCommand(const engine::Settings &settings);

} // namespace irlens::tools
