#include "engine/run/run.h"

#include "engine/run/job_request.h"
#include "engine/run/passes.h"
#include "engine/store/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace irlens::engine {
namespace {

bool isFinalStatus(const std::string &status) {
  return !status.empty() && status != "running";
}

std::int64_t fileTimeNow() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::filesystem::file_time_type::clock::now().time_since_epoch())
      .count();
}

bool changedSince(const std::string &file, std::int64_t when) {
  std::error_code error;
  auto time = std::filesystem::last_write_time(file, error);
  return !error && std::chrono::duration_cast<std::chrono::nanoseconds>(
                       time.time_since_epoch())
                           .count() > when;
}

} // namespace

Run::Run(RunContext context, Settings settings, FileState &state,
         std::string key, std::shared_ptr<RunFolder> folder,
         std::vector<std::string> entries, RunObserver observer)
    : context_(std::move(context)), settings_(std::move(settings)),
      state_(state), key_(std::move(key)), folder_(std::move(folder)),
      onlyEntries_(std::move(entries)),
      named_(onlyEntries_.begin(), onlyEntries_.end()),
      observer_(std::move(observer)), startedAt_(fileTimeNow()),
      started_(std::chrono::steady_clock::now()) {}

void Run::open() {
  if (folder_->recorded())
    loadFromStore();
}

void Run::loadFromStore() {
  auto report = readRunReport(folder_->path(), state_.path);
  if (!report)
    return; // Damaged: the capture runs again.
  captured_ = true;
  files_ = std::move(report->files);
  state_.diagnostics = std::move(report->diagnostics);
  state_.suggestions = std::move(report->suggestions);
  for (const std::string &name : report->entries)
    if (auto entry = readEntry(folder_->path(), name))
      addEntry(std::move(*entry));
  dropMissingEntries();
  context_.loop.post(guarded([](Run &run) { run.observer_.onEntries(); }));
}

void Run::want(const std::vector<std::string> &stages,
               const std::vector<std::string> &passes, bool tableDefaults,
               const std::vector<std::string> &named) {
  if (!active_)
    started_ = std::chrono::steady_clock::now();
  passesOf_.insert(passes.begin(), passes.end());
  named_.insert(named.begin(), named.end());
  for (const auto *ids : {&stages, &passes})
    for (const std::string &id : *ids)
      for (const Stage &asked : context_.table->stages())
        if (asked.id == id &&
            (!context_.table->isOnDemand(asked.origin) ||
             std::ranges::any_of(named_, [&](const std::string &name) {
               return mayBeOf(name, asked);
             })))
          wantWithSources(asked);
  // By rows, not by ids: a stage may be made on a save for one origin only.
  for (const Stage &row : context_.table->stages())
    if (tableDefaults && row.byDefault)
      wantWithSources(row);
  // What failed by accident (time, memory, a crash) gets another try.
  for (auto &[key, cell] : cells_)
    if (cell.progress == Progress::Final && !cell.repeatable)
      cell = {};
  active_ = true;
  state_.running = true;
  for (Entry &entry : state_.entries)
    markPending(entry);
  for (const std::string &entry : seenEntries_)
    takeKnownResults(entry);
  schedule();
}

void Run::wantWithSources(const Stage &asked) {
  for (const Stage *stage : context_.table->lineage(asked))
    if (!isWanted(*stage))
      wanted_.push_back(stage);
}

void Run::markPending(Entry &entry) {
  bool isOld = !seenEntries_.contains(entry.name);
  for (const Stage *stage : wantedOf(entry))
    if (StageState *state = entry.find(stage->id)) {
      state->passesWanted = wantsPasses(*stage);
      if (isOld || cell(entry.name, stage->id).progress == Progress::Waiting)
        state->status = StageStatus::Pending;
    }
}

/// What needs no job: artifacts that the store has, and stages below a failed
/// one.
void Run::takeKnownResults(const std::string &entry) {
  const Entry &owner = *entryState(entry);
  for (const Stage *stage : wantedOf(owner)) {
    Cell &known = cell(entry, stage->id);
    if (known.progress == Progress::Waiting && folder_->recorded() &&
        hasStage(filesOf(owner, *stage)))
      read(entry, *stage);
    else if (known.progress == Progress::Final)
      seePasses(owner, *stage);
    const StageState *state = owner.find(stage->id);
    if (known.progress == Progress::Final && state->status != StageStatus::Ok)
      block(entry, *stage, state->status);
  }
}

/// Whether the passes of a stage that was made are wanted and may be had. A
/// stage that could not be tried has none, nor has one that was to keep them
/// and did not.
bool Run::awaitsPasses(const Entry &entry, const Stage &stage) {
  const Cell &made = cell(entry.name, stage.id);
  if (!wantsPasses(stage) || made.recording || made.hasPasses)
    return false;
  const StageState *state = entry.find(stage.id);
  const StageState *input = entry.find(stage.from); // Null: an origin.
  // An input that is still being read counts: if it failed, block() says so.
  bool hasInput = !input || (input->status != StageStatus::Failed &&
                             input->status != StageStatus::Unavailable);
  return state && state->blockedBy.empty() && hasInput &&
         state->status != StageStatus::Unavailable;
}

/// Reads the passes of a stage that was made, or lets schedule() make it again
/// with them. What is known of the stage stays meanwhile.
void Run::seePasses(const Entry &entry, const Stage &stage) {
  if (!awaitsPasses(entry, stage))
    return;
  if (hasPasses(filesOf(entry, stage)))
    read(entry.name, stage);
  else
    cell(entry.name, stage.id) = {};
}

void Run::cancel() {
  if (cancelled_)
    return;
  cancelled_ = true;
  for (const auto &[number, job] : jobs_)
    job.worker->cancel(job.id);
  jobs_.clear();
  for (Entry &entry : state_.entries)
    for (StageState &stage : entry.stages) {
      stage.passesWanted = false;
      if (stage.status == StageStatus::Pending)
        stage.status = stage.good ? StageStatus::Ok : StageStatus::NotAsked;
    }
  state_.running = false;
  if (std::exchange(active_, false))
    context_.loop.post([observer = observer_] { observer.onFinished(true); });
}

void Run::schedule() {
  if (cancelled_)
    return;
  scheduleCapture(/*background=*/false);
  if (captured_)
    scheduleCapture(/*background=*/true);
  for (const Entry &entry : state_.entries)
    if (seenEntries_.contains(entry.name))
      scheduleLowering(entry);
  finishIfDone();
}

/// Who captures this file.
Executor Run::captureExecutor() const {
  std::string extension = state_.path.extension().string();
  for (const Origin &origin : context_.table->origins())
    if (origin.hasExtension(extension))
      return origin.executor;
  return Executor::Python;
}

/// Before the capture nobody knows which origins the file's entries have.
bool Run::mayStemFromFile(const Stage &stage) const {
  const Origin *origin = context_.table->findOrigin(stage.origin);
  return origin && origin->hasExtension(state_.path.extension().string());
}

std::vector<const Stage *> Run::wantedOf(const Entry &entry) const {
  std::vector<const Stage *> found;
  std::ranges::copy_if(
      wanted_, std::back_inserter(found),
      [&](const Stage *stage) { return concerns(*stage, entry); });
  return found;
}

/// Whether the stage is made for this entry if it is wanted at all.
bool Run::concerns(const Stage &stage, const Entry &entry) const {
  return context_.table->applies(stage, entry.origin) &&
         (named_.contains(entry.name) ||
          !context_.table->isOnDemand(entry.origin));
}

/// Of an entry that no run has found yet nobody knows the origin.
bool Run::mayBeOf(const std::string &entry, const Stage &stage) {
  const Entry *known = entryState(entry);
  return !known || context_.table->applies(stage, known->origin);
}

bool Run::isMissing(const std::string &entry, const Stage &stage) {
  return concerns(stage, *entryState(entry)) &&
         cell(entry, stage.id).progress == Progress::Waiting;
}

/// The row with the entries that it is for, when that is not all of its origin.
std::string Run::captureRow(const Stage &stage) {
  if (!context_.table->isOnDemand(stage.origin))
    return stage.row;
  std::vector<std::string> names;
  for (const std::string &name : named_)
    if (seenEntries_.contains(name) ? isMissing(name, stage)
                                    : mayBeOf(name, stage))
      names.push_back(name);
  return withEntries(stage.row, names);
}

/// The script runs when it has not yet, and again for stages that only its own
/// process can make and that nobody wanted then. Stages that take long come
/// apart, after all others: nothing waits for them, and they have a time limit
/// of their own.
void Run::scheduleCapture(bool background) {
  bool &capturing = background ? capturingBackground_ : capturing_;
  if (capturing)
    return;
  auto missingSomewhere = [&](const Stage &stage) {
    return !captured_ ||
           std::ranges::any_of(seenEntries_, [&](const std::string &entry) {
             return isMissing(entry, stage);
           });
  };
  Executor executor = captureExecutor();
  bool fromSource = false;
  std::vector<std::string> rows;
  std::set<const Stage *> stages;
  for (const Stage *stage : wanted_) {
    if (stage->executor != executor || stage->background != background ||
        !mayStemFromFile(*stage) || !missingSomewhere(*stage))
      continue;
    bool isFirst = stage->from == stage->origin;
    if (!isFirst &&
        !stages.contains(context_.table->find(stage->from, stage->origin)))
      continue; // A lowering of an artifact that is there, not of the script.
    fromSource |= isFirst;
    rows.push_back(captureRow(*stage));
    stages.insert(stage);
  }
  if (!fromSource && captured_)
    return;
  capturing = true;
  auto passes = passesIn(stages);
  Job job{&context_.worker(executor), 0,          "",
          std::move(stages),          background, std::move(passes)};
  for (const std::string &entry : seenEntries_)
    begin(entry, job);
  auto request = captureRequest(settings_, state_.path, folder_->path(),
                                onlyEntries_, rows, job.passes, background);
  submit(std::move(request), std::move(job));
}

void Run::begin(const std::string &entry, const Job &job) {
  // A row on demand is only for the entries that miss it.
  for (const Stage *stage : job.stages)
    if (context_.table->isOnDemand(stage->origin)
            ? isMissing(entry, *stage)
            : concerns(*stage, *entryState(entry)))
      begin(entry, *stage, job);
}

void Run::begin(const std::string &entry, const Stage &stage, const Job &job) {
  Cell &made = cell(entry, stage.id);
  made.progress = Progress::Running;
  made.recording = std::ranges::find(job.passes, stage.id) != job.passes.end();
  made.hasPasses = false;
}

std::vector<std::string>
Run::passesIn(const std::set<const Stage *> &stages) const {
  std::vector<std::string> ids;
  for (const Stage *stage : stages)
    if (wantsPasses(*stage))
      ids.push_back(stage->id);
  return ids;
}

/// Whether the other stages that it reads are there.
bool Run::hasCompany(const Entry &entry, const Stage &stage) {
  return std::ranges::all_of(stage.inputs, [&](const std::string &other) {
    const StageState *state = entry.find(other);
    return state && state->status == StageStatus::Ok &&
           cell(entry.name, other).progress == Progress::Final;
  });
}

std::vector<const Stage *>
Run::waitingBelow(const Entry &entry, const Stage &input, Executor executor) {
  std::set<std::string_view> reachable{input.id};
  std::vector<const Stage *> found;
  // The table names origins first, so one pass in its order finds all
  // descendants.
  for (const Stage &stage : context_.table->stages())
    if (isWanted(stage) && stage.executor == executor &&
        stage.origin == input.origin && reachable.contains(stage.from) &&
        hasCompany(entry, stage) &&
        cell(entry.name, stage.id).progress == Progress::Waiting)
      reachable.insert(stage.id);
  for (const Stage *stage : wantedOf(entry))
    if (stage->id != input.id && reachable.contains(stage->id))
      found.push_back(stage);
  return found;
}

void Run::scheduleLowering(const Entry &entry) {
  for (const Stage *input : wantedOf(entry)) {
    const StageState *state = entry.find(input->id);
    bool isThere = cell(entry.name, input->id).progress == Progress::Final &&
                   state && state->status == StageStatus::Ok;
    if (!isThere)
      continue;
    for (Executor executor : kExecutors) {
      auto stages = waitingBelow(entry, *input, executor);
      if (stages.empty())
        continue;
      std::vector<std::string> rows;
      Job job{&context_.worker(executor), 0, entry.name, {}, false, {}};
      for (const Stage *stage : stages) {
        rows.push_back(stage->row);
        job.stages.insert(stage);
      }
      job.passes = passesIn(job.stages);
      begin(entry.name, job);
      auto request =
          lowerRequest(settings_, folder_->path(), entry.name, input->row, rows,
                       job.passes, context_.siteFolders);
      submit(std::move(request), std::move(job));
    }
  }
}

void Run::submit(std::string request, Job job) {
  std::uint64_t number = nextJob_++;
  job.id = job.worker->run(std::move(request),
                           std::chrono::seconds(settings_.timeoutSeconds),
                           guarded([number](Run &run, const JobEvent &event) {
                             run.onEvent(number, event);
                           }));
  jobs_.emplace(number, std::move(job));
}

void Run::onEvent(std::uint64_t number, const JobEvent &event) {
  auto found = jobs_.find(number);
  if (found == jobs_.end())
    return;
  switch (event.kind) {
  case JobEvent::Kind::Started:
    return;
  case JobEvent::Kind::Entry:
    return onEntry(event.entry, found->second);
  case JobEvent::Kind::Stage:
    if (isFinalStatus(event.status))
      onStageDone(event.entry, event.stage);
    return;
  case JobEvent::Kind::End:
    Job job = std::move(found->second);
    jobs_.erase(found);
    if (job.entry.empty())
      onCaptureEnd(event, job.background);
    onJobEnd(job, event);
    return schedule();
  }
}

void Run::onEntry(const std::string &name, const Job &job) {
  auto entry = readEntry(folder_->path(), name);
  if (!entry)
    return;
  bool isNew = !seenEntries_.contains(name);
  addEntry(std::move(*entry));
  if (isNew)
    begin(name, job);
  observer_.onEntries();
}

/// Takes an entry of this run into the state; artifacts of earlier runs stay.
void Run::addEntry(Entry entry) {
  bool isNew = seenEntries_.insert(entry.name).second;
  Entry *old = entryState(entry.name);
  if (old &&
      !isNew) // The script ran again for more stages: only lines can differ.
    entry.stages = std::move(old->stages);
  else
    entry.stages = freshStages(entry, old);
  if (old)
    *old = std::move(entry);
  else
    state_.entries.push_back(std::move(entry));
}

std::vector<StageState> Run::freshStages(const Entry &entry,
                                         const Entry *old) const {
  std::vector<StageState> stages;
  for (const Stage &row : context_.table->stages()) {
    if (!context_.table->applies(row, entry.origin))
      continue;
    StageState stage;
    stage.id = row.id;
    stage.target = row.target;
    stage.passesWanted = wantsPasses(row);
    if (const StageState *before = old ? old->find(row.id) : nullptr) {
      stage.good = before->good;
      stage.passes = before->passes;
    }
    if (isWanted(row) && concerns(row, entry))
      stage.status = StageStatus::Pending;
    else if (stage.good)
      stage.status = StageStatus::Ok;
    stages.push_back(std::move(stage));
  }
  return stages;
}

void Run::finishIfDone() {
  if (!active_ || !captured_ || !jobs_.empty() || finishPosted_)
    return;
  // An artifact that the store has is read, not made.
  for (const std::string &entry : seenEntries_)
    for (const Stage *stage : wantedOf(*entryState(entry)))
      if (cell(entry, stage->id).progress != Progress::Final)
        return;
  finishPosted_ = true;
  if (recordable_ && !folder_->recorded())
    record();
  context_.loop.post(guarded([](Run &run) {
    run.finishPosted_ = false;
    run.active_ = false;
    run.state_.running = false;
    run.state_.ms = std::chrono::duration<double, std::milli>(
                        std::chrono::steady_clock::now() - run.started_)
                        .count();
    run.observer_.onFinished(false);
  }));
}

void Run::record() {
  FileHashes hashes;
  for (const std::string &file : files_) {
    if (changedSince(file, startedAt_))
      return; // The script may have seen other bytes than are there now.
    hashes[file] = hashFile(file);
  }
  static_cast<void>(context_.store.record(key_, hashes, *folder_));
}

Entry *Run::entryState(const std::string &name) {
  auto found = std::ranges::find(state_.entries, name, &Entry::name);
  return found == state_.entries.end() ? nullptr : &*found;
}

StageFiles Run::filesOf(const Entry &entry, const Stage &stage) const {
  return {folder_->path(), state_.path, entry.name,
          entry.line,      stage,       wantsPasses(stage)};
}

} // namespace irlens::engine
