#include "engine/artifact.h"

#include <algorithm>

namespace irlens::engine {
namespace {

template <typename Range, typename Field>
auto findBy(Range &range, Field field, std::string_view key) {
  auto found = std::ranges::find(range, key, field);
  return found == range.end() ? nullptr : &*found;
}

} // namespace

std::string_view toString(StageStatus status) {
  switch (status) {
  case StageStatus::NotAsked:
    return "not made";
  case StageStatus::Pending:
    return "pending";
  case StageStatus::Ok:
    return "ok";
  case StageStatus::Failed:
    return "failed";
  case StageStatus::Unavailable:
    return "unavailable";
  }
  return "unknown";
}

bool Entry::isGiven(std::string_view id) const {
  return std::ranges::find(given, id) != given.end();
}

const StageState *Entry::find(std::string_view id) const {
  return findBy(stages, &StageState::id, id);
}

StageState *Entry::find(std::string_view id) {
  return findBy(stages, &StageState::id, id);
}

const Entry *FileState::find(std::string_view entry) const {
  return findBy(entries, &Entry::name, entry);
}

} // namespace irlens::engine
