#include "ir_lowering/mlir/one_shot.h"

#include "engine/table/stage.h"
#include "ir_lowering/mlir/input_check.h"
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

/// By its name; what has another is looked at when it is read.
std::string formatOfFile(const std::string &path) {
  std::string extension = fs::path(path).extension().string();
  if (extension == ".ll" || extension == ".bc")
    return "llvm";
  return extension == ".mlir" ? "mlir" : "text";
}

engine::Result<std::vector<Row>>
rowsOfSteps(const std::vector<std::string> &stages, const std::string &input) {
  std::vector<Row> rows;
  std::string from = input;
  for (const std::string &steps : stages) {
    auto parsed = nlohmann::json::parse(steps, nullptr, false);
    std::string id = fmt::format("steps.{}", rows.size());
    auto row = parseRow({{"id", id}, {"from", from}, {"steps", parsed}});
    if (!row)
      return std::unexpected(row.error());
    rows.push_back(std::move(*row));
    from = id;
  }
  return rows;
}

/// The stage from which and the rows by which the result is made.
struct Way {
  std::string inputFormat;
  std::vector<Row> rows;
};

/// Errors: InvalidConfig (no table), NotFound (no such stage, or no way to it).
engine::Result<Way> findWay(const OneShot &request) {
  if (!request.steps.empty()) {
    auto rows = rowsOfSteps(request.steps, request.from);
    if (!rows)
      return std::unexpected(rows.error());
    return Way{formatOfFile(request.input), std::move(*rows)};
  }
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
  Job job;
  auto way = findWay(request);
  if (!way || way->rows.empty()) {
    fmt::print(stderr, "irlens-mlir: {}\n",
               way ? "--from and --to are the same" : way.error().message);
    return 2;
  }
  TemporaryFolder folder;
  job.entry = "entry";
  job.inputStage = request.from;
  job.inputPath = fs::absolute(request.input).string();
  job.inputFormat = way->inputFormat;
  job.inputName = request.name.empty() ? job.inputPath : request.name;
  job.out = folder.path;
  job.artifacts = fs::path(job.inputPath).parent_path().string();
  job.timeoutMs = request.timeoutMs;
  job.memoryMb = request.memoryMb;
  job.outputLimit = request.outputLimit;
  job.stages = std::move(way->rows);
  nameTemporaries(job);

  LastStatus last;
  JobOutcome outcome = runJob(job, compiler, last);
  for (const Row &row : job.stages)
    if (fs::path json = artifactPath(job.out, job.entry, row.id, ".json");
        fs::exists(json))
      print(row.id, readReport(json.string()));
  const std::string &stage = job.stages.back().id;
  std::cout << textOf(artifactPath(job.out, job.entry, stage, ".raw"));
  std::cerr << textOf(artifactPath(job.out, job.entry, stage, ".stderr"));
  if (outcome.status != Status::Ok)
    fmt::print(stderr, "irlens-mlir: {}\n", outcome.message);
  auto final = last.statuses.find(stage);
  bool ok = final != last.statuses.end() && final->second == Status::Ok;
  return ok ? 0 : 1;
}

int checkOnce(const OneShot &request, Compiler &compiler) {
  TemporaryFolder folder;
  Check check;
  check.path = fs::absolute(request.input).string();
  check.format = formatOfFile(check.path) == "llvm" ? "llvm" : "mlir";
  check.name = request.name.empty() ? check.path : request.name;
  check.out = folder.path;
  check.timeoutMs = request.timeoutMs;
  check.memoryMb = request.memoryMb;
  JobOutcome outcome = runCheck(check, compiler);
  std::cout << textOf(folder.path + "/check.json");
  if (outcome.status == Status::Ok)
    return 0;
  fmt::print(stderr, "irlens-mlir: {}\n", outcome.message);
  return 1;
}

} // namespace irlens::mlir_worker
