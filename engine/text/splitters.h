// The splitter of each format, one per file; split() picks one.
// Internal to engine/text.
#pragma once

#include "engine/text/split.h"

namespace irlens::engine::text {

SplitText splitMlir(std::string_view raw);
SplitText splitLlvm(std::string_view raw);
SplitText splitAssembly(std::string_view raw);
SplitText splitSpirv(std::string_view raw);
SplitText splitTorchScript(std::string_view raw);
/// Program output and readable FX code: only monster lines are shortened.
SplitText splitPlain(std::string_view raw);

} // namespace irlens::engine::text
