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

std::optional<std::string> checkedFormat(const StageTable &table,
                                         const std::filesystem::path &path,
                                         std::string_view text) {
  auto point = enterPoint(table, path, text);
  // What another worker's libraries know irlens-mlir cannot read.
  if (!point || point->binary || point->origin->executor != Executor::Mlir)
    return std::nullopt;
  for (const std::string &id : point->at->stages)
    if (const Stage *stage = table.find(id, point->origin->id);
        stage && (stage->format == TextFormat::Mlir ||
                  stage->format == TextFormat::Llvm))
      return stage->format == TextFormat::Mlir ? "mlir" : "llvm";
  return std::nullopt;
}

} // namespace irlens::engine
