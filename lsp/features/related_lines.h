// Lines of one IR document and those of another that they were made from or
// into, where the producer of the later one knows them (SASS and PTX, layouts
// and TTGIR). For hovers and navigation. Loop thread only.
#pragma once

#include "lsp/features/navigation.h"

#include <vector>

namespace irlens::lsp {

/// Lines of a stage's artifact, from 1, ascending.
struct StageLines {
  const engine::Stage *stage;
  const engine::Artifact *artifact;
  std::vector<int> lines;
};

/// What a line (from 1) of the document's artifact was made from, in the stage
/// before: one element or none.
std::vector<StageLines> madeFrom(const Snapshot &snapshot,
                                 const ResolvedDocument &document, int irLine);
/// What was made from it, in the order of the stage table.
std::vector<StageLines> madeInto(const Snapshot &snapshot,
                                 const ResolvedDocument &document, int irLine);

/// Documents that would explain the lines of this one, and are not made for the
/// text that it shows: they may be asked for, or are on their way.
std::vector<const engine::Stage *>
missingExplanations(const Snapshot &snapshot, const ResolvedDocument &document);

} // namespace irlens::lsp
