// See directives.h.
#include "engine/table/directives.h"

#include "engine/table/stage.h"
#include "engine/table/text_places.h"

#include <algorithm>
#include <optional>
#include <utility>

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

/// Calls `use` with what follows the mark in each comment that has one, and
/// where it begins.
template <typename Use>
void forEachComment(std::string_view source, const Use &use) {
  for (std::size_t at = source.find(kMark); at != std::string_view::npos;
       at = source.find(kMark, at + 1)) {
    std::size_t line = source.rfind('\n', at) + 1;
    std::string_view before = source.substr(line, at - line);
    std::size_t last = before.find_last_not_of(" \t");
    bool isComment = last != std::string_view::npos &&
                     (before[last] == '#' || before[last] == ';' ||
                      before.substr(0, last + 1).ends_with("//"));
    if (!isComment)
      continue;
    std::size_t begin = at + kMark.size();
    std::size_t end = std::min(source.find('\n', begin), source.size());
    use(source.substr(begin, end - begin), begin);
  }
}

/// `tiled = linalg | mlir-opt --...`: a name, a single `=`, and a bar before
/// any bracket. Anything else is a call or words.
std::optional<PipelineRow> readPipelineRow(std::string_view comment,
                                           std::size_t begin,
                                           const TextPlaces &places) {
  constexpr std::string_view kBlanks = " \t\r";
  std::size_t equals = comment.find('=');
  std::size_t bar = comment.find('|');
  if (equals == std::string_view::npos || bar == std::string_view::npos ||
      bar < equals ||
      comment.substr(0, bar).find_first_of("([{\"'") != std::string_view::npos)
    return std::nullopt;
  /// The words from `first` to `end` without blanks around them.
  auto trimmed = [&](std::size_t first, std::size_t end) {
    first = std::min(comment.find_first_not_of(kBlanks, first), end);
    while (end > first && kBlanks.contains(comment[end - 1]))
      --end;
    return ByteRange{first, end};
  };
  ByteRange id = trimmed(0, equals);
  ByteRange from = trimmed(equals + 1, bar);
  ByteRange text = trimmed(bar + 1, comment.size());
  auto wordOf = [&](ByteRange range) {
    return std::string(comment.substr(range.begin, range.end - range.begin));
  };
  auto placeOf = [&](ByteRange range) {
    return places.place({begin + range.begin, begin + range.end});
  };
  PipelineRow row;
  row.id = wordOf(id);
  row.from = wordOf(from);
  if (row.id.find_first_of(kBlanks) != std::string::npos || row.from.empty() ||
      row.from.find_first_of(kBlanks) != std::string::npos)
    return std::nullopt;
  row.text = wordOf(text);
  row.definition = placeOf({id.begin, text.end});
  row.fromPlace = placeOf(from);
  Definition start = placeOf(text);
  row.line = start.line;
  row.column = start.column;
  return row;
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
  forEachComment(source, [&](std::string_view comment, std::size_t) {
    if (!readPipelineRow(comment, 0, TextPlaces("", "")))
      readComment(found, comment);
  });
  return found;
}

std::vector<PipelineRow> findPipelines(std::string_view source,
                                       const std::string &file) {
  std::vector<PipelineRow> rows;
  std::optional<TextPlaces> places; // Most files have no such comment.
  forEachComment(source, [&](std::string_view comment, std::size_t begin) {
    if (!comment.contains('|'))
      return;
    if (!places)
      places.emplace(file, source);
    if (auto row = readPipelineRow(comment, begin, *places))
      rows.push_back(std::move(*row));
  });
  return rows;
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
