// Applies the edits of a splitter and moves its links to document lines.
// Runs wherever split() is called, usually on libuv's pool.
#include "engine/text/stripper.h"

#include "engine/text/elide.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace irlens::engine::text {

void Stripper::replace(std::size_t begin, std::size_t end, std::string by) {
  if (by.empty())
    edits_.push_back({begin, end, 0});
  else
    set(reserve(begin, end), std::move(by));
}

std::size_t Stripper::reserve(std::size_t begin, std::size_t end) {
  std::size_t slot = replacements_.size();
  replacements_.emplace_back(raw_.substr(begin, end - begin));
  edits_.push_back({begin, end, slot});
  return slot;
}

void Stripper::eraseLine(int line, std::size_t begin, std::size_t end) {
  erasedLines_.push_back({line, begin, end});
}

void Stripper::link(int line, FrameId innermost) {
  if (innermost != LinkTable::kNoFrame)
    lineLinks_.push_back({line, lineLinks_.size(), innermost});
}

void Stripper::sort() {
  auto sortBy = [](auto &rows, auto key) {
    if (!std::ranges::is_sorted(rows, {}, key))
      std::ranges::sort(rows, {}, key);
  };
  sortBy(edits_,
         [](const Edit &edit) { return std::pair(edit.begin, edit.end); });
  sortBy(erasedLines_, &ErasedLine::begin);
  sortBy(lineLinks_,
         [](const LineLink &link) { return std::pair(link.line, link.order); });
}

std::string Stripper::assemble() const {
  std::string out;
  out.reserve(raw_.size());
  std::size_t at = 0;
  auto edit = edits_.begin();
  auto keepTo = [&](std::size_t end) {
    for (; edit != edits_.end() && edit->begin < end; ++edit) {
      if (edit->begin < at)
        continue;
      out.append(raw_, at, edit->begin - at);
      out.append(replacements_[edit->replacement]);
      at = edit->end;
    }
    if (at < end)
      out.append(raw_, at, end - at);
  };
  for (const ErasedLine &line : erasedLines_) {
    keepTo(line.begin);
    at = std::max(at, line.end);
  }
  keepTo(raw_.size());
  return out;
}

void Stripper::placeLinks() {
  auto erased = erasedLines_.begin();
  int erasedBefore = 0;
  for (const LineLink &link : lineLinks_) {
    for (; erased != erasedLines_.end() && erased->line < link.line; ++erased)
      ++erasedBefore;
    if (erased != erasedLines_.end() && erased->line == link.line)
      continue;
    links_.link(link.line - erasedBefore, link.frame);
  }
}

ErasedLines Stripper::erased() const {
  ErasedLines lines;
  for (const ErasedLine &erased : erasedLines_)
    lines.erase(erased.line);
  return lines;
}

SplitText Stripper::finish(int operations) {
  sort();
  placeLinks();
  links_.setErased(erased());
  return {assemble(), std::move(links_), operations};
}

void shortenLine(Stripper &stripper, const Lines &line, std::size_t limit,
                 std::size_t kept) {
  std::string_view text = line.text();
  if (text.size() <= limit)
    return;
  kept = wholeCharacters(text, kept);
  stripper.replace(line.begin() + kept, line.begin() + text.size(),
                   fmt::format(" ...({} bytes more)", text.size() - kept));
}

} // namespace irlens::engine::text
