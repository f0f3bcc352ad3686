// textDocument/documentLink on the list of a stage's passes: each line leads to
// the document of its pass, for clients that open links with a click.
// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.18/specification/#textDocument_documentLink
// Loop thread only.
#pragma once

#include "lsp/documents/snapshot.h"
#include "lsp/wire/protocol.h"

#include <vector>

namespace irlens::lsp {

/// None for any other document.
std::vector<DocumentLink> documentLinks(const Snapshot &snapshot,
                                        const DocumentId &id);

} // namespace irlens::lsp
