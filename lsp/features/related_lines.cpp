#include "lsp/features/related_lines.h"

namespace irlens::lsp {
namespace {

/// The artifact that the document shows when it is the stage's own; null for
/// one of a pass, or for what a failed stage left.
const engine::Artifact *stageArtifact(const ResolvedDocument &document) {
  bool isStage = document.state && !document.pass && document.artifact &&
                 document.artifact == document.state->good;
  return isStage ? document.artifact.get() : nullptr;
}

/// Lines of texts of different runs have nothing to do with each other.
bool areOfOneRun(const engine::Artifact &one, const engine::Artifact &other) {
  return one.raw.parent_path() == other.raw.parent_path();
}

} // namespace

std::vector<StageLines> madeFrom(const Snapshot &snapshot,
                                 const ResolvedDocument &document, int irLine) {
  const engine::Artifact *artifact = stageArtifact(document);
  if (!artifact || artifact->links->origins().empty())
    return {};
  const engine::StageState *before = document.entry->find(document.stage->from);
  const engine::Stage *stage =
      snapshot.tableOf(document.file)
          .find(document.stage->from, document.entry->origin);
  if (!stage || !before || !before->good ||
      !areOfOneRun(*artifact, *before->good))
    return {};
  StageLines found{stage, before->good.get(), {}};
  const engine::ErasedLines &erased = found.artifact->links->erased();
  for (int rawLine : artifact->links->origins().rawLinesOf(irLine))
    if (int line = erased.documentLine(rawLine))
      found.lines.push_back(line);
  return found.lines.empty() ? std::vector<StageLines>{}
                             : std::vector{std::move(found)};
}

std::vector<StageLines> madeInto(const Snapshot &snapshot,
                                 const ResolvedDocument &document, int irLine) {
  std::vector<StageLines> found;
  const engine::Artifact *artifact = stageArtifact(document);
  int rawLine = artifact ? artifact->links->erased().rawLine(irLine) : 0;
  if (rawLine == 0)
    return found;
  for (const engine::Stage *stage :
       snapshot.stagesOf(*document.file, *document.entry)) {
    const engine::StageState *state = document.entry->find(stage->id);
    if (stage->from != document.stage->id || !state || !state->good ||
        !areOfOneRun(*artifact, *state->good))
      continue;
    std::vector<int> lines = state->good->links->origins().linesOf(rawLine);
    if (!lines.empty())
      found.push_back({stage, state->good.get(), std::move(lines)});
  }
  return found;
}

std::vector<const engine::Stage *>
missingExplanations(const Snapshot &snapshot,
                    const ResolvedDocument &document) {
  std::vector<const engine::Stage *> missing;
  const engine::Artifact *artifact = stageArtifact(document);
  if (!artifact)
    return missing;
  for (const engine::Stage *stage :
       snapshot.stagesOf(*document.file, *document.entry)) {
    if (!stage->explains || stage->from != document.stage->id)
      continue;
    const engine::StageState *state = document.entry->find(stage->id);
    bool isMade = state && state->good && areOfOneRun(*artifact, *state->good);
    bool hasFailed =
        state && (state->status == engine::StageStatus::Failed ||
                  state->status == engine::StageStatus::Unavailable);
    if (!isMade && !hasFailed)
      missing.push_back(stage);
  }
  return missing;
}

} // namespace irlens::lsp
