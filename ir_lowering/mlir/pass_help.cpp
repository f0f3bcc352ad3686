#include "ir_lowering/mlir/pass_help.h"

#include <algorithm>
#include <optional>

namespace irlens::mlir_worker {

namespace {

struct HelpLine {
  std::size_t indent;
  std::string name;
  std::string description;
};

std::string_view trim(std::string_view text) {
  std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos)
    return "";
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::optional<HelpLine> readLine(std::string_view line) {
  std::size_t indent = line.find_first_not_of(' ');
  if (indent == std::string_view::npos ||
      !line.substr(indent).starts_with("--"))
    return std::nullopt;
  std::string_view rest = line.substr(indent + 2);
  std::size_t end = rest.find_first_of(" =");
  HelpLine result{indent, std::string(rest.substr(0, end)), ""};
  if (std::size_t dash = rest.find(" - "); dash != std::string_view::npos)
    result.description = trim(rest.substr(dash + 3));
  return result;
}

} // namespace

std::vector<PassHelp> readPassHelp(std::string_view text) {
  std::vector<PassHelp> passes;
  std::size_t passIndent = 0;
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    auto line = readLine(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line)
      continue;
    if (passes.empty())
      passIndent = line->indent;
    if (line->indent <= passIndent)
      passes.push_back({line->name, line->description, {}});
    else
      passes.back().options.push_back({line->name, line->description});
  }
  return passes;
}

std::vector<std::string> readLlvmPassNames(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with(' '))
      names.emplace_back(trim(line.substr(0, line.find('<'))));
  }
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

} // namespace irlens::mlir_worker
