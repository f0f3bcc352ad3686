// Splits the text that a tool printed with debug info into the document that
// people read (the same text as without debug info, with big constants
// shortened) and the links from its lines to the source.
// Called by the engine on libuv's pool, one call per artifact; also by the
// fuzzers. Pure functions: no state, no files, any thread.
#pragma once

#include "engine/links/links.h"
#include "engine/table/stage.h"

#include <string>
#include <string_view>

namespace irlens::engine {

struct SplitText {
  std::string text;    ///< What to show.
  LinkTable links;     ///< Lines of `text`, counted from 1.
  int operations = -1; ///< Operations, instructions or nodes; -1: not counted.
};

/// Splits `raw`. Takes any bytes: what does not look like debug info of the
/// format stays as it is, so a text that was cut off or is of another format
/// comes back whole. Linear in the size of `raw`.
SplitText split(TextFormat format, std::string_view raw);

} // namespace irlens::engine
