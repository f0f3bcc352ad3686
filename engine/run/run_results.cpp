// What a run does with answers: artifacts that arrive, stages and jobs that
// fail.
#include "engine/run/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace irlens::engine {
namespace {

/// Job and stage statuses of PROTOCOL.md in words for the user.
std::string describe(const std::string &status, const std::string &message,
                     const Settings &settings) {
  if (!message.empty())
    return message;
  if (status == "timeout")
    return fmt::format(
        "stopped after the time limit of {} s (irlens.timeoutSeconds)",
        settings.timeoutSeconds);
  if (status == "memory")
    return fmt::format(
        "needed more than {} MB of memory (irlens.memoryMegabytes)",
        settings.memoryMegabytes);
  if (status == "crashed")
    return "the process crashed";
  return "ended without a result";
}

} // namespace

void Run::onStageDone(const std::string &entry, const std::string &stage) {
  const Stage *row =
      seenEntries_.contains(entry) ? rowOf(*entryState(entry), stage) : nullptr;
  if (row && cell(entry, stage).progress == Progress::Running)
    read(entry, *row);
}

void Run::read(const std::string &entry, const Stage &stage) {
  cell(entry, stage.id).progress = Progress::Reading;
  auto result = std::make_shared<StageResult>();
  auto files = filesOf(*entryState(entry), stage);
  context_.loop.work([result, files] { *result = readStage(files); },
                     guarded([result, entry, &stage](Run &run) {
                       run.apply(entry, stage, std::move(*result));
                       run.schedule();
                     }));
}

void Run::apply(const std::string &entry, const Stage &stage,
                StageResult result) {
  Entry *owner = entryState(entry);
  StageState *state = owner ? owner->find(stage.id) : nullptr;
  if (!state)
    return;
  // The worker's report of a stage that could not be tried has no reason.
  bool known = cell(entry, stage.id).progress == Progress::Final &&
               !state->blockedBy.empty();
  if (known && result.status != StageStatus::Ok && result.diagnostics.empty())
    return;
  if (result.artifact) {
    result.artifact->generation = state_.generation;
    result.artifact->keep = folder_;
  }
  bool gotPasses = result.passes != nullptr;
  takePasses(*state, stage, std::move(result.passes));
  bool ok = result.status == StageStatus::Ok;
  state->status = result.status;
  state->ms = result.ms;
  state->figures = std::move(result.figures);
  state->diagnostics = std::move(result.diagnostics);
  state->blockedBy.clear();
  state->partial = ok ? nullptr : result.artifact;
  if (ok)
    state->good = result.artifact;
  Cell &progress = cell(entry, stage.id);
  progress.progress = Progress::Final;
  progress.repeatable =
      result.repeatable || result.status == StageStatus::Unavailable;
  progress.hasPasses = gotPasses;
  observer_.onStage(entry, stage.id);
  if (!ok)
    block(entry, stage, result.status);
  seePasses(*owner, stage);
}

/// Passes of an earlier run stay while this run has none of those it wants.
void Run::takePasses(StageState &state, const Stage &stage,
                     std::shared_ptr<std::vector<Pass>> passes) {
  if (!passes && wantsPasses(stage))
    return;
  for (std::size_t i = 0; passes && i < passes->size(); ++i)
    if (Artifact *artifact = (*passes)[i].artifact.get()) {
      artifact->generation = state_.generation;
      artifact->keep = folder_;
    }
  state.passes = std::move(passes);
}

/// What is made from a failed stage has failed too, and says because of which.
void Run::block(const std::string &entry, const Stage &failed,
                StageStatus status) {
  bool repeatable = cell(entry, failed.id).repeatable;
  std::set<std::string_view> blocked{failed.id};
  for (const Stage &stage : context_.table->stages()) {
    auto isNeeded = [&](std::string_view id) { return stage.needs(id); };
    if (stage.origin != failed.origin ||
        std::ranges::none_of(blocked, isNeeded))
      continue;
    blocked.insert(stage.id);
    Cell &progress = cell(entry, stage.id);
    StageState *state = entryState(entry)->find(stage.id);
    // A worker may have reported it before us, as failed for no reason of its
    // own; then what is made from it was blocked by it, not by the cause.
    bool isBlockedByCause =
        state->blockedBy == failed.id ||
        (!state->blockedBy.empty() && !blocked.contains(state->blockedBy));
    bool hasOwnAnswer = progress.progress == Progress::Final &&
                        (state->status == StageStatus::Ok ||
                         !state->diagnostics.empty() || isBlockedByCause);
    if (!isWanted(stage) || hasOwnAnswer)
      continue;
    progress = {Progress::Final, repeatable};
    state->status = status;
    state->blockedBy = failed.id;
    state->diagnostics.clear();
    state->partial = nullptr;
    observer_.onStage(entry, stage.id);
  }
}

void Run::failStage(const std::string &entry, const Stage &stage,
                    const JobEvent &end) {
  StageResult result;
  result.status = end.status == "unavailable" ? StageStatus::Unavailable
                                              : StageStatus::Failed;
  Diagnostic reason;
  reason.message = describe(end.status, end.message, settings_);
  reason.stage = stage.id;
  reason.pos = {state_.path.string(),
                end.line > 0 ? end.line : entryState(entry)->line, 0};
  result.diagnostics.push_back(std::move(reason));
  apply(entry, stage, std::move(result));
}

/// Whether a job makes this stage now: it may have been made before, by one
/// that goes on with others.
bool Run::isRunning(const std::string &entry, const Stage &stage) const {
  return std::ranges::any_of(jobs_, [&](const auto &running) {
    const Job &job = running.second;
    return job.stages.contains(&stage) &&
           (job.entry.empty() || job.entry == entry);
  });
}

void Run::onJobEnd(const Job &job, const JobEvent &end) {
  std::set<std::string> entries =
      job.entry.empty() ? seenEntries_ : std::set<std::string>{job.entry};
  for (const std::string &entry : entries)
    for (const Stage *stage : wantedOf(*entryState(entry)))
      if (job.stages.contains(stage) && !isRunning(entry, *stage) &&
          cell(entry, stage->id).progress == Progress::Running)
        failStage(entry, *stage, end);
}

void Run::onCaptureEnd(const JobEvent &end, bool background) {
  if (background) { // It says nothing about the file that is not known.
    capturingBackground_ = false;
    return;
  }
  capturing_ = false;
  captured_ = true;
  bool reachedTheEnd = end.status == "ok" || end.status == "failed";
  state_.diagnostics.clear();
  auto report = readRunReport(folder_->path(), state_.path);
  if (report) {
    files_ = std::move(report->files);
    state_.diagnostics = std::move(report->diagnostics);
    state_.suggestions = std::move(report->suggestions);
  }
  bool broken =
      std::ranges::any_of(state_.diagnostics, [](const Diagnostic &d) {
        return d.severity == Severity::Error;
      });
  // Without a report nobody knows which entries there are: none is dropped.
  reachedTheEnd = reachedTheEnd && report;
  if (!reachedTheEnd && !broken)
    failWholeFile(end);
  recordable_ = reachedTheEnd && !broken;
  if (recordable_)
    dropMissingEntries();
  for (Entry &entry : state_.entries)
    if (!seenEntries_.contains(entry.name))
      blockWholeEntry(entry);
  observer_.onEntries();
}

/// An entry of an earlier run that this one did not reach: its texts stay, as
/// stale.
void Run::blockWholeEntry(Entry &entry) {
  for (StageState &stage : entry.stages) {
    const Stage *row = rowOf(entry, stage.id);
    if (!row || !isWanted(*row) || !concerns(*row, entry))
      continue;
    stage.status = StageStatus::Failed;
    stage.blockedBy = "source";
    stage.diagnostics.clear();
  }
}

void Run::failWholeFile(const JobEvent &end) {
  Diagnostic reason;
  reason.message = describe(end.status, end.message, settings_);
  reason.pos = {state_.path.string(), std::max(end.line, 1), 0};
  state_.diagnostics.push_back(std::move(reason));
}

void Run::dropMissingEntries() {
  std::erase_if(state_.entries, [&](const Entry &entry) {
    return !seenEntries_.contains(entry.name);
  });
}

} // namespace irlens::engine
