// The steps of a row as they are written, read and checked: objects with one
// key, or a pipeline of tools in one string. Used by the reader of rows, inside
// of StageTable::load. Pure but for the search for tools.
#pragma once

#include "engine/table/layer_text.h"
#include "engine/table/step_kinds.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace irlens::engine {

struct RowStep {
  std::string json; ///< As a worker gets it, {target} not yet put in.
  Executor executor = Executor::Mlir;
  StepPlace place = StepPlace::Alone;
  std::string name; ///< Of the tool or the last pass: for the stage's id.
  OutputKind output = kUnknownText;
  Definition definition;
  std::string program; ///< Of the user's; empty: irlens brings what it needs.
  bool untrusted = false; ///< Somebody who is not trusted has written it.
  bool ofTests = false;   ///< Its row is a test, whatever else it says.
  std::vector<std::string> files; ///< Others than the test that it reads.
};

/// What steps are read with.
struct StepContext {
  LayerText &text;
  const ToolPaths &tools;
  const PassRegistry *passes; ///< Null: not checked.
  std::string target;         ///< What {target} stands for, if that is known.
};

/// The steps of a row's `steps`. Empty, with a diagnostic, if one is wrong.
std::optional<std::vector<RowStep>> readSteps(const JsonValue &value,
                                              const StepContext &context);

/// Those of a pipeline; `place` says where bytes of it stand.
std::optional<std::vector<RowStep>>
readPipeline(std::string_view pipeline, const StepContext &context,
             const std::function<Definition(ByteRange)> &place);

} // namespace irlens::engine
