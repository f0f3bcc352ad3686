// See step_documents.h.
#include "lsp/documents/step_documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace irlens::lsp {
namespace {

using engine::StageStatus;

/// Lines of the list above the first step.
constexpr int kHeadingLines = 1;
/// Both lists are plain text.
constexpr std::string_view kComment = "#";

std::string listLine(const engine::Stage &step,
                     const engine::StageState *state) {
  std::string time = state && state->status == StageStatus::Ok
                         ? fmt::format("{:.2f}", state->ms)
                         : "-";
  std::string operations = state && state->good && state->good->operations >= 0
                               ? std::to_string(state->good->operations)
                               : "-";
  return fmt::format(
      "{:<40}{:<12}{:>9}{:>8}{}\n", stepName(step),
      toString(state ? state->status : StageStatus::NotAsked), time, operations,
      state && !state->said.empty() ? "  " + saidName(step) : "");
}

/// A stage as it is named in a plain text about it.
engine::Stage renamed(const engine::Stage &stage, std::string_view what) {
  engine::Stage named = stage;
  named.title += what;
  named.comment = kComment;
  return named;
}

} // namespace

std::vector<const engine::Stage *> stepsOf(const engine::StageTable &table,
                                           const engine::Stage &row) {
  std::vector<const engine::Stage *> steps;
  for (const engine::Stage &stage : table.stages())
    if (!stage.stepOf.empty() && stage.stepOf == row.id &&
        stage.origin == row.origin && stage.id != row.id)
      steps.push_back(&stage);
  // The names begin with the number.
  std::ranges::sort(steps, {}, &engine::Stage::id);
  if (!steps.empty())
    steps.push_back(&row);
  return steps;
}

const engine::Stage *rowOfStep(const engine::StageTable &table,
                               const engine::Stage &stage) {
  const engine::Stage *row =
      stage.stepOf.empty() ? nullptr : table.find(stage.stepOf, stage.origin);
  return row ? row : &stage;
}

StepPlace placeOfStep(const std::vector<const engine::Stage *> &steps,
                      const engine::Stage &stage) {
  StepPlace place;
  auto found = std::ranges::find(steps, &stage);
  if (found == steps.end())
    return place;
  place.position = static_cast<std::size_t>(found - steps.begin()) + 1;
  if (found != steps.begin())
    place.previous = *std::prev(found);
  if (std::next(found) != steps.end())
    place.next = *std::next(found);
  return place;
}

std::string stepName(const engine::Stage &stage) {
  std::string prefix = stage.stepOf + ".steps.";
  bool isStep = !stage.stepOf.empty() && stage.id.starts_with(prefix);
  return isStep ? stage.id.substr(prefix.size()) : stage.id;
}

std::string stepListName(const engine::Stage &row) {
  return row.id + ".steps.txt";
}

bool isStepList(const engine::Stage &row, const DocumentId &id) {
  return id.file == stepListName(row);
}

const engine::Stage *stepAt(const std::vector<const engine::Stage *> &steps,
                            std::int64_t line) {
  std::int64_t index = line - kHeadingLines;
  bool exists = index >= 0 && index < std::ssize(steps);
  return exists ? steps[static_cast<std::size_t>(index)] : nullptr;
}

DocumentPlan planSteps(const engine::Stage &row,
                       const std::vector<const engine::Stage *> &steps,
                       const engine::FileState *file,
                       const engine::Entry *entry, std::uint64_t maxBytes) {
  DocumentPlan plan{"", nullptr, std::string(kComment), maxBytes};
  if (!entry) {
    plan.header = pendingHeader(renamed(row, " steps"), file, entry);
    return plan;
  }
  plan.header =
      fmt::format("{:<40}{:<12}{:>9}{:>8}\n", "step", "status", "ms", "ops");
  for (const engine::Stage *step : steps)
    plan.header += listLine(*step, entry->find(step->id));
  return plan;
}

std::string saidName(const engine::Stage &stage) {
  return stage.id + ".stderr.txt";
}

bool isSaid(const engine::Stage &stage, const DocumentId &id) {
  return id.file == saidName(stage);
}

DocumentPlan planSaid(const engine::Stage &stage, const engine::FileState *file,
                      const engine::Entry *entry, std::uint64_t maxBytes) {
  DocumentPlan plan{"", nullptr, std::string(kComment), maxBytes};
  const engine::StageState *state = entry ? entry->find(stage.id) : nullptr;
  if (state && !state->said.empty())
    plan.header = state->said + (state->said.ends_with('\n') ? "" : "\n");
  else if (!state || state->status == StageStatus::Pending ||
           state->status == StageStatus::NotAsked)
    plan.header = pendingHeader(renamed(stage, " stderr"), file, entry);
  else
    plan.header = fmt::format("{} irlens: {} of {}: nothing on stderr\n",
                              kComment, stage.title, entry->name);
  return plan;
}

} // namespace irlens::lsp
