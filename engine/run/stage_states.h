// How a stage's state changes when something is learned about it: free
// functions from results to StageState. Called by a run, on the loop thread.
#pragma once

#include "engine/artifact.h"
#include "engine/run/plan.h"
#include "engine/run/stage_result.h"
#include "engine/table/settings.h"
#include "engine/worker/worker.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

namespace irlens::engine {

/// The states of an entry that was just found. Texts of `old`, the entry of an
/// earlier run, stay; it may be null.
std::vector<StageState> freshStages(const Entry &entry, const Entry *old,
                                    const Plan &plan, const StageTable &table);

/// What the plan has to know of a result.
PlanState outcomeOf(const StageResult &result);

/// Whose result it is.
struct ResultOwner {
  std::uint64_t generation = 0;
  std::shared_ptr<const void> keep; ///< See Artifact::keep.
  bool wantsPasses = false;
};
void takeResult(StageState &state, StageResult result,
                const ResultOwner &owner);

/// The stage could not be tried because of `cause`.
void markBlocked(StageState &state, const StageState &cause);
/// It could not be tried because the file has failed as a whole.
void markBlockedByFile(StageState &state);

/// The result of a stage whose job ended before it had one. `pos`: of the
/// entry.
StageResult resultOfEnd(const Stage &stage, const JobEvent &end, SourcePos pos,
                        const Settings &settings);

/// Why nothing is known of the file.
Diagnostic fileFailure(const JobEvent &end, const std::filesystem::path &file,
                       const Settings &settings);

} // namespace irlens::engine
