// The plan of a run: which stages of which entries are wanted, how far each is,
// and which jobs can be sent now.
//
// Pure: no files, no processes, no loop. run.cpp tells it what happened (an
// entry was found, a worker reported a stage, a job ended), and takes from it
// what to do next. Whether a stage is blocked is decided here and nowhere else:
// workers may report stages that they never tried, and the plan ignores it.
// Owned by a run; loop thread only.
#pragma once

#include "engine/table/stage.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

/// How far one stage of one entry is.
enum class PlanState : std::uint8_t {
  Idle,        ///< Nobody wants it.
  Wanted,      ///< To be made as soon as all that it needs is there.
  Running,     ///< A job makes it.
  Reading,     ///< Reported as made; its files are being read.
  Failing,     ///< Reported as not made; its files are being read.
  Made,        ///< Its text is there.
  Failed,      ///< The tool said no, and would say it again.
  Lost,        ///< A crash, no time or no memory: the next wish tries again.
  Unavailable, ///< A part of the installation is missing.
  Blocked,     ///< Something that it needs could not be made.
};

std::string_view toString(PlanState state);

/// Numbers the jobs of one run over all workers, from 1.
using JobNumber = std::uint64_t;

/// What a run is asked for.
struct Wish {
  /// Ids of stages; earlier ones are wanted first. What they are made from is
  /// added.
  std::vector<std::string> stages;
  /// Ids of stages that are wanted with the text after each pass.
  std::vector<std::string> recordPasses;
  /// The stages that the table makes on a save, too.
  bool defaults = false;
  /// On-demand entries to include.
  std::vector<std::string> entries;
};

/// What the plan has to know of an entry.
struct PlanEntry {
  std::string name;
  std::string origin;
  std::vector<std::string> given; ///< As in Entry.
  bool binary = false;            ///< As in Entry.
};

/// The stages that an entry can have, in the order of the table: those of its
/// origin or, if some are given, these and what can be made from them alone.
std::vector<const Stage *> stagesOf(const StageTable &table,
                                    std::string_view origin,
                                    const std::vector<std::string> &given);

/// A job that can be sent now.
struct PlannedJob {
  enum class Kind : std::uint8_t {
    Enter,             ///< The engine itself makes the entry of an IR file.
    Capture,           ///< Runs the script, finds the entries.
    BackgroundCapture, ///< Runs it again for stages that take long.
    Translate,         ///< Makes the text of the given stages of a binary file.
    Lower,             ///< Goes on from `input`.
  };
  struct Row {
    const Stage *stage = nullptr;
    /// Of an origin on demand: the entries that it is made for.
    std::vector<std::string> entries;
  };

  JobNumber number = 0;
  Kind kind = Kind::Lower;
  Executor executor = Executor::Mlir;
  std::string entry;            ///< Of Translate and Lower.
  const Stage *input = nullptr; ///< Of Lower.
  std::vector<Row> rows;        ///< Those that are wanted first come first.
  std::vector<std::string> recordPasses;
  int width = 1; ///< The most stages that could ever run side by side.

  bool isCapture() const {
    return kind == Kind::Capture || kind == Kind::BackgroundCapture;
  }
  /// Whether it makes this stage for this entry.
  bool makes(std::string_view entry, const Stage &stage) const;
};

/// One stage of one entry.
struct PlanPlace {
  std::string entry;
  const Stage *stage = nullptr;
  bool operator==(const PlanPlace &) const = default;
};

struct Blocking {
  PlanPlace place;
  const Stage *cause = nullptr; ///< What could not be made.
};

class Plan {
public:
  /// What is known of the file before anything has run.
  struct File {
    std::string extension; ///< With the dot.
    Executor captor = Executor::Python;
    bool enters = false; ///< It holds an IR: nothing is captured.
    /// Origins of the entries that an earlier run found.
    std::map<std::string, std::string> earlierEntries;
  };

  Plan(std::shared_ptr<const StageTable> table, File file,
       const std::vector<std::string> &namedEntries = {});

  /// Adds to what is wanted. What was lost is wanted again.
  void want(const Wish &wish);
  /// Adds an entry, or does nothing. `finder`: the capture that found it, 0
  /// when it was known to the store.
  void addEntry(PlanEntry entry, JobNumber finder = 0);
  /// All entries are known, without a capture.
  void setDiscovered() { discovered_ = true; }

  /// The next job; its stages count as running from now on. Until there is
  /// none.
  std::optional<PlannedJob> takeJob();
  /// A worker reports a stage. True when it is to be read now: not if another
  /// job makes it, or if it was not tried.
  bool report(JobNumber job, std::string_view entry, std::string_view stage,
              bool made);
  /// Returns the stages that the job should have made and did not even report:
  /// finish() is due for each.
  std::vector<PlanPlace> end(JobNumber job);
  /// The store has an answer for a wanted stage. True when it is to be read
  /// now: not while something that it needs could not be made.
  bool takeStored(const PlanPlace &place, bool made);
  /// The stage has been read. `outcome`: Made, Failed, Lost or Unavailable.
  void finish(const PlanPlace &place, PlanState outcome, bool gotPasses);
  /// Blocks what cannot be made any more; returns what is newly blocked.
  std::vector<Blocking> block();

  /// Stages that were made or tried, whose passes are wanted and for which
  /// nobody was asked. For each, either readAgain() or makeAgain() is due.
  std::vector<PlanPlace> withoutPasses() const;
  void readAgain(const PlanPlace &place);
  void makeAgain(const PlanPlace &place);

  bool hasEntry(std::string_view name) const { return find(name); }
  bool isDiscovered() const { return discovered_; }
  /// Nothing runs, waits or is being read.
  bool isSettled() const;
  PlanState state(std::string_view entry, std::string_view stage) const;
  /// The stages of an entry that are wanted, earlier wishes first.
  std::vector<const Stage *> wantedOf(std::string_view entry) const;
  /// Whether the stage is wanted for an entry of this name and origin.
  bool isWanted(const Stage &stage, const std::string &entry,
                std::string_view origin) const;
  bool wantsPasses(const Stage &stage) const {
    return stage.recordsPasses && recordPasses_.contains(stage.id);
  }

private:
  /// Whether the passes of a stage are there.
  enum class Passes : std::uint8_t { Unknown, Asked, Read };
  struct Cell {
    const Stage *stage = nullptr;
    PlanState state = PlanState::Idle;
    Passes passes = Passes::Unknown;
    JobNumber job = 0;                ///< That makes it, or made it.
    const Stage *blockedBy = nullptr; ///< The cause, not what stands between.
  };
  struct EntryCells {
    PlanEntry entry;
    std::vector<Cell> cells; ///< In the order of the table.

    const Cell *find(std::string_view stage) const;
    Cell *find(std::string_view stage);
  };

  const EntryCells *find(std::string_view entry) const;
  EntryCells *find(std::string_view entry);
  Cell &at(const PlanPlace &place);
  bool concerns(const Stage &stage, const std::string &entry,
                std::string_view origin) const;
  bool mayBeOf(const std::string &entry, const Stage &stage) const;
  void wantWithNeeds(const Stage &asked);
  void updateWanted(EntryCells &entry);
  void releaseBelow(EntryCells &entry, const Stage &stage);
  static const Cell *failedNeed(const EntryCells &entry, const Stage &stage);

  std::optional<PlannedJob> nextJob();
  std::optional<PlannedJob> nextEntering() const;
  std::optional<PlannedJob> nextCapture(bool background) const;
  std::optional<PlannedJob> nextTranslation(const EntryCells &entry) const;
  std::optional<PlannedJob> nextLowering(const EntryCells &entry) const;
  std::vector<const Stage *> wantedBelow(const EntryCells &entry,
                                         const Stage &input,
                                         Executor executor) const;
  std::optional<PlannedJob::Row> captureRow(const Stage &stage,
                                            bool background) const;
  bool mayStemFromFile(const Stage &stage) const;
  void begin(EntryCells &entry, const PlannedJob &job);
  int widthOf(const PlannedJob &job) const;

  std::shared_ptr<const StageTable> table_;
  File file_;
  std::set<std::string> named_; ///< Entries that are meant, also on demand.
  std::vector<const Stage *> wanted_; ///< Earlier wishes first, needs first.
  std::set<std::string> recordPasses_;
  std::vector<EntryCells> entries_; ///< As they were found.
  std::map<JobNumber, PlannedJob> running_;
  JobNumber lastJob_ = 0;
  bool discovered_ = false; ///< All entries are known.
};

} // namespace irlens::engine
