// The JSON of the requests in engine/worker/PROTOCOL.md, without what the
// worker's supervisor adds: "op", "job" and "parallel". Pure.
#pragma once

#include "engine/table/settings.h"
#include "engine/table/stage.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

/// The stages that a job makes.
struct JobRows {
  std::vector<std::string> rows;         ///< As JSON text.
  std::vector<std::string> recordPasses; ///< Ids, see Wish::recordPasses.
};

/// Runs a script.
struct CaptureJob {
  std::filesystem::path file;
  std::filesystem::path out;
  std::vector<std::string> entries; ///< Empty: all.
  bool background = false;
};
std::string captureRequest(const Settings &settings, const CaptureJob &job,
                           const JobRows &rows);

/// The text that a lower job goes on from.
struct LowerInput {
  std::string stage;
  std::string format;
  std::filesystem::path path;
  /// The user's file that locations are to name; empty: the text's own.
  std::filesystem::path name;
};
struct LowerJob {
  std::filesystem::path out;
  std::string entry;
  LowerInput input;
  std::vector<std::string> siteFolders; ///< Where device libraries are.
};
std::string lowerRequest(const Settings &settings, const LowerJob &job,
                         const JobRows &rows);

/// Parses and verifies a text while somebody types it.
struct CheckJob {
  std::filesystem::path out;
  std::filesystem::path path; ///< Of the text.
  std::string format;         ///< "mlir", "llvm"
  std::filesystem::path name; ///< The user's file.
};
std::string checkRequest(const Settings &settings, const CheckJob &job);

/// The raw text of a stage in its entry's folder.
LowerInput inputOf(const Stage &stage, const std::filesystem::path &folder);

/// A row that in a capture is made for these entries alone.
std::string withEntries(const Stage &stage,
                        const std::vector<std::string> &entries);

/// The row of a stage that is made from the file's text, for a file whose text
/// is the stage `given`.
std::string fileRow(const Stage &stage, const std::string &given);

/// The stage that LLVM bitcode counts as, in the request that makes a text of
/// it.
inline constexpr const char *kBitcode = "bitcode";
/// A row that makes the stage's text from bitcode.
std::string translationRow(const Stage &stage);

} // namespace irlens::engine
