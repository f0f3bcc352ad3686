// From the files that a worker leaves for a stage (PROTOCOL.md, "Files below
// OUT") to the artifact that people read: debug info split off, links made,
// diagnostics placed on the user's lines. Pure over immutable files; runs on
// libuv's pool.
#pragma once

#include "engine/artifact.h"
#include "engine/run/entering.h"
#include "engine/table/stage.h"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace irlens::engine {

/// What identifies one stage's files.
struct StageFiles {
  std::filesystem::path run;    ///< OUT
  std::filesystem::path source; ///< The user's file.
  std::string entry;
  int entryLine = 0; ///< Where diagnostics without a place of their own go.
  Stage stage;
  bool readsPasses = false; ///< Its passes are to be read, too.
};

struct StageResult {
  StageStatus status = StageStatus::Failed;
  /// The tool gave this answer and would give it again: worth keeping in the
  /// store.
  bool repeatable = false;
  double ms = 0;
  std::map<std::string, double> measured; ///< As in StageState.
  std::vector<Diagnostic> diagnostics;
  std::shared_ptr<Artifact> artifact; ///< Null when there is no text.
  std::string said;                   ///< As in StageState.
  /// Null when they were not to be read, or were not recorded.
  std::shared_ptr<std::vector<Pass>> passes;
};

/// Reads a finished stage. Makes the document and the links from the raw text
/// unless they are there already. Problems with the files become diagnostics.
StageResult readStage(const StageFiles &files);

/// Ok or Failed when the store has an answer for this stage that its tool would
/// repeat.
std::optional<StageStatus> storedAnswer(const StageFiles &files);

/// Where a diagnostic stands that names no place of the user's code: where its
/// stage is defined if the user has done that, else at the entry.
struct FallbackPlace {
  SourcePos pos;
  SourcePos end;
};
FallbackPlace fallbackPlace(const Stage &stage, SourcePos entry);

/// `OUT/<entry>/entry.json` without its stages; nothing if it cannot be read.
std::optional<Entry> readEntry(const std::filesystem::path &run,
                               const std::string &entry);

/// `OUT/run.json`.
struct RunReport {
  std::vector<std::string> entries;
  std::vector<std::string> files;
  std::vector<Diagnostic> diagnostics;
  std::vector<Suggestion> suggestions;
  /// Of a program that prints IR: what it printed, a file in the run's folder.
  std::optional<PrintedText> printed;
};
std::optional<RunReport> readRunReport(const std::filesystem::path &run,
                                       const std::filesystem::path &source);

/// What a `check` job has found in a text of `source`; nothing if it left no
/// report.
std::optional<std::vector<Diagnostic>>
readCheck(const std::filesystem::path &out,
          const std::filesystem::path &source);

} // namespace irlens::engine
