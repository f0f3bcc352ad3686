// What a command of a test is beyond its words: how it must end, its
// environment, where its streams go. Pure; used in stage processes and by unit
// tests. Knows no compiler.
#pragma once

#include "engine/run_lines/command_tree.h"
#include "ir_lowering/mlir/tool_run.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace irlens::mlir_worker {

struct Conditions {
  engine::run_lines::Expects expects = engine::run_lines::Expects::Success;
  std::vector<Variable> environment;
  bool joinsErrors = false;
  std::string errorsFile; ///< Empty: kept beside the result.
  std::string output;     ///< Of `-o`; empty: the text.
  std::string name;       ///< The file of the text, as messages name it.
};

/// What a step says is data from elsewhere: a value of another type is empty.
std::string wordOf(const nlohmann::json &object, const char *key);
std::vector<std::string> wordsOf(const nlohmann::json &object, const char *key);

/// The keys that stand beside a step's own.
Conditions conditionsOf(const nlohmann::json &step);

bool isAsExpected(engine::run_lines::Expects expects, const ToolRun &run);

/// Why an end that was not expected is none: "`not` wants opt to fail, and it
/// succeeded". Empty for a failure where success was expected.
std::string describeSurprise(engine::run_lines::Expects expects,
                             const std::string &name, const ToolRun &run);

} // namespace irlens::mlir_worker
