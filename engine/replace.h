// Replaces each mark in a text, as {target} in a triple or the folder of %t in
// a message. Pure; any thread, any process.
#pragma once

#include <string>
#include <string_view>

namespace irlens::engine {

/// Whether there was one. What is put in is not searched again.
inline bool replaceAll(std::string &text, std::string_view mark,
                       std::string_view by) {
  bool found = false;
  for (std::size_t at = text.find(mark); at != std::string::npos;
       at = text.find(mark, at + by.size())) {
    text.replace(at, mark.size(), by);
    found = true;
  }
  return found;
}

} // namespace irlens::engine
