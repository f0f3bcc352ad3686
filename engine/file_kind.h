// What the stage table says of a file by its name and text, before anything has
// run. Pure; any thread. Called by the engine.
#pragma once

#include "engine/table/stage.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace irlens::engine {

/// True when the file may have entries of one of the table's origins.
bool mayHaveEntries(const StageTable &table, const std::filesystem::path &path,
                    std::string_view text);

/// True for a file that nobody reads as text: nothing in it is a line or a
/// directive.
bool isBinary(const StageTable &table, const std::filesystem::path &path);

/// True when some origin takes such files without knowing which IR they hold.
bool isCaptured(const StageTable &table, const std::filesystem::path &path);

/// The format ("mlir", "llvm") in which irlens-mlir can parse and verify the
/// text of such a file; nothing for a file that is no text of its IRs.
std::optional<std::string> checkedFormat(const StageTable &table,
                                         const std::filesystem::path &path,
                                         std::string_view text);

} // namespace irlens::engine
