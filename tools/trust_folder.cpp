#include "tools/trust_folder.h"

#include "engine/table/trust.h"

#include <fmt/format.h>

#include <cstdio>

namespace irlens::tools {

bool trustFolder(const std::filesystem::path &folder) {
  engine::Trust trust(engine::trustMemory());
  auto kept = trust.remember(folder);
  if (!kept)
    fmt::print(stderr, "irlens: {}\n", kept.error().message);
  return kept.has_value();
}

} // namespace irlens::tools
