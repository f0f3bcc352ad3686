// What a .irlens.json may hold besides rows, and whether it does so rightly.
// Used by StageTable::load, layers.cpp and the JSON Schema.
#pragma once

#include "engine/table/layer_text.h"
#include "engine/table/settings.h"

#include <span>
#include <string_view>

namespace irlens::engine {

struct ConfigurationKey {
  std::string_view name;
  std::string_view type;
  std::string_view help;
};
std::span<const ConfigurationKey> configurationKeys();

/// Reports unknown keys, and settings that do not exist or do not fit.
void checkConfiguration(const JsonValue &value, LayerText &text);
/// Reports stages and targets in settings that the table does not have.
void checkNames(const JsonValue &value, LayerText &text,
                const StageTable &table);

} // namespace irlens::engine
