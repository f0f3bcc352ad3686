// See directives.h.
#include "engine/table/directives.h"

#include "engine/table/stage.h"

#include <algorithm>

namespace irlens::engine {
namespace {

constexpr std::string_view kMark = "irlens:";

/// The words of a comment that stand outside of brackets.
std::vector<std::string_view> outerWords(std::string_view comment) {
  std::vector<std::string_view> words;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= comment.size(); ++i) {
    char c = i < comment.size() ? comment[i] : ' ';
    if (std::string_view("([{").contains(c))
      ++depth;
    else if (std::string_view(")]}").contains(c))
      --depth;
    else if ((c == ' ' || c == '\t' || c == '\r') && depth <= 0) {
      if (i > begin)
        words.push_back(comment.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  return words;
}

void addItems(std::vector<std::string> &list, std::string_view items) {
  while (!items.empty()) {
    std::string_view item = items.substr(0, items.find(','));
    items.remove_prefix(std::min(item.size() + 1, items.size()));
    if (!item.empty() && std::ranges::find(list, item) == list.end())
      list.emplace_back(item);
  }
}

void readComment(Directives &found, std::string_view comment) {
  struct Row {
    std::string_view key;
    std::vector<std::string> Directives::*list;
  };
  static constexpr Row kRows[] = {{"target", &Directives::targets},
                                  {"targets", &Directives::targets},
                                  {"stage", &Directives::stages},
                                  {"stages", &Directives::stages}};
  for (std::string_view word : outerWords(comment)) {
    std::size_t equals = word.find('=');
    if (equals == std::string_view::npos)
      continue;
    for (const Row &row : kRows)
      if (row.key == word.substr(0, equals))
        addItems(found.*row.list, word.substr(equals + 1));
  }
}

} // namespace

Directives findDirectives(std::string_view source) {
  Directives found;
  for (std::size_t at = source.find(kMark); at != std::string_view::npos;
       at = source.find(kMark, at + 1)) {
    std::size_t line = source.rfind('\n', at) + 1;
    std::string_view before = source.substr(line, at - line);
    std::size_t hash = before.find_last_not_of(" \t");
    if (hash == std::string_view::npos || before[hash] != '#')
      continue;
    std::size_t begin = at + kMark.size();
    std::size_t end = std::min(source.find('\n', begin), source.size());
    readComment(found, source.substr(begin, end - begin));
  }
  return found;
}

Settings withDirectives(Settings settings, const Directives &directives) {
  for (const std::string &target : directives.targets) {
    if (settings.fixedTargets)
      break;
    settings.plainTargets.push_back(target);
    // What a file says comes before what is set for all files.
    std::erase_if(settings.targets, [&](const auto &named) {
      return targetFamily(named.second) == targetFamily(target);
    });
  }
  if (!directives.stages.empty())
    settings.stages = directives.stages;
  return settings;
}

} // namespace irlens::engine
