// See conditions.h.
#include "ir_lowering/mlir/conditions.h"

#include <fmt/format.h>

namespace irlens::mlir_worker {

using engine::run_lines::Expects;
using nlohmann::json;

namespace {

bool hasEnded(const ToolRun &run) {
  return run.end == ToolRun::End::Exited || run.end == ToolRun::End::Signalled;
}

} // namespace

std::string wordOf(const json &object, const char *key) {
  if (!object.is_object())
    return "";
  auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : std::string();
}

std::vector<std::string> wordsOf(const json &object, const char *key) {
  std::vector<std::string> words;
  if (!object.is_object())
    return words;
  auto found = object.find(key);
  if (found != object.end() && found->is_array())
    for (const json &word : *found)
      if (word.is_string())
        words.push_back(word.get<std::string>());
  return words;
}

Conditions conditionsOf(const json &step) {
  Conditions result;
  result.expects = engine::run_lines::expectsNamed(wordOf(step, "expects"))
                       .value_or(Expects::Success);
  result.output = wordOf(step, "output");
  result.name = wordOf(step, "name");
  result.errorsFile = wordOf(step, "errors");
  result.joinsErrors = result.errorsFile == "joined";
  if (result.joinsErrors)
    result.errorsFile.clear();
  if (auto found = step.find("env"); found != step.end() && found->is_object())
    for (const auto &[name, value] : found->items())
      result.environment.push_back(
          {name, value.is_string() ? std::optional(value.get<std::string>())
                                   : std::nullopt});
  return result;
}

bool isAsExpected(Expects expects, const ToolRun &run) {
  const bool crashed = run.end == ToolRun::End::Signalled;
  switch (expects) {
  case Expects::Success:
    return run.succeeded();
  case Expects::Failure:
    return run.end == ToolRun::End::Exited && run.code != 0;
  case Expects::FailureOrCrash:
    return hasEnded(run) && !run.succeeded();
  case Expects::Crash:
    return crashed;
  }
  return false;
}

std::string describeSurprise(Expects expects, const std::string &name,
                             const ToolRun &run) {
  if (expects == Expects::Success || !hasEnded(run))
    return "";
  if (expects == Expects::Crash)
    return fmt::format("`not --crash` wants {} to crash, and it {}", name,
                       run.succeeded() ? "succeeded" : "only failed");
  return run.succeeded()
             ? fmt::format("`{}` wants {} to fail, and it succeeded",
                           expects == Expects::Failure ? "not" : "!", name)
             : "";
}

} // namespace irlens::mlir_worker
