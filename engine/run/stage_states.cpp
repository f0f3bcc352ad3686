#include "engine/run/stage_states.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace irlens::engine {
namespace {

/// Job and stage statuses of PROTOCOL.md in words for the user.
std::string describe(const JobEvent &end, const Settings &settings) {
  if (!end.message.empty())
    return end.message;
  if (end.status == "timeout")
    return fmt::format("stopped after the time limit of {} s "
                       "(irlens.timeoutSeconds)",
                       settings.timeoutSeconds);
  if (end.status == "memory")
    return fmt::format(
        "needed more than {} MB of memory (irlens.memoryMegabytes)",
        settings.memoryMegabytes);
  if (end.status == "crashed")
    return "the process crashed";
  return "ended without a result";
}

/// Passes of an earlier run stay while this run has none of those it wants.
void takePasses(StageState &state, std::shared_ptr<std::vector<Pass>> passes,
                const ResultOwner &owner) {
  if (!passes && owner.wantsPasses)
    return;
  if (passes)
    for (Pass &pass : *passes)
      if (pass.artifact) {
        pass.artifact->generation = owner.generation;
        pass.artifact->keep = owner.keep;
      }
  state.passes = std::move(passes);
}

} // namespace

std::vector<StageState> freshStages(const Entry &entry, const Entry *old,
                                    const Plan &plan, const StageTable &table) {
  std::vector<StageState> stages;
  for (const Stage *row : stagesOf(table, entry.origin, entry.given)) {
    StageState stage;
    stage.id = row->id;
    stage.target = row->target;
    stage.passesWanted = plan.wantsPasses(*row);
    if (const StageState *before = old ? old->find(row->id) : nullptr) {
      stage.good = before->good;
      stage.passes = before->passes;
    }
    if (plan.state(entry.name, row->id) != PlanState::Idle)
      stage.status = StageStatus::Pending;
    else if (stage.good)
      stage.status = StageStatus::Ok;
    stages.push_back(std::move(stage));
  }
  return stages;
}

PlanState outcomeOf(const StageResult &result) {
  switch (result.status) {
  case StageStatus::Ok:
    return PlanState::Made;
  case StageStatus::Unavailable:
    return PlanState::Unavailable;
  default:
    return result.repeatable ? PlanState::Failed : PlanState::Lost;
  }
}

void takeResult(StageState &state, StageResult result,
                const ResultOwner &owner) {
  if (result.artifact) {
    result.artifact->generation = owner.generation;
    result.artifact->keep = owner.keep;
  }
  takePasses(state, std::move(result.passes), owner);
  bool ok = result.status == StageStatus::Ok;
  state.status = result.status;
  state.ms = result.ms;
  state.measured = std::move(result.measured);
  state.diagnostics = std::move(result.diagnostics);
  state.blockedBy.clear();
  state.blockedByFile = false;
  state.said = std::move(result.said);
  state.partial = ok ? nullptr : result.artifact;
  if (ok)
    state.good = result.artifact;
}

void markBlocked(StageState &state, const StageState &cause) {
  state.status = cause.status;
  state.blockedBy = cause.id;
  state.blockedByFile = false;
  state.diagnostics.clear();
  state.partial = nullptr;
  state.said.clear();
}

void markBlockedByFile(StageState &state) {
  state.status = StageStatus::Failed;
  state.blockedBy.clear();
  state.blockedByFile = true;
  state.diagnostics.clear();
}

StageResult resultOfEnd(const Stage &stage, const JobEvent &end, SourcePos pos,
                        const Settings &settings) {
  StageResult result;
  result.status = end.status == "unavailable" ? StageStatus::Unavailable
                                              : StageStatus::Failed;
  Diagnostic reason;
  if (result.status == StageStatus::Unavailable)
    reason.severity = Severity::Info;
  reason.message = describe(end, settings);
  reason.stage = stage.id;
  reason.pos = std::move(pos);
  if (end.line > 0) {
    reason.pos.line = end.line;
  } else {
    auto place = fallbackPlace(stage, std::move(reason.pos));
    reason.pos = std::move(place.pos);
    reason.end = std::move(place.end);
  }
  result.diagnostics.push_back(std::move(reason));
  return result;
}

Diagnostic fileFailure(const JobEvent &end, const std::filesystem::path &file,
                       const Settings &settings) {
  Diagnostic reason;
  reason.message = describe(end, settings);
  reason.pos = {file.string(), std::max(end.line, 1), 0};
  return reason;
}

} // namespace irlens::engine
