#include "lsp/features/typed_diagnostics.h"

#include "engine/requests.h"

#include <fmt/format.h>

#include <algorithm>

namespace irlens::lsp {
namespace {

/// Places in the text that was checked, as ranges of the buffer.
class CheckedText {
public:
  CheckedText(const Snapshot &snapshot, const std::filesystem::path &path,
              const engine::CheckReport &report)
      : encoding_(snapshot.client.encoding), path_(path),
        view_(*snapshot.sources.view(path)) {
    view_.map = LineMap::between(*report.text, *view_.text);
  }

  bool isIn(const engine::SourcePos &pos) const {
    return pos.file == path_ && pos.line > 0;
  }

  /// `end`: of line 0 if it is unknown.
  Range range(const engine::SourcePos &begin,
              const engine::SourcePos &end) const {
    Range range{position(begin), {}};
    bool known = end.line > 0 && end.file == begin.file;
    range.end = known ? position(end) : endOfLine(range.start.line);
    // A place behind a line's end: what comes before it is what people see.
    if (range.end <= range.start) {
      range.end = range.start = std::min(range.start, range.end);
      if (range.start == endOfLine(range.start.line))
        range.start.character = std::max(range.start.character - 1, 0);
      else
        ++range.end.character;
    }
    return range;
  }

private:
  Position position(const engine::SourcePos &pos) const {
    int line = view_.map.toCurrent(pos.line);
    int index = std::clamp((line > 0 ? line : pos.line) - 1, 0,
                           view_.lines.count() - 1);
    auto bytes = static_cast<std::size_t>(std::max(pos.column - 1, 0));
    std::string_view text = view_.lines.line(index);
    return {index, toUnits(text, std::min(bytes, text.size()), encoding_)};
  }

  Position endOfLine(int index) const {
    std::string_view text = view_.lines.line(index);
    return {index, toUnits(text, text.size(), encoding_)};
  }

  Encoding encoding_;
  std::string path_;
  SourceView view_;
};

} // namespace

std::vector<Diagnostic> typedDiagnostics(const Snapshot &snapshot,
                                         const std::filesystem::path &path,
                                         const engine::CheckReport &report) {
  CheckedText checked(snapshot, path, report);
  std::string uri = snapshot.sources.uriOf(path);
  std::vector<Diagnostic> all;
  for (const engine::Diagnostic &diagnostic : report.diagnostics) {
    Diagnostic out;
    // What stands in another file (a `loc` of the text) is told on top.
    out.range = checked.isIn(diagnostic.pos)
                    ? checked.range(diagnostic.pos, diagnostic.end)
                    : checked.range({path.string(), 1, 1}, {});
    out.severity = static_cast<int>(diagnostic.severity);
    out.message = diagnostic.message;
    for (const engine::Note &note : diagnostic.notes) {
      // One without a place of its own has that of the diagnostic.
      bool placed = checked.isIn(note.pos) && note.pos != diagnostic.pos;
      Location location{uri, placed ? checked.range(note.pos, {}) : Range{}};
      addNote(out, placed ? note : engine::Note{{}, note.message},
              placed ? &location : nullptr, snapshot.client.relatedInformation);
    }
    all.push_back(std::move(out));
  }
  return all;
}

RunBesideCheck::RunBesideCheck(const Snapshot &snapshot,
                               const engine::FileState &file)
    : file_(file), table_(snapshot.tableOf(&file)), lowered_(file.text),
      now_(snapshot.sources.view(file.path, file.generation)) {}

bool RunBesideCheck::goesOn(const engine::Diagnostic &diagnostic,
                            const engine::Entry *entry,
                            const engine::StageState *stage) const {
  if (!diagnostic.pos.file.empty() && diagnostic.pos.file != file_.path)
    return true;
  const engine::Stage *row =
      entry && stage ? table_.find(stage->id, entry->origin) : nullptr;
  bool reading = row && engine::isMadeFromText(*entry, *row) &&
                 diagnostic.pass.empty() &&
                 diagnostic.severity == engine::Severity::Error;
  return !reading && isUnchanged(diagnostic.pos.line);
}

/// A line (from 1) is as it was when the run lowered the file.
bool RunBesideCheck::isUnchanged(int line) const {
  int now = now_->map.toCurrent(line);
  return now > 0 && lowered_.line(line - 1) == now_->lines.line(now - 1);
}

void addNote(Diagnostic &out, const engine::Note &note,
             const Location *location, bool relatedInformation) {
  if (location && relatedInformation) {
    out.relatedInformation.push_back({*location, note.message});
    return;
  }
  std::string place;
  if (!note.pos.file.empty())
    place = fmt::format(
        "{}:{}: ", std::filesystem::path(note.pos.file).filename().string(),
        note.pos.line);
  out.message += "\n" + place + note.message;
}

} // namespace irlens::lsp
