// Collects what a splitter takes out of a text and what its lines link to, then
// makes the document: the one place that translates raw lines into document
// lines. Used by every splitter of engine/text, one object per call.
#pragma once

#include "engine/text/lines.h"
#include "engine/text/split.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine::text {

/// Offsets are those of the raw text, lines count from 1 in the raw text.
class Stripper {
public:
  using FrameId = LinkTable::FrameId;

  explicit Stripper(std::string_view raw) : raw_(raw) {}

  std::string_view raw() const { return raw_; }
  LinkTable &frames() { return links_; }

  /// Takes out a piece of a line. Pieces contain no newline; they may come in
  /// any order, ascending is cheap. Of two that overlap the second one is
  /// dropped.
  void erase(std::size_t begin, std::size_t end) { replace(begin, end, {}); }
  /// Puts something shorter in the place of a piece of a line.
  void replace(std::size_t begin, std::size_t end, std::string by);

  /// The same when what stands there is known later: set() says it, or nothing
  /// does.
  std::size_t reserve(std::size_t begin, std::size_t end);
  void set(std::size_t slot, std::string by) {
    replacements_[slot] = std::move(by);
  }

  /// Takes out a whole line, which begins at `begin`; `end` is where the next
  /// one begins. Lines come in ascending order; edits inside them are dropped
  /// too.
  void eraseLine(int line, std::size_t begin, std::size_t end);

  /// Says that a raw line stems from `innermost`. Any order; links of erased
  /// lines are dropped.
  void link(int line, FrameId innermost);

  /// Makes the document. Call once, last.
  SplitText finish(int operations);

private:
  struct Edit {
    std::size_t begin;
    std::size_t end;
    std::size_t replacement; ///< Index into replacements_, 0: nothing.
  };
  struct ErasedLine {
    int line;
    std::size_t begin;
    std::size_t end;
  };
  struct LineLink {
    int line;
    std::size_t order; ///< Of the calls of link().
    FrameId frame;
  };
  void sort();
  std::string assemble() const;
  void placeLinks();
  ErasedLines erased() const;

  std::string_view raw_;
  LinkTable links_;
  std::vector<Edit> edits_;
  std::vector<std::string> replacements_{""};
  std::vector<ErasedLine> erasedLines_;
  std::vector<LineLink> lineLinks_;
};

/// Cuts a line that is longer than `limit` down to its first `kept` bytes and
/// says how many more there were.
void shortenLine(Stripper &stripper, const Lines &line,
                 std::size_t limit = 16 * 1024, std::size_t kept = 1024);

} // namespace irlens::engine::text
