// Trusting a folder from the command line. Called by the subcommands config and
// lower.
#pragma once

#include <filesystem>

namespace irlens::tools {

/// Remembers that the files below this folder may name programs to run. Says
/// on stderr why if it cannot.
bool trustFolder(const std::filesystem::path &folder);

} // namespace irlens::tools
