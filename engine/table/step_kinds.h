// The kinds of steps that a row can have, as a table: who executes them, what
// they mean. One row per kind; the reader of rows, the JSON Schema and "did you
// mean" follow. Pure; any thread.
#pragma once

#include "engine/table/stage.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace irlens::engine {

/// Where a step of a user's row stands: each has a stage of its own, but some
/// make sense only together with another.
enum class StepPlace : std::uint8_t {
  Alone,
  WithNext, ///< Begins a stage that the next step goes on with.
  WithLast, ///< Belongs to the step before.
  Prepares, ///< No step by itself: stands before each one behind it.
};

struct StepKind {
  std::string_view name; ///< The key of the step.
  Executor executor;
  std::string_view type; ///< Of its value, as JSON Schema names it.
  std::string_view help;
  StepPlace place = StepPlace::Alone;
  /// What RUN lines need beside tools: files and checks.
  bool ofTests = false;
};

/// A key that may stand beside that of a step.
struct StepKey {
  std::string_view name;
  std::string_view type; ///< As JSON Schema names it.
  std::string_view help;
};

/// What a command line says beyond the words of a command; of tools, commands
/// and checks that this machine's worker runs.
std::span<const StepKey> commandKeys();
/// Null if there is none of this name.
const StepKey *findCommandKey(std::string_view name);
bool takesCommandKeys(std::string_view kind);

std::span<const StepKind> stepKinds();
/// Null if there is none of this name.
const StepKind *findStepKind(std::string_view name);

/// "python", "mlir", "torchscript": the names of workers in origins.
std::span<const std::pair<std::string_view, Executor>> workerNames();
/// "text", "mlir", ...: the formats that a row can name.
std::span<const std::pair<std::string_view, TextFormat>> formatNames();

} // namespace irlens::engine
