// See trust.h.
#include "engine/table/trust.h"

#include "engine/store/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace irlens::engine {
namespace fs = std::filesystem;
namespace {

bool isBelowOrSame(const fs::path &path, const fs::path &folder) {
  if (folder.empty())
    return false;
  fs::path relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

/// One folder a line.
std::vector<fs::path> foldersIn(std::string_view text) {
  std::vector<fs::path> folders;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.starts_with('/'))
      folders.emplace_back(line);
  }
  return folders;
}

} // namespace

Trust::Trust(fs::path memory) : memory_(std::move(memory)) { refresh(); }

void Trust::refresh() {
  std::error_code missing;
  auto stamp = fs::last_write_time(memory_, missing);
  if (missing || stamp == stamp_)
    return;
  stamp_ = stamp;
  if (auto text = readFile(memory_))
    folders_ = foldersIn(*text);
}

bool Trust::covers(const fs::path &folder, const Settings &settings) const {
  auto covered = [&](const fs::path &trusted) {
    return isBelowOrSame(folder, trusted);
  };
  return std::ranges::any_of(folders_, covered) ||
         std::ranges::any_of(settings.trustedFolders,
                             [&](const std::string &trusted) {
                               return covered(normalPath(trusted));
                             });
}

Result<void> Trust::remember(const fs::path &folder) {
  refresh();
  fs::path added = normalPath(folder);
  if (std::ranges::find(folders_, added) != folders_.end())
    return {};
  folders_.push_back(std::move(added));
  std::string text;
  for (const fs::path &each : folders_)
    text += each.string() + "\n";
  std::error_code ignored; // Writing then says what is wrong.
  fs::create_directories(memory_.parent_path(), ignored);
  return writeFile(memory_, text);
}

fs::path trustMemory() {
  const char *state = std::getenv("XDG_STATE_HOME");
  const char *home = std::getenv("HOME");
  fs::path folder = state && *state == '/' ? fs::path(state)
                    : home && *home        ? fs::path(home) / ".local/state"
                                           : fs::temp_directory_path();
  return folder / "irlens" / "trusted-folders";
}

std::string untrustedReason(const Stage &stage) {
  fs::path folder = fs::path(stage.definition.file).parent_path();
  return fmt::format("{} stands in {}, and nobody has trusted that folder: its "
                     "stages could run any program. To trust it: `irlens "
                     "config --trust {}`, or the setting trustedFolders",
                     stage.stepOf.empty() ? stage.id : stage.stepOf,
                     stage.definition.file, folder.string());
}

} // namespace irlens::engine
