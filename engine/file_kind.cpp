#include "engine/file_kind.h"

#include "engine/run/entering.h"

#include <algorithm>

namespace irlens::engine {

bool mayHaveEntries(const StageTable &table, const std::filesystem::path &path,
                    std::string_view text) {
  std::string extension = path.extension().string();
  return std::ranges::any_of(table.origins(), [&](const Origin &origin) {
    return origin.hasExtension(extension) &&
           (origin.markers.empty() ||
            std::ranges::any_of(origin.markers, [&](const std::string &marker) {
              return text.contains(marker);
            }));
  });
}

bool isBinary(const StageTable &table, const std::filesystem::path &path) {
  std::string extension = path.extension().string();
  return std::ranges::any_of(table.origins(), [&](const Origin &origin) {
    return origin.binary && origin.hasExtension(extension);
  });
}

bool isCaptured(const StageTable &table, const std::filesystem::path &path) {
  std::string extension = path.extension().string();
  return !mayEnter(table, path) ||
         std::ranges::any_of(table.origins(), [&](const Origin &origin) {
           return origin.enters.empty() && origin.hasExtension(extension);
         });
}

} // namespace irlens::engine
