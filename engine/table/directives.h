// Words in a file that steer how it is lowered:
//     # irlens: target=sm_90,gfx942 stages=linalg,ptx
// also behind a call in such a comment; and stages of the file's own:
//     # irlens: tiled = linalg | mlir-opt --linalg-fuse-elementwise-ops
// In IR files the comment begins with // or ;. Read by the engine before each
// run. Pure; any thread.
#pragma once

#include "engine/table/layer.h"
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

/// The rows in a file's comments. `file` is what their places name.
std::vector<PipelineRow> findPipelines(std::string_view source,
                                       const std::string &file);

/// The settings for one file: what it says itself comes before what is set.
Settings withDirectives(Settings settings, const Directives &directives);

} // namespace irlens::engine
