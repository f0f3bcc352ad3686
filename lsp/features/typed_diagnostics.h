// Diagnostics of an IR file while somebody types in it: what parser and
// verifier say of the buffer, and which of the run's diagnostics go on beside
// that. Called by features/diagnostics.cpp. Loop thread only.
#pragma once

#include "lsp/documents/snapshot.h"

#include "engine/engine.h"

#include <filesystem>
#include <memory>
#include <vector>

namespace irlens::lsp {

/// What was said of the text that was checked last, where that stands now.
std::vector<Diagnostic> typedDiagnostics(const Snapshot &snapshot,
                                         const std::filesystem::path &path,
                                         const engine::CheckReport &report);

/// Which of a run's diagnostics go on beside the check of a newer text.
class RunBesideCheck {
public:
  RunBesideCheck(const Snapshot &snapshot, const engine::FileState &file);

  /// False for what stands on a line of the file that has changed, and for what
  /// reading the file's text has found: the check says that anew. `entry` and
  /// `stage`: null for a diagnostic of the file as a whole.
  bool goesOn(const engine::Diagnostic &diagnostic, const engine::Entry *entry,
              const engine::StageState *stage) const;

private:
  bool isUnchanged(int line) const;

  const engine::FileState &file_;
  const engine::StageTable &table_;
  TextLines lowered_;
  std::shared_ptr<const SourceView> now_;
};

/// A note joins the related information, or the message of a client that has
/// none. `location`: null if it stands nowhere.
void addNote(Diagnostic &out, const engine::Note &note,
             const Location *location, bool relatedInformation);

} // namespace irlens::lsp
