// The documents about the passes of a stage: the list,
// `<stage>.passes.txt`, with a line per pass, and the IR after each pass,
// `<stage>.passes.<NNN>-<name>.<ext>`. Opening one has the passes recorded.
// Pure functions from what the engine knows; any thread.
#pragma once

#include "lsp/documents/virtual_document.h"
#include "lsp/wire/uri.h"

#include "engine/artifact.h"
#include "engine/table/stage.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace irlens::lsp {

/// True for the list of a stage's passes and for the document of one.
bool isAboutPasses(const engine::Stage &stage, const DocumentId &id);
bool isPassList(const engine::Stage &stage, const DocumentId &id);

/// The pass that a document shows; null for the list and for unknown ones.
const engine::Pass *passOf(const engine::Stage &stage,
                           const engine::StageState *state,
                           const DocumentId &id);
/// The pass on a line (from 0) of the list; null when there is none.
const engine::Pass *passAt(const engine::StageState *state, std::int64_t line);

/// A pass among its neighbours.
struct PassPlace {
  const engine::Pass *pass = nullptr;
  const engine::Pass *previous = nullptr;
  const engine::Pass *next = nullptr;
  std::size_t position = 0; ///< From 1.
  std::size_t count = 0;

  /// What the pass may be compared with. One that failed has made nothing.
  const engine::Pass *before() const {
    return pass->failed ? nullptr : previous;
  }
};
/// `pass` is one of those of `state`.
PassPlace placeOf(const engine::StageState &state, const engine::Pass &pass);
/// What an editor names the comparison of a pass with the one before.
std::string diffTitle(const engine::Pass &pass);

/// The list of a stage's passes, from any other document of the stage.
DocumentId listDocument(const DocumentId &other, const engine::Stage &stage);
/// The document of a pass, likewise.
DocumentId passDocument(const DocumentId &other, const engine::Stage &stage,
                        const engine::Pass &pass);

/// As planDocument, for a document about passes.
DocumentPlan planPasses(const engine::Stage &stage,
                        const engine::FileState *file,
                        const engine::Entry *entry, const DocumentId &id,
                        std::uint64_t maxBytes);

} // namespace irlens::lsp
