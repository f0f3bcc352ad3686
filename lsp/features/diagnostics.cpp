#include "lsp/features/diagnostics.h"

#include "lsp/features/typed_diagnostics.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <tuple>

namespace irlens::lsp {
namespace {

class Collector {
public:
  explicit Collector(const Snapshot &snapshot) : snapshot_(snapshot) {}

  void addFile(const engine::FileState &file) {
    beside_.reset();
    if (snapshot_.engine.checked(file.path))
      beside_.emplace(snapshot_, file);
    for (const engine::Diagnostic &diagnostic : file.diagnostics)
      add(file, diagnostic);
    for (const engine::Diagnostic &diagnostic : file.tableProblems)
      add(file, diagnostic);
    for (const engine::Entry &entry : file.entries)
      for (const engine::StageState &stage : entry.stages)
        // A part that is not installed is no fault of the code: its document
        // says so.
        if (stage.status != engine::StageStatus::Unavailable)
          for (const engine::Diagnostic &diagnostic : stage.diagnostics)
            add(file, diagnostic, &entry, &stage);
  }

  /// A file that somebody types in, lowered before or not.
  void addTyped(const std::filesystem::path &path) {
    const engine::CheckReport *report = snapshot_.engine.checked(path);
    if (!report)
      return;
    // Also when it is empty: what stood there is withdrawn at once.
    std::vector<Diagnostic> &all = byUri_[snapshot_.sources.uriOf(path)];
    std::ranges::move(typedDiagnostics(snapshot_, path, *report),
                      std::back_inserter(all));
  }

  std::map<std::string, std::vector<Diagnostic>> take() {
    return std::move(byUri_);
  }

private:
  void add(const engine::FileState &file, const engine::Diagnostic &diagnostic,
           const engine::Entry *entry = nullptr,
           const engine::StageState *stage = nullptr) {
    if (beside_ && !beside_->goesOn(diagnostic, entry, stage))
      return;
    const engine::SourcePos &pos = diagnostic.pos;
    // Stages that stem from one another, and entries that share a module,
    // repeat what went wrong; the first in table order tells it.
    if (!seen_
             .emplace(pos.file, pos.line, pos.column, diagnostic.op,
                      diagnostic.message)
             .second)
      return;
    Location location = locate(file, pos);
    Diagnostic out;
    out.range = location.range;
    endAt(out.range, file, diagnostic);
    out.severity = static_cast<int>(diagnostic.severity);
    out.code = diagnostic.stage;
    out.href = diagnostic.link;
    out.message = message(diagnostic);
    for (const engine::Note &note : diagnostic.notes) {
      Location place;
      bool placed = !note.pos.file.empty();
      if (placed)
        place = locate(file, note.pos);
      addNote(out, note, placed ? &place : nullptr,
              snapshot_.client.relatedInformation);
    }
    byUri_[location.uri].push_back(std::move(out));
  }

  /// The producer may know where the code to blame ends.
  void endAt(Range &range, const engine::FileState &file,
             const engine::Diagnostic &diagnostic) {
    const engine::SourcePos &end = diagnostic.end;
    if (end.line <= 0 || diagnostic.pos.column <= 0 ||
        end.file != diagnostic.pos.file)
      return;
    auto view = viewOf(file, end.file);
    int line = view->map.toCurrent(end.line);
    if (line <= 0)
      return;
    std::string_view text = view->lines.line(line - 1);
    auto bytes = static_cast<std::size_t>(std::max(end.column - 1, 0));
    Position found{line - 1, toUnits(text, std::min(bytes, text.size()),
                                     snapshot_.client.encoding)};
    if (std::tie(found.line, found.character) >
        std::tie(range.start.line, range.start.character))
      range.end = found;
  }

  Location locate(const engine::FileState &file, const engine::SourcePos &pos) {
    std::filesystem::path path =
        pos.file.empty() ? file.path : std::filesystem::path(pos.file);
    auto view = viewOf(file, path);
    int line = view->map.toCurrent(pos.line);
    return {snapshot_.sources.uriOf(path),
            view->codeRange(line > 0 ? line : pos.line, pos.column,
                            snapshot_.client.encoding)};
  }

  /// A file of which the run of `file` speaks.
  std::shared_ptr<const SourceView> viewOf(const engine::FileState &file,
                                           const std::filesystem::path &path) {
    return path == file.path ? snapshot_.sources.view(path, file.generation)
                             : snapshot_.sources.view(path);
  }

  static std::string message(const engine::Diagnostic &diagnostic) {
    std::string text;
    if (!diagnostic.stage.empty())
      text = diagnostic.stage + ": ";
    if (!diagnostic.op.empty() && !diagnostic.message.contains(diagnostic.op))
      text += diagnostic.op + ": ";
    return text + diagnostic.message;
  }

  const Snapshot &snapshot_;
  /// When somebody types in the file that is being added.
  std::optional<RunBesideCheck> beside_;
  std::set<std::tuple<std::string, int, int, std::string, std::string>> seen_;
  std::map<std::string, std::vector<Diagnostic>> byUri_;
};

} // namespace

std::map<std::string, std::vector<Diagnostic>>
collectDiagnostics(const Snapshot &snapshot) {
  Collector collector(snapshot);
  for (const engine::FileState *file : snapshot.engine.files())
    collector.addFile(*file);
  std::set<std::filesystem::path> open; // Two URIs may be one file.
  for (const OpenDocument *document : snapshot.mirror.all())
    open.insert(document->path);
  for (const std::filesystem::path &path : open)
    collector.addTyped(path);
  return collector.take();
}

} // namespace irlens::lsp
