#include "lsp/configuration.h"

#include "lsp/wire/uri.h"

#include <algorithm>
#include <array>

namespace irlens::lsp {
namespace {

/// Members that are no settings of ours: what clients keep under the same
/// section for themselves (vscode-languageclient reads `trace`), and our two
/// options.
constexpr std::array<std::string_view, 4> kNotSettings = {
    "trace", "server", "clientCommands", "virtualDocuments"};

/// The settings inside of what clients send: bare, or below "irlens".
Json settingsIn(const Json &json) {
  const Json &section = at(json, "irlens");
  Json settings = section.is_object() ? section : json;
  if (!settings.is_object())
    return nullptr;
  for (std::string_view key : kNotSettings)
    settings.erase(std::string(key));
  return settings;
}

/// The first workspace folder, else the older ways to say the same.
std::string rootFolder(const Json &params) {
  const Json &folders = at(params, "workspaceFolders");
  std::optional<std::string> uri;
  if (folders.is_array() && !folders.empty())
    uri = asString(at(folders[0], "uri"));
  if (!uri)
    uri = asString(at(params, "rootUri"));
  if (uri)
    if (std::optional<std::filesystem::path> path = filePath(*uri))
      return path->string();
  return asString(at(params, "rootPath")).value_or("");
}

} // namespace

Configuration::Configuration(engine::Settings base)
    : base_(std::move(base)), settings_(base_) {}

std::vector<std::string> Configuration::initialize(const Json &params) {
  const Json &options = at(params, "initializationOptions");
  if (std::string root = rootFolder(params); !root.empty())
    base_.root = root;
  clientCommands_ = at(options, "clientCommands");
  virtualDocuments_ = isTrue(at(options, "virtualDocuments"));
  initial_ = settingsIn(options);
  settings_ = base_;
  return engine::applySettings(settings_, dumpJson(initial_));
}

std::vector<std::string> Configuration::change(const Json &settings) {
  // From the start again, so that a setting that was removed falls back.
  settings_ = base_;
  (void)engine::applySettings(settings_, dumpJson(initial_));
  return engine::applySettings(settings_, dumpJson(settingsIn(settings)));
}

bool Configuration::clientHas(std::string_view command) const {
  return holds(clientCommands_, command);
}

} // namespace irlens::lsp
