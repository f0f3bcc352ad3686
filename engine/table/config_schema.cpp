// See config_schema.h.
#include "engine/table/config_schema.h"

#include "engine/table/configuration.h"
#include "engine/table/row_reader.h"
#include "engine/table/settings.h"
#include "engine/table/step_kinds.h"
#include "engine/table/tools.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace irlens::engine {
namespace {

using Json = nlohmann::json;

Json stringList() {
  return {{"type", "array"}, {"items", {{"type", "string"}}}};
}

Json typed(std::string_view type, std::string_view help) {
  Json schema{{"type", type}, {"description", help}};
  if (type == "array")
    schema["items"] = {{"type", "string"}};
  return schema;
}

Json toolNames() {
  Json names = Json::array();
  for (const Tool &tool : tools())
    names.push_back(tool.name);
  return names;
}

/// Any string, of which some are worth proposing.
Json proposing(Json names) {
  return {{"anyOf", {{{"enum", std::move(names)}}, {{"type", "string"}}}}};
}

Json argumentSchema(const PassRegistry *passes) {
  Json flags = Json::array();
  if (passes)
    for (const KnownPass &pass : passes->passes(PassKind::Mlir))
      flags.push_back("--" + pass.name);
  return {{"type", "array"}, {"items", proposing(std::move(flags))}};
}

Json passStep(PassKind kind, std::string_view help,
              const PassRegistry *passes) {
  Json names = Json::array();
  if (passes)
    for (const KnownPass &pass : passes->passes(kind))
      names.push_back(kind == PassKind::Mlir
                          ? "builtin.module(" + pass.name + ")"
                          : pass.name);
  Json schema = proposing(std::move(names));
  schema["description"] = help;
  return schema;
}

Json stepSchema(const StepKind &kind, const PassRegistry *passes) {
  Json value = typed(kind.type, kind.help);
  if (kind.name == "mlir" || kind.name == "llvm")
    value = passStep(kind.name == "mlir" ? PassKind::Mlir : PassKind::Llvm,
                     kind.help, passes);
  Json properties;
  if (kind.name == "tool") {
    value["enum"] = toolNames();
    properties["args"] = argumentSchema(passes);
    properties["path"] = typed("string", "Your own binary of the tool");
  }
  properties[std::string(kind.name)] = std::move(value);
  if (takesCommandKeys(kind.name))
    for (const StepKey &key : commandKeys())
      properties[std::string(key.name)] = typed(key.type, key.help);
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", {kind.name}},
          {"additionalProperties", false}};
}

Json stepsSchema(const PassRegistry *passes) {
  Json pipeline{{"type", "string"},
                {"description", "Tools with their arguments, divided by |"}};
  Json steps = Json::array({pipeline});
  for (const StepKind &kind : stepKinds())
    steps.push_back(stepSchema(kind, passes));
  return {{"anyOf",
           {std::move(pipeline),
            {{"type", "array"}, {"items", {{"anyOf", std::move(steps)}}}}}}};
}

Json rowSchema(const PassRegistry *passes) {
  Json properties;
  for (const RowKey &key : rowKeys())
    properties[std::string(key.name)] = typed(key.type, key.help);
  Json formats = Json::array();
  for (const auto &[name, format] : formatNames())
    formats.push_back(name);
  properties["format"]["enum"] = std::move(formats);
  properties["id"]["pattern"] = "^[a-z0-9-]+$";
  std::string help = properties["steps"]["description"];
  properties["steps"] = stepsSchema(passes);
  properties["steps"]["description"] = std::move(help);
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", {"id", "from", "steps"}},
          {"additionalProperties", false}};
}

Json settingsSchema() {
  Json properties;
  for (const SettingRow &row : settingRows()) {
    if (!isPerFile(row.name))
      continue;
    Json schema = typed(row.type, row.help);
    schema["default"] = Json::parse(row.fallback);
    properties[std::string(row.name)] = std::move(schema);
  }
  return properties;
}

Json toolsSchema() {
  Json properties;
  for (const Tool &tool : tools())
    properties[std::string(tool.name)] = typed("string", tool.help);
  return properties;
}

} // namespace

std::string configurationSchema(const PassRegistry *passes) {
  Json properties;
  for (const ConfigurationKey &key : configurationKeys())
    properties[std::string(key.name)] = typed(key.type, key.help);
  properties["rows"]["items"] = rowSchema(passes);
  properties["toolFolders"].update(stringList());
  properties["tools"]["properties"] = toolsSchema();
  properties["tools"]["additionalProperties"] =
      typed("string", "A tool of your own, for RUN lines");
  properties["settings"]["properties"] = settingsSchema();
  properties["settings"]["additionalProperties"] = false;
  return Json{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
              {"title", ".irlens.json"},
              {"type", "object"},
              {"properties", std::move(properties)},
              {"additionalProperties", false}}
      .dump(2);
}

} // namespace irlens::engine
