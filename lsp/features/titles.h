// The words that lenses, hovers and lists show: counts, times, reasons.
// Pure; any thread.
#pragma once

#include "engine/artifact.h"
#include "engine/table/stage.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace irlens::lsp {

/// "0.4 ms", "12 ms", "1.2 s".
std::string formatTime(double ms);
/// "512", "1.2 k", "11.7 M".
std::string formatCount(std::int64_t count);
/// The first line of a message, at most `limit` characters.
std::string shorten(std::string_view message, std::size_t limit);

/// Why a stage failed, in a few words: the op if one is to blame, else the
/// message.
std::string shortReason(const engine::StageState &state);
/// "linalg · 45 ops", "torch · 570 ops · 1.2 s", "llvm-ir ✗ no libcall", "fx
/// …", "spirv".
std::string stageTitle(const engine::Stage &stage,
                       const engine::StageState *state);
/// "changed · 31 ops · 0.3 ms".
std::string passSummary(const engine::Pass &pass);
/// "▸ ResNet · 11.7 M parameters · 1.2 s".
std::string entryTitle(const engine::FileState &file,
                       const engine::Entry &entry);

} // namespace irlens::lsp
