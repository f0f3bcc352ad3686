#include "ir_lowering/mlir/request.h"

#include "engine/replace.h"
#include "engine/run_lines/run_rows.h"
#include "engine/table/step_kinds.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace irlens::mlir_worker {

using nlohmann::json;

namespace {

std::string stringOr(const json &object, const char *key,
                     const char *fallback) {
  auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>()
                                               : std::string(fallback);
}

int intOr(const json &object, const char *key, int fallback) {
  auto it = object.find(key);
  if (it == object.end() || !it->is_number())
    return fallback;
  double value = it->get<double>();
  // A value that does not fit would make a limit negative.
  return value >= -1e9 && value <= 1e9 ? static_cast<int>(value) : fallback;
}

/// Stands beside the key that says what a step is.
bool isBeside(std::string_view key, const json &step) {
  if (key == "args")
    return step.contains("tool");
  if (key == "path")
    return step.contains("tool") || step.contains("filecheck");
  return engine::findCommandKey(key) != nullptr;
}

void replaceIn(json &value, std::string_view mark, const std::string &by) {
  if (value.is_structured()) {
    for (json &item : value)
      replaceIn(item, mark, by);
    return;
  }
  if (value.is_string())
    engine::replaceAll(value.get_ref<std::string &>(), mark, by);
}

/// An entry or stage id becomes part of a path.
bool isSafeName(std::string_view name) {
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  };
  return !name.empty() && name.front() != '.' &&
         std::ranges::all_of(name, allowed);
}

/// Says what keeps the job from being executed; empty when nothing does.
std::string whatIsWrong(const Job &job) {
  if (!isSafeName(job.entry))
    return fmt::format("entry '{}' is not a name", job.entry);
  if (job.out.empty() || job.inputPath.empty() || job.inputStage.empty())
    return "a lower job needs 'out', 'input.stage' and 'input.path'";
  for (const Row &row : job.stages) {
    auto sameId = [&](const Row &other) { return other.id == row.id; };
    auto isSource = [&](const Row &other) {
      return other.id == row.from && other.id != row.id;
    };
    if (std::ranges::count_if(job.stages, sameId) > 1 ||
        row.id == job.inputStage)
      return fmt::format("stage '{}' stands twice in the request", row.id);
    if (row.from != job.inputStage &&
        std::ranges::none_of(job.stages, isSource))
      return fmt::format("stage '{}' is made from '{}', which is not in the "
                         "request",
                         row.id, row.from);
  }
  return "";
}

/// Rows whose chain of sources never reaches the input would wait for ever.
std::string findCycle(const Job &job) {
  for (const Row &row : job.stages) {
    std::string at = row.from;
    for (std::size_t hops = 0; at != job.inputStage; ++hops) {
      auto source = std::ranges::find(job.stages, at, &Row::id);
      if (hops > job.stages.size() || source == job.stages.end())
        return fmt::format("stage '{}' is made from itself", row.id);
      at = source->from;
    }
  }
  return "";
}

std::expected<Request, BadRequest> parseLower(const json &object, int id) {
  auto bad = [id](std::string message) {
    return std::unexpected(BadRequest{id, std::move(message)});
  };
  Job job;
  job.id = id;
  job.entry = stringOr(object, "entry", "");
  job.out = stringOr(object, "out", "");
  job.artifacts = fmt::format("{}/{}", job.out, job.entry);
  job.timeoutMs = std::max(1, intOr(object, "timeout_ms", job.timeoutMs));
  job.memoryMb = std::max(1, intOr(object, "memory_mb", job.memoryMb));
  job.parallel = std::max(1, intOr(object, "parallel", job.parallel));
  job.outputLimit = static_cast<std::uint64_t>(std::max(
      1, intOr(object, "output_limit", static_cast<int>(job.outputLimit))));
  if (auto input = object.find("input");
      input != object.end() && input->is_object()) {
    job.inputStage = stringOr(*input, "stage", "");
    job.inputPath = stringOr(*input, "path", "");
    job.inputFormat = stringOr(*input, "format", "mlir");
    job.inputName = stringOr(*input, "name", job.inputPath.c_str());
  }
  if (auto dirs = object.find("device_libraries");
      dirs != object.end() && dirs->is_array())
    for (const json &dir : *dirs)
      if (dir.is_string())
        job.deviceLibraries.push_back(dir.get<std::string>());
  auto stages = object.find("stages");
  if (stages == object.end() || !stages->is_array())
    return bad("a lower job needs 'stages'");
  for (const json &stage : *stages) {
    auto row = parseRow(stage);
    if (!row)
      return bad(row.error().message);
    job.stages.push_back(std::move(*row));
  }
  if (std::string message = whatIsWrong(job); !message.empty())
    return bad(message);
  if (std::string message = findCycle(job); !message.empty())
    return bad(message);
  nameTemporaries(job);
  return job;
}

std::expected<Request, BadRequest> parseCheck(const json &object, int id) {
  Check check;
  check.id = id;
  check.out = stringOr(object, "out", "");
  check.timeoutMs = std::max(1, intOr(object, "timeout_ms", check.timeoutMs));
  check.memoryMb = std::max(1, intOr(object, "memory_mb", check.memoryMb));
  if (auto input = object.find("input");
      input != object.end() && input->is_object()) {
    check.path = stringOr(*input, "path", "");
    check.format = stringOr(*input, "format", "mlir");
    check.name = stringOr(*input, "name", check.path.c_str());
  }
  if (check.out.empty() || check.path.empty())
    return std::unexpected(
        BadRequest{id, "a check job needs 'out' and 'input.path'"});
  if (check.format != "mlir" && check.format != "llvm")
    return std::unexpected(BadRequest{
        id, fmt::format("cannot check a text of format '{}'", check.format)});
  return check;
}

} // namespace

std::string stepName(const json &step) {
  if (!step.is_object())
    return "";
  std::string name;
  for (const auto &[key, value] : step.items()) {
    if (isBeside(key, step))
      continue;
    if (!name.empty())
      return "";
    name = key;
  }
  return name;
}

bool isTextStep(const json &step) {
  constexpr std::array<std::string_view, 10> kNames{
      "tool", "command", "filecheck",  "count",  "diff",
      "read", "write",   "split-file", "remove", "make-directory"};
  return std::ranges::find(kNames, stepName(step)) != kNames.end();
}

std::string temporaryFolder(const Job &job) {
  return fmt::format("{}/{}/temporary", job.out, job.entry);
}

void nameTemporaries(Job &job) {
  const std::string folder = temporaryFolder(job);
  for (Row &row : job.stages)
    replaceIn(row.steps, engine::run_lines::kTemporaryFolder, folder);
}

engine::Result<Row> parseRow(const json &row) {
  using engine::ErrorCode;
  if (!row.is_object())
    return engine::fail(ErrorCode::InvalidConfig, "a stage is not an object");
  Row result{stringOr(row, "id", ""), stringOr(row, "from", ""),
             stringOr(row, "format", ""), json::array(),
             row.value("test", json()) == true};
  if (!isSafeName(result.id))
    return engine::fail(ErrorCode::InvalidConfig,
                        fmt::format("stage id '{}' is not a name", result.id));
  auto steps = row.find("steps");
  if (steps == row.end() || !steps->is_array() || steps->empty())
    return engine::fail(ErrorCode::InvalidConfig,
                        fmt::format("stage '{}' has no steps", result.id));
  for (const json &step : *steps)
    if (stepName(step).empty())
      return engine::fail(
          ErrorCode::InvalidConfig,
          fmt::format("stage '{}': a step is an object with one key, or a "
                      "'tool' with 'args' and 'path'",
                      result.id));
  result.steps = *steps;
  return result;
}

std::expected<Request, BadRequest> parseRequest(std::string_view line) {
  json object = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object())
    return std::unexpected(BadRequest{0, "not a JSON object"});
  int id = intOr(object, "job", 0);
  std::string op = stringOr(object, "op", "");
  if (op == "cancel")
    return Cancel{id};
  if (op != "run")
    return std::unexpected(BadRequest{id, fmt::format("unknown op '{}'", op)});
  std::string kind = stringOr(object, "kind", "");
  if (kind == "lower")
    return parseLower(object, id);
  if (kind == "check")
    return parseCheck(object, id);
  return std::unexpected(BadRequest{
      id, fmt::format("this worker has no jobs of kind '{}'", kind)});
}

} // namespace irlens::mlir_worker
