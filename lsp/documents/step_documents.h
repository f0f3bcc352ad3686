// The list of the steps of a user's row, `<row>.steps.txt`, with a line per
// step; and what a tool said on stderr, `<stage>.stderr.txt`. The steps
// themselves are stages, named `<row>.steps.<NN>-<name>`; their documents are
// like those of any stage. Pure functions from what the engine knows; any
// thread.
#pragma once

#include "lsp/documents/virtual_document.h"
#include "lsp/wire/uri.h"

#include "engine/artifact.h"
#include "engine/table/stage.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace irlens::lsp {

/// The steps of a row, in the order in which they run; the last one is the row
/// itself. Empty if it is made in one step.
std::vector<const engine::Stage *> stepsOf(const engine::StageTable &table,
                                           const engine::Stage &row);
/// The row that a stage is a step of: often itself. Never null.
const engine::Stage *rowOfStep(const engine::StageTable &table,
                               const engine::Stage &stage);

/// A step among its neighbours.
struct StepPlace {
  const engine::Stage *previous = nullptr;
  const engine::Stage *next = nullptr;
  std::size_t position = 0; ///< From 1; 0: it is none of them.
};
StepPlace placeOfStep(const std::vector<const engine::Stage *> &steps,
                      const engine::Stage &stage);
/// What a step is called among those of its row: "00-mlir-opt".
std::string stepName(const engine::Stage &stage);

std::string stepListName(const engine::Stage &row);
bool isStepList(const engine::Stage &row, const DocumentId &id);
/// The step on a line (from 0) of the list; null when there is none.
const engine::Stage *stepAt(const std::vector<const engine::Stage *> &steps,
                            std::int64_t line);
/// As planDocument, for the list. Its text is the header.
DocumentPlan planSteps(const engine::Stage &row,
                       const std::vector<const engine::Stage *> &steps,
                       const engine::FileState *file,
                       const engine::Entry *entry, std::uint64_t maxBytes);

std::string saidName(const engine::Stage &stage);
bool isSaid(const engine::Stage &stage, const DocumentId &id);
/// As planDocument, for what the tool said. Its text is the header.
DocumentPlan planSaid(const engine::Stage &stage, const engine::FileState *file,
                      const engine::Entry *entry, std::uint64_t maxBytes);

} // namespace irlens::lsp
