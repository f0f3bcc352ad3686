#include "engine/run/job_request.h"

#include <nlohmann/json.hpp>

namespace irlens::engine {
namespace {

using Json = nlohmann::json;

/// Literals up to this many elements stay visible in the IR: shapes, indices,
/// scales.
constexpr int kLiteralLimit = 16;
/// The program's own output beyond this is dropped.
constexpr int kOutputLimit = 8 * 1024 * 1024;

Json parsed(const std::string &row) {
  return Json::parse(row, nullptr, /*allow_exceptions=*/false);
}

Json common(const Settings &settings, const std::filesystem::path &out,
            const JobRows &rows) {
  Json stages = Json::array();
  for (const std::string &row : rows.rows)
    stages.push_back(parsed(row));
  Json json{{"out", out.string()},
            {"timeout_ms", settings.timeoutSeconds * 1000},
            {"memory_mb", settings.memoryMegabytes},
            {"weights", settings.weights},
            {"literal_limit", kLiteralLimit},
            {"stages", std::move(stages)}};
  if (!rows.recordPasses.empty())
    json["passes"] = rows.recordPasses;
  return json;
}

std::string dump(const Json &json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace

std::string captureRequest(const Settings &settings, const CaptureJob &job,
                           const JobRows &rows) {
  Json json = common(settings, job.out, rows);
  json["kind"] = "capture";
  json["file"] = job.file.string();
  json["cwd"] =
      settings.root.empty() ? job.file.parent_path().string() : settings.root;
  json["seed"] = 0;
  json["background"] = job.background;
  json["output_limit"] = kOutputLimit;
  json["entries"] = job.entries.empty() ? Json() : Json(job.entries);
  return dump(json);
}

std::string lowerRequest(const Settings &settings, const LowerJob &job,
                         const JobRows &rows) {
  Json json = common(settings, job.out, rows);
  json["kind"] = "lower";
  json["device_libraries"] = job.siteFolders;
  json["entry"] = job.entry;
  json["input"] = {{"stage", job.input.stage},
                   {"path", job.input.path.string()},
                   {"format", job.input.format}};
  if (!job.input.name.empty())
    json["input"]["name"] = job.input.name.string();
  return dump(json);
}

std::string checkRequest(const Settings &settings, const CheckJob &job) {
  return dump({{"kind", "check"},
               {"input",
                {{"path", job.path.string()},
                 {"format", job.format},
                 {"name", job.name.string()}}},
               {"out", job.out.string()},
               {"timeout_ms", settings.timeoutSeconds * 1000},
               {"memory_mb", settings.memoryMegabytes}});
}

LowerInput inputOf(const Stage &stage, const std::filesystem::path &folder) {
  return {stage.id,
          parsed(stage.row).value("format", "mlir"),
          folder / (stage.id + ".raw"),
          {}};
}

std::string withEntries(const Stage &stage,
                        const std::vector<std::string> &entries) {
  Json json = parsed(stage.row);
  json["entries"] = entries;
  return dump(json);
}

std::string fileRow(const Stage &stage, const std::string &given) {
  Json json = parsed(stage.row);
  json["from"] = given;
  return dump(json);
}

std::string translationRow(const Stage &stage) {
  Json json = parsed(stage.row);
  json["from"] = kBitcode;
  json["steps"] = Json::array({{{"translate", "bitcode-to-text"}}});
  return dump(json);
}

} // namespace irlens::engine
