// irlens stages: the stage table, or what a file's entries can be lowered to.
#include "tools/command.h"
#include "tools/session.h"

#include <fmt/format.h>

namespace irlens::tools {

int stagesCommand(const engine::Settings &settings, const std::string &file) {
  Session session(settings, /*showProgress=*/true);
  if (!session.valid())
    return 1;
  const auto &table = session.engine().table();
  if (file.empty()) {
    fmt::print("{:<14}{:<18}{:<14}{:<13}{:<10}{}\n", "stage", "title", "file",
               "made from", "target", "on save");
    for (const engine::Stage &stage : table.stages())
      fmt::print("{:<14}{:<18}{:<14}{:<13}{:<10}{}\n", stage.id, stage.title,
                 "." + stage.extension, stage.from,
                 stage.target.empty() ? "-" : stage.target,
                 stage.byDefault ? "yes" : "no");
    return 0;
  }
  // What was made of this file: everything is tried, the store answers what it
  // can.
  LowerOptions options;
  options.file = file;
  options.stages = {"all"};
  return lowerCommand(settings, options);
}

} // namespace irlens::tools
