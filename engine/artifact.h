// What the engine knows about a file: its entries, and per entry the artifact
// of each stage. lsp and the command line read these and never change them.
// Loop thread only; the files that an artifact names are immutable once
// written.
#pragma once

#include "engine/diagnostic.h"
#include "engine/links/links.h"
#include "engine/table/stage.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace irlens::engine {

enum class StageStatus : std::uint8_t {
  NotAsked,    ///< Nobody wanted it for this content.
  Pending,     ///< Will run, or is running.
  Ok,          ///< Its text is there.
  Failed,      ///< The tool said no, crashed, or ran out of time or memory.
  Unavailable, ///< An optional part is missing; a diagnostic says which.
};

std::string_view toString(StageStatus status);

/// A GPU kernel of a document.
struct Kernel {
  std::string name;
  int line = 0;                   ///< Of the document, from 1.
  std::vector<std::string> facts; ///< "41 instructions", "block 32 x 8", ...
};

/// One stage's document of one entry.
struct Artifact {
  std::filesystem::path document; ///< The text to show, without debug info.
  std::filesystem::path raw;      ///< The tool's own text.
  std::shared_ptr<const LinkTable> links; ///< Never null.
  std::uint64_t bytes = 0;                ///< Size of the document.
  std::uint64_t textHash = 0;             ///< Equal texts have equal hashes.
  int operations = -1;                    ///< -1: not counted.
  /// What the producer says of the text instead of a count: "28 registers".
  std::string headline;
  std::vector<Kernel> kernels;  ///< In the order of the text.
  std::uint64_t generation = 0; ///< The run that made it.
  std::shared_ptr<const void>
      keep; ///< Keeps the run folder from being removed.
};

/// One pass of a stage that was recorded.
struct Pass {
  int index = 0; ///< In the order in which they ran; ascending.
  std::string name;
  TextFormat format = TextFormat::Plain;
  double ms = 0;
  bool changed = false; ///< False: the text is that of an earlier pass.
  bool failed = false;  ///< Then the text is the one before it.
  int operations = -1;  ///< After it; -1: not counted.
  std::string file;     ///< Of the raw text, in the folder of the passes.
  std::shared_ptr<Artifact> artifact; ///< Null when the text is not readable.
};

/// The state of one stage of one entry.
struct StageState {
  std::string id;
  StageStatus status = StageStatus::NotAsked;
  double ms = 0;
  std::string target; ///< sm_90, ...; empty when the stage has none.
  /// What was measured beside operations, as "max error"; may be empty.
  std::map<std::string, double> measured;
  std::vector<Diagnostic> diagnostics;
  /// Id of the stage that failed, when this one could not even be tried.
  std::string blockedBy;
  /// It could not be tried because the file failed as a whole.
  bool blockedByFile = false;
  /// The last good text: stays while the stage is pending or failed. Null until
  /// there is one. `good->generation < generation` of the file means stale.
  std::shared_ptr<const Artifact> good;
  /// What a failed stage left (the IR before the failing pass); may be null.
  std::shared_ptr<const Artifact> partial;
  /// What the tools said while they made it (their stderr), failed or not.
  std::string said;
  /// Somebody has asked the file's latest run for the passes.
  bool passesWanted = false;
  /// The passes of the last run that recorded them; of a failed stage those
  /// up to the failing one. Null until there are some.
  std::shared_ptr<const std::vector<Pass>> passes;
};

/// One thing in a file that can be lowered.
struct Entry {
  std::string name;
  /// "model", "function", "kernel"; "ir": the file's own text; "file" when
  /// discovery failed.
  std::string kind;
  std::string origin;    ///< Id of the origin that its stages stem from.
  int line = 0;          ///< Of the __explore__ call or comment, from 1.
  int classLine = 0;     ///< Of the model's class in this file, 0 if elsewhere.
  std::string signature; ///< "f32[1, 3, 224, 224]"
  std::int64_t parameters = -1;   ///< Number of weights, -1 if unknown.
  std::vector<StageState> stages; ///< In the order of the stage table.
  /// Ids of the stages that the file's own text is; mostly empty. The entry
  /// then has these and what is made from them alone.
  std::vector<std::string> given;
  bool binary = false; ///< The text of the given stages is made by a worker.

  bool isGiven(std::string_view id) const;
  const StageState *find(std::string_view id) const;
  StageState *find(std::string_view id);
};

/// A comment that would make an entry of a class or a kernel that has none.
struct Suggestion {
  int line = 0; ///< Where it begins; the comment goes above.
  std::string name;
  std::string text; ///< "# irlens: Net(64)(torch.randn(1, 64))"
};

/// Where a file is on its way.
enum class Phase : std::uint8_t {
  Unknown, ///< Nothing was ever made of it.
  Running, ///< A run is going on, or will begin as soon as a worker is there.
  Settled, ///< The last run is over, however it ended.
};

/// The state of one file. `generation` counts its runs.
struct FileState {
  std::filesystem::path path;
  /// The stages with the targets that are chosen for this file; null before its
  /// first run.
  std::shared_ptr<const StageTable> table;
  std::uint64_t generation = 0;
  Phase phase = Phase::Unknown;
  bool running = false; ///< The run has begun; see `phase`.
  bool cached = false;  ///< The last run came from the store as a whole.
  double ms = 0;        ///< From the request to the last stage of the last run.
  std::string text;     ///< The bytes that the last run lowered.
  std::vector<Entry> entries;
  std::vector<Diagnostic> diagnostics; ///< Of the file, not of a stage.
  /// What is wrong in the layers of its stage table: positions are in
  /// .irlens.json files, or in comments of the file itself.
  std::vector<Diagnostic> tableProblems;
  std::vector<Suggestion> suggestions;

  const Entry *find(std::string_view entry) const;
};

/// What parser and verifier say of a text that somebody types.
struct CheckReport {
  std::shared_ptr<const std::string> text; ///< What was checked.
  std::vector<Diagnostic> diagnostics;
};

} // namespace irlens::engine
