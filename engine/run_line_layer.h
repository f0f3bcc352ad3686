// The layer that a test's RUN lines are: `// RUN: mlir-opt %s | FileCheck %s`
// as rows, with each step where it is written. Joins engine/run_lines, which
// knows no table, with the table, which knows no RUN lines. Called by
// file_layers.cpp. Pure; any thread.
#pragma once

#include "engine/diagnostic.h"
#include "engine/table/layer.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

struct RunLineLayer {
  Layer layer;
  std::vector<Diagnostic> problems; ///< What is not understood, or not run.
  std::vector<std::string> rows;    ///< Their ids.
};

struct RunLineFile {
  std::filesystem::path path;
  std::string_view text;
  std::string stage;                 ///< Id of the stage that the text is.
  std::vector<std::string> ownTools; ///< Beside those that irlens knows.
  bool trusted = false;
};

/// Nothing for a file without RUN lines.
std::optional<RunLineLayer> runLineLayer(const RunLineFile &file);

} // namespace irlens::engine
