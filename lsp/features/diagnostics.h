// textDocument/publishDiagnostics: what runs said about the user's code, on the
// user's own lines, in the file where the line stands (which may be an imported
// module). Loop thread only.
#pragma once

#include "lsp/documents/snapshot.h"

#include <map>
#include <string>
#include <vector>

namespace irlens::lsp {

/// All diagnostics of all files, by URI. Files without any are absent.
std::map<std::string, std::vector<Diagnostic>>
collectDiagnostics(const Snapshot &snapshot);

} // namespace irlens::lsp
