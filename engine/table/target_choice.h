// Which targets the rows of the stage table get. Called while the table is
// read. Pure; any thread.
#pragma once

#include "engine/table/stage.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

/// The text with `target` for each {target}.
std::string withTarget(std::string text, std::string_view target);

/// The target of a stage that is made for one: the one named for it, else the
/// last plain one of its family, else its own.
std::string chosenTarget(const Stage &stage, const TargetChoice &choice);

/// The targets of an origin: exactly those named for it, else its own, of which
/// those of a family that was chosen for anything are replaced.
/// `stageIds`: the rows of the table; a target named for a stage counts too.
std::vector<std::string> chosenTargets(const Origin &origin,
                                       std::span<const std::string> stageIds,
                                       const TargetChoice &choice);

} // namespace irlens::engine
