// The plan of a run as transcripts: what happens, and what the plan says to it.
#include "engine/run/plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <ostream>
#include <sstream>

namespace irlens::engine {
namespace {

constexpr const char *kTable = R"json({"origins": [
  {"id": "model", "worker": "python", "extensions": ["py"]},
  {"id": "variant", "worker": "python", "extensions": ["py"], "on-demand": true,
   "inherits": "model", "roots": ["torch"]},
  {"id": "ir", "worker": "mlir", "extensions": ["mlir"], "inherits": "model",
   "enters": [{"stages": ["linalg"], "extensions": ["mlir"]}]}
 ], "stages": [
  {"id": "fx", "from": "model", "steps": [{"capture": "fx"}]},
  {"id": "torch", "from": "model", "default": true, "passes": true,
   "steps": [{"capture": "torch"}]},
  {"id": "linalg", "from": "torch", "default": true, "passes": true,
   "steps": [{"torch-mlir": "x"}]},
  {"id": "tosa", "from": "torch", "steps": [{"torch-mlir": "x"}]},
  {"id": "llvm", "from": "linalg", "passes": true, "steps": [{"mlir": "x"}]},
  {"id": "x86", "from": "llvm", "steps": [{"codegen": {}}]},
  {"id": "arm", "from": "llvm", "steps": [{"codegen": {}}]},
  {"id": "slow", "from": "model", "background": true,
   "steps": [{"capture": "slow"}]},
  {"id": "reference", "from": "model", "steps": [{"capture": "reference"}]},
  {"id": "check", "from": "llvm", "inputs": ["reference"],
   "steps": [{"execute": "reference"}]}
]})json";

std::vector<std::string> split(const std::string &text, char at) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, at);)
    if (!part.empty())
      parts.push_back(part);
  return parts;
}

std::string describe(const PlannedJob &job) {
  constexpr const char *kKinds[] = {"enter", "capture", "background",
                                    "translate", "lower"};
  std::string text =
      fmt::format("{}:{}", job.number, kKinds[static_cast<int>(job.kind)]);
  if (!job.entry.empty())
    text += " " + job.entry;
  if (job.input)
    text += " from " + job.input->id;
  std::vector<std::string> rows;
  for (const PlannedJob::Row &row : job.rows)
    rows.push_back(row.entries.empty()
                       ? row.stage->id
                       : fmt::format("{}({})", row.stage->id,
                                     fmt::join(row.entries, ",")));
  if (!rows.empty())
    text += fmt::format(" {}", fmt::join(rows, ","));
  if (!job.recordPasses.empty())
    text += fmt::format(" passes={}", fmt::join(job.recordPasses, ","));
  return text;
}

/// A plan that obeys words.
class Obedient {
public:
  explicit Obedient(const std::string &extension)
      : table_(std::make_shared<const StageTable>(
            StageTable::parse(kTable).value())),
        plan_(table_, {.extension = extension,
                       .captor = Executor::Python,
                       .enters = extension == ".mlir",
                       .earlierEntries = {}}) {}

  std::string obey(const std::string &command) {
    auto words = split(command, ' ');
    const std::string &verb = words[0];
    if (verb == "want")
      return want(words);
    if (verb == "entry") // NAME ORIGIN by JOB | NAME ORIGIN given STAGE
      return addEntry(words);
    if (verb == "jobs")
      return takeJobs();
    if (verb == "report") // JOB ENTRY STAGE ok|failed
      return plan_.report(std::stoull(words[1]), words[2], words[3],
                          words[4] == "ok")
                 ? "read"
                 : "ignored";
    if (verb == "stored") // ENTRY STAGE ok|failed
      return plan_.takeStored(place(words[1], words[2]), words[3] == "ok")
                 ? "read"
                 : "ignored";
    if (verb == "is") // ENTRY STAGE OUTCOME [passes]
      return finish(words);
    if (verb == "end")
      return textOf(plan_.end(std::stoull(words[1])));
    if (verb == "block")
      return block();
    if (verb == "without-passes")
      return textOf(plan_.withoutPasses());
    if (verb == "read-again")
      plan_.readAgain(place(words[1], words[2]));
    if (verb == "make-again")
      plan_.makeAgain(place(words[1], words[2]));
    if (verb == "discovered")
      plan_.setDiscovered();
    if (verb == "settled")
      return plan_.isSettled() ? "yes" : "no";
    if (verb == "states")
      return states(words[1]);
    return "";
  }

private:
  PlanPlace place(const std::string &entry, const std::string &stage) {
    return {entry, table_->find(stage, origins_[entry])};
  }

  std::string want(const std::vector<std::string> &words) {
    Wish wish;
    for (std::size_t i = 1; i < words.size(); ++i)
      if (words[i] == "defaults")
        wish.defaults = true;
      else if (words[i].starts_with("passes="))
        wish.recordPasses = split(words[i].substr(7), ',');
      else if (words[i].starts_with("entries="))
        wish.entries = split(words[i].substr(8), ',');
      else
        wish.stages = split(words[i], ',');
    plan_.want(wish);
    return "";
  }

  std::string addEntry(const std::vector<std::string> &words) {
    origins_[words[1]] = words[2];
    PlanEntry entry;
    entry.name = words[1];
    entry.origin = words[2];
    bool isFound = words.size() > 4 && words[3] == "by";
    if (words.size() > 4 && !isFound) {
      entry.given = {words[4]};
      entry.binary = words[3] == "binary";
    }
    plan_.addEntry(entry, isFound ? std::stoull(words[4]) : 0);
    return "";
  }

  std::string takeJobs() {
    std::vector<std::string> jobs;
    while (auto job = plan_.takeJob())
      jobs.push_back(describe(*job));
    return fmt::format("{}", fmt::join(jobs, "; "));
  }

  std::string finish(const std::vector<std::string> &words) {
    for (PlanState outcome : {PlanState::Made, PlanState::Failed,
                              PlanState::Lost, PlanState::Unavailable})
      if (toString(outcome) == words[3])
        plan_.finish(place(words[1], words[2]), outcome, words.size() > 4);
    return "";
  }

  std::string block() {
    std::vector<std::string> all;
    for (const Blocking &one : plan_.block())
      all.push_back(fmt::format("{}/{} by {}", one.place.entry,
                                one.place.stage->id, one.cause->id));
    return fmt::format("{}", fmt::join(all, ", "));
  }

  static std::string textOf(const std::vector<PlanPlace> &places) {
    std::vector<std::string> all;
    for (const PlanPlace &one : places)
      all.push_back(one.entry + "/" + one.stage->id);
    return fmt::format("{}", fmt::join(all, ", "));
  }

  std::string states(const std::string &entry) {
    std::vector<std::string> all;
    for (const Stage &stage : table_->stages())
      if (auto state = plan_.state(entry, stage.id);
          stage.origin == origins_[entry] && state != PlanState::Idle)
        all.push_back(fmt::format("{} {}", stage.id, toString(state)));
    return fmt::format("{}", fmt::join(all, ", "));
  }

  std::shared_ptr<const StageTable> table_;
  Plan plan_;
  std::map<std::string, std::string> origins_;
};

struct Line {
  const char *command;
  const char *answer;
};

struct Transcript {
  const char *name;
  const char *extension;
  std::vector<Line> lines;
};

void PrintTo(const Transcript &transcript, std::ostream *out) {
  *out << transcript.name;
}

class PlanTest : public testing::TestWithParam<Transcript> {};

TEST_P(PlanTest, SaysWhatFollows) {
  Obedient plan(GetParam().extension);
  int number = 0;
  for (const Line &line : GetParam().lines) {
    ++number;
    EXPECT_EQ(plan.obey(line.command), line.answer)
        << "line " << number << ": " << line.command;
  }
}

const Transcript kTranscripts[] = {
    {"OneCaptureThenOneLowering",
     ".py",
     {{"want x86", ""},
      {"jobs", "1:capture torch,linalg"},
      {"jobs", ""},
      {"entry Net model by 1", ""},
      {"states Net", "torch running, linalg running, llvm wanted, x86 wanted"},
      {"report 1 Net torch ok", "read"},
      {"is Net torch made", ""},
      {"report 1 Net linalg ok", "read"},
      {"jobs", ""},
      {"is Net linalg made", ""},
      {"jobs", "2:lower Net from linalg llvm,x86"},
      {"end 1", ""},
      {"settled", "no"},
      {"report 2 Net llvm ok", "read"},
      {"is Net llvm made", ""},
      {"report 2 Net x86 ok", "read"},
      {"is Net x86 made", ""},
      {"settled", "no"},
      {"end 2", ""},
      {"settled", "yes"}}},
    {"WhatIsWantedFirstComesFirst",
     ".py",
     {{"want tosa,fx", ""},
      {"want defaults", ""},
      {"jobs", "1:capture torch,tosa,fx,linalg"}}},
    {"AFailureBlocksAllBelowAndSaysWhy",
     ".py",
     {{"want x86,tosa", ""},
      {"jobs", "1:capture torch,linalg,tosa"},
      {"entry Net model by 1", ""},
      {"report 1 Net torch failed", "read"},
      {"states Net", "torch failing, linalg wanted, tosa wanted, llvm wanted, "
                     "x86 wanted"},
      {"block", ""}, // The reason is not known yet.
      {"is Net torch failed", ""},
      {"block", "Net/linalg by torch, Net/tosa by torch, Net/llvm by torch, "
                "Net/x86 by torch"},
      {"end 1", ""},
      {"jobs", ""},
      {"settled", "yes"}}},
    // A worker says of each stage below that it has failed, too.
    {"WhatWasNotTriedIsNotHeard",
     ".py",
     {{"want linalg,tosa", ""},
      {"jobs", "1:capture torch,linalg,tosa"},
      {"entry Net model by 1", ""},
      {"report 1 Net torch failed", "read"},
      {"report 1 Net linalg failed", "ignored"},
      {"end 1", ""},
      {"is Net torch failed", ""},
      {"block", "Net/linalg by torch, Net/tosa by torch"}}},
    {"TheStoresReportsOfWhatWasNotTriedAreNotReadEither",
     ".py",
     {{"entry Net model", ""},
      {"want linalg", ""},
      {"stored Net torch failed", "read"},
      {"stored Net linalg failed", "ignored"},
      {"is Net torch failed", ""},
      {"block", "Net/linalg by torch"}}},
    {"ALostStageIsTriedAgainWithWhatItBlocked",
     ".py",
     {{"want tosa,linalg", ""},
      {"jobs", "1:capture torch,tosa,linalg"},
      {"entry Net model by 1", ""},
      {"report 1 Net torch ok", "read"},
      {"is Net torch made", ""},
      {"report 1 Net tosa failed", "read"},
      {"is Net tosa failed", ""},
      {"end 1", "Net/linalg"},
      {"is Net linalg lost", ""},
      {"want llvm", ""},
      {"states Net", "torch made, linalg wanted, tosa failed, llvm wanted"},
      {"jobs", "2:lower Net from torch linalg"},
      {"end 2", "Net/linalg"},
      {"is Net linalg lost", ""},
      {"block", "Net/llvm by linalg"},
      {"want fx", ""},
      {"states Net",
       "fx wanted, torch made, linalg wanted, tosa failed, llvm wanted"}}},
    {"AFailureStaysWithWhatItBlocked",
     ".py",
     {{"want linalg", ""},
      {"entry Net model", ""},
      {"stored Net torch failed", "read"},
      {"is Net torch failed", ""},
      {"block", "Net/linalg by torch"},
      {"want tosa", ""},
      {"states Net", "torch failed, linalg blocked, tosa wanted"},
      {"block", "Net/tosa by torch"}}},
    {"AJobThatEndsOwesOnlyWhatItCouldTry",
     ".py",
     {{"want x86,arm", ""},
      {"jobs", "1:capture torch,linalg"},
      {"entry Net model by 1", ""},
      {"end 1", "Net/torch"},
      {"is Net torch lost", ""},
      {"block", "Net/linalg by torch, Net/llvm by torch, Net/x86 by torch, "
                "Net/arm by torch"}}},
    {"AStageWaitsForItsOtherInputs",
     ".py",
     {{"want check", ""},
      {"jobs", "1:capture torch,linalg,reference"},
      {"entry Net model by 1", ""},
      {"report 1 Net torch ok", "read"},
      {"is Net torch made", ""},
      {"report 1 Net linalg ok", "read"},
      {"is Net linalg made", ""},
      {"jobs", "2:lower Net from linalg llvm"},
      {"report 1 Net reference failed", "read"},
      {"is Net reference failed", ""},
      {"block", "Net/check by reference"}}},
    {"TheScriptRunsAgainForWhatOnlyItCanMake",
     ".py",
     {{"want linalg", ""},
      {"jobs", "1:capture torch,linalg"},
      {"want fx,tosa", ""},
      {"jobs", ""},
      {"entry Net model by 1", ""},
      {"report 1 Net torch ok", "read"},
      {"is Net torch made", ""},
      {"jobs", "2:lower Net from torch tosa"},
      {"report 1 Net linalg ok", "read"},
      {"is Net linalg made", ""},
      {"end 1", ""},
      {"jobs", "3:capture fx"}}},
    {"WhatTakesLongComesInTheBackgroundAndLast",
     ".py",
     {{"want slow,fx", ""},
      {"jobs", "1:capture fx"},
      {"entry Net model by 1", ""},
      {"end 1", "Net/fx"},
      {"is Net fx lost", ""},
      {"jobs", "2:background slow"},
      {"want torch", ""},
      {"jobs", "3:capture fx,torch"},
      {"settled", "no"}}},
    {"AReportOfAnotherJobIsNotHeard",
     ".py",
     {{"want torch", ""},
      {"jobs", "1:capture torch"},
      {"entry Net model by 1", ""},
      {"report 2 Net torch ok", "ignored"},
      {"report 1 Other torch ok", "ignored"},
      {"report 1 Net nothing ok", "ignored"},
      {"report 1 Net torch ok", "read"},
      {"report 1 Net torch ok", "ignored"}}},
    {"EntriesOnDemandAreMadeWhenTheyAreNamed",
     ".py",
     {{"want torch", ""},
      {"jobs", "1:capture torch"},
      {"entry Net model by 1", ""},
      {"entry Net.v1 variant by 1", ""},
      {"states Net.v1", ""},
      {"report 1 Net torch ok", "read"},
      {"is Net torch made", ""},
      {"end 1", ""},
      {"settled", "yes"},
      {"want torch entries=Net.v1", ""},
      {"jobs", "2:capture torch(Net.v1)"},
      {"states Net.v1", "torch running"},
      {"states Net", "torch made"}}},
    {"PassesAreRecordedByTheJobThatMakesTheStage",
     ".py",
     {{"want passes=linalg", ""},
      {"jobs", "1:capture torch,linalg passes=linalg"},
      {"entry Net model by 1", ""},
      {"report 1 Net torch ok", "read"},
      {"is Net torch made", ""},
      {"report 1 Net linalg ok", "read"},
      {"is Net linalg made passes", ""},
      {"without-passes", ""}}},
    {"AStageIsMadeAgainForItsPassesAndOnlyOnce",
     ".py",
     {{"want linalg", ""},
      {"entry Net model", ""},
      {"stored Net torch ok", "read"},
      {"is Net torch made", ""},
      {"stored Net linalg ok", "read"},
      {"is Net linalg made", ""},
      {"want passes=linalg", ""},
      {"without-passes", "Net/linalg"},
      {"make-again Net linalg", ""},
      {"discovered", ""},
      {"jobs", "1:lower Net from torch linalg passes=linalg"},
      {"report 1 Net linalg ok", "read"},
      {"is Net linalg made", ""},
      {"without-passes", ""}}},
    {"RecordedPassesOfAFailedStageAreRead",
     ".py",
     {{"want linalg passes=linalg", ""},
      {"entry Net model", ""},
      {"stored Net torch ok", "read"},
      {"is Net torch made", ""},
      {"stored Net linalg failed", "read"},
      {"is Net linalg failed", ""},
      {"without-passes", "Net/linalg"},
      {"read-again Net linalg", ""},
      {"states Net", "torch made, linalg failing"},
      {"is Net linalg failed passes", ""},
      {"without-passes", ""}}},
    {"NoPassesOfWhatIsBlocked",
     ".py",
     {{"want llvm passes=llvm", ""},
      {"entry Net model", ""},
      {"stored Net torch failed", "read"},
      {"is Net torch failed passes", ""},
      {"block", "Net/linalg by torch, Net/llvm by torch"},
      {"without-passes", ""}}},
    {"AFileEntersAtAStage",
     ".mlir",
     {{"want x86,fx,check", ""},
      {"jobs", "1:enter"},
      {"entry net ir given linalg", ""},
      {"end 1", ""},
      {"states net", "linalg wanted, llvm wanted, x86 wanted"},
      {"jobs", ""},
      {"stored net linalg ok", "read"},
      {"is net linalg made", ""},
      {"jobs", "2:lower net from linalg llvm,x86"}}},
    {"TheGivenTextIsThereUnasked",
     ".mlir",
     {{"want fx", ""},
      {"jobs", "1:enter"},
      {"entry net ir given linalg", ""},
      {"end 1", ""},
      {"states net", "linalg wanted"},
      {"stored net linalg ok", "read"},
      {"is net linalg made", ""},
      {"jobs", ""},
      {"settled", "yes"}}},
    {"ABinaryIsTranslatedFirst",
     ".mlir",
     {{"want x86", ""},
      {"jobs", "1:enter"},
      {"entry net ir binary linalg", ""},
      {"end 1", ""},
      {"jobs", "2:translate net linalg"},
      {"report 2 net linalg ok", "read"},
      {"is net linalg made", ""},
      {"end 2", ""},
      {"jobs", "3:lower net from linalg llvm,x86"}}},
};

INSTANTIATE_TEST_SUITE_P(Plans, PlanTest, testing::ValuesIn(kTranscripts),
                         [](const auto &info) {
                           return std::string(info.param.name);
                         });

TEST(PlanWidth, IsTheNumberOfStagesThatCanRunSideBySide) {
  auto table =
      std::make_shared<const StageTable>(StageTable::parse(kTable).value());
  Plan plan(table, {.extension = ".mlir",
                    .captor = Executor::Python,
                    .enters = true,
                    .earlierEntries = {}});
  plan.addEntry({"net", "ir", {"linalg"}, false});
  plan.setDiscovered();
  plan.want({{"x86", "arm"}, {}, false, {}});
  ASSERT_TRUE(plan.takeStored({"net", table->find("linalg", "ir")}, true));
  plan.finish({"net", table->find("linalg", "ir")}, PlanState::Made, false);
  auto job = plan.takeJob();
  ASSERT_TRUE(job);
  EXPECT_EQ(job->rows.size(), 3U);
  EXPECT_EQ(job->width, 2) << "x86 and arm, after llvm";
}

} // namespace
} // namespace irlens::engine
