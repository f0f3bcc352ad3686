// The files of a test as its RUN lines make them: which row wrote a %t file,
// what split-file put into a folder. Also reads split-file, mkdir and rm, which
// irlens does itself and only below the folder of %t. Used by run_rows.cpp.
// Pure.
#pragma once

#include "engine/run_lines/command_tree.h"
#include "engine/run_lines/substitutions.h"

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine::run_lines {

struct FileOrigin {
  bool isTest = false;    ///< The test itself: %s.
  std::string row;        ///< Id of the row that writes it; empty: none does.
  bool isText = false;    ///< It holds the text of that row.
  bool isMissing = false; ///< A temporary file that nothing has written.
};

/// What irlens does itself for a test.
struct FileWork {
  enum class Kind : std::uint8_t { SplitFile, Remove, MakeDirectory };
  Kind kind;
  std::string path; ///< What is removed or made.
  std::string file; ///< Of SplitFile: what is split.
  bool leadingLines = false;
};

struct RangedError {
  std::string message;
  TextRange range;
};

class RowFiles {
public:
  explicit RowFiles(const Surroundings &surroundings);

  FileOrigin origin(std::string_view path) const;
  /// True for the test, files that a row writes, and split parts.
  bool knows(std::string_view path) const;
  /// True below the folder of %t: there, and nowhere else, is written.
  bool isTemporary(std::string_view path) const;
  /// Rows that write files which are named anywhere in the word.
  std::vector<std::string> rowsNamedIn(std::string_view word) const;

  /// `path` is written by `row`; `isText`: with the row's own text.
  void wrote(const std::string &path, const std::string &row, bool isText);
  /// What a split-file, mkdir or rm does.
  std::expected<std::vector<FileWork>, RangedError>
  fileWork(const Command &command);

private:
  std::expected<std::vector<FileWork>, RangedError>
  splitFileWork(const Command &command);

  struct Written {
    std::string row;
    bool isText;
  };
  std::string test_;
  std::string folder_; ///< Of %t, with a slash at its end.
  std::map<std::string, Written, std::less<>> written_;
  std::vector<std::string> folders_; ///< Made by split-file or mkdir.
};

} // namespace irlens::engine::run_lines
