// Reads requests; whatever a line holds, the answer is a request or what is
// wrong with it.
#include "ir_lowering/torchscript/request.h"

#include <algorithm>
#include <fmt/format.h>

namespace irlens::torchscript_worker {

namespace {

using nlohmann::json;

std::string textOf(const json &object, const char *key) {
  auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : std::string();
}

int positiveOf(const json &object, const char *key, int fallback) {
  auto found = object.find(key);
  if (found == object.end() || !found->is_number())
    return fallback;
  double value = found->get<double>();
  return value >= 1 && value <= 1e9 ? static_cast<int>(value) : fallback;
}

/// A stage's id becomes part of a path.
bool isSafeName(std::string_view name) {
  return !name.empty() && name.front() != '.' &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
         });
}

/// The row, or what is wrong with it.
std::expected<Row, std::string> parseRow(const json &object) {
  if (!object.is_object())
    return std::unexpected("a stage is not an object");
  Row row{textOf(object, "id"), textOf(object, "format"), {}};
  if (!isSafeName(row.id))
    return std::unexpected(fmt::format("stage id '{}' is not a name", row.id));
  auto steps = object.find("steps");
  if (steps == object.end() || !steps->is_array() || steps->empty())
    return std::unexpected(fmt::format("stage '{}' has no steps", row.id));
  for (const json &step : *steps) {
    std::string pass = step.is_object() ? textOf(step, "jit") : "";
    if (pass.empty())
      return std::unexpected(
          fmt::format("stage '{}': this worker has `jit` steps only", row.id));
    row.passes.push_back(std::move(pass));
  }
  return row;
}

} // namespace

std::expected<Request, BadRequest> parseRequest(std::string_view line) {
  json object = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object())
    return std::unexpected(BadRequest{0, "not a JSON object"});
  int id = positiveOf(object, "job", 0);
  auto bad = [id](std::string message) {
    return std::unexpected(BadRequest{id, std::move(message)});
  };
  if (textOf(object, "op") == "cancel")
    return Cancel{id};
  if (textOf(object, "op") != "run" || textOf(object, "kind") != "capture")
    return bad("this worker runs jobs of the kind `capture`");
  CaptureJob job;
  job.id = id;
  job.file = textOf(object, "file");
  job.out = textOf(object, "out");
  job.timeoutMs = positiveOf(object, "timeout_ms", job.timeoutMs);
  job.memoryMb = positiveOf(object, "memory_mb", job.memoryMb);
  job.parallel = positiveOf(object, "parallel", job.parallel);
  if (job.file.empty() || job.out.empty())
    return bad("a capture job needs `file` and `out`");
  if (auto names = object.find("entries");
      names != object.end() && names->is_array()) {
    job.entries.emplace();
    for (const json &name : *names)
      if (name.is_string())
        job.entries->push_back(name.get<std::string>());
  }
  auto stages = object.find("stages");
  if (stages == object.end() || !stages->is_array())
    return bad("a capture job needs `stages`");
  for (const json &stage : *stages) {
    auto row = parseRow(stage);
    if (!row)
      return bad(row.error());
    job.stages.push_back(std::move(*row));
  }
  return job;
}

} // namespace irlens::torchscript_worker
