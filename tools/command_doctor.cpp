// irlens doctor: what is installed, where, and what installs the rest.
#include "tools/command.h"
#include "tools/session.h"

#include "engine/store/run_store.h"
#include "engine/toolchain.h"

#include <fmt/format.h>

namespace irlens::tools {

int doctorCommand(const engine::Settings &settings) {
  Session session(settings, /*showProgress=*/false);
  if (!session.valid())
    return 1;
  std::vector<engine::PartReport> parts;
  session.engine().doctor([&](std::vector<engine::PartReport> found) {
    parts = std::move(found);
    session.loop().stop();
  });
  session.loop().run();

  bool complete = true;
  fmt::print("{:<16}{:<14}{}\n", "part", "version",
             "path, or what installs it");
  fmt::print("{:<16}{:<14}{}\n", "irlens", IRLENS_VERSION,
             settings.installRoot + "/bin/irlens");
  for (const engine::PartReport &part : parts) {
    complete &= part.found;
    fmt::print("{:<16}{:<14}{}\n", part.name,
               part.found ? part.version : "missing",
               part.found ? part.path : part.install);
  }
  auto store = settings.store.empty()
                   ? engine::RunStore::defaultFolder().string()
                   : settings.store;
  fmt::print("{:<16}{:<14}{}\n", "run store", "", store);
  return complete ? 0 : 1;
}

} // namespace irlens::tools
