#include "engine/requests.h"

#include <algorithm>
#include <vector>

namespace irlens::engine {

void addWaiting(LowerRequest &request, const LowerRequest &waiting) {
  auto append = [](std::vector<std::string> &to,
                   const std::vector<std::string> &more) {
    for (const std::string &item : more)
      if (std::ranges::find(to, item) == to.end())
        to.push_back(item);
  };
  append(request.stages, waiting.stages);
  append(request.recordPasses, waiting.recordPasses);
  append(request.named, waiting.named);
  request.defaults = request.defaults || waiting.defaults;
  request.force = request.force || waiting.force;
}

bool isMissing(const FileState &file, const std::string &entryName,
               const std::string &stageId, bool recordPasses) {
  const Entry *entry = file.find(entryName);
  // What a run has not found will not appear by asking again.
  if (!entry)
    return file.phase != Phase::Settled;
  const StageState *stage = entry->find(stageId);
  if (!stage || (recordPasses && !stage->passesWanted))
    return true;
  // Nobody has asked the latest run for it: what is there is of an older one.
  bool isOld = stage->good && stage->good->generation < file.generation;
  return (stage->status == StageStatus::NotAsked && !stage->good) ||
         (stage->status == StageStatus::Ok && isOld);
}

bool isMadeFromText(const Entry &entry, const Stage &stage) {
  return stage.fromFile || entry.isGiven(stage.from);
}

bool hasReadText(const FileState &file) {
  return std::ranges::any_of(file.entries, [&](const Entry &entry) {
    return std::ranges::any_of(entry.stages, [&](const StageState &state) {
      const Stage *row =
          file.table ? file.table->find(state.id, entry.origin) : nullptr;
      return row && isMadeFromText(entry, *row) &&
             (state.status == StageStatus::Ok ||
              state.status == StageStatus::Failed);
    });
  });
}

} // namespace irlens::engine
