// textDocument/definition on an IR line leads to its source line;
// textDocument/implementation on a source line leads to its ops in every stage.
// Where lines of two stages are known to belong together, declaration leads to
// those that an IR line was made from, implementation to those made from it.
// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.18/specification/#textDocument_implementation
// Loop thread only.
#pragma once

#include "lsp/documents/snapshot.h"
#include "lsp/documents/virtual_document.h"

#include <filesystem>
#include <utility>
#include <vector>

namespace irlens::lsp {

/// An IR document in the engine's terms, as far as they are known.
struct ResolvedDocument {
  const engine::FileState *file = nullptr;
  const engine::Entry *entry = nullptr;
  const engine::Stage *stage = nullptr;
  const engine::StageState *state = nullptr;
  const engine::Pass *pass = nullptr; ///< When it shows the IR after one.
  bool isPassList = false;
  bool isSaid = false; ///< It shows what the stage's tool said.
  /// Those of the stage when it lists them, else empty.
  std::vector<const engine::Stage *> steps;
  DocumentPlan plan; ///< Also of one that cannot be resolved.
  std::shared_ptr<const engine::Artifact>
      artifact;        ///< What the document shows.
  int headerLines = 0; ///< Lines of the document above the artifact's first.
};
ResolvedDocument resolveDocument(const Snapshot &snapshot,
                                 const DocumentId &id);

/// Where the line (from 0) of an IR document comes from; from a line of a list
/// of passes or steps, the document of that one. At most one.
std::vector<Location> definition(const Snapshot &snapshot, const DocumentId &id,
                                 int line);

/// Ascending lines as runs of neighbours, first to last.
std::vector<std::pair<int, int>> mergeLines(const std::vector<int> &lines);

/// The ops of a source line (from 0, as the editor shows the file), in the
/// order of the stage table.
std::vector<Location> implementation(const Snapshot &snapshot,
                                     const std::filesystem::path &path,
                                     int line);

/// The lines in the documents of other stages that a line (from 0) of an IR
/// document was made from, or that were made from it.
std::vector<Location> declaration(const Snapshot &snapshot,
                                  const DocumentId &id, int line);
std::vector<Location> implementation(const Snapshot &snapshot,
                                     const DocumentId &id, int line);

/// Locations as the client wants them: LocationLink if it knows them; null for
/// none. `origin` is the line of the request.
Json locationsToJson(const std::vector<Location> &locations, bool links,
                     int origin);

} // namespace irlens::lsp
