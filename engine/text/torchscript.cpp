// TorchScript graphs: takes out the comments behind nodes that say where a node
// stems from (`# /ws/net.py:14:8`).
// Runs wherever split() is called, usually on libuv's pool.
#include "engine/text/inlined_places.h"
#include "engine/text/lines.h"
#include "engine/text/paths.h"
#include "engine/text/splitters.h"
#include "engine/text/stripper.h"

#include <optional>

namespace irlens::engine::text {

namespace {

bool isNode(std::string_view text) {
  return text.starts_with("= ") ||
         (text.starts_with('%') && text.contains(" = "));
}

} // namespace

SplitText splitTorchScript(std::string_view raw) {
  Stripper stripper(raw);
  int operations = 0;
  for (Lines lines(raw); lines.next();) {
    operations += isNode(trimStart(lines.text()));
    std::size_t comment = lines.text().rfind(" # ");
    if (comment == std::string_view::npos) {
      shortenLine(stripper, lines);
      continue;
    }
    std::string_view file = lines.text().substr(comment + 3);
    auto column = takeLastNumber(file);
    auto line = column ? takeLastNumber(file) : std::nullopt;
    if (!line)
      continue;
    stripper.erase(lines.begin() + comment,
                   lines.begin() + lines.text().size());
    // Columns count from 0 here; a traced node has none, which reads as 0.
    if (std::string path = pathOf({}, file); !path.empty() && *line > 0)
      stripper.link(
          lines.number(),
          stripper.frames().addFrame(path, *line, *column ? *column + 1 : 0));
  }
  return stripper.finish(operations);
}

} // namespace irlens::engine::text
