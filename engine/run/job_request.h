// The JSON of the requests in engine/worker/PROTOCOL.md. Pure.
#pragma once

#include "engine/table/settings.h"

#include <filesystem>
#include <string>
#include <vector>

namespace irlens::engine {

/// Runs a script. `rows` are stage rows as JSON text; `entries` empty: all;
/// `passes` are ids of stages of which each pass is kept.
std::string captureRequest(const Settings &settings,
                           const std::filesystem::path &file,
                           const std::filesystem::path &out,
                           const std::vector<std::string> &entries,
                           const std::vector<std::string> &rows,
                           const std::vector<std::string> &passes,
                           bool background);

/// A row that in a capture is made for these entries alone.
std::string withEntries(const std::string &row,
                        const std::vector<std::string> &entries);

/// Goes on from an artifact's raw text. `siteFolders`: where device libraries
/// are.
std::string lowerRequest(const Settings &settings,
                         const std::filesystem::path &out,
                         const std::string &entry, const std::string &inputRow,
                         const std::vector<std::string> &rows,
                         const std::vector<std::string> &passes,
                         const std::vector<std::string> &siteFolders);

} // namespace irlens::engine
