#include "engine/run/job_request.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <thread>

namespace irlens::engine {
namespace {

using Json = nlohmann::json;

/// Literals up to this many elements stay visible in the IR: shapes, indices,
/// scales.
constexpr int kLiteralLimit = 16;
/// The program's own output beyond this is dropped.
constexpr int kOutputLimit = 8 * 1024 * 1024;

Json common(const Settings &settings, const std::filesystem::path &out,
            const std::vector<std::string> &rows,
            const std::vector<std::string> &passes) {
  Json stages = Json::array();
  for (const std::string &row : rows)
    stages.push_back(Json::parse(row, nullptr, /*allow_exceptions=*/false));
  unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  Json json{{"out", out.string()},
            {"timeout_ms", settings.timeoutSeconds * 1000},
            {"memory_mb", settings.memoryMegabytes},
            {"parallel", std::min(cores, 8U)},
            {"weights", settings.weights},
            {"literal_limit", kLiteralLimit},
            {"stages", std::move(stages)}};
  if (!passes.empty())
    json["passes"] = passes;
  return json;
}

std::string dump(const Json &json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace

std::string captureRequest(const Settings &settings,
                           const std::filesystem::path &file,
                           const std::filesystem::path &out,
                           const std::vector<std::string> &entries,
                           const std::vector<std::string> &rows,
                           const std::vector<std::string> &passes,
                           bool background) {
  Json json = common(settings, out, rows, passes);
  json["kind"] = "capture";
  json["file"] = file.string();
  json["cwd"] =
      settings.root.empty() ? file.parent_path().string() : settings.root;
  json["seed"] = 0;
  json["background"] = background;
  json["output_limit"] = kOutputLimit;
  json["entries"] = entries.empty() ? Json() : Json(entries);
  return dump(json);
}

std::string withEntries(const std::string &row,
                        const std::vector<std::string> &entries) {
  Json json = Json::parse(row, nullptr, /*allow_exceptions=*/false);
  json["entries"] = entries;
  return dump(json);
}

std::string lowerRequest(const Settings &settings,
                         const std::filesystem::path &out,
                         const std::string &entry, const std::string &inputRow,
                         const std::vector<std::string> &rows,
                         const std::vector<std::string> &passes,
                         const std::vector<std::string> &siteFolders) {
  Json json = common(settings, out, rows, passes);
  Json input = Json::parse(inputRow, nullptr, /*allow_exceptions=*/false);
  std::string id = input.value("id", "");
  json["kind"] = "lower";
  json["device_libraries"] = siteFolders;
  json["entry"] = entry;
  json["input"] = {{"stage", id},
                   {"path", (out / entry / (id + ".raw")).string()},
                   {"format", input.value("format", "mlir")}};
  return dump(json);
}

} // namespace irlens::engine
