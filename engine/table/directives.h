// Words in a file that steer how it is lowered:
//     # irlens: target=sm_90,gfx942 stages=linalg,ptx
// also behind a call in such a comment. Read by the engine before each run.
// Pure; any thread.
#pragma once

#include "engine/table/settings.h"

#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

struct Directives {
  std::vector<std::string> targets; ///< As TargetChoice::plain.
  std::vector<std::string> stages;  ///< Made on each save of this file.
};

Directives findDirectives(std::string_view source);

/// The settings for one file: what it says itself comes before what is set.
Settings withDirectives(Settings settings, const Directives &directives);

} // namespace irlens::engine
