// What a run asks of the workers; run_events.cpp has what becomes of it.
#include "engine/run/run.h"

#include "engine/run/job_request.h"
#include "engine/run/passes.h"
#include "engine/store/files.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace irlens::engine {
namespace {

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

/// What the plan has to know of the file.
Plan::File planFile(const FileState &state, const StageTable &table,
                    bool enters) {
  Plan::File file;
  file.extension = state.path.extension().string();
  file.enters = enters;
  for (const Entry &entry : state.entries)
    file.earlierEntries[entry.name] = entry.origin;
  auto origin = std::ranges::find_if(table.origins(), [&](const Origin &row) {
    return row.hasExtension(file.extension);
  });
  if (origin != table.origins().end())
    file.captor = origin->executor;
  return file;
}

/// As the worker gets it.
std::string rowOf(const PlannedJob &job, const PlannedJob::Row &row) {
  if (job.kind == PlannedJob::Kind::Translate)
    return translationRow(*row.stage);
  if (row.stage->fromFile && job.input)
    return fileRow(*row.stage, job.input->id);
  if (!row.entries.empty())
    return withEntries(*row.stage, row.entries);
  return row.stage->row;
}

} // namespace

Run::Run(RunContext context, Settings settings, FileState &state,
         std::string key, std::shared_ptr<RunFolder> folder,
         std::vector<std::string> entries, RunObserver observer)
    : context_(std::move(context)), settings_(std::move(settings)),
      state_(state), key_(std::move(key)), folder_(std::move(folder)),
      onlyEntries_(std::move(entries)), observer_(std::move(observer)),
      plan_(context_.table,
            planFile(state, *context_.table, context_.enter.has_value()),
            onlyEntries_),
      startedAt_(fileTimeNow()), started_(std::chrono::steady_clock::now()) {}

void Run::open() {
  // Without a report the folder is damaged: everything is made again.
  if (!folder_->recorded() || !loadEntries())
    return;
  plan_.setDiscovered();
  context_.loop.post(guarded([](Run &run) { run.observer_.onEntries(); }));
}

void Run::want(const Wish &wish) {
  if (!active_)
    started_ = std::chrono::steady_clock::now();
  plan_.want(wish);
  active_ = true;
  state_.running = true;
  for (Entry &entry : state_.entries)
    markPending(entry);
  takeStored();
  schedule();
}

/// What needs no job: texts that the store has, and the file's own.
void Run::takeStored() {
  for (const Entry &entry : state_.entries)
    for (const Stage *stage : plan_.wantedOf(entry.name)) {
      PlanPlace place{entry.name, stage};
      if (plan_.state(entry.name, stage->id) != PlanState::Wanted ||
          (!folder_->recorded() && !entry.isGiven(stage->id)))
        continue;
      auto stored = storedAnswer(filesOf(place));
      if (stored && plan_.takeStored(place, *stored == StageStatus::Ok))
        read(place);
    }
}

/// Passes that were recorded are read. A stage that was made without them is
/// made again; what is known of it stays meanwhile.
void Run::collectPasses() {
  for (const PlanPlace &place : plan_.withoutPasses())
    if (hasPasses(filesOf(place))) {
      plan_.readAgain(place);
      read(place);
    } else {
      plan_.makeAgain(place);
    }
}

void Run::schedule() {
  if (cancelled_)
    return;
  collectPasses();
  refuseUntrusted();
  tellBlocked();
  while (auto job = plan_.takeJob())
    if (job->kind == PlannedJob::Kind::Enter)
      enter(*job);
    else
      submit(std::move(*job));
  finishIfDone();
}

void Run::submit(PlannedJob job) {
  Worker &worker = context_.worker(job.executor);
  JobNumber number = job.number;
  JobId id =
      worker.run(requestOf(job), std::chrono::seconds(settings_.timeoutSeconds),
                 guarded([number](Run &run, const JobEvent &event) {
                   run.onEvent(number, event);
                 }),
                 job.width);
  jobs_.emplace(number, Job{&worker, id, std::move(job)});
}

std::string Run::requestOf(const PlannedJob &job) {
  const std::filesystem::path &out = folder_->path();
  std::vector<std::string> rows;
  for (const PlannedJob::Row &row : job.rows)
    rows.push_back(rowOf(job, row));
  if (job.isCapture())
    return captureRequest(settings_,
                          {state_.path, out, onlyEntries_,
                           job.kind == PlannedJob::Kind::BackgroundCapture},
                          {rows, job.recordPasses});
  LowerInput input = job.input ? inputOf(*job.input, out / job.entry)
                               : LowerInput{kBitcode, "llvm", state_.path, {}};
  const Entry &entry = *entryState(job.entry);
  // A given text is the user's own file, unless a program has printed it.
  if (context_.enter && (!job.input || entry.isGiven(job.input->id)))
    input.name = state_.path;
  return lowerRequest(settings_, {out, job.entry, input, context_.siteFolders},
                      {rows, job.recordPasses});
}

/// Nobody has to run a file that holds an IR: its entry and its text are
/// written here.
void Run::enter(const PlannedJob &job) {
  if (!context_.enter)
    return; // only files that enter have such a job
  auto written = std::make_shared<Result<void>>();
  auto file = enteredFile(*context_.enter, *context_.table, state_.path,
                          context_.enter->binary ? nullptr : &state_.text);
  context_.loop.work(
      [written, file = std::move(file), out = folder_->path()] {
        *written = writeEntered(file, out);
      },
      guarded([written, number = job.number](Run &run) {
        run.onEntered(number, *written);
      }));
}

/// What a program has printed enters as if it were a file; the capture ends
/// when it is there. False if there is nothing.
bool Run::enterPrinted(const PlannedJob &job, const JobEvent &end) {
  auto report = readRunReport(folder_->path(), state_.path);
  if (!report || !report->printed)
    return false;
  auto written = std::make_shared<Result<void>>();
  context_.loop.work(
      [written, printed = *report->printed, table = context_.table,
       path = state_.path, out = folder_->path()] {
        *written = writePrinted(printed, *table, path, out);
      },
      guarded([written, job, end](Run &run) {
        JobEvent told = end;
        if (!*written)
          told.message = written->error().message;
        run.finishJob(job, told);
        run.takeStored();
        run.schedule();
      }));
  return true;
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

void Run::finishIfDone() {
  if (!active_ || finishPosted_ || !plan_.isSettled())
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

StageFiles Run::filesOf(const PlanPlace &place) {
  const Entry &entry = *entryState(place.entry);
  return {folder_->path(), state_.path,  entry.name,
          entry.line,      *place.stage, plan_.wantsPasses(*place.stage)};
}

} // namespace irlens::engine
