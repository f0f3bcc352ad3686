// What the features in features/ read to answer a request: everything that is
// known now, nothing that has to be waited for. Loop thread only; valid during
// one request.
#pragma once

#include "lsp/documents/artifact_text.h"
#include "lsp/documents/document_mirror.h"
#include "lsp/documents/ir_documents.h"
#include "lsp/sources.h"
#include "lsp/wire/protocol.h"

#include "engine/engine.h"

#include <vector>

namespace irlens::lsp {

struct Snapshot {
  const engine::Engine &engine;
  const DocumentMirror &mirror;
  const IrDocuments &documents;
  const ClientCapabilities &client;
  Sources &sources;
  ArtifactTexts &texts;

  /// The stages of a file, with the targets that it chooses.
  const engine::StageTable &tableOf(const engine::FileState *file) const;
  /// Those that an entry can have, in the order that people see.
  std::vector<const engine::Stage *> stagesOf(const engine::FileState &file,
                                              const engine::Entry &entry) const;
  /// Likewise, without those that are a step of another.
  std::vector<const engine::Stage *> rowsOf(const engine::FileState &file,
                                            const engine::Entry &entry) const;
  /// The stage that a document shows or tells about (its passes, its steps,
  /// what its tool said); null if there is none of that name.
  const engine::Stage *stageOf(const DocumentId &id) const;
};

} // namespace irlens::lsp
