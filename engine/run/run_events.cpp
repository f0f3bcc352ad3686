// What a run does with what it hears: entries, artifacts, stages and jobs that
// fail.
#include "engine/run/run.h"

#include "engine/run/stage_states.h"
#include "engine/table/trust.h"

#include <algorithm>
#include <utility>

namespace irlens::engine {

void Run::onEvent(JobNumber number, const JobEvent &event) {
  auto found = jobs_.find(number);
  if (found == jobs_.end())
    return;
  switch (event.kind) {
  case JobEvent::Kind::Started:
    return;
  case JobEvent::Kind::Entry:
    return onEntry(event.entry, number);
  case JobEvent::Kind::Stage:
    return onStageReported(number, event);
  case JobEvent::Kind::End:
    PlannedJob job = std::move(found->second.planned);
    jobs_.erase(found);
    if (job.kind == PlannedJob::Kind::Capture && enterPrinted(job, event))
      return;
    return onJobEnd(job, event);
  }
}

void Run::onEntry(const std::string &name, JobNumber finder) {
  auto entry = readEntry(folder_->path(), name);
  if (!entry)
    return;
  addEntry(std::move(*entry), finder);
  observer_.onEntries();
}

/// Takes an entry of this run into the state; artifacts of earlier runs stay.
void Run::addEntry(Entry entry, JobNumber finder) {
  bool isNew = !plan_.hasEntry(entry.name);
  plan_.addEntry({entry.name, entry.origin, entry.given, entry.binary}, finder);
  Entry *old = entryState(entry.name);
  if (old &&
      !isNew) // The script ran again for more stages: only lines can differ.
    entry.stages = std::move(old->stages);
  else
    entry.stages = freshStages(entry, old, plan_, *context_.table);
  if (old)
    *old = std::move(entry);
  else
    state_.entries.push_back(std::move(entry));
}

void Run::onStageReported(JobNumber number, const JobEvent &event) {
  if (event.status.empty() || event.status == "running")
    return;
  if (!plan_.report(number, event.entry, event.stage, event.status == "ok"))
    return;
  const Entry &entry = *entryState(event.entry);
  read({event.entry, context_.table->find(event.stage, entry.origin)});
}

void Run::read(const PlanPlace &place) {
  auto result = std::make_shared<StageResult>();
  auto files = filesOf(place);
  context_.loop.work([result, files] { *result = readStage(files); },
                     guarded([result, place](Run &run) {
                       run.apply(place, std::move(*result));
                       run.schedule();
                     }));
}

void Run::apply(const PlanPlace &place, StageResult result) {
  Entry *entry = entryState(place.entry);
  StageState *state = entry ? entry->find(place.stage->id) : nullptr;
  if (!state)
    return;
  plan_.finish(place, outcomeOf(result), result.passes != nullptr);
  takeResult(*state, std::move(result),
             {state_.generation, folder_, plan_.wantsPasses(*place.stage)});
  observer_.onStage(place.entry, place.stage->id);
}

void Run::failStage(const PlanPlace &place, const JobEvent &end) {
  SourcePos pos{state_.path.string(), entryState(place.entry)->line, 0};
  apply(place, resultOfEnd(*place.stage, end, pos, settings_));
}

/// A stage that would run a program of a folder that nobody trusts is answered
/// here: no worker hears of it. Posted: want() comes here, too.
void Run::refuseUntrusted() {
  for (Entry &entry : state_.entries)
    for (const Stage *stage : plan_.wantedOf(entry.name)) {
      if (!stage->untrusted ||
          plan_.state(entry.name, stage->id) != PlanState::Wanted)
        continue;
      JobEvent end;
      end.status = "unavailable";
      end.message = untrustedReason(*stage);
      PlanPlace place{entry.name, stage};
      StageResult result = resultOfEnd(
          *stage, end, {state_.path.string(), entry.line, 0}, settings_);
      plan_.finish(place, outcomeOf(result), /*gotPasses=*/false);
      takeResult(*entry.find(stage->id), std::move(result),
                 {state_.generation, folder_, false});
      context_.loop.post(guarded([place](Run &run) {
        run.observer_.onStage(place.entry, place.stage->id);
      }));
    }
}

/// What is made from a failed stage has failed too, and says because of which.
/// Posted: want() comes here, too.
void Run::tellBlocked() {
  for (const Blocking &blocking : plan_.block()) {
    Entry &entry = *entryState(blocking.place.entry);
    markBlocked(*entry.find(blocking.place.stage->id),
                *entry.find(blocking.cause->id));
    context_.loop.post(guarded([place = blocking.place](Run &run) {
      run.observer_.onStage(place.entry, place.stage->id);
    }));
  }
}

void Run::onJobEnd(const PlannedJob &job, const JobEvent &end) {
  finishJob(job, end);
  schedule();
}

void Run::finishJob(const PlannedJob &job, const JobEvent &end) {
  std::vector<PlanPlace> unanswered = plan_.end(job.number);
  if (job.kind == PlannedJob::Kind::Capture)
    onCaptureEnd(end);
  // A capture in the background says nothing about the file that is not known.
  for (const PlanPlace &place : unanswered)
    failStage(place, end);
}

void Run::onCaptureEnd(const JobEvent &end) {
  bool reachedTheEnd = end.status == "ok" || end.status == "failed";
  state_.diagnostics.clear();
  auto report = readRunReport(folder_->path(), state_.path);
  // Without a report nobody knows which entries there are: none is dropped.
  reachedTheEnd = reachedTheEnd && report;
  if (report) {
    // What a program has printed is an entry that no worker has told of.
    for (const std::string &name : report->entries)
      if (!plan_.hasEntry(name))
        if (auto entry = readEntry(folder_->path(), name);
            entry && !entry->given.empty())
          addEntry(std::move(*entry), /*finder=*/0);
    takeReport(std::move(*report));
  }
  bool broken =
      std::ranges::any_of(state_.diagnostics, [](const Diagnostic &d) {
        return d.severity == Severity::Error;
      });
  if (!reachedTheEnd && !broken)
    failWholeFile(end);
  recordable_ = reachedTheEnd && !broken;
  if (recordable_)
    dropMissingEntries();
  for (Entry &entry : state_.entries)
    if (!plan_.hasEntry(entry.name))
      blockOldEntry(entry);
  observer_.onEntries();
}

void Run::onEntered(JobNumber number, const Result<void> &written) {
  state_.diagnostics.clear();
  recordable_ = written && loadEntries();
  if (!recordable_) {
    JobEvent end;
    end.message =
        written ? "its entry cannot be read" : written.error().message;
    failWholeFile(end);
    std::ranges::for_each(state_.entries,
                          [this](Entry &entry) { blockOldEntry(entry); });
  }
  plan_.end(number);
  observer_.onEntries();
  takeStored();
  schedule();
}

void Run::takeReport(RunReport report) {
  files_ = std::move(report.files);
  state_.diagnostics = std::move(report.diagnostics);
  state_.suggestions = std::move(report.suggestions);
}

/// Takes the entries of this run's folder; false if there is no report.
bool Run::loadEntries() {
  auto report = readRunReport(folder_->path(), state_.path);
  if (!report)
    return false;
  for (const std::string &name : report->entries)
    if (auto entry = readEntry(folder_->path(), name))
      addEntry(std::move(*entry), /*finder=*/0);
  takeReport(std::move(*report));
  dropMissingEntries();
  return true;
}

/// An entry of an earlier run that this one did not reach: its texts stay, as
/// stale.
void Run::blockOldEntry(Entry &entry) {
  for (StageState &stage : entry.stages) {
    const Stage *row = context_.table->find(stage.id, entry.origin);
    if (row && plan_.isWanted(*row, entry.name, entry.origin))
      markBlockedByFile(stage);
  }
}

void Run::markPending(Entry &entry) {
  bool isOld = !plan_.hasEntry(entry.name);
  for (StageState &state : entry.stages) {
    const Stage *row = context_.table->find(state.id, entry.origin);
    if (!row || !plan_.isWanted(*row, entry.name, entry.origin))
      continue;
    state.passesWanted = plan_.wantsPasses(*row);
    if (isOld || plan_.state(entry.name, state.id) == PlanState::Wanted)
      state.status = StageStatus::Pending;
  }
}

void Run::failWholeFile(const JobEvent &end) {
  state_.diagnostics.push_back(fileFailure(end, state_.path, settings_));
}

void Run::dropMissingEntries() {
  std::erase_if(state_.entries, [&](const Entry &entry) {
    return !plan_.hasEntry(entry.name);
  });
}

} // namespace irlens::engine
