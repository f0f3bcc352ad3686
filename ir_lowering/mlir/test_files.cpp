// The steps of tests that bring a text or put it somewhere: read, write,
// split-file, remove, make-directory. They write below the folder of %t and
// nowhere else. Stage processes only.
#include "engine/run_lines/split_file.h"
#include "ir_lowering/mlir/conditions.h"
#include "ir_lowering/mlir/steps.h"
#include "ir_lowering/mlir/text_kind.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>

namespace irlens::mlir_worker {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

std::string textOf(const json &value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

bool refuse(StepContext &context, std::string_view step,
            const std::string &path) {
  return context.fail(fmt::format(
      "{}: a test writes nowhere but below its own folder, and not {}", step,
      path.empty() ? "a file without a name" : path));
}

/// Does something to a path below the folder of %t.
template <typename Change>
bool changeFiles(StepContext &context, std::string_view step, const json &path,
                 Change change) {
  const std::string file = textOf(path);
  if (!isTemporary(context, file))
    return refuse(context, step, file);
  std::error_code error;
  change(file, error);
  return !error ||
         context.fail(fmt::format("{}: {}: {}", step, file, error.message()));
}

const SplitPart *partAt(const Session &session, const std::string &path) {
  auto found = std::ranges::find(session.parts, path, &SplitPart::path);
  return found == session.parts.end() ? nullptr : &*found;
}

/// Lines of a part count as in the file that was split: so its locations, and
/// what links are made of, are those of the user's file.
bool readPart(StepContext &context, const SplitPart &part) {
  Session &session = context.session;
  std::string padded(static_cast<std::size_t>(part.linesBefore), '\n');
  padded += bytesOf(part.path);
  std::string path = context.temporaryFile();
  if (auto written = writeFile(path, padded); !written)
    return context.fail(written.error().message);
  session.text = {path, part.file};
  session.exact = part.path;
  return true;
}

engine::Result<void> copyTo(const std::string &from, const std::string &to) {
  return writeFile(to, bytesOf(from));
}

} // namespace

std::string bytesOf(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

const std::string &exactText(const Session &session) {
  return session.exact.empty() ? session.text.path : session.exact;
}

bool isTemporary(const StepContext &context, const std::string &path) {
  if (path.empty())
    return false;
  std::error_code error;
  // A link leads out of the folder as `..` does.
  fs::path real = fs::weakly_canonical(path, error);
  fs::path folder = fs::weakly_canonical(context.temporaryFolder, error);
  if (error || context.temporaryFolder.empty())
    return false;
  fs::path relative = real.lexically_relative(folder);
  return !relative.empty() && relative != "." && *relative.begin() != "..";
}

bool readFileStep(StepContext &context, const json &file) {
  Session &session = context.session;
  const std::string path = textOf(file);
  std::error_code ignored;
  if (path.empty() || !fs::exists(path, ignored))
    return context.fail(fmt::format("there is no file {}", path));
  session.dropModule();
  session.exact.clear();
  context.textFormat.clear();
  context.inputFormat = formatOfText(headOf(path));
  if (const SplitPart *part = partAt(session, path))
    return readPart(context, *part);
  session.text = {path, ""};
  return true;
}

bool writeFileStep(StepContext &context, const json &file) {
  const std::string path = textOf(file);
  if (!isTemporary(context, path))
    return refuse(context, "write", path);
  if (auto written = copyTo(exactText(context.session), path); !written)
    return context.fail(written.error().message);
  return true;
}

bool removeFile(StepContext &context, const json &path) {
  return changeFiles(context, "remove", path,
                     [](const std::string &file, std::error_code &error) {
                       fs::remove_all(file, error);
                     });
}

bool makeDirectory(StepContext &context, const json &path) {
  return changeFiles(context, "make-directory", path,
                     [](const std::string &folder, std::error_code &error) {
                       fs::create_directories(folder, error);
                     });
}

/// Rows that are made side by side may all split the same file: parts appear by
/// rename, and the folder stays.
bool splitFileStep(StepContext &context, const json &request) {
  const std::string file = wordOf(request, "file");
  const std::string folder = wordOf(request, "directory");
  if (file.empty() || folder.empty())
    return context.fail("step 'split-file' takes `file` and `directory`");
  const bool leading = request.value("leading-lines", json()) == true;
  if (!isTemporary(context, folder))
    return refuse(context, "split-file", folder);
  auto parts = engine::run_lines::splitFile(bytesOf(file), leading);
  if (!parts) {
    Frames place;
    if (parts.error().line > 0)
      place.push_back({file, parts.error().line, 1});
    context.diagnostics.add({.message = "split-file: " + parts.error().message,
                             .frames = std::move(place)});
    return false;
  }
  for (const auto &part : *parts) {
    std::string path = folder + "/" + part.name;
    if (!isTemporary(context, path))
      return refuse(context, "split-file", path);
    std::error_code ignored; // Writing then says what is wrong.
    fs::create_directories(fs::path(path).parent_path(), ignored);
    if (auto written = writeFile(path, part.text); !written)
      return context.fail(written.error().message);
    std::erase_if(context.session.parts,
                  [&](const SplitPart &other) { return other.path == path; });
    context.session.parts.push_back(
        {std::move(path), file, leading ? 0 : part.firstLine - 1});
  }
  return true;
}

void placeInFiles(std::vector<ReportDiagnostic> &diagnostics,
                  const std::vector<SplitPart> &parts) {
  auto place = [&](engine::SourcePos &frame) {
    auto part = std::ranges::find(parts, frame.file, &SplitPart::path);
    if (part == parts.end())
      return 0;
    frame.file = part->file;
    frame.line += part->linesBefore;
    return part->linesBefore;
  };
  for (ReportDiagnostic &diagnostic : diagnostics) {
    for (engine::SourcePos &frame : diagnostic.frames) {
      const int moved = place(frame);
      if (&frame == diagnostic.frames.data() && diagnostic.endLine > 0)
        diagnostic.endLine += moved;
    }
    for (ReportNote &note : diagnostic.notes)
      std::ranges::for_each(note.frames, place);
  }
}

} // namespace irlens::mlir_worker
