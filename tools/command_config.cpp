// irlens config: shows, describes and checks the stage table that users write,
// and trusts a folder. Needs no worker but for the names of passes.
#include "tools/command.h"

#include "engine/file_layers.h"
#include "engine/loop/event_loop.h"
#include "engine/pass_list.h"
#include "engine/store/files.h"
#include "engine/table/config_schema.h"
#include "engine/table/layers.h"
#include "engine/table/pipeline_text.h"
#include "engine/toolchain.h"
#include "tools/stage_report.h"
#include "tools/trust_folder.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

namespace irlens::tools {
namespace fs = std::filesystem;
namespace {

using engine::Diagnostic;
using Json = nlohmann::ordered_json;

/// The passes of irlens-mlir, as the server lists them.
class InstalledPasses {
public:
  /// Null when it is not there or too old to tell.
  const engine::PassRegistry *of(const engine::Settings &settings) {
    list_.passes(settings);
    loop_.run();
    return list_.passes(settings);
  }

private:
  engine::EventLoop loop_;
  engine::PassList list_{loop_, [] {}};
};

/// "file:3:5: error: ..."; true when one is an error.
bool printAll(const std::vector<Diagnostic> &problems) {
  bool bad = false;
  for (const Diagnostic &problem : problems) {
    bad = bad || problem.severity == engine::Severity::Error;
    if (problem.pos.file.empty())
      fmt::print(stderr, "{}: {}\n", engine::severityName(problem.severity),
                 problem.message);
    else
      fmt::print(stderr, "{}:{}:{}: {}: {}\n", problem.pos.file,
                 problem.pos.line, problem.pos.column,
                 engine::severityName(problem.severity), problem.message);
  }
  return bad;
}

/// The layers of a file; of a .irlens.json those of a file beside it.
engine::AllLayers layersOf(const engine::Settings &settings,
                           const std::string &file) {
  if (file.empty())
    return {engine::Layers::common(settings), {}, {}};
  engine::Layers layers{engine::Trust(engine::trustMemory())};
  fs::path path = engine::normalPath(file);
  bool isConfiguration = path.filename() == engine::kConfigurationFile;
  auto text = isConfiguration ? engine::Result<std::string>("")
                              : engine::readFile(path);
  return engine::allLayersOf(layers, path, text.value_or(""), settings);
}

engine::LoadedTable load(const engine::Settings &settings,
                         const engine::AllLayers &all,
                         const engine::PassRegistry *passes) {
  engine::Settings own = engine::withLayers(settings, all.layers);
  engine::LoadedTable loaded = engine::StageTable::load(
      all.layers, {own.targets, own.plainTargets}, passes);
  std::ranges::copy(all.problems, std::back_inserter(loaded.problems));
  return loaded;
}

int print(const engine::Settings &settings, const std::string &file) {
  engine::AllLayers layers = layersOf(settings, file);
  engine::LoadedTable loaded = load(settings, layers, nullptr);
  fmt::print("{{\n  \"rows\": [");
  const char *divider = "\n    ";
  for (const std::string &row : loaded.table.rows()) {
    fmt::print("{}{}", divider, row);
    divider = ",\n    ";
  }
  engine::Settings all = engine::withLayers(settings, layers.layers);
  Json values = Json::object();
  if (!all.stages.empty())
    values["stages"] = all.stages;
  if (!all.targets.empty())
    values["targets"] = all.targets;
  values["weights"] = all.weights;
  values["timeoutSeconds"] = all.timeoutSeconds;
  values["memoryMegabytes"] = all.memoryMegabytes;
  fmt::print("\n  ],\n  \"settings\": {}\n}}\n", values.dump());
  return printAll(loaded.problems) ? 1 : 0;
}

int check(const engine::Settings &settings, const std::string &file) {
  if (!isFile(file))
    return 2;
  InstalledPasses passes;
  engine::LoadedTable loaded =
      load(settings, layersOf(settings, file), passes.of(settings));
  return printAll(loaded.problems) ? 1 : 0;
}

int schema(const engine::Settings &settings) {
  InstalledPasses passes;
  fmt::print("{}\n", engine::configurationSchema(passes.of(settings)));
  return 0;
}

int trust(const std::string &folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    fmt::print(stderr, "irlens: no such folder: {}\n", folder);
    return 2;
  }
  if (!trustFolder(folder))
    return 1;
  fmt::print("trusted: {}\n", engine::normalPath(folder).string());
  return 0;
}

/// The rows that make a stage, as the engine sends them to a worker.
int rows(const engine::Settings &settings, const ConfigOptions &options) {
  engine::LoadedTable loaded =
      load(settings, layersOf(settings, options.file), nullptr);
  if (printAll(loaded.problems))
    return 1;
  auto found = loaded.table.named(options.rows);
  std::erase_if(found, [&](const engine::Stage *stage) {
    return !options.origin.empty() && stage->origin != options.origin;
  });
  if (found.empty()) {
    fmt::print(stderr, "irlens: there is no stage {}\n", options.rows);
    return 2;
  }
  // The origin that the stage is written for, before those that inherit it.
  auto own = std::ranges::find_if(found, [&](const engine::Stage *stage) {
    const engine::Origin *origin = loaded.table.findOrigin(stage->origin);
    return origin && origin->inherits.empty();
  });
  const engine::Stage *goal = own == found.end() ? found.front() : *own;
  const char *divider = "[";
  for (const engine::Stage *stage : loaded.table.lineage(*goal)) {
    fmt::print("{}{}", divider, stage->row);
    divider = ",\n ";
  }
  fmt::print("]\n");
  return 0;
}

} // namespace

int configCommand(const engine::Settings &settings,
                  const ConfigOptions &options) {
  if (!options.trust.empty())
    return trust(options.trust);
  if (options.schema)
    return schema(settings);
  if (!options.rows.empty())
    return rows(settings, options);
  if (!options.check.empty())
    return check(settings, options.check);
  return print(settings, options.file);
}

} // namespace irlens::tools
