// Picks the splitter of a format.
// Runs wherever split() is called, usually on libuv's pool.
#include "engine/text/split.h"

#include "engine/text/splitters.h"

namespace irlens::engine {

SplitText split(TextFormat format, std::string_view raw) {
  switch (format) {
  case TextFormat::Mlir:
    return text::splitMlir(raw);
  case TextFormat::Llvm:
    return text::splitLlvm(raw);
  case TextFormat::Asm:
    return text::splitAssembly(raw);
  case TextFormat::Spirv:
    return text::splitSpirv(raw);
  case TextFormat::TorchScript:
    return text::splitTorchScript(raw);
  case TextFormat::Plain:
  case TextFormat::Fx:
    break;
  }
  return text::splitPlain(raw);
}

} // namespace irlens::engine
