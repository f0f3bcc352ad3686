// The settings of a session, put together from what the client has said: at
// initialize, and in each later configuration, which replaces the earlier one.
// A value; loop thread only.
#pragma once

#include "lsp/wire/json.h"

#include "engine/table/settings.h"

#include <string>
#include <vector>

namespace irlens::lsp {

/// What folders say about the files below them.
inline constexpr std::string_view kConfigurationFile = ".irlens.json";

class Configuration {
public:
  /// `base` is what the command line and the composition root know.
  explicit Configuration(engine::Settings base);

  /// The parameters of `initialize`: the workspace folder, and
  /// initializationOptions, whose members beside our own two are settings. Both
  /// return what was wrong.
  std::vector<std::string> initialize(const Json &params);
  /// `settings` of didChangeConfiguration, or the answer to
  /// workspace/configuration.
  std::vector<std::string> change(const Json &settings);

  const engine::Settings &settings() const { return settings_; }
  /// The client can run this command of a lens itself.
  bool clientHas(std::string_view command) const;
  /// The client shows irlens:// documents though it does not say so in LSP's
  /// terms.
  bool virtualDocuments() const { return virtualDocuments_; }

private:
  engine::Settings base_;
  Json initial_;
  Json clientCommands_;
  bool virtualDocuments_ = false;
  engine::Settings settings_;
};

} // namespace irlens::lsp
