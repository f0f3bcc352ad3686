// The stage table as the one-shot mode needs it: the rows from one stage to
// another with their targets substituted. The fork server gets such rows from
// the engine.
#pragma once

#include "engine/result.h"
#include "ir_lowering/mlir/request.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::mlir_worker {

/// ir_lowering/pipelines.json as it was when this program was built.
std::string_view builtinPipelines();

/// The rows that lead from `from` (left out) to `to`, sources first. `targets`
/// maps a stage to what replaces {target} in its steps. Errors: InvalidConfig
/// (no table), NotFound (no such stage, or no way to it).
engine::Result<std::vector<Row>>
rowsBetween(std::string_view table, const std::string &from,
            const std::string &to,
            const std::map<std::string, std::string> &targets);

/// Format of a stage's text: "mlir", "llvm", ...; empty for an unknown stage.
std::string formatOf(std::string_view table, const std::string &stage);

} // namespace irlens::mlir_worker
