// textDocument/hover: each side shows the other. On an IR line: the source
// lines that it stems from, with their call chain, and the lines of other
// stages that it was made from or into. On a source line: its ops per stage.
// Loop thread only.
#pragma once

#include "lsp/documents/snapshot.h"

#include <filesystem>
#include <optional>

namespace irlens::lsp {

/// `line` counts from 0. Nothing when there is nothing to tell.
std::optional<Hover> hoverIr(const Snapshot &snapshot, const DocumentId &id,
                             int line);
std::optional<Hover> hoverSource(const Snapshot &snapshot,
                                 const std::filesystem::path &path, int line);

} // namespace irlens::lsp
