#include "lsp/features/titles.h"

#include <fmt/format.h>

namespace irlens::lsp {

std::string formatTime(double ms) {
  if (ms < 10)
    return fmt::format("{:.1f} ms", ms);
  if (ms < 999.5)
    return fmt::format("{:.0f} ms", ms);
  return fmt::format("{:.1f} s", ms / 1000);
}

std::string formatCount(std::int64_t count) {
  if (count < 1000)
    return std::to_string(count);
  auto value = static_cast<double>(count) / 1000;
  for (const char *unit : {"k", "M"}) {
    if (value < 999.95)
      return fmt::format("{:.1f} {}", value, unit);
    value /= 1000;
  }
  return fmt::format("{:.1f} G", value);
}

std::string shorten(std::string_view message, std::size_t limit) {
  std::string_view first = message.substr(0, message.find_first_of("\r\n"));
  if (first.size() <= limit)
    return std::string(first);
  std::size_t cut = limit;
  while (cut > 0 && (static_cast<unsigned char>(first[cut]) & 0xC0) == 0x80)
    --cut; // Not inside a character.
  return std::string(first.substr(0, cut)) + "…";
}

std::string shortReason(const engine::StageState &state) {
  constexpr std::size_t kLimit = 48;
  if (state.blockedByFile)
    return "the file failed";
  if (!state.blockedBy.empty())
    return "needs " + state.blockedBy;
  for (const engine::Diagnostic &diagnostic : state.diagnostics)
    if (diagnostic.severity == engine::Severity::Error)
      return shorten(diagnostic.op.empty() ? diagnostic.message : diagnostic.op,
                     kLimit);
  return state.diagnostics.empty()
             ? "failed"
             : shorten(state.diagnostics.front().message, kLimit);
}

std::string stageTitle(const engine::Stage &stage,
                       const engine::StageState *state) {
  using engine::StageStatus;
  switch (state ? state->status : StageStatus::NotAsked) {
  case StageStatus::NotAsked:
    return stage.label();
  case StageStatus::Pending:
    return stage.label() + " …";
  case StageStatus::Ok: {
    std::string title = stage.label();
    if (state->good && !state->good->headline.empty())
      title += " · " + state->good->headline;
    else if (state->good && state->good->operations >= 0)
      title += fmt::format(" · {} ops", state->good->operations);
    for (const auto &[name, value] : state->measured)
      title += fmt::format(" · {} {:.2g}", name, value);
    // All lenses of a line share one row: only times worth a thought stand
    // there.
    constexpr double kNotable = 100;
    return state->ms < kNotable ? title : title + " · " + formatTime(state->ms);
  }
  case StageStatus::Failed:
    return stage.label() + " ✗ " + shortReason(*state);
  case StageStatus::Unavailable:
    return stage.label() + " (not available)";
  }
  return stage.label();
}

std::string passSummary(const engine::Pass &pass) {
  std::string text = pass.failed    ? "failed"
                     : pass.changed ? "changed"
                                    : "unchanged";
  if (pass.operations >= 0)
    text += fmt::format(" · {} ops", pass.operations);
  return text + " · " + formatTime(pass.ms);
}

std::string entryTitle(const engine::FileState &file,
                       const engine::Entry &entry) {
  std::string title = "▸ " + entry.name;
  if (entry.parameters > 0)
    title += " · " + formatCount(entry.parameters) + " parameters";
  if (file.phase == engine::Phase::Running)
    return title + " · lowering…";
  return title + " · " + (file.cached ? "from the store" : formatTime(file.ms));
}

} // namespace irlens::lsp
