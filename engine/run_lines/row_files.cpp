// See row_files.h.
#include "engine/run_lines/row_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace irlens::engine::run_lines {

namespace {

std::string normal(std::string_view path) {
  return std::filesystem::path(path).lexically_normal().string();
}

bool isInside(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.starts_with(folder) &&
         path[folder.size()] == '/';
}

} // namespace

RowFiles::RowFiles(const Surroundings &surroundings)
    : test_(surroundings.file),
      folder_(std::filesystem::path(surroundings.temporary)
                  .parent_path()
                  .lexically_normal()
                  .string()) {}

bool RowFiles::isTemporary(std::string_view path) const {
  return isInside(normal(path), folder_);
}

FileOrigin RowFiles::origin(std::string_view path) const {
  FileOrigin result;
  if (path == test_) {
    result.isTest = true;
  } else if (auto found = written_.find(path); found != written_.end()) {
    result.row = found->second.row;
    result.isText = found->second.isText;
  } else if (isTemporary(path)) {
    result.isMissing =
        std::ranges::none_of(folders_, [&](const std::string &folder) {
          return isInside(path, folder);
        });
  }
  return result;
}

bool RowFiles::knows(std::string_view path) const {
  return path == test_ || isTemporary(path);
}

std::vector<std::string> RowFiles::rowsNamedIn(std::string_view word) const {
  std::vector<std::string> rows;
  for (const auto &[path, written] : written_)
    if (word.contains(path))
      rows.push_back(written.row);
  return rows;
}

void RowFiles::wrote(const std::string &path, const std::string &row,
                     bool isText) {
  written_.insert_or_assign(path, Written{row, isText});
}

std::expected<std::vector<FileWork>, RangedError>
RowFiles::fileWork(const Command &command) {
  if (command.expects != Expects::Success)
    return std::unexpected(
        RangedError{fmt::format("not run: irlens expects {} to succeed",
                                command.program.text),
                    command.program.range});
  if (command.program.text == "split-file")
    return splitFileWork(command);
  const bool remove = command.program.text == "rm";
  std::vector<FileWork> result;
  for (const Word &word : command.arguments) {
    if (word.text.starts_with('-')) {
      if (word.text.find_first_not_of(remove ? "-rRf" : "-p") !=
          std::string::npos)
        return std::unexpected(
            RangedError{fmt::format("not understood: {} {}",
                                    command.program.text, word.text),
                        word.range});
      continue;
    }
    if (!isTemporary(word.text))
      return std::unexpected(RangedError{
          "not run: irlens touches no file but those of %t", word.range});
    if (!remove)
      folders_.push_back(word.text);
    result.push_back(
        {remove ? FileWork::Kind::Remove : FileWork::Kind::MakeDirectory,
         word.text,
         {}});
  }
  return result;
}

std::expected<std::vector<FileWork>, RangedError>
RowFiles::splitFileWork(const Command &command) {
  bool leadingLines = false;
  std::vector<Word> files;
  for (const Word &word : command.arguments) {
    if (word.text == "--leading-lines" || word.text == "-leading-lines")
      leadingLines = true;
    else if (word.text == "--no-leading-lines" ||
             word.text == "-no-leading-lines")
      leadingLines = false;
    else if (word.text.starts_with('-'))
      return std::unexpected(
          RangedError{"not understood: split-file " + word.text, word.range});
    else
      files.push_back(word);
  }
  if (files.size() != 2)
    return std::unexpected(RangedError{"split-file needs a file and a folder",
                                       command.program.range});
  if (!isTemporary(files[1].text))
    return std::unexpected(RangedError{
        "not run: irlens touches no file but those of %t", files[1].range});
  folders_.push_back(files[1].text);
  return std::vector{FileWork{FileWork::Kind::SplitFile, files[1].text,
                              files[0].text, leadingLines}};
}

} // namespace irlens::engine::run_lines
