// Applies the edits of a splitter and moves its links to document lines.
// Runs wherever split() is called, usually on libuv's pool.
#include "engine/text/stripper.h"

#include <algorithm>

namespace irlens::engine::text {

void Stripper::replace(std::size_t begin, std::size_t end, std::string by) {
  std::size_t replacement = 0;
  if (!by.empty()) {
    replacement = replacements_.size();
    replacements_.push_back(std::move(by));
  }
  edits_.push_back({begin, end, replacement});
}

void Stripper::eraseLine(int line, std::size_t begin, std::size_t end) {
  erasedLines_.push_back({line, begin, end});
}

void Stripper::link(int line, FrameId innermost) {
  if (innermost != LinkTable::kNoFrame)
    lineLinks_.push_back({line, innermost});
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
  auto byLine = [](const LineLink &a, const LineLink &b) {
    return a.line < b.line;
  };
  if (!std::ranges::is_sorted(lineLinks_, byLine))
    std::ranges::stable_sort(lineLinks_, byLine);
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

SplitText Stripper::finish(int operations) {
  placeLinks();
  return {assemble(), std::move(links_), operations};
}

} // namespace irlens::engine::text
