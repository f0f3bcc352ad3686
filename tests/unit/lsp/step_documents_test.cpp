// The list of a row's steps, and what a tool said on stderr.
#include "lsp/documents/step_documents.h"

#include <gtest/gtest.h>

namespace irlens::lsp {
namespace {

engine::Stage stage(const std::string &id, const std::string &stepOf) {
  engine::Stage stage;
  stage.id = stage.base = id;
  stage.title = "Tiled";
  stage.stepOf = stepOf;
  return stage;
}

class StepDocumentsTest : public testing::Test {
protected:
  StepDocumentsTest() {
    entry_.name = "Net";
    for (const engine::Stage *step : steps_) {
      engine::StageState state;
      state.id = step->id;
      entry_.stages.push_back(state);
    }
  }

  engine::Stage tile_ = stage("tiled.steps.00-mlir-opt", "tiled");
  engine::Stage vectors_ = stage("tiled.steps.01-vectorize", "tiled");
  engine::Stage row_ = stage("tiled", "");
  std::vector<const engine::Stage *> steps_{&tile_, &vectors_, &row_};
  engine::Entry entry_;
};

TEST_F(StepDocumentsTest, AStepKnowsItsNeighbours) {
  StepPlace place = placeOfStep(steps_, tile_);
  EXPECT_EQ(place.position, 1u);
  EXPECT_EQ(place.previous, nullptr);
  EXPECT_EQ(place.next, &vectors_);
  place = placeOfStep(steps_, row_);
  EXPECT_EQ(place.position, 3u);
  EXPECT_EQ(place.previous, &vectors_);
  EXPECT_EQ(place.next, nullptr);
  EXPECT_EQ(placeOfStep({}, row_).position, 0u);
}

TEST_F(StepDocumentsTest, ALineOfTheListIsAStep) {
  EXPECT_TRUE(isStepList(row_, {"u", "Net", "tiled.steps.txt"}));
  EXPECT_FALSE(isStepList(row_, {"u", "Net", "tiled.mlir"}));
  EXPECT_EQ(stepAt(steps_, 0), nullptr);
  EXPECT_EQ(stepAt(steps_, 1), &tile_);
  EXPECT_EQ(stepAt(steps_, 3), &row_);
  EXPECT_EQ(stepAt(steps_, 4), nullptr);
  EXPECT_EQ(stepAt(steps_, -1), nullptr);
}

TEST_F(StepDocumentsTest, TheListSaysHowEachStepWent) {
  entry_.stages[0].status = engine::StageStatus::Ok;
  entry_.stages[0].ms = 1.25;
  entry_.stages[0].said = "a remark";
  entry_.stages[1].status = engine::StageStatus::Failed;
  EXPECT_EQ(planSteps(row_, steps_, nullptr, &entry_, 99).header,
            "step                                    status             ms     "
            "ops\n"
            "00-mlir-opt                             ok               1.25     "
            "  -  tiled.steps.00-mlir-opt.stderr.txt\n"
            "01-vectorize                            failed              -     "
            "  -\n"
            "tiled                                   not made            -     "
            "  -\n");
  EXPECT_EQ(planSteps(row_, steps_, nullptr, nullptr, 99).header,
            "# irlens: Tiled steps: pending\n");
}

TEST_F(StepDocumentsTest, WhatAToolSaidIsShownAsItIs) {
  EXPECT_TRUE(isSaid(row_, {"u", "Net", "tiled.stderr.txt"}));
  EXPECT_FALSE(isSaid(tile_, {"u", "Net", "tiled.stderr.txt"}));
  engine::StageState &state = entry_.stages[2];
  state.status = engine::StageStatus::Pending;
  EXPECT_EQ(planSaid(row_, nullptr, &entry_, 99).header,
            "# irlens: Tiled stderr of Net: pending\n");
  state.status = engine::StageStatus::Ok;
  EXPECT_EQ(planSaid(row_, nullptr, &entry_, 99).header,
            "# irlens: Tiled of Net: nothing on stderr\n");
  state.said = "remark: 3 loops\nend";
  EXPECT_EQ(planSaid(row_, nullptr, &entry_, 99).header,
            "remark: 3 loops\nend\n");
}

} // namespace
} // namespace irlens::lsp
