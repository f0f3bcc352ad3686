// The plan of a run as transcripts: what happens, and what the plan says to it.
#include "tests/unit/engine/obedient_plan.h"

#include <gtest/gtest.h>

#include <ostream>

namespace irlens::engine {
namespace {

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
  test::Obedient plan(GetParam().extension);
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
  auto table = std::make_shared<const StageTable>(
      StageTable::parse(test::kPlanTable).value());
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
