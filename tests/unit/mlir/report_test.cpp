// Reports and event lines of irlens-mlir (ir_lowering/worker/report.h).
#include "ir_lowering/worker/report.h"

#include "ir_lowering/worker/process.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace irlens::mlir_worker {
namespace {

using nlohmann::json;

std::string lineOf(const json &event) {
  Pipe pipe = makePipe();
  writeEvent(pipe.writeEnd.get(), event);
  std::array<char, 8192> buffer;
  ssize_t got = read(pipe.readEnd.get(), buffer.data(), buffer.size());
  return {buffer.data(), static_cast<std::size_t>(got)};
}

TEST(Report, SurvivesTheFile) {
  std::string path = testing::TempDir() + "report_test.json";
  StageReport report;
  report.status = Status::Memory;
  report.ms = 1.5;
  report.format = "llvm";
  report.ops = 12;
  report.figures = {{"max error", 0.5}};
  report.note = "a note";
  report.diagnostics = {{.severity = "warning",
                         .message = "bytes \xff and \"quotes\"",
                         .op = "a.b",
                         .pass = "cse",
                         .frames = {{"/ws/m.py", 3, 4}, {"/ws/n.py", 5, 0}},
                         .notes = {{"see", {{"/ws/m.py", 1, 1}}}}}};
  ASSERT_TRUE(writeReport(path, report));
  StageReport back = readReport(path);
  EXPECT_EQ(back.status, Status::Memory);
  EXPECT_EQ(back.ops, 12);
  EXPECT_EQ(back.figures, report.figures);
  EXPECT_EQ(back.note, "a note");
  ASSERT_EQ(back.diagnostics.size(), 1u);
  EXPECT_EQ(back.diagnostics[0].frames, report.diagnostics[0].frames);
  EXPECT_EQ(back.diagnostics[0].notes[0].message, "see");
  EXPECT_EQ(back.diagnostics[0].pass, "cse");
  std::filesystem::remove(path);
}

TEST(Report, BrokenFileIsAFailure) {
  std::string path = testing::TempDir() + "report_broken.json";
  std::ofstream(path) << R"({"status":"ok"})";
  EXPECT_EQ(readReport(path).status, Status::Failed);
  EXPECT_EQ(readReport(path + ".none").status, Status::Failed);
  std::filesystem::remove(path);
}

TEST(Report, FolderThatIsMissing) {
  auto written = writeFile("/nowhere/at/all", "text");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, engine::ErrorCode::Io);
}

TEST(Event, IsOneLine) {
  EXPECT_EQ(lineOf({{"event", "end"}, {"message", "two\nlines"}}),
            "{\"event\":\"end\",\"message\":\"two\\nlines\"}\n");
}

TEST(Event, NeverGrowsBeyondAnAtomicWrite) {
  for (const char *unit : {"x", "\n", "\x01", "\u00e9", "\"", "\xff"}) {
    std::string message;
    while (message.size() < 20000)
      message += unit;
    std::string line = lineOf({{"event", "end"}, {"message", message}});
    EXPECT_LE(line.size(), 4095u);
    EXPECT_TRUE(json::accept(line));
  }
}

TEST(Shortened, CutsBetweenCharacters) {
  EXPECT_EQ(shortened("short", 10), "short");
  EXPECT_EQ(shortened("exactly ten", 10), "exactly...");
  // "é" is two bytes; half of it would not be UTF-8.
  EXPECT_EQ(shortened("aaaaaa\u00e9bbbb", 10), "aaaaaa...");
}

} // namespace
} // namespace irlens::mlir_worker
