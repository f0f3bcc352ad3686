#include "ir_lowering/mlir/one_shot.h"

#include "engine/table/stage.h"
#include "ir_lowering/mlir/job.h"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <iterator>

namespace irlens::mlir_worker {

namespace {

namespace fs = std::filesystem;

class LastStatus : public JobEvents {
public:
  void onRunning(const std::string &) override {}
  void onFinal(const std::string &stage, Status status) override {
    statuses[stage] = status;
  }

  std::map<std::string, Status> statuses;
};

/// A folder that goes when it is no longer needed.
class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string pattern =
        (fs::temp_directory_path() / "irlens.XXXXXX").string();
    if (mkdtemp(pattern.data()))
      path = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path.empty())
      fs::remove_all(path, ignored);
  }
  std::string path;
};

std::string textOf(const fs::path &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void printFrames(const Frames &frames) {
  std::string_view join;
  for (const engine::SourcePos &frame : frames) {
    fmt::print(stderr, "{}{}:{}:{}", join, frame.file, frame.line,
               frame.column);
    join = " at ";
  }
  if (!frames.empty())
    fmt::print(stderr, ": ");
}

void print(const std::string &stage, const StageReport &report) {
  if (!report.note.empty())
    fmt::print(stderr, "{}: note: {}\n", stage, report.note);
  for (const ReportDiagnostic &diagnostic : report.diagnostics) {
    printFrames(diagnostic.frames);
    fmt::print(stderr, "{}: {}: {}", stage, diagnostic.severity,
               diagnostic.message);
    if (!diagnostic.op.empty())
      fmt::print(stderr, " [op {}]", diagnostic.op);
    if (!diagnostic.pass.empty())
      fmt::print(stderr, " [pass {}]", diagnostic.pass);
    fmt::print(stderr, "\n");
    for (const ReportNote &note : diagnostic.notes) {
      printFrames(note.frames);
      fmt::print(stderr, "note: {}\n", note.message);
    }
  }
}

/// The stage from which and the rows by which the result is made.
struct Way {
  std::string inputFormat;
  std::vector<Row> rows;
};

/// Errors: InvalidConfig (no table), NotFound (no such stage, or no way to it).
engine::Result<Way> findWay(const OneShot &request) {
  using engine::ErrorCode;
  using engine::StageTable;
  engine::TargetChoice targets{request.targets, {}};
  auto table = request.pipelines.empty()
                   ? StageTable::builtin(targets)
                   : StageTable::parse(textOf(request.pipelines), targets);
  if (!table)
    return std::unexpected(table.error());
  auto goals = table->named(request.to);
  for (const engine::Stage *goal : goals) {
    Way way;
    const engine::Stage *stage = goal;
    for (; stage && stage->id != request.from;
         stage = table->find(stage->from, stage->origin)) {
      auto row = parseRow(nlohmann::json::parse(stage->row));
      if (!row)
        return std::unexpected(row.error());
      way.rows.insert(way.rows.begin(), std::move(*row));
    }
    if (!stage)
      continue;
    way.inputFormat = nlohmann::json::parse(stage->row).value("format", "");
    return way;
  }
  return engine::fail(ErrorCode::NotFound,
                      goals.empty()
                          ? fmt::format("there is no stage '{}'", request.to)
                          : fmt::format("'{}' is not made from '{}'",
                                        request.to, request.from));
}

} // namespace

int lowerOnce(const OneShot &request, Compiler &compiler) {
  auto way = findWay(request);
  if (!way || way->rows.empty()) {
    fmt::print(stderr, "irlens-mlir: {}\n",
               way ? "--from and --to are the same" : way.error().message);
    return 2;
  }
  TemporaryFolder folder;
  Job job;
  job.entry = "entry";
  job.inputStage = request.from;
  job.inputPath = fs::absolute(request.input).string();
  job.inputFormat = way->inputFormat;
  job.out = folder.path;
  job.artifacts = fs::path(job.inputPath).parent_path().string();
  job.timeoutMs = request.timeoutMs;
  job.memoryMb = request.memoryMb;
  job.stages = std::move(way->rows);

  LastStatus last;
  JobOutcome outcome = runJob(job, compiler, last);
  for (const Row &row : job.stages)
    if (fs::path json = artifactPath(job.out, job.entry, row.id, ".json");
        fs::exists(json))
      print(row.id, readReport(json.string()));
  std::cout << textOf(
      artifactPath(job.out, job.entry, job.stages.back().id, ".raw"));
  if (outcome.status != Status::Ok)
    fmt::print(stderr, "irlens-mlir: {}\n", outcome.message);
  auto final = last.statuses.find(job.stages.back().id);
  bool ok = final != last.statuses.end() && final->second == Status::Ok;
  return ok ? 0 : 1;
}

} // namespace irlens::mlir_worker
