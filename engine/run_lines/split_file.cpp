// See split_file.h.
#include "engine/run_lines/split_file.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <optional>

namespace irlens::engine::run_lines {

namespace {

struct Marker {
  std::string_view separator; ///< `//--- `, or any one letter and `--- `.
  std::string_view name;
};

std::optional<Marker> markerOf(std::string_view line) {
  std::size_t length = line.starts_with("//") ? 6 : 5;
  if (line.size() < length || line.substr(length - 4, 4) != "--- ")
    return std::nullopt;
  return Marker{line.substr(0, length), line.substr(length)};
}

bool isBlank(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

/// Names that would be written outside of the folder. split-file would do that;
/// nothing that irlens runs for a test may.
bool leadsOut(std::string_view name) {
  const std::filesystem::path path(name);
  return std::ranges::any_of(path,
                             [](const auto &part) { return part == ".."; });
}

/// What ends a line here, judged by the first carriage return as LLVM does.
std::string_view lineEnd(std::string_view text) {
  std::size_t at = text.find('\r');
  if (at == std::string_view::npos)
    return "\n";
  if (text.substr(at + 1).starts_with('\n'))
    return "\r\n";
  return at > 0 && text[at - 1] == '\n' ? "\n\r" : "\r";
}

std::string repeated(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i)
    result += text;
  return result;
}

std::string complaintAbout(const Marker &marker,
                           const std::vector<FilePart> &earlier) {
  if (marker.name.empty())
    return "empty part name";
  if (isBlank(marker.name.front()) || isBlank(marker.name.back()))
    return "part name cannot have leading or trailing space";
  if (leadsOut(marker.name))
    return "part name leads out of the folder";
  for (const FilePart &part : earlier)
    if (part.name == marker.name)
      return "'" + std::string(marker.separator) + std::string(marker.name) +
             "' occurs more than once";
  return {};
}

} // namespace

std::expected<std::vector<FilePart>, SplitError>
splitFile(std::string_view text, bool leadingLines) {
  std::vector<FilePart> parts;
  std::size_t partBegin = 0;
  auto close = [&](std::size_t end) {
    if (!parts.empty())
      parts.back().text += text.substr(partBegin, end - partBegin);
  };
  int number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    ++number;
    std::size_t newline = std::min(text.find('\n', begin), text.size());
    std::size_t next = std::min(newline + 1, text.size());
    std::string_view line = text.substr(begin, newline - begin);
    if (line.ends_with('\r') && newline < text.size())
      line.remove_suffix(1);
    if (auto marker = markerOf(line)) {
      std::string wrong = complaintAbout(*marker, parts);
      if (!wrong.empty())
        return std::unexpected(SplitError{wrong, number});
      close(begin);
      parts.push_back({std::string(marker->name), {}, number + 1});
      if (leadingLines)
        parts.back().text = repeated(
            lineEnd(text), newline < text.size() ? number : number - 1);
      partBegin = next;
    }
    begin = next;
  }
  close(text.size());
  if (parts.empty())
    return std::unexpected(SplitError{"no part separator was found", 0});
  return parts;
}

} // namespace irlens::engine::run_lines
