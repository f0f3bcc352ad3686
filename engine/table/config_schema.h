// The JSON Schema of .irlens.json, made from the tables that its readers use:
// so an editor completes and checks exactly what is read. Written by `irlens
// config
// --schema`. Pure; any thread.
#pragma once

#include "engine/table/pass_registry.h"

#include <string>

namespace irlens::engine {

/// `passes`: names that tool flags are completed with; may be null.
std::string configurationSchema(const PassRegistry *passes);

} // namespace irlens::engine
