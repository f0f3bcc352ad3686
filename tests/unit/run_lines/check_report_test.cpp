// What is read from the complaints of FileCheck and mlir-opt
// (engine/run_lines/check_report.h). The texts are those that the tools of
// version 22 print; tests/run_lines runs the tools themselves.
#include "engine/run_lines/check_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace irlens::engine::run_lines {
namespace {

constexpr std::string_view kTest = "func.func @f() -> i32 {\n"
                                   "  // CHECK-LABEL: func.func @f\n"
                                   "  // CHECK: arith.constant 4\n"
                                   "  // CHECK-NEXT:\t  retrn\n"
                                   "}\n";
constexpr std::string_view kInput = "module {\n"
                                    "  func.func @f() -> i32 {\n"
                                    "    %c4_i32 = arith.constant 4 : i32\n"
                                    "    return %c4_i32 : i32\n";

ReportContext context() {
  ReportContext result;
  result.files = {{"a.mlir", "/ws/a.mlir", kTest},
                  {"<stdin>", "/out/run-1.mlir", kInput}};
  result.command = {"/ws/a.mlir", 1, 9};
  result.commandEnd = {"/ws/a.mlir", 1, 18};
  return result;
}

TEST(CheckReport, ColumnsAreThoseOfTheTextAsItIs) {
  auto report = readFileCheckReport(
      "a.mlir:4:17: error: CHECK-NEXT: expected string not found in input\n"
      " // CHECK-NEXT: retrn\n"
      "                ^\n"
      "<stdin>:3:28: note: scanning from here\n"
      " %c4_i32 = arith.constant 4 : i32\n"
      "                           ^\n"
      "<stdin>:4:2: note: possible intended match here\n"
      " return %c4_i32 : i32\n"
      " ^\n",
      context());
  ASSERT_EQ(report.size(), 1U);
  EXPECT_EQ(report[0].severity, Severity::Error);
  EXPECT_EQ(report[0].message,
            "CHECK-NEXT: expected string not found in input");
  EXPECT_EQ(report[0].pos, (SourcePos{"/ws/a.mlir", 4, 20}));
  EXPECT_EQ(report[0].end.line, 0);
  ASSERT_EQ(report[0].notes.size(), 2U);
  EXPECT_EQ(report[0].notes[0].pos, (SourcePos{"/out/run-1.mlir", 3, 31}));
  EXPECT_EQ(report[0].notes[0].message,
            "scanning from here: %c4_i32 = arith.constant 4 : i32");
  EXPECT_EQ(report[0].notes[1].pos, (SourcePos{"/out/run-1.mlir", 4, 5}));
}

TEST(CheckReport, StrictWhitespaceLeavesColumns) {
  ReportContext strict = context();
  strict.strictWhitespace = true;
  auto report = readFileCheckReport(
      "a.mlir:4:20: error: CHECK-NEXT: expected string not found in input\n",
      strict);
  ASSERT_EQ(report.size(), 1U);
  EXPECT_EQ(report[0].pos.column, 20);
}

TEST(CheckReport, WhatNamesNoPlaceStandsAtTheCommand) {
  for (const char *text :
       {"error: no check strings found with prefix 'FOO:'\n",
        "FileCheck error: '<stdin>' is empty.\nFileCheck command line: x\n",
        "Could not open check file 'nix.mlir': No such file or directory\n",
        "FileCheck-22: Unknown command line argument '--foo'.  Try: 'x'\n",
        "command line:1:22: error: IMPLICIT-CHECK-NOT: excluded string found "
        "in input\n-implicit-check-not='x'\n                     ^\n"
        "<stdin>:2:2: note: found here\n func.func @f() -> i32 {\n ^~~~\n"}) {
    auto report = readFileCheckReport(text, context());
    ASSERT_EQ(report.size(), 1U) << text;
    EXPECT_EQ(report[0].pos, (SourcePos{"/ws/a.mlir", 1, 9})) << text;
    EXPECT_EQ(report[0].end, (SourcePos{"/ws/a.mlir", 1, 18})) << text;
  }
}

TEST(CheckReport, PartsOfASplitFileLeadBackToIt) {
  ReportContext split = context();
  split.files.insert(split.files.begin(),
                     {"/tmp/t/b.mlir", "/ws/a.mlir", "// CHECK: x\n", 10});
  auto report = readFileCheckReport(
      "/tmp/t/b.mlir:1:11: error: CHECK: expected string not found in input\n",
      split);
  ASSERT_EQ(report.size(), 1U);
  EXPECT_EQ(report[0].pos, (SourcePos{"/ws/a.mlir", 11, 11}));
}

TEST(CheckReport, VerifyDiagnostics) {
  auto report = readToolReport(
      "a.mlir:5:10: error: unexpected error: use of value '%c' expects "
      "different type\n"
      "  return %c : i32\n"
      "         ^\n"
      "// -----\n"
      "a.mlir:1:4: error: expected error \"hello\" was not produced\n"
      "// expected-error @+1 {{hello}}\n"
      "   ^~~~~~~~~\n",
      context());
  ASSERT_EQ(report.size(), 2U);
  EXPECT_EQ(report[0].pos, (SourcePos{"/ws/a.mlir", 5, 10}));
  EXPECT_EQ(report[1].message, "expected error \"hello\" was not produced");
  EXPECT_EQ(report[1].pos, (SourcePos{"/ws/a.mlir", 1, 4}));
  EXPECT_EQ(report[1].end, (SourcePos{"/ws/a.mlir", 1, 13}));
}

TEST(CheckReport, MessagesOfSeveralLines) {
  auto report = readToolReport("f.mlir:1:2: warning: first\n"
                               "second: error: no place\n"
                               " the source\n"
                               "  ^\n"
                               "f.mlir:2:2: note: and this\n",
                               context());
  ASSERT_EQ(report.size(), 1U);
  EXPECT_EQ(report[0].severity, Severity::Warning);
  EXPECT_EQ(report[0].message, "first\nsecond: error: no place");
  EXPECT_EQ(report[0].pos, (SourcePos{"f.mlir", 1, 2}));
  ASSERT_EQ(report[0].notes.size(), 1U);
  EXPECT_EQ(report[0].notes[0].message, "and this");
}

TEST(CheckReport, OtherTextIsNoMessage) {
  EXPECT_TRUE(readToolReport("// -----// IR Dump After CSE //----- //\n"
                             "a: error: b\n3:4: error: c\n:3:4: error: d\n",
                             context())
                  .empty());
}

} // namespace
} // namespace irlens::engine::run_lines
