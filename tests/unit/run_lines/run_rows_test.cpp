// Rows that RUN lines become (engine/run_lines/run_rows.h).
#include "engine/run_lines/run_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace irlens::engine::run_lines {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

RunRows rows(std::string_view text) {
  Surroundings test{"/ws/f.mlir", "/tmp/Output/f.tmp", {}};
  return rowsOf(readRunLines(text, test), {test, "mlir", text, {"mytool"}});
}

Json only(std::string_view text) {
  RunRows made = rows(text);
  EXPECT_EQ(made.rows.size(), 1U) << text;
  EXPECT_TRUE(made.diagnostics.empty()) << made.diagnostics[0].message;
  return made.rows.empty() ? Json() : Json::parse(made.rows[0].json);
}

TEST(RunRows, APipelineIsARowAToolAStep) {
  EXPECT_EQ(only("// RUN: mlir-opt %s --cse | mlir-translate --mlir-to-llvmir "
                 "| opt -S -passes instcombine | FileCheck %s -check-prefix A"),
            Json::parse(R"({"id": "run-1", "from": "mlir", "steps": [
      {"tool": "mlir-opt", "args": ["--cse"], "name": "/ws/f.mlir"},
      {"tool": "mlir-translate", "args": ["--mlir-to-llvmir"]},
      {"tool": "opt", "args": ["-S", "-passes", "instcombine"]},
      {"filecheck": {"args": ["-check-prefix", "A"],
                     "against": "/ws/f.mlir"}}]})"));
}

TEST(RunRows, StepsKnowTheirCommand) {
  RunRows made = rows("\n// RUN: mlir-opt %s | FileCheck %s\n");
  ASSERT_EQ(made.rows.size(), 1U);
  EXPECT_EQ(made.rows[0].definition, (TextRange{2, 9, 2, 35}));
  ASSERT_EQ(made.rows[0].steps.size(), 2U);
  EXPECT_EQ(made.rows[0].steps[1], (TextRange{2, 23, 2, 35}));
}

TEST(RunRows, TemporaryFilesCarryATextFromRowToRow) {
  RunRows made =
      rows("// RUN: mlir-opt %s -o %t.a && mlir-opt %t.a --cse > %t.b\n"
           "// RUN: FileCheck %s --input-file=%t.b\n"
           "// RUN: diff %t.a %t.b\n");
  ASSERT_EQ(made.rows.size(), 4U);
  Json second = Json::parse(made.rows[1].json);
  EXPECT_EQ(second["id"], "run-1-2");
  EXPECT_EQ(second["from"], "run-1");
  EXPECT_EQ(second["steps"][1], Json({{"write", "/tmp/Output/f.tmp.b"}}));
  Json third = Json::parse(made.rows[2].json);
  EXPECT_EQ(third["id"], "run-2");
  EXPECT_EQ(third["from"], "run-1-2");
  EXPECT_EQ(third["steps"].size(), 1U);
  Json fourth = Json::parse(made.rows[3].json);
  EXPECT_EQ(fourth["from"], "run-1");
  EXPECT_EQ(fourth["inputs"], Json({"run-1-2"}));
}

TEST(RunRows, FilesNamedInsideOfAWordAreInputs) {
  RunRows made = rows("// RUN: mlir-opt %s -o %t.lib\n"
                      "// RUN: mlir-opt %s --preload='paths=%t.lib'\n");
  ASSERT_EQ(made.rows.size(), 2U);
  Json second = Json::parse(made.rows[1].json);
  EXPECT_EQ(second["from"], "mlir");
  EXPECT_EQ(second["inputs"], Json({"run-1"}));
}

TEST(RunRows, MessagesAreTextsToo) {
  EXPECT_EQ(only("// RUN: not mlir-opt < %s 2>&1 | FileCheck %s")["steps"][0],
            Json::parse(R"({"tool": "mlir-opt", "args": [],
                            "expects": "failure", "errors": "joined"})"));
  EXPECT_EQ(only("// RUN: opt -o /dev/null %s 2>&1 | FileCheck %s")["steps"][0],
            Json::parse(R"({"tool": "opt", "args": [], "name": "/ws/f.mlir",
                            "output": "/dev/null", "errors": "joined"})"));
  RunRows made = rows("// RUN: opt %s 2>%t.e\n// RUN: FileCheck %s <%t.e\n");
  ASSERT_EQ(made.rows.size(), 2U);
  Json second = Json::parse(made.rows[1].json);
  EXPECT_EQ(second["from"], "run-1");
  EXPECT_EQ(second["steps"][0], Json({{"read", "/tmp/Output/f.tmp.e"}}));
}

TEST(RunRows, SplitPartsAreReadByEachRow) {
  RunRows made = rows("// RUN: rm -rf %t && split-file %s %t\n"
                      "// RUN: mlir-opt %t/a | FileCheck %t/a\n"
                      "// RUN: mlir-opt %t/b\n"
                      "//--- a\n//--- b\n");
  EXPECT_TRUE(made.diagnostics.empty());
  ASSERT_EQ(made.rows.size(), 2U);
  Json first = Json::parse(made.rows[0].json);
  EXPECT_EQ(first["id"], "run-2");
  // Nothing is there that could be removed.
  EXPECT_EQ(first["steps"][0]["split-file"]["directory"], "/tmp/Output/f.tmp");
  EXPECT_EQ(first["steps"][1], Json({{"read", "/tmp/Output/f.tmp/a"}}));
  EXPECT_EQ(made.rows[0].steps.size(), first["steps"].size());
  Json second = Json::parse(made.rows[1].json);
  EXPECT_TRUE(second["steps"][0].contains("split-file"));
}

/// Rows may be made side by side, RUN lines are not.
TEST(RunRows, WhoUsesAFileComesBeforeWhoReplacesIt) {
  RunRows made = rows("// RUN: mlir-opt %s -o %t.a && opt --uses=%t.a %s\n"
                      "// RUN: opt %s -o %t.a\n"
                      "// RUN: mlir-opt %s\n"
                      "// RUN: rm %t.a\n"
                      "// RUN: opt %s\n");
  ASSERT_EQ(made.rows.size(), 5U);
  EXPECT_EQ(Json::parse(made.rows[1].json)["inputs"], Json({"run-1"}));
  EXPECT_EQ(Json::parse(made.rows[2].json)["inputs"],
            Json({"run-1", "run-1-2"}));
  EXPECT_FALSE(Json::parse(made.rows[3].json).contains("inputs"));
  Json last = Json::parse(made.rows[4].json);
  EXPECT_EQ(last["steps"][0], Json({{"remove", "/tmp/Output/f.tmp.a"}}));
  EXPECT_EQ(last["inputs"], Json({"run-1", "run-1-2", "run-2"}));
}

TEST(RunRows, ToolsOfTheSettingsAreCommands) {
  EXPECT_EQ(only("// RUN: mytool -x %s -o %t")["steps"][0],
            Json::parse(R"({"command":
                ["mytool", "-x", "{input}", "-o", "{output}"]})"));
  EXPECT_EQ(only("// RUN: mytool < %s")["steps"][0],
            Json::parse(R"({"command": ["mytool"]})"));
}

TEST(RunRows, EnvironmentIsPartOfTheStep) {
  EXPECT_EQ(only("// RUN: env A=b -u C opt < %s")["steps"][0]["env"],
            Json::parse(R"({"A": "b", "C": null})"));
}

TEST(RunRows, WhatIsNotRunSaysWhy) {
  const std::tuple<const char *, int, const char *> kCases[] = {
      {"// RUN: sed s/a/b/ %s", 9, "name sed in .irlens.json under tools"},
      {"// RUN: /bin/mlir-opt %s", 9, "name /bin/mlir-opt in"},
      {"// RUN: mlir-opt %s -o %S/x", 24, "writes no file but those of %t"},
      {"// RUN: mlir-opt %s > %t/../../x", 23, "writes no file but"},
      {"// RUN: rm -rf %S", 16, "touches no file but those of %t"},
      {"// RUN: rm -rf %T", 16, "touches no file but those of %t"},
      {"// RUN: mkdir -p /x", 18, "touches no file but those of %t"},
      {"// RUN: split-file %s %S", 23, "touches no file but those of %t"},
      {"// RUN: mlir-opt %t.x", 18, "nothing before this line writes"},
      {"// RUN: FileCheck", 9, "FileCheck needs a file with checks"},
      {"// RUN: cat %s > %S/y", 18, "writes no file but those of %t"},
  };
  for (const auto &[text, column, complaint] : kCases) {
    RunRows made = rows(text);
    EXPECT_TRUE(made.rows.empty()) << text;
    ASSERT_EQ(made.diagnostics.size(), 1U) << text;
    EXPECT_THAT(made.diagnostics[0].message, HasSubstr(complaint)) << text;
    EXPECT_EQ(made.diagnostics[0].pos.column, column) << text;
  }
}

TEST(RunRows, AnUnknownToolEndsItsRowAndNotTheOthers) {
  RunRows made = rows("// RUN: mlir-opt %s | sed s/a/b/ | FileCheck %s\n"
                      "// RUN: mlir-opt %s\n");
  ASSERT_EQ(made.rows.size(), 2U);
  EXPECT_EQ(Json::parse(made.rows[0].json)["steps"].size(), 1U);
  EXPECT_EQ(made.rows[1].id, "run-2");
}

TEST(RunRows, SplitFileThatCannotIsKnownBefore) {
  RunRows made = rows("// RUN: split-file %s %t\n//--- a\n//--- a\n");
  ASSERT_EQ(made.diagnostics.size(), 1U);
  EXPECT_EQ(made.diagnostics[0].pos.line, 3);
  EXPECT_THAT(made.diagnostics[0].message, HasSubstr("more than once"));
}

} // namespace
} // namespace irlens::engine::run_lines
