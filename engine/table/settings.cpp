// The table of settings, and its application to a Settings value. Pure.
#include "engine/table/settings.h"

#include "engine/table/suggest.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace irlens::engine {
namespace {

using Json = nlohmann::json;

/// A row and how its value gets into Settings. `apply` returns false when the
/// value has the wrong type or range.
struct Row {
  SettingRow row;
  bool (*apply)(Settings &, const Json &);
  void (*overlay)(Settings &, const Settings &);
  bool perFile = false; ///< See isPerFile().
};

/// Copies a field that is not as it is by default.
template <auto Field> void overlayField(Settings &to, const Settings &from) {
  static const Settings kDefaults;
  if (from.*Field != kDefaults.*Field)
    to.*Field = from.*Field;
}

bool assign(std::string &field, const Json &value) {
  if (!value.is_string())
    return false;
  field = value.get<std::string>();
  return true;
}

bool assign(bool &field, const Json &value) {
  if (!value.is_boolean())
    return false;
  field = value.get<bool>();
  return true;
}

bool assignPositive(int &field, const Json &value) {
  if (!value.is_number_integer() || value.get<std::int64_t>() < 1 ||
      value.get<std::int64_t>() > 1'000'000)
    return false;
  field = value.get<int>();
  return true;
}

bool assign(std::vector<std::string> &field, const Json &value) {
  if (!value.is_array() ||
      !std::ranges::all_of(value, [](const Json &v) { return v.is_string(); }))
    return false;
  field = value.get<std::vector<std::string>>();
  return true;
}

bool assign(std::map<std::string, std::string> &field, const Json &value) {
  if (!value.is_object())
    return false;
  std::map<std::string, std::string> result;
  for (const auto &[key, target] : value.items()) {
    if (!target.is_string())
      return false;
    result[key] = target.get<std::string>();
  }
  field = std::move(result);
  return true;
}

bool assignWeights(Settings &settings, const Json &value) {
  if (value != "names" && value != "values")
    return false;
  return assign(settings.weights, value);
}

constexpr std::array kRows{
    Row{{"python", "string", "\"\"",
         "Python interpreter that runs your files. Empty: the workspace's "
         ".venv or "
         "venv, the active VIRTUAL_ENV, irlens' own, then python3."},
        [](Settings &s, const Json &v) { return assign(s.python, v); },
        overlayField<&Settings::python>},
    Row{{"stages", "array", "[]",
         "Stages made on each save, in this order. Empty: all that are made by "
         "default. Open documents are always made, and first."},
        [](Settings &s, const Json &v) { return assign(s.stages, v); },
        overlayField<&Settings::stages>,
        /*perFile=*/true},
    Row{{"targets", "object", "{}",
         "Target per stage, for example {\"nvptx\": \"sm_80\", \"amdgcn\": "
         "\"gfx1100\"}; for all Triton kernels {\"kernel\": "
         "\"sm_90,gfx942\"}."},
        [](Settings &s, const Json &v) { return assign(s.targets, v); },
        overlayField<&Settings::targets>,
        /*perFile=*/true},
    Row{{"weights", "string", "\"names\"",
         "names: weights stay out of the compilers and appear as symbols. "
         "values: "
         "they are lowered as constants."},
        assignWeights,
        overlayField<&Settings::weights>,
        /*perFile=*/true},
    Row{{"timeoutSeconds", "integer", "60", "Time limit of a run."},
        [](Settings &s, const Json &v) {
          return assignPositive(s.timeoutSeconds, v);
        },
        overlayField<&Settings::timeoutSeconds>,
        /*perFile=*/true},
    Row{{"memoryMegabytes", "integer", "4096",
         "Memory that a script or a compiler may use beyond what it starts "
         "with."},
        [](Settings &s, const Json &v) {
          return assignPositive(s.memoryMegabytes, v);
        },
        overlayField<&Settings::memoryMegabytes>,
        /*perFile=*/true},
    Row{{"storeMegabytes", "integer", "2048",
         "Size limit of the run store; the least recently used runs go first."},
        [](Settings &s, const Json &v) {
          return assignPositive(s.storeMegabytes, v);
        },
        overlayField<&Settings::storeMegabytes>},
    Row{{"store", "string", "\"\"",
         "Folder of the run store. Empty: irlens in the user's cache folder."},
        [](Settings &s, const Json &v) { return assign(s.store, v); },
        overlayField<&Settings::store>},
    Row{{"runOnOpen", "boolean", "true", "Lower a file when it is opened."},
        [](Settings &s, const Json &v) { return assign(s.runOnOpen, v); },
        overlayField<&Settings::runOnOpen>},
    Row{{"checkWhileTyping", "boolean", "true",
         "Parse and verify MLIR and LLVM IR files while you type."},
        [](Settings &s, const Json &v) {
          return assign(s.checkWhileTyping, v);
        },
        overlayField<&Settings::checkWhileTyping>},
    Row{{"maxDocumentMegabytes", "integer", "8",
         "Longer documents are cut; their first line names the file with all "
         "of it."},
        [](Settings &s, const Json &v) {
          return assignPositive(s.maxDocumentMegabytes, v);
        },
        overlayField<&Settings::maxDocumentMegabytes>},
    Row{{"rows", "array", "[]",
         "Stages of your own, as in a .irlens.json: [{\"id\": \"tiled\", "
         "\"from\": \"linalg\", \"steps\": \"mlir-opt --cse\"}]."},
        [](Settings &s, const Json &v) {
          return v.is_array() && assign(s.rows, Json(v.dump()));
        },
        overlayField<&Settings::rows>},
    Row{{"tools", "object", "{}",
         "Your own binaries of tools: {\"mlir-opt\": \"/path/to/mlir-opt\"}."},
        [](Settings &s, const Json &v) {
          return v.is_object() && assign(s.tools, Json(v.dump()));
        },
        overlayField<&Settings::tools>},
    Row{{"toolFolders", "array", "[]",
         "Folders with your own binaries of tools (before LLVM_BIN_PATH, "
         "TORCH_MLIR_OPT_PATH and TRITON_OPT_PATH)."},
        [](Settings &s, const Json &v) { return assign(s.toolFolders, v); },
        overlayField<&Settings::toolFolders>},
    Row{{"trustedFolders", "array", "[]",
         "Folders whose own stages (.irlens.json, comments, RUN lines) are "
         "made."},
        [](Settings &s, const Json &v) { return assign(s.trustedFolders, v); },
        overlayField<&Settings::trustedFolders>},
};

const Row *findRow(std::string_view name) {
  auto found = std::ranges::find_if(
      kRows, [&](const Row &row) { return row.row.name == name; });
  return found == kRows.end() ? nullptr : &*found;
}

std::string unknownSetting(const std::string &name) {
  std::array<std::string_view, kRows.size()> names{};
  std::ranges::transform(kRows, names.begin(),
                         [](const Row &row) { return row.row.name; });
  std::string near = nearest(name, names);
  if (near.empty())
    return fmt::format("unknown setting irlens.{}", name);
  return fmt::format("unknown setting irlens.{}; did you mean irlens.{}?", name,
                     near);
}

} // namespace

std::span<const SettingRow> settingRows() {
  static constexpr auto kPublic = [] {
    std::array<SettingRow, kRows.size()> rows{};
    for (std::size_t i = 0; i < kRows.size(); ++i)
      rows[i] = kRows[i].row;
    return rows;
  }();
  return kPublic;
}

bool isPerFile(std::string_view name) {
  const Row *row = findRow(name);
  return row && row->perFile;
}

void overlaySettings(Settings &settings, const Settings &over) {
  for (const Row &row : kRows)
    row.overlay(settings, over);
}

std::vector<std::string> applySettings(Settings &settings,
                                       std::string_view text) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded())
    return {"the settings are not valid JSON"};
  if (json.is_null())
    return {};
  if (!json.is_object())
    return {"the settings must be an object"};
  if (json.contains("irlens") && json["irlens"].is_object())
    json = Json(json["irlens"]);
  std::vector<std::string> problems;
  for (const auto &[name, value] : json.items()) {
    const Row *row = findRow(name);
    if (!row)
      problems.push_back(unknownSetting(name));
    else if (!value.is_null() && !row->apply(settings, value))
      problems.push_back(fmt::format("irlens.{}: {} is not a valid {}; {}",
                                     name, value.dump(), row->row.type,
                                     row->row.help));
  }
  return problems;
}

} // namespace irlens::engine
