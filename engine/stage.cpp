// What can be asked of the stage table. Pure; any thread.
#include "engine/stage.h"

#include "engine/suggest.h"

#include <algorithm>
#include <cctype>

namespace irlens::engine {

bool Source::hasExtension(const std::string &dotted) const {
  return dotted.starts_with('.') &&
         std::ranges::find(extensions, dotted.substr(1)) != extensions.end();
}

bool Stage::needs(std::string_view stage) const {
  return from == stage || std::ranges::find(with, stage) != with.end();
}

const Source *StageTable::findSource(std::string_view id) const {
  auto found = std::ranges::find(parts_.sources, id, &Source::id);
  return found == parts_.sources.end() ? nullptr : &*found;
}

bool StageTable::applies(const Stage &stage, std::string_view source) const {
  if (stage.source == source)
    return true;
  const Source *mine = findSource(stage.source), *other = findSource(source);
  return stage.perFile && mine && other &&
         mine->extensions == other->extensions;
}

const Stage *StageTable::find(std::string_view id,
                              std::string_view source) const {
  auto found = std::ranges::find_if(parts_.stages, [&](const Stage &stage) {
    return stage.id == id && applies(stage, source);
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
    self(self, find(next->from, next->source));
    for (const std::string &other : next->with)
      self(self, find(other, next->source));
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
