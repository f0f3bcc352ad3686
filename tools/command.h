// The subcommands of irlens that need no editor. Each builds an engine on a
// loop of its own, waits for what it asked for, prints, and returns the exit
// code: 0 all asked for is ok, 1 something failed, 2 wrong usage.
#pragma once

#include "engine/table/settings.h"

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
  bool trust = false; ///< The file's folder, from now on.
  std::string pipe;   ///< A pipeline of tools, which makes the stage `pipe`.
  std::string from; ///< What `pipe` begins with; empty: follows from the file.
};

struct PassesOptions {
  std::string file;
  std::vector<std::string> stages; ///< Ids; empty: all that record passes.
  std::string entry;
  std::string out;
  int pass = -1; ///< The pass whose IR is printed; -1: they are listed.
  bool json = false;
};

struct DiffOptions {
  std::string file;
  std::vector<std::string> stages;  ///< One or two, as ptx or ptx@sm_80.
  std::vector<std::string> entries; ///< None, one for both, or two.
};

/// Exactly one is asked for; without any, the table is printed.
struct ConfigOptions {
  std::string file;   ///< Whose table; empty: that of no file.
  bool print = false; ///< As without any.
  bool schema = false;
  std::string check; ///< A .irlens.json or a file with comments of its own.
  std::string trust; ///< A folder.
  std::string rows;  ///< A stage.
  std::string origin;
};

int lowerCommand(const engine::Settings &settings, const LowerOptions &options);
int passesCommand(const engine::Settings &settings,
                  const PassesOptions &options);
/// Exits as diff(1) does: 0 equal, 1 different, 2 trouble.
int diffCommand(const engine::Settings &settings, const DiffOptions &options);
int stagesCommand(const engine::Settings &settings, const std::string &file);
int doctorCommand(const engine::Settings &settings);
int configCommand(const engine::Settings &settings,
                  const ConfigOptions &options);

} // namespace irlens::tools
