#include "lsp/documents/pass_documents.h"

#include "engine/run/passes.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace irlens::lsp {
namespace {

using engine::StageStatus;

/// Lines of the list above the first pass.
constexpr int kHeadingLines = 1;

std::string listText(const engine::Stage &stage,
                     const std::vector<engine::Pass> &passes) {
  std::string text = engine::passHeading() + "\n";
  for (const engine::Pass &pass : passes)
    text += engine::passLine(stage, pass) + "\n";
  return text;
}

/// True when the passes may still come. A run that was asked for them and is
/// over has no more to give.
bool mayCome(const engine::FileState *file, const engine::StageState *state) {
  return !state || !state->passesWanted ||
         (file && file->phase == engine::Phase::Running);
}

bool hasFailed(const engine::StageState &state) {
  return state.status == StageStatus::Failed ||
         state.status == StageStatus::Unavailable;
}

/// Header of a failed pass's input IR: the reason.
std::string aboveText(const engine::Stage &named, const engine::Pass &pass,
                      const engine::StageState &state,
                      const engine::Entry &entry) {
  if (!pass.failed)
    return "";
  engine::Stage failed = named;
  failed.title = pass.name;
  // An earlier run may have left the passes, and nothing be wrong by now.
  std::string why = hasFailed(state)
                        ? failedHeader(failed, state, entry, /*withText=*/false)
                        : fmt::format("{} irlens: {} of {}: failed\n",
                                      named.comment, pass.name, entry.name);
  return why + fmt::format("{} The IR before it:\n", named.comment);
}

} // namespace

bool isAboutPasses(const engine::Stage &stage, const DocumentId &id) {
  return stage.recordsPasses && id.file.starts_with(engine::passPrefix(stage));
}

bool isPassList(const engine::Stage &stage, const DocumentId &id) {
  return stage.recordsPasses && id.file == engine::passListName(stage);
}

const engine::Pass *passOf(const engine::Stage &stage,
                           const engine::StageState *state,
                           const DocumentId &id) {
  if (!state || !state->passes)
    return nullptr;
  auto found =
      std::ranges::find_if(*state->passes, [&](const engine::Pass &pass) {
        return engine::passFileName(stage, pass) == id.file;
      });
  return found == state->passes->end() ? nullptr : &*found;
}

const engine::Pass *passAt(const engine::StageState *state, std::int64_t line) {
  std::int64_t index = line - kHeadingLines;
  bool exists = state && state->passes && index >= 0 &&
                index < std::ssize(*state->passes);
  return exists ? &(*state->passes)[static_cast<std::size_t>(index)] : nullptr;
}

PassPlace placeOf(const engine::StageState &state, const engine::Pass &pass) {
  const std::vector<engine::Pass> &all = *state.passes;
  auto index = static_cast<std::size_t>(&pass - all.data());
  PassPlace place{&pass, nullptr, nullptr, index + 1, all.size()};
  if (index > 0)
    place.previous = &all[index - 1];
  if (index + 1 < all.size())
    place.next = &all[index + 1];
  return place;
}

std::string diffTitle(const engine::Pass &pass) {
  return fmt::format("before ↔ after {}", pass.name);
}

DocumentId listDocument(const DocumentId &other, const engine::Stage &stage) {
  return {other.unit, other.entry, engine::passListName(stage)};
}

DocumentId passDocument(const DocumentId &other, const engine::Stage &stage,
                        const engine::Pass &pass) {
  return {other.unit, other.entry, engine::passFileName(stage, pass)};
}

DocumentPlan planPasses(const engine::Stage &stage,
                        const engine::FileState *file,
                        const engine::Entry *entry, const DocumentId &id,
                        std::uint64_t maxBytes) {
  // What is said of the stage is said in this document's kind of comment.
  engine::Stage named = stage;
  named.title += " passes";
  named.comment = engine::passComment(id.file);
  DocumentPlan plan{"", nullptr, named.comment, maxBytes};
  const engine::StageState *state = entry ? entry->find(stage.id) : nullptr;
  const engine::Pass *pass = passOf(stage, state, id);
  bool isList = isPassList(stage, id);
  if (pass && pass->artifact)
    plan = {aboveText(named, *pass, *state, *entry), pass->artifact,
            named.comment, maxBytes};
  else if (pass)
    plan.header = fmt::format("{} irlens: the text of {} cannot be read\n",
                              named.comment, pass->name);
  else if (state && state->passes && isList)
    plan.header = listText(stage, *state->passes);
  else if (mayCome(file, state))
    plan.header = pendingHeader(named, file, entry);
  else if (state->passes)
    plan.header = fmt::format("{} irlens: {} of {}: no such pass now; {} lists "
                              "them\n",
                              named.comment, named.title, entry->name,
                              engine::passListName(stage));
  else if (!hasFailed(*state))
    plan.header = fmt::format("{} irlens: {} of {}: none were recorded\n",
                              named.comment, named.title, entry->name);
  // Below the passes that a failed stage has left stands why there are no more.
  if (state && hasFailed(*state) && !mayCome(file, state) &&
      (isList || plan.header.empty()) && !plan.body)
    plan.header += failedHeader(named, *state, *entry, /*withText=*/false);
  return plan;
}

} // namespace irlens::lsp
