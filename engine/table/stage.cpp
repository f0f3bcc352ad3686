// What can be asked of the stage table. Pure; any thread.
#include "engine/table/stage.h"

#include "engine/table/suggest.h"

#include <algorithm>
#include <cctype>

namespace irlens::engine {

bool Origin::hasExtension(const std::string &dotted) const {
  return dotted.starts_with('.') &&
         std::ranges::find(extensions, dotted.substr(1)) != extensions.end();
}

bool Stage::needs(std::string_view stage) const {
  return from == stage || std::ranges::find(inputs, stage) != inputs.end();
}

const Origin *StageTable::findOrigin(std::string_view id) const {
  auto found = std::ranges::find(parts_.origins, id, &Origin::id);
  return found == parts_.origins.end() ? nullptr : &*found;
}

bool StageTable::applies(const Stage &stage, std::string_view origin) const {
  if (stage.origin == origin)
    return true;
  const Origin *mine = findOrigin(stage.origin), *other = findOrigin(origin);
  return stage.perFile && mine && other &&
         mine->extensions == other->extensions;
}

const Stage *StageTable::find(std::string_view id,
                              std::string_view origin) const {
  auto found = std::ranges::find_if(parts_.stages, [&](const Stage &stage) {
    return stage.id == id && applies(stage, origin);
  });
  return found == parts_.stages.end() ? nullptr : &*found;
}

std::vector<const Stage *> StageTable::named(std::string_view id) const {
  std::vector<const Stage *> found;
  for (const Stage &stage : parts_.stages)
    if (stage.id == id || stage.base == id)
      found.push_back(&stage);
  return found;
}

std::string StageTable::suggest(std::string_view unknown) const {
  std::vector<std::string_view> ids;
  for (const Stage &stage : parts_.stages)
    ids.push_back(stage.base);
  return nearest(unknown, ids);
}

std::vector<const Stage *> StageTable::lineage(const Stage &stage) const {
  std::vector<const Stage *> line;
  auto add = [&](auto &self, const Stage *next) -> void {
    if (!next || std::ranges::find(line, next) != line.end())
      return;
    self(self, find(next->from, next->origin));
    for (const std::string &other : next->inputs)
      self(self, find(other, next->origin));
    line.push_back(next);
  };
  add(add, &stage);
  return line;
}

std::string_view targetFamily(std::string_view target) {
  auto end = std::ranges::find_if(target, [](char c) {
    return !std::isalpha(static_cast<unsigned char>(c)) && c != '_';
  });
  return {target.begin(), end};
}

} // namespace irlens::engine
