// Links between the lines of an IR text and the lines of the source, and of the
// stage that the text was made from.
// Made from the debug info that each tool prints (engine/text), or by the
// producer itself (FX); stored beside the artifact as JSON (PROTOCOL.md,
// LINKS). A value: safe to share between threads once built.
#pragma once

#include "engine/diagnostic.h"
#include "engine/links/stage_lines.h"
#include "engine/result.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace irlens::engine {

/// True for files of the interpreter and of installed packages (site-packages,
/// dist-packages, lib/python3.x): places the user did not write.
bool isLibraryFile(std::string_view path);

class LinkTable {
public:
  using FrameId = std::uint32_t;
  static constexpr FrameId kNoFrame = ~FrameId(0);

  /// Adds a frame, or finds it; equal frames share one id. `caller` is the
  /// frame that called it, kNoFrame for the outermost.
  FrameId addFrame(std::string_view file, int line, int column,
                   FrameId caller = kNoFrame);

  /// Adds a chain given from the innermost to the outermost frame; returns the
  /// innermost frame, kNoFrame for an empty chain.
  FrameId addChain(const std::vector<SourcePos> &innermostFirst);

  /// The frame that called `frame`, kNoFrame for the outermost.
  FrameId callerOf(FrameId frame) const { return frames_[frame].caller; }

  /// The chain of `innermost` as if its outermost frame were called by
  /// `caller`. Chains longer than a few dozen frames lose their outermost ones.
  FrameId rebase(FrameId innermost, FrameId caller);

  /// Says that line `irLine` (from 1) of the IR text stems from `innermost`;
  /// saying it twice changes nothing. Cheap for ascending lines.
  void link(int irLine, FrameId innermost);

  /// The call chains of an IR line, each from the outermost frame inwards.
  std::vector<std::vector<SourcePos>> chains(int irLine) const;

  /// Where "go to definition" on an IR line leads: the outermost frame in the
  /// user's files, else the outermost frame; an empty file when there is none.
  SourcePos source(int irLine) const;

  /// IR lines that stem from this source line, at any depth of the call chain,
  /// ascending, without repetition.
  std::vector<int> irLines(std::string_view file, int line) const;

  /// What the document lacks of the raw text.
  const ErasedLines &erased() const { return erased_; }
  void setErased(ErasedLines lines) { erased_ = std::move(lines); }

  /// The lines of the stage before, where the producer knows them.
  const Origins &origins() const { return origins_; }
  Origins &origins() { return origins_; }

  bool empty() const { return lines_.empty(); }

  /// The same links for a text with `lines` more lines at its top.
  LinkTable shifted(int lines) const;

  std::string toJson() const;
  static Result<LinkTable> fromJson(std::string_view text);

private:
  struct Frame {
    std::uint32_t file;
    int line;
    int column;
    FrameId caller;
    bool operator==(const Frame &) const = default;
  };
  struct FrameHash {
    std::size_t operator()(const Frame &frame) const;
  };
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const {
      return std::hash<std::string_view>{}(name);
    }
  };
  using Line = std::pair<int, FrameId>;

  std::uint32_t fileId(std::string_view file);
  SourcePos position(FrameId frame) const;
  std::pair<std::vector<Line>::const_iterator,
            std::vector<Line>::const_iterator>
  framesOf(int irLine) const;

  std::vector<std::string> files_;
  std::vector<Frame> frames_; ///< A caller stands before those it calls.
  std::vector<Line> lines_;   ///< Ascending by line.
  ErasedLines erased_;
  Origins origins_;
  std::unordered_map<std::string, std::uint32_t, NameHash, std::equal_to<>>
      fileIds_;
  std::unordered_map<Frame, FrameId, FrameHash> frameIds_;
};

} // namespace irlens::engine
