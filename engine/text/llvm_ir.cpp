#include "engine/text/splitters.h"
namespace irlens::engine::text {
SplitText splitLlvm(std::string_view raw) { return splitPlain(raw); }
} // namespace irlens::engine::text
