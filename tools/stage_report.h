// What the commands that lower a file have in common: which stages are meant,
// and what is said of those that failed. The texts go to stderr.
#pragma once

#include "engine/artifact.h"
#include "engine/table/stage.h"

#include <string>
#include <string_view>
#include <vector>

namespace irlens::tools {

void addNew(std::vector<std::string> &list, const std::string &item);

/// Whether the command line says "all".
bool isAll(const std::vector<std::string> &asked);

/// Ids of the stages asked for, in table order for "all"; without any, those
/// that a save makes. `known` is false, and a message on stderr, when one is
/// unknown.
std::vector<std::string> resolveStages(const engine::StageTable &table,
                                       const std::vector<std::string> &asked,
                                       bool &known);

/// What is wrong with a stage. One that could not be tried says why.
std::vector<engine::Diagnostic>
diagnosticsOf(const engine::FileState &file, const engine::Entry &entry,
              const engine::StageState &stage,
              const std::vector<std::string> &asked);

/// A file without entries still answers for every stage that was asked for:
/// with what is wrong with the file.
engine::Entry placeholder(const engine::FileState &file,
                          const std::vector<std::string> &stages);

/// Made from the file as it is now.
bool isCurrent(const engine::StageState &stage);

/// Says which stages that were asked for by name no entry has.
bool allExist(const engine::StageTable &table,
              const std::vector<engine::Entry> &entries,
              const std::vector<std::string> &ids);

void printProblems(const engine::FileState &file,
                   const std::vector<engine::Entry> &entries,
                   const std::vector<std::string> &stages);

/// False, and a message, when there is no such file.
bool isFile(const std::string &path);

/// The entries that are meant: the one with this name, or all but those that
/// are lowered on demand.
std::vector<engine::Entry> askedEntries(const engine::FileState &file,
                                        std::string_view name);

/// Whether these stages are made. `named`: the user asked for them; otherwise
/// one that cannot be made here (a missing part, a folder that nobody trusts)
/// is no failure.
bool allOk(const std::vector<engine::Entry> &entries,
           const std::vector<std::string> &stages, bool named = true);

} // namespace irlens::tools
