// What is wanted and how far it is; plan_jobs.cpp says what can be sent.
#include "engine/run/plan.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace irlens::engine {
namespace {

/// Of a stage in this state nothing can be made.
bool isHopeless(PlanState state) {
  switch (state) {
  case PlanState::Failing:
  case PlanState::Failed:
  case PlanState::Lost:
  case PlanState::Unavailable:
  case PlanState::Blocked:
    return true;
  default:
    return false;
  }
}

/// Something is still to happen.
bool isOpen(PlanState state) {
  switch (state) {
  case PlanState::Wanted:
  case PlanState::Running:
  case PlanState::Reading:
  case PlanState::Failing:
    return true;
  default:
    return false;
  }
}

template <typename T>
bool contains(const std::vector<T> &list, const auto &item) {
  return std::ranges::find(list, item) != list.end();
}

} // namespace

std::string_view toString(PlanState state) {
  switch (state) {
  case PlanState::Idle:
    return "idle";
  case PlanState::Wanted:
    return "wanted";
  case PlanState::Running:
    return "running";
  case PlanState::Reading:
    return "reading";
  case PlanState::Failing:
    return "failing";
  case PlanState::Made:
    return "made";
  case PlanState::Failed:
    return "failed";
  case PlanState::Lost:
    return "lost";
  case PlanState::Unavailable:
    return "unavailable";
  case PlanState::Blocked:
    return "blocked";
  }
  return "?";
}

std::vector<const Stage *> stagesOf(const StageTable &table,
                                    std::string_view origin,
                                    const std::vector<std::string> &given) {
  std::vector<const Stage *> stages;
  auto isReached = [&](const std::string &id) {
    return std::ranges::find(stages, id, &Stage::id) != stages.end();
  };
  // The table names what a stage needs above it.
  for (const Stage &stage : table.stages())
    if (table.applies(stage, origin) &&
        (given.empty() || contains(given, stage.id) ||
         ((stage.fromFile || isReached(stage.from)) &&
          std::ranges::all_of(stage.inputs, isReached))))
      stages.push_back(&stage);
  return stages;
}

Plan::Plan(std::shared_ptr<const StageTable> table, File file,
           const std::vector<std::string> &namedEntries)
    : table_(std::move(table)), file_(std::move(file)),
      named_(namedEntries.begin(), namedEntries.end()) {}

const Plan::Cell *Plan::EntryCells::find(std::string_view stage) const {
  auto found = std::ranges::find_if(
      cells, [&](const Cell &cell) { return cell.stage->id == stage; });
  return found == cells.end() ? nullptr : &*found;
}

Plan::Cell *Plan::EntryCells::find(std::string_view stage) {
  return const_cast<Cell *>(std::as_const(*this).find(stage));
}

const Plan::EntryCells *Plan::find(std::string_view name) const {
  auto found = std::ranges::find_if(entries_, [&](const EntryCells &cells) {
    return cells.entry.name == name;
  });
  return found == entries_.end() ? nullptr : &*found;
}

Plan::EntryCells *Plan::find(std::string_view name) {
  return const_cast<EntryCells *>(std::as_const(*this).find(name));
}

Plan::Cell &Plan::at(const PlanPlace &place) {
  return *find(place.entry)->find(place.stage->id);
}

PlanState Plan::state(std::string_view entry, std::string_view stage) const {
  const EntryCells *cells = find(entry);
  const Cell *cell = cells ? cells->find(stage) : nullptr;
  return cell ? cell->state : PlanState::Idle;
}

void Plan::want(const Wish &wish) {
  recordPasses_.insert(wish.recordPasses.begin(), wish.recordPasses.end());
  named_.insert(wish.entries.begin(), wish.entries.end());
  auto isAsked = [&](const Stage &stage) {
    return !table_->isOnDemand(stage.origin) ||
           std::ranges::any_of(named_, [&](const std::string &name) {
             return mayBeOf(name, stage);
           });
  };
  for (const auto *ids : {&wish.stages, &wish.recordPasses})
    for (const std::string &id : *ids)
      for (const Stage &stage : table_->stages())
        if (stage.id == id && isAsked(stage))
          wantWithNeeds(stage);
  // By rows, not by ids: a stage may be made on a save for one origin only.
  for (const Stage &stage : table_->stages())
    if (wish.defaults && stage.byDefault)
      wantWithNeeds(stage);
  for (EntryCells &entry : entries_)
    updateWanted(entry);
}

void Plan::wantWithNeeds(const Stage &asked) {
  for (const Stage *stage : table_->lineage(asked))
    if (!contains(wanted_, stage))
      wanted_.push_back(stage);
}

/// What was lost, and what that blocked, gets another try.
void Plan::updateWanted(EntryCells &entry) {
  for (Cell &cell : entry.cells)
    if (cell.state == PlanState::Blocked &&
        entry.find(cell.blockedBy->id)->state == PlanState::Lost)
      cell = {.stage = cell.stage};
  for (Cell &cell : entry.cells) {
    if (cell.state == PlanState::Lost)
      cell = {.stage = cell.stage};
    // The text of the file itself is shown whether it is asked for or not.
    if (cell.state == PlanState::Idle &&
        (contains(entry.entry.given, cell.stage->id) ||
         isWanted(*cell.stage, entry.entry.name, entry.entry.origin)))
      cell.state = PlanState::Wanted;
  }
}

void Plan::addEntry(PlanEntry entry, JobNumber finder) {
  if (hasEntry(entry.name))
    return;
  EntryCells &added = entries_.emplace_back(std::move(entry));
  for (const Stage *stage :
       stagesOf(*table_, added.entry.origin, added.entry.given))
    added.cells.push_back({.stage = stage});
  updateWanted(added);
  if (auto job = running_.find(finder); job != running_.end())
    begin(added, job->second);
}

bool Plan::isWanted(const Stage &stage, const std::string &entry,
                    std::string_view origin) const {
  return contains(wanted_, &stage) && concerns(stage, entry, origin);
}

/// Whether the stage is made for this entry if it is wanted at all.
bool Plan::concerns(const Stage &stage, const std::string &entry,
                    std::string_view origin) const {
  return table_->applies(stage, origin) &&
         (named_.contains(entry) || !table_->isOnDemand(origin));
}

/// Of an entry that no run has found yet nobody knows the origin.
bool Plan::mayBeOf(const std::string &entry, const Stage &stage) const {
  if (const EntryCells *known = find(entry))
    return known->find(stage.id) && table_->applies(stage, known->entry.origin);
  auto earlier = file_.earlierEntries.find(entry);
  return earlier == file_.earlierEntries.end() ||
         table_->applies(stage, earlier->second);
}

std::vector<const Stage *> Plan::wantedOf(std::string_view name) const {
  std::vector<const Stage *> found;
  const EntryCells *entry = find(name);
  if (!entry)
    return found;
  auto add = [&](const Stage *stage) {
    const Cell *cell = entry->find(stage->id);
    if (cell && cell->stage == stage && cell->state != PlanState::Idle &&
        !contains(found, stage))
      found.push_back(stage);
  };
  std::ranges::for_each(wanted_, add);
  for (const Cell &cell : entry->cells)
    add(cell.stage); // Given ones, which nobody has to ask for.
  return found;
}

bool Plan::report(JobNumber job, std::string_view entryName,
                  std::string_view stage, bool made) {
  EntryCells *entry = find(entryName);
  Cell *cell = entry ? entry->find(stage) : nullptr;
  if (!cell || cell->state != PlanState::Running || cell->job != job)
    return false;
  cell->state = made ? PlanState::Reading : PlanState::Failing;
  if (!made)
    releaseBelow(*entry, *cell->stage);
  return true;
}

/// The job does not try what is made from a stage that it could not make,
/// whatever it may report: that waits again, for block().
void Plan::releaseBelow(EntryCells &entry, const Stage &stage) {
  std::vector<std::string_view> hopeless{stage.id};
  JobNumber job = entry.find(stage.id)->job;
  for (Cell &cell : entry.cells)
    if (cell.state == PlanState::Running && cell.job == job &&
        std::ranges::any_of(hopeless, [&](std::string_view id) {
          return cell.stage->needs(id);
        })) {
      cell.state = PlanState::Wanted;
      hopeless.push_back(cell.stage->id);
    }
}

std::vector<PlanPlace> Plan::end(JobNumber number) {
  std::vector<PlanPlace> unanswered;
  auto ended = running_.extract(number);
  if (!ended)
    return unanswered;
  if (ended.mapped().kind == PlannedJob::Kind::Enter ||
      ended.mapped().kind == PlannedJob::Kind::Capture)
    discovered_ = true;
  for (EntryCells &entry : entries_)
    for (Cell &cell : entry.cells)
      if (cell.state == PlanState::Running && cell.job == number) {
        releaseBelow(entry, *cell.stage);
        unanswered.push_back({entry.entry.name, cell.stage});
      }
  return unanswered;
}

bool Plan::takeStored(const PlanPlace &place, bool made) {
  Cell &cell = at(place);
  // A worker leaves a report for what it did not try, too.
  if (cell.state != PlanState::Wanted ||
      failedNeed(*find(place.entry), *place.stage))
    return false;
  cell.state = made ? PlanState::Reading : PlanState::Failing;
  return true;
}

void Plan::finish(const PlanPlace &place, PlanState outcome, bool gotPasses) {
  Cell &cell = at(place);
  cell.state = outcome;
  cell.blockedBy = nullptr;
  if (gotPasses)
    cell.passes = Passes::Read;
}

/// A stage that this one needs and that cannot be made; null if there is none.
const Plan::Cell *Plan::failedNeed(const EntryCells &entry,
                                   const Stage &stage) {
  for (const Cell &cell : entry.cells)
    if (stage.needs(cell.stage->id) && isHopeless(cell.state))
      return &cell;
  return nullptr;
}

std::vector<Blocking> Plan::block() {
  std::vector<Blocking> blocked;
  for (EntryCells &entry : entries_)
    for (Cell &cell : entry.cells) {
      if (cell.state != PlanState::Wanted)
        continue;
      const Cell *need = failedNeed(entry, *cell.stage);
      if (!need || need->state == PlanState::Failing)
        continue; // A failure counts when its reason has been read.
      cell.state = PlanState::Blocked;
      cell.blockedBy = need->blockedBy ? need->blockedBy : need->stage;
      blocked.push_back({{entry.entry.name, cell.stage}, cell.blockedBy});
    }
  return blocked;
}

std::vector<PlanPlace> Plan::withoutPasses() const {
  std::vector<PlanPlace> found;
  for (const EntryCells &entry : entries_)
    for (const Cell &cell : entry.cells)
      if (cell.passes == Passes::Unknown && wantsPasses(*cell.stage) &&
          !contains(entry.entry.given, cell.stage->id) &&
          isWanted(*cell.stage, entry.entry.name, entry.entry.origin) &&
          (cell.state == PlanState::Made || cell.state == PlanState::Failed ||
           cell.state == PlanState::Lost))
        found.push_back({entry.entry.name, cell.stage});
  return found;
}

void Plan::readAgain(const PlanPlace &place) {
  Cell &cell = at(place);
  cell.passes = Passes::Asked;
  cell.state =
      cell.state == PlanState::Made ? PlanState::Reading : PlanState::Failing;
}

void Plan::makeAgain(const PlanPlace &place) {
  at(place) = {.stage = place.stage, .state = PlanState::Wanted};
}

bool Plan::isSettled() const {
  return discovered_ && running_.empty() &&
         std::ranges::none_of(entries_, [](const EntryCells &entry) {
           return std::ranges::any_of(entry.cells, [](const Cell &cell) {
             return isOpen(cell.state);
           });
         });
}

} // namespace irlens::engine
