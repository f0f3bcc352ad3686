// What the features in features/ read to answer a request: everything that is
// known now, nothing that has to be waited for. Loop thread only; valid during
// one request.
#pragma once

#include "lsp/artifact_text.h"
#include "lsp/document_mirror.h"
#include "lsp/ir_documents.h"
#include "lsp/protocol.h"
#include "lsp/sources.h"

#include "engine/engine.h"

namespace irlens::lsp {

struct Snapshot {
  const engine::Engine &engine;
  const DocumentMirror &mirror;
  const IrDocuments &documents;
  const ClientCapabilities &client;
  Sources &sources;
  ArtifactTexts &texts;
};

} // namespace irlens::lsp
