// Texts without debug info of their own: the program's output, and FX code
// whose producer knows the links. Only lines that no editor can show are
// shortened. Runs wherever split() is called, usually on libuv's pool.
#include "engine/text/lines.h"
#include "engine/text/splitters.h"
#include "engine/text/stripper.h"

namespace irlens::engine::text {

SplitText splitPlain(std::string_view raw) {
  Stripper stripper(raw);
  for (Lines lines(raw); lines.next();)
    shortenLine(stripper, lines);
  return stripper.finish(-1);
}

} // namespace irlens::engine::text
