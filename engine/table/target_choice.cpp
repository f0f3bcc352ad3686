// See target_choice.h.
#include "engine/table/target_choice.h"

#include "engine/replace.h"

#include <algorithm>
#include <string_view>

namespace irlens::engine {
namespace {

std::vector<std::string> splitList(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    std::size_t begin = item.find_first_not_of(' ');
    if (begin != std::string_view::npos)
      items.emplace_back(
          item.substr(begin, item.find_last_not_of(' ') + 1 - begin));
  }
  return items;
}

void addNew(std::vector<std::string> &list, const std::string &item) {
  if (std::ranges::find(list, item) == list.end())
    list.push_back(item);
}

} // namespace

std::string withTarget(std::string text, std::string_view target) {
  replaceAll(text, "{target}", target);
  return text;
}

std::string chosenTarget(const Stage &stage, const TargetChoice &choice) {
  if (auto named = choice.named.find(stage.base); named != choice.named.end())
    return named->second;
  if (stage.target.empty())
    return {};
  std::string chosen = stage.target;
  for (const std::string &target : choice.plain)
    if (targetFamily(target) == targetFamily(stage.target))
      chosen = target;
  return chosen;
}

std::vector<std::string> chosenTargets(const Origin &origin,
                                       std::span<const std::string> stageIds,
                                       const TargetChoice &choice) {
  if (origin.targets.empty())
    return {};
  if (auto named = choice.named.find(origin.id); named != choice.named.end())
    return splitList(named->second);
  std::vector<std::string> wanted = choice.plain;
  for (const std::string &id : stageIds)
    if (auto named = choice.named.find(id); named != choice.named.end())
      for (std::string &target : splitList(named->second))
        wanted.push_back(std::move(target));
  std::vector<std::string> targets;
  for (const std::string &own : origin.targets) {
    bool replaced = false;
    for (const std::string &target : wanted)
      if (targetFamily(target) == targetFamily(own)) {
        addNew(targets, target);
        replaced = true;
      }
    if (!replaced)
      addNew(targets, own);
  }
  return targets;
}

} // namespace irlens::engine
