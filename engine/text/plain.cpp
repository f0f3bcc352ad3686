// Texts without debug info of their own: the program's output, and FX code
// whose producer knows the links. Only lines that no editor can show are
// shortened. Runs wherever split() is called, usually on libuv's pool.
#include "engine/text/elide.h"
#include "engine/text/lines.h"
#include "engine/text/splitters.h"
#include "engine/text/stripper.h"

namespace irlens::engine::text {

namespace {
constexpr std::size_t kMonsterLine = 16 * 1024;
constexpr std::size_t kKeptOfLine = 1024;
} // namespace

SplitText splitPlain(std::string_view raw) {
  Stripper stripper(raw);
  for (Lines lines(raw); lines.next();) {
    if (lines.text().size() <= kMonsterLine)
      continue;
    std::string_view rest = lines.text().substr(kKeptOfLine);
    stripper.replace(lines.begin() + kKeptOfLine,
                     lines.begin() + lines.text().size(), elideString(rest));
  }
  return stripper.finish(-1);
}

} // namespace irlens::engine::text
