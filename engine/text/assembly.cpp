#include "engine/text/splitters.h"
namespace irlens::engine::text {
SplitText splitAssembly(std::string_view raw) { return splitPlain(raw); }
} // namespace irlens::engine::text
