// See configuration.h.
#include "engine/table/configuration.h"

#include "engine/table/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace irlens::engine {
namespace {

constexpr std::array kKeys{
    ConfigurationKey{"$schema", "string", "Where an editor finds the schema"},
    ConfigurationKey{"rows", "array", "Stages: new ones, or instead of others"},
    ConfigurationKey{"tools", "object",
                     "Your own binaries of tools: {\"opt\": "
                     "\"/path/to/opt\"}"},
    ConfigurationKey{"toolFolders", "array",
                     "Folders with your own binaries of tools"},
    ConfigurationKey{"settings", "object", "Settings for the files below"},
};

void checkSetting(const JsonMember &member, LayerText &text) {
  JsonValue alone;
  alone.kind = JsonValue::Kind::Object;
  alone.members.push_back(member);
  Settings scratch;
  bool known = std::ranges::find(settingRows(), member.key,
                                 &SettingRow::name) != settingRows().end();
  for (const std::string &problem : applySettings(scratch, toJson(alone)))
    text.error(text.place(known ? member.value.range : member.keyRange),
               problem);
  bool isKey = std::ranges::find(kKeys, member.key, &ConfigurationKey::name) !=
               kKeys.end();
  if (known && !isPerFile(member.key))
    text.error(member.keyRange,
               fmt::format("`{}` {}", member.key,
                           isKey ? "stands beside `settings`, not in it"
                                 : "is a setting of the client, not of a "
                                   "folder"));
}

/// "sm90" where stages are made for sm_90: no family that the table knows.
void checkTarget(const JsonValue &value, LayerText &text,
                 const StageTable &table) {
  std::set<std::string_view> known;
  for (const Stage &stage : table.stages())
    if (!stage.target.empty() && !stage.target.contains(','))
      known.insert(stage.target);
  for (std::size_t begin = 0; begin <= value.text.size();) {
    std::size_t end = std::min(value.text.find(',', begin), value.text.size());
    std::string_view target =
        std::string_view(value.text).substr(begin, end - begin);
    target.remove_prefix(
        std::min(target.find_first_not_of(' '), target.size()));
    bool fits = std::ranges::any_of(known, [&](std::string_view other) {
      return targetFamily(other) == targetFamily(target);
    });
    std::vector<std::string_view> names(known.begin(), known.end());
    std::string near = fits ? "" : didYouMean(target, names);
    if (!near.empty())
      text.warn(text.place(value.inside(end - target.size(), target.size())),
                fmt::format("no stage has a target like `{}`{}", target, near));
    begin = end + 1;
  }
}

void checkStage(std::string_view name, ByteRange range, LayerText &text,
                const StageTable &table, std::string_view what) {
  if (!table.named(name).empty() || table.findOrigin(name))
    return;
  std::string near = table.suggest(name);
  text.warn(text.place(range),
            fmt::format(
                "{}: there is no stage `{}`{}", what, name,
                near.empty() ? "" : fmt::format("; did you mean `{}`?", near)));
}

} // namespace

std::span<const ConfigurationKey> configurationKeys() { return kKeys; }

void checkConfiguration(const JsonValue &value, LayerText &text) {
  std::vector<std::string_view> names;
  for (const ConfigurationKey &key : kKeys)
    names.push_back(key.name);
  text.checkKeys(value, names, "the configuration");
  const JsonValue *settings = value.find("settings");
  if (!settings)
    return;
  if (!settings->isObject())
    text.error(settings->range, "`settings` must be an object");
  for (const JsonMember &member : settings->members)
    checkSetting(member, text);
}

void checkNames(const JsonValue &value, LayerText &text,
                const StageTable &table) {
  const JsonValue *settings = value.find("settings");
  if (!settings)
    return;
  if (const JsonValue *stages = settings->find("stages"))
    for (const JsonValue &item : stages->items)
      checkStage(item.text, item.range, text, table, "stages");
  if (const JsonValue *targets = settings->find("targets"))
    for (const JsonMember &member : targets->members) {
      checkStage(member.key, member.keyRange, text, table, "targets");
      checkTarget(member.value, text, table);
    }
}

} // namespace irlens::engine
