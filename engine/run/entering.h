// Files that hold an IR: at which stage they enter, and what is written for
// them so that everything goes on as if a worker had made that stage. Called by
// the engine and by a run. Pure but for writeEntered, which writes into the
// run's folder, on libuv's pool.
#pragma once

#include "engine/result.h"
#include "engine/table/stage.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

/// Where a file enters; both belong to the table that it was found in.
struct EnterPoint {
  const Origin *origin = nullptr;
  const EnterAt *at = nullptr;
  bool binary = false; ///< LLVM bitcode: a worker makes the text first.
};

/// The first place in the table whose extension and markers fit.
std::optional<EnterPoint> enterPoint(const StageTable &table,
                                     const std::filesystem::path &path,
                                     std::string_view text);

/// True when some origin takes files of this extension without a capture.
bool mayEnter(const StageTable &table, const std::filesystem::path &path);

/// True for LLVM bitcode.
bool isBitcode(std::string_view bytes);

/// What a program printed that says of itself that it prints IR.
struct PrintedText {
  std::string file;  ///< Below the run's folder.
  std::string level; ///< "mlir", "llvm", "ttir", or "auto": the text tells.
  int line = 1;      ///< Of the comment that says so.
};

/// Where such a text enters. Nothing only if the table has no place for it.
std::optional<EnterPoint> enterPoint(const StageTable &table,
                                     const PrintedText &printed,
                                     std::string_view text);

/// What is to be written for a file that enters.
struct EnteredFile {
  std::filesystem::path path;
  /// What the text holds (Origin::symbols), else the stem of the file; safe as
  /// a folder's name.
  std::string entry;
  std::string origin;
  std::vector<Stage> given; ///< The stages that the text is, one per target.
  std::string text;
  bool binary = false;  ///< The text is still to be made.
  int line = 1;         ///< Of the entry.
  bool printed = false; ///< The text is not the file's own: no line of it is.
};

/// `text`: null for a file whose text is still to be made.
EnteredFile enteredFile(const EnterPoint &point, const StageTable &table,
                        const std::filesystem::path &path,
                        const std::string *text);

/// Writes entry.json, and for each given stage the raw text, links from each
/// line to that line of the file, and the report; adds the entry to run.json.
/// Errors: Io.
Result<void> writeEntered(const EnteredFile &file,
                          const std::filesystem::path &out);

/// The same for what the program `path` has printed; nothing for an empty text.
/// Errors: NotFound, Io.
Result<void> writePrinted(const PrintedText &printed, const StageTable &table,
                          const std::filesystem::path &path,
                          const std::filesystem::path &out);

} // namespace irlens::engine
