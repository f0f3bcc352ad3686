// File names as debug info spells them.
// Used by the splitters of engine/text; pure functions.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace irlens::engine::text {

/// False for names that stand for no file: "", "-", "<stdin>", "<unknown>".
inline bool isFileName(std::string_view name) {
  return !name.empty() && name != "-" && !name.starts_with('<');
}

/// The path of a DIFile or `.file`: a directory and a name below it, unless the
/// name is absolute; without `.` and `..` inside. Empty when it stands for no
/// file.
inline std::string pathOf(std::string_view directory, std::string_view name) {
  if (!isFileName(name))
    return {};
  // The / operator takes an absolute name as it is.
  return (std::filesystem::path(directory) / name).lexically_normal().string();
}

} // namespace irlens::engine::text
