// Links between the lines of an IR text and the lines of the source.
// Made from the debug info that each tool prints (engine/text), or by the
// producer itself (FX); stored beside the artifact as JSON (PROTOCOL.md,
// LINKS). A value: safe to share between threads once built.
#pragma once

#include "engine/diagnostic.h"
#include "engine/result.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
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

  /// Says that line `irLine` (from 1) of the IR text stems from `innermost`.
  void link(int irLine, FrameId innermost);

  /// The call chains of an IR line, each from the outermost frame inwards.
  std::vector<std::vector<SourcePos>> chains(int irLine) const;

  /// Where "go to definition" on an IR line leads: the outermost frame in the
  /// user's files, else the outermost frame; an empty file when there is none.
  SourcePos source(int irLine) const;

  /// IR lines that stem from this source line, at any depth of the call chain,
  /// ascending, without repetition.
  std::vector<int> irLines(std::string_view file, int line) const;

  bool empty() const { return lines_.empty(); }

  std::string toJson() const;
  static Result<LinkTable> fromJson(std::string_view text);

private:
  struct Frame {
    std::uint32_t file;
    int line;
    int column;
    FrameId caller;
  };
  std::uint32_t fileId(std::string_view file);
  std::vector<SourcePos> chainOf(FrameId innermost) const;

  std::vector<std::string> files_;
  std::vector<Frame> frames_;
  std::map<int, std::vector<FrameId>> lines_;
  std::unordered_map<std::string, std::uint32_t> fileIds_;
  std::unordered_map<std::uint64_t, std::vector<FrameId>> frameIds_;
};

} // namespace irlens::engine
