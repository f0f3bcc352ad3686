// textDocument/codeLens on the first line of an IR document: from a stage to
// the list of its passes; from a pass to its neighbours, and to what it
// changed.
// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.18/specification/#textDocument_codeLens
// Loop thread only.
#pragma once

#include "lsp/documents/snapshot.h"

#include <vector>

namespace irlens::lsp {

/// What a client that offers these commands does itself.
struct ClientActions {
  bool opens = false; ///< irlens.open
  bool diffs = false; ///< irlens.diff
};

/// None in the list, and none for a stage that records no passes.
std::vector<CodeLens> passLenses(const Snapshot &snapshot, const DocumentId &id,
                                 ClientActions client);

} // namespace irlens::lsp
