// What a user can set, as a table: one row per setting. The rows give parsing,
// "did you mean", the README's table and the check of the editor's
// package.json. Any thread; a value.
#pragma once

#include "engine/result.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

struct Settings {
  std::string python; ///< Interpreter; empty: found (see README).
  std::vector<std::string>
      stages; ///< Made on each save; empty: table's default.
  /// Stage or origin id -> target.
  std::map<std::string, std::string> targets;
  std::string weights = "names"; ///< "names" or "values".
  int timeoutSeconds = 60;
  int memoryMegabytes = 4096;
  int storeMegabytes = 2048;
  std::string store;            ///< Folder of the run store; empty: XDG cache.
  bool runOnOpen = true;        ///< Lower a file when it is opened.
  bool checkWhileTyping = true; ///< Parse and verify IR files as they change.
  int maxDocumentMegabytes = 8;
  /// JSON texts, which the stage table reads (engine/table/layers.h).
  std::string rows = "[]";
  std::string tools = "{}";
  std::vector<std::string> toolFolders;
  std::vector<std::string> trustedFolders; ///< See engine/table/trust.h.

  // Not settings of the user: what the composition root knows.
  std::vector<std::string> plainTargets; ///< See TargetChoice.
  std::string commandLineRows;           ///< JSON list: rows above all others.
  bool fixedTargets = false; ///< What a file itself says does not count.
  std::string root; ///< Workspace folder, cwd of the scripts; may be empty.
  std::string installRoot; ///< Folder with bin/ and share/irlens.
  bool watch =
      false; ///< Lower again when a file or its imports change on disk.
};

struct SettingRow {
  std::string_view name; ///< "timeoutSeconds"
  std::string_view type; ///< "string", "integer", "boolean", "array", "object"
  std::string_view fallback; ///< JSON text of the default.
  std::string_view help;
};

std::span<const SettingRow> settingRows();

/// True for a setting that files can differ in, so that a .irlens.json may set
/// it. None of them names a program.
bool isPerFile(std::string_view name);

/// Every setting of `over` that differs from the default goes into `settings`.
void overlaySettings(Settings &settings, const Settings &over);

/// Applies a JSON object (`{"timeoutSeconds": 10}`, optionally inside
/// {"irlens": ...}) to `settings`. Returns what was wrong, one line each, with
/// the setting that was probably meant; the good ones are applied.
std::vector<std::string> applySettings(Settings &settings,
                                       std::string_view json);

} // namespace irlens::engine
