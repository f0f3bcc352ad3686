// textDocument/codeLens in the document of a row that a user has written as
// several steps, or of one of its steps: the list, the neighbours, what the
// step changed. Besides, of any stage, what its tool said on stderr.
// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.18/specification/#textDocument_codeLens
// Loop thread only.
#pragma once

#include "lsp/documents/snapshot.h"
#include "lsp/features/pass_lens.h"

#include <vector>

namespace irlens::lsp {

std::vector<CodeLens> stepLenses(const Snapshot &snapshot, const DocumentId &id,
                                 ClientActions client);

} // namespace irlens::lsp
