// Which jobs can be sent now: first the one that finds the entries, then, as
// texts arrive, those that other workers make of them.
#include "engine/run/plan.h"

#include <algorithm>
#include <limits>
#include <ranges>
#include <utility>

namespace irlens::engine {
namespace {

using Kind = PlannedJob::Kind;

const PlannedJob::Row *rowOf(const PlannedJob &job, const Stage *stage) {
  auto found = std::ranges::find(job.rows, stage, &PlannedJob::Row::stage);
  return found == job.rows.end() ? nullptr : &*found;
}

bool contains(const std::vector<std::string> &list, std::string_view item) {
  return std::ranges::find(list, item) != list.end();
}

bool runs(const std::map<JobNumber, PlannedJob> &jobs, Kind kind) {
  return std::ranges::any_of(
      std::views::values(jobs),
      [&](const PlannedJob &job) { return job.kind == kind; });
}

} // namespace

bool PlannedJob::makes(std::string_view of, const Stage &stage) const {
  const Row *row = rowOf(*this, &stage);
  if (!row || (!isCapture() && entry != of))
    return false;
  return row->entries.empty() ||
         std::ranges::find(row->entries, of) != row->entries.end();
}

std::optional<PlannedJob> Plan::takeJob() {
  auto job = nextJob();
  if (!job)
    return std::nullopt;
  job->number = ++lastJob_;
  for (const PlannedJob::Row &row : job->rows)
    if (wantsPasses(*row.stage))
      job->recordPasses.push_back(row.stage->id);
  job->width = widthOf(*job);
  for (EntryCells &entry : entries_)
    begin(entry, *job);
  running_.emplace(job->number, *job);
  return job;
}

std::optional<PlannedJob> Plan::nextJob() {
  auto job = file_.enters ? nextEntering() : nextCapture(/*background=*/false);
  if (!job && discovered_ && !file_.enters)
    job = nextCapture(/*background=*/true);
  for (auto entry = entries_.begin(); !job && entry != entries_.end();
       ++entry) {
    job = nextTranslation(*entry);
    if (!job)
      job = nextLowering(*entry);
  }
  return job;
}

std::optional<PlannedJob> Plan::nextEntering() const {
  if (discovered_ || runs(running_, Kind::Enter))
    return std::nullopt;
  PlannedJob job;
  job.kind = Kind::Enter;
  return job;
}

/// The script runs when it has not yet, and again for stages that only its own
/// process can make and that nobody wanted then. Stages that take long come in
/// the background, after all others: nothing waits for them, and they have a
/// time limit of their own.
std::optional<PlannedJob> Plan::nextCapture(bool background) const {
  PlannedJob job;
  job.kind = background ? Kind::BackgroundCapture : Kind::Capture;
  job.executor = file_.captor;
  if (runs(running_, job.kind))
    return std::nullopt;
  bool needsScript = !background && !discovered_;
  for (const Stage *stage : wanted_) {
    auto row = captureRow(*stage, background);
    if (!row)
      continue;
    bool isFirst = stage->from == stage->origin;
    const Stage *parent = table_->find(stage->from, stage->origin);
    if (!isFirst && !rowOf(job, parent))
      continue; // A lowering of a text that is there, not of the script.
    needsScript |= isFirst;
    job.rows.push_back(std::move(*row));
  }
  if (!needsScript)
    return std::nullopt;
  return job;
}

/// The row with the entries that it is for, when that is not all of its origin;
/// nothing if a capture has nothing to do with it.
std::optional<PlannedJob::Row> Plan::captureRow(const Stage &stage,
                                                bool background) const {
  if (stage.executor != file_.captor || stage.background != background ||
      stage.untrusted || !mayStemFromFile(stage))
    return std::nullopt;
  auto isMissing = [&](const EntryCells &entry) {
    const Cell *cell = entry.find(stage.id);
    return cell && cell->stage == &stage && cell->state == PlanState::Wanted;
  };
  if (discovered_ && std::ranges::none_of(entries_, isMissing))
    return std::nullopt;
  PlannedJob::Row row{&stage, {}};
  if (!table_->isOnDemand(stage.origin))
    return row;
  for (const std::string &name : named_) {
    const EntryCells *known = find(name);
    if (known ? isMissing(*known) : mayBeOf(name, stage))
      row.entries.push_back(name);
  }
  if (row.entries.empty())
    return std::nullopt;
  return row;
}

/// Before the capture nobody knows which origins the file's entries have.
bool Plan::mayStemFromFile(const Stage &stage) const {
  const Origin *origin = table_->findOrigin(stage.origin);
  return origin && origin->hasExtension(file_.extension);
}

std::optional<PlannedJob> Plan::nextTranslation(const EntryCells &entry) const {
  PlannedJob job;
  job.kind = Kind::Translate;
  job.entry = entry.entry.name;
  for (const Cell &cell : entry.cells)
    if (entry.entry.binary && cell.state == PlanState::Wanted &&
        contains(entry.entry.given, cell.stage->id))
      job.rows.push_back({cell.stage, {}});
  if (job.rows.empty())
    return std::nullopt;
  return job;
}

std::optional<PlannedJob> Plan::nextLowering(const EntryCells &entry) const {
  for (const Stage *input : wantedOf(entry.entry.name)) {
    if (entry.find(input->id)->state != PlanState::Made)
      continue;
    for (Executor executor : kExecutors) {
      PlannedJob job;
      job.executor = executor;
      job.entry = entry.entry.name;
      job.input = input;
      for (const Stage *stage : wantedBelow(entry, *input, executor))
        job.rows.push_back({stage, {}});
      if (!job.rows.empty())
        return job;
    }
  }
  return std::nullopt;
}

/// The stages that this worker can make in one go from a text that is there.
std::vector<const Stage *> Plan::wantedBelow(const EntryCells &entry,
                                             const Stage &input,
                                             Executor executor) const {
  auto isMade = [&](const std::string &id) {
    const Cell *cell = entry.find(id);
    return cell && cell->state == PlanState::Made;
  };
  std::set<std::string_view> reachable{input.id};
  if (!entry.entry.given.empty() && entry.entry.given.front() == input.id)
    reachable.insert(entry.entry.origin); // What is made from the file's text.
  // The table names what a stage is made from above it.
  for (const Cell &cell : entry.cells)
    if (cell.state == PlanState::Wanted && cell.stage->executor == executor &&
        !cell.stage->untrusted &&
        !contains(entry.entry.given, cell.stage->id) &&
        reachable.contains(cell.stage->from) &&
        std::ranges::all_of(cell.stage->inputs, isMade))
      reachable.insert(cell.stage->id);
  std::vector<const Stage *> found;
  for (const Stage *stage : wantedOf(entry.entry.name))
    if (stage->id != input.id && reachable.contains(stage->id))
      found.push_back(stage);
  return found;
}

/// The job makes what the entry lacks; of a row that others lack it has the
/// text already.
void Plan::begin(EntryCells &entry, const PlannedJob &job) {
  for (Cell &cell : entry.cells) {
    if (cell.state != PlanState::Wanted ||
        !job.makes(entry.entry.name, *cell.stage))
      continue;
    cell.state = PlanState::Running;
    cell.job = job.number;
    cell.passes = contains(job.recordPasses, cell.stage->id) ? Passes::Asked
                                                             : Passes::Unknown;
  }
}

/// Rows that nothing in the job is made from can run side by side; a capture
/// has them for each entry, and does not know how many there will be.
int Plan::widthOf(const PlannedJob &job) const {
  auto isParent = [&](const PlannedJob::Row &row) {
    return std::ranges::any_of(job.rows, [&](const PlannedJob::Row &other) {
      return other.stage->origin == row.stage->origin &&
             other.stage->needs(row.stage->id);
    });
  };
  auto leaves = static_cast<int>(std::ranges::count_if(
      job.rows, [&](const PlannedJob::Row &row) { return !isParent(row); }));
  if (!job.isCapture())
    return std::max(1, leaves);
  if (!discovered_)
    return std::numeric_limits<int>::max();
  return std::max(1, leaves * static_cast<int>(entries_.size()));
}

} // namespace irlens::engine
