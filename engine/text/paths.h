// File names as debug info spells them.
// Used by the splitters of engine/text; pure functions.
#pragma once

#include <string>
#include <string_view>

namespace irlens::engine::text {

/// False for names that stand for no file: "", "-", "<stdin>", "<unknown>".
inline bool isFileName(std::string_view name) {
  return !name.empty() && name != "-" && !name.starts_with('<');
}

/// The path of a DIFile or `.file`: a directory and a name below it, unless the
/// name is absolute. Empty when it stands for no file.
inline std::string pathOf(std::string_view directory, std::string_view name) {
  if (!isFileName(name))
    return {};
  while (name.starts_with("./"))
    name.remove_prefix(2);
  if (directory.empty() || name.starts_with('/'))
    return std::string(name);
  std::string path(directory);
  if (!path.ends_with('/'))
    path += '/';
  return path += name;
}

} // namespace irlens::engine::text
