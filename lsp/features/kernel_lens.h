// textDocument/codeLens in an IR document: one lens above each GPU kernel, with
// its name and what is known of it.
// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.18/specification/#textDocument_codeLens
// Loop thread only.
#pragma once

#include "lsp/documents/snapshot.h"

#include <vector>

namespace irlens::lsp {

/// A lens opens the same kernels one step of lowering away: the PTX of a
/// gpu.func, the gpu.func of a PTX entry.
std::vector<CodeLens> kernelLenses(const Snapshot &snapshot,
                                   const DocumentId &id, bool clientOpens);

} // namespace irlens::lsp
