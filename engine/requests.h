// What a request for stages adds to what is there, and what was done for it.
// Called by the engine on the loop thread; pure functions.
#pragma once

#include "engine/artifact.h"
#include "engine/engine.h"

#include <string>

namespace irlens::engine {

/// Adds what an earlier request asked for that has not begun yet.
void addWaiting(LowerRequest &request, const LowerRequest &waiting);

/// True when making the stage of an entry would give something that is not
/// there, nor on its way.
bool isMissing(const FileState &file, const std::string &entryName,
               const std::string &stageId, bool recordPasses);

/// True for a stage that is made from the file's own text and nothing else.
bool isMadeFromText(const Entry &entry, const Stage &stage);

/// True when a stage was tried that is made from the file's own text: then what
/// is wrong with the text was told.
bool hasReadText(const FileState &file);

} // namespace irlens::engine
