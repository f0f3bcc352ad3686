// The text of an IR document: the last good text, or comments that say why
// there is none, over what a failed stage left. Called for
// workspace/textDocumentContent, for file copies, and to know the line of the
// artifact that a line of the document is. Loop thread only.
#pragma once

#include "engine/artifact.h"
#include "engine/table/stage.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace irlens::lsp {

/// What a document consists of, decided without reading the artifact.
struct DocumentPlan {
  std::string header; ///< Comment lines; empty above a good text.
  std::shared_ptr<const engine::Artifact> body; ///< May be null.
  std::string comment;                          ///< Marker of a line comment.
  std::uint64_t maxBytes = 0;

  bool isCut() const { return body && body->bytes > maxBytes; }
  /// Lines that stand above the artifact's first line.
  int headerLines() const;
  /// Documents with equal revisions have equal texts.
  std::uint64_t revision() const;
};

/// A stage of a known entry. `entry` may be null: the entry is not known (yet),
/// for which `file` may say the reason; `file` may be null too.
DocumentPlan planDocument(const engine::Stage &stage,
                          const engine::FileState *file,
                          const engine::Entry *entry, std::uint64_t maxBytes);

/// Comment lines of a document that is to come, or will not come by itself.
std::string pendingHeader(const engine::Stage &stage,
                          const engine::FileState *file,
                          const engine::Entry *entry);
/// Comment lines that say why a stage failed; `withText`: above what it left.
std::string failedHeader(const engine::Stage &stage,
                         const engine::StageState &state,
                         const engine::Entry &entry, bool withText);

/// A document whose unit nobody remembers.
DocumentPlan unknownDocument(std::string_view comment);

/// Reads the artifact. A file that cannot be read is told in the text.
std::string renderDocument(const DocumentPlan &plan);

} // namespace irlens::lsp
