// See stage_lines.h.
#include "engine/links/stage_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace irlens::engine {
namespace {

/// Notes above a text have one line.
constexpr int kMaxAdded = 100;
/// More of one line are a mistake.
constexpr std::size_t kMaxOrigins = 4096;

} // namespace

void ErasedLines::erase(int rawLine) {
  if (ranges_.empty()) {
    ranges_.push_back({rawLine, rawLine, 0});
    return;
  }
  Range &last = ranges_.back();
  if (rawLine == last.last + 1)
    last.last = rawLine;
  else if (rawLine > last.last)
    ranges_.push_back(
        {rawLine, rawLine, last.before + last.last - last.first + 1});
}

int ErasedLines::documentLine(int rawLine) const {
  if (!isKnown_ || rawLine < 1)
    return 0;
  auto next = std::ranges::upper_bound(ranges_, rawLine, {}, &Range::first);
  if (next == ranges_.begin())
    return rawLine + added_;
  const Range &range = *std::prev(next);
  if (rawLine <= range.last)
    return 0;
  return rawLine - range.before - (range.last - range.first + 1) + added_;
}

int ErasedLines::rawLine(int documentLine) const {
  int line = documentLine - added_;
  if (!isKnown_ || line < 1)
    return 0;
  // The line below a range is the one that the range stood in place of.
  auto next =
      std::ranges::upper_bound(ranges_, line, {}, [](const Range &range) {
        return range.first - range.before;
      });
  if (next == ranges_.begin())
    return line;
  const Range &range = *std::prev(next);
  return line + range.before + (range.last - range.first + 1);
}

std::string ErasedLines::toJson() const {
  if (!isKnown_)
    return {};
  std::string json = ",\"erased\":[";
  for (const Range &range : ranges_)
    fmt::format_to(std::back_inserter(json), "{}[{},{}]",
                   &range == ranges_.data() ? "" : ",", range.first,
                   range.last);
  json += ']';
  if (added_ > 0)
    json += fmt::format(",\"added\":{}", added_);
  return json;
}

ErasedLines ErasedLines::fromRows(const std::optional<LineRows> &rows,
                                  int added) {
  ErasedLines lines;
  lines.isKnown_ = rows.has_value();
  lines.added_ = std::clamp(added, 0, kMaxAdded);
  for (const std::vector<int> &row : rows.value_or(LineRows())) {
    bool isRange = row.size() == 2 && row[0] > 0 && row[1] >= row[0];
    if (!isRange ||
        (!lines.ranges_.empty() && row[0] <= lines.ranges_.back().last))
      continue;
    lines.erase(row[0]);
    lines.ranges_.back().last = row[1];
  }
  return lines;
}

void Origins::add(int line, int rawLine) {
  std::pair pair(line, rawLine);
  auto at = pairs_.empty() || pairs_.back() < pair
                ? pairs_.end()
                : std::ranges::lower_bound(pairs_, pair);
  if (at == pairs_.end() || *at != pair)
    pairs_.insert(at, pair);
}

std::vector<int> Origins::rawLinesOf(int line) const {
  std::vector<int> found;
  auto [first, last] =
      std::ranges::equal_range(pairs_, line, {}, &std::pair<int, int>::first);
  for (auto pair = first; pair != last; ++pair)
    found.push_back(pair->second);
  return found;
}

std::vector<int> Origins::linesOf(int rawLine) const {
  std::vector<int> found;
  for (auto [line, origin] : pairs_)
    if (origin == rawLine)
      found.push_back(line);
  return found;
}

void Origins::shift(int lines) {
  for (auto &pair : pairs_)
    pair.first += lines;
}

std::string Origins::toJson() const {
  if (pairs_.empty())
    return {};
  std::string json = ",\"from\":[";
  for (std::size_t i = 0; i < pairs_.size();) {
    int line = pairs_[i].first;
    fmt::format_to(std::back_inserter(json), "{}[{}", i == 0 ? "" : ",", line);
    for (; i < pairs_.size() && pairs_[i].first == line; ++i)
      fmt::format_to(std::back_inserter(json), ",{}", pairs_[i].second);
    json += ']';
  }
  return json + "]";
}

Origins Origins::fromRows(const LineRows &rows) {
  Origins origins;
  for (const std::vector<int> &row : rows)
    for (std::size_t i = 1; i < std::min(row.size(), kMaxOrigins); ++i)
      if (row[0] > 0 && row[i] > 0)
        origins.pairs_.emplace_back(row[0], row[i]);
  std::ranges::sort(origins.pairs_);
  auto repeated = std::ranges::unique(origins.pairs_);
  origins.pairs_.erase(repeated.begin(), repeated.end());
  return origins;
}

} // namespace irlens::engine
