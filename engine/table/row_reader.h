// One row of `stages` (built in) or `rows` (a user's), read and checked alone:
// what it is made from and for which targets follows in table_builder.h. Used
// inside of StageTable::load.
#pragma once

#include "engine/table/row_steps.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace irlens::engine {

struct StageRow {
  Stage stage;      ///< As the row says; origin and target are not yet chosen.
  std::string json; ///< The row with its steps, as a worker gets it.
  std::string written; ///< The whole row, as it can stand in a .irlens.json.
  std::string family;
  bool allTargets = false;
  bool builtin = false;
  Definition fromPlace;
  std::vector<std::string> programs;
};

/// What a row becomes: the stages of its steps, then the stage itself. Empty,
/// with a diagnostic, if the row is wrong; then `id`, if it could be read, is
/// that of the row.
struct ReadRow {
  std::string id;
  std::vector<StageRow> stages;
};

ReadRow readRow(const JsonValue &value, const StepContext &context);
/// A row that stands outside of JSON.
ReadRow readRow(const PipelineRow &row, const StepContext &context);

/// The keys that a row may have, for the JSON Schema.
struct RowKey {
  std::string_view name;
  std::string_view type; ///< As JSON Schema names it.
  std::string_view help;
};
std::span<const RowKey> rowKeys();

} // namespace irlens::engine
