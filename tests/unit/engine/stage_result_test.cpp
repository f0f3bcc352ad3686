// From the files that a worker leaves to what people read.
#include "engine/run/job_request.h"
#include "engine/run/stage_result.h"
#include "tests/support/temp_folder.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace irlens::engine {
namespace {

class StageResultTest : public testing::Test {
protected:
  StageResultTest() {
    files_.run = folder_.path();
    files_.source = "/ws/net.mlir";
    files_.entry = "net";
    files_.entryLine = 1;
    files_.stage.id = files_.stage.base = "tiled";
    files_.stage.extension = "mlir";
  }

  StageResult read(const std::string &json) {
    folder_.write("net/tiled.json", json);
    folder_.write("net/tiled.raw", "text\n");
    return readStage(files_);
  }

  irlens::test::TempFolder folder_;
  StageFiles files_;
};

constexpr const char *kPlaceless =
    R"({"status":"failed","diagnostics":[{"message":"unknown option"}]})";

TEST_F(StageResultTest, WhatNamesNoPlaceStandsAtTheEntry) {
  StageResult result = read(kPlaceless);
  ASSERT_EQ(result.diagnostics.size(), 1U);
  EXPECT_EQ(result.diagnostics[0].pos, (SourcePos{"/ws/net.mlir", 1, 0}));
}

TEST_F(StageResultTest, OfAUsersStageItStandsAtTheDefinition) {
  files_.stage.definition = {"/ws/.irlens.json", 4, 12, 4, 30};
  StageResult result = read(kPlaceless);
  ASSERT_EQ(result.diagnostics.size(), 1U);
  EXPECT_EQ(result.diagnostics[0].pos, (SourcePos{"/ws/.irlens.json", 4, 12}));
  EXPECT_EQ(result.diagnostics[0].end, (SourcePos{"/ws/.irlens.json", 4, 30}));
}

TEST_F(StageResultTest, APlaceInTheUsersCodeWins) {
  files_.stage.definition = {"/ws/.irlens.json", 4, 12, 4, 30};
  StageResult result = read(R"({"status":"failed","diagnostics":[
      {"message":"bad op","frames":[["/ws/net.mlir",7,3]]}]})");
  ASSERT_EQ(result.diagnostics.size(), 1U);
  EXPECT_EQ(result.diagnostics[0].pos, (SourcePos{"/ws/net.mlir", 7, 3}));
  EXPECT_EQ(result.diagnostics[0].end.line, 0);
}

TEST_F(StageResultTest, ReadsWhatTheToolsSaid) {
  EXPECT_EQ(read(R"({"status":"ok"})").said, "");
  folder_.write("net/tiled.stderr", "remark\n");
  EXPECT_EQ(read(R"({"status":"ok"})").said, "remark\n");
}

TEST_F(StageResultTest, AnswersThatTheToolWouldRepeatAreStored) {
  EXPECT_EQ(storedAnswer(files_), std::nullopt);
  for (auto [status, answer] :
       {std::pair("ok", std::optional(StageStatus::Ok)),
        std::pair("failed", std::optional(StageStatus::Failed)),
        std::pair("crashed", std::optional<StageStatus>()),
        std::pair("unavailable", std::optional<StageStatus>())}) {
    folder_.write("net/tiled.json", nlohmann::json{{"status", status}}.dump());
    EXPECT_EQ(storedAnswer(files_), answer) << status;
  }
}

TEST(LowerRequestText, NamesTheUsersFile) {
  Stage stage;
  stage.id = "linalg";
  stage.row = R"({"id":"linalg","format":"mlir"})";
  LowerJob job{"/runs/R", "net", inputOf(stage, "/runs/R/net"), {}};
  job.input.name = "/ws/net.mlir";
  auto json = nlohmann::json::parse(
      lowerRequest(Settings(), job, {{stage.row}, {"linalg"}}));
  EXPECT_EQ(json["input"], (nlohmann::json{{"stage", "linalg"},
                                           {"path", "/runs/R/net/linalg.raw"},
                                           {"format", "mlir"},
                                           {"name", "/ws/net.mlir"}}));
  EXPECT_EQ(json["passes"], nlohmann::json::array({"linalg"}));
  EXPECT_FALSE(json.contains("parallel")) << "the worker's supervisor says it";
}

TEST(TranslationRow, MakesTheStageFromBitcode) {
  Stage stage;
  stage.row = R"({"id":"llvm-ir","from":"llvm-dialect","steps":[1]})";
  EXPECT_EQ(nlohmann::json::parse(translationRow(stage)),
            nlohmann::json::parse(
                R"({"id":"llvm-ir","from":"bitcode",
                    "steps":[{"translate":"bitcode-to-text"}]})"));
}

} // namespace
} // namespace irlens::engine
