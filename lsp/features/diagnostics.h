// textDocument/publishDiagnostics: what runs said about the user's code, and
// checks about what is being typed, on the user's own lines, in the file where
// the line stands (which may be an imported module). Loop thread only.
#pragma once

#include "lsp/documents/snapshot.h"

#include <map>
#include <string>
#include <vector>

namespace irlens::lsp {

/// All diagnostics of all files, by URI. Files without any are absent, unless
/// somebody types in them and what they were blamed for is mended.
std::map<std::string, std::vector<Diagnostic>>
collectDiagnostics(const Snapshot &snapshot);

} // namespace irlens::lsp
