#include "lsp/documents/virtual_document.h"

#include "engine/engine.h"
#include "engine/store/files.h"

#include <fmt/format.h>

#include <algorithm>

namespace irlens::lsp {
namespace {

using engine::StageStatus;

/// Builds the comment lines of a header.
class Comments {
public:
  explicit Comments(std::string_view marker) : marker_(marker) {}

  /// A message of several lines becomes several comment lines.
  void add(std::string_view text) {
    while (true) {
      std::size_t end = text.find_first_of("\r\n");
      text_ += marker_;
      if (!text.substr(0, end).empty())
        text_ += " ";
      text_ += text.substr(0, end);
      text_ += "\n";
      if (end == std::string_view::npos)
        return;
      text.remove_prefix(end + 1);
      if (text.empty())
        return;
    }
  }

  std::string take() { return std::move(text_); }

private:
  std::string marker_;
  std::string text_;
};

std::string place(const engine::SourcePos &pos) {
  if (pos.file.empty())
    return "";
  std::string name = std::filesystem::path(pos.file).filename().string();
  return pos.line > 0 ? fmt::format("{}:{}: ", name, pos.line) : name + ": ";
}

std::string_view word(engine::Severity severity) {
  switch (severity) {
  case engine::Severity::Error:
    return "error";
  case engine::Severity::Warning:
    return "warning";
  case engine::Severity::Info:
  case engine::Severity::Hint:
    return "note";
  }
  return "note";
}

void addDiagnostics(Comments &comments,
                    const std::vector<engine::Diagnostic> &diagnostics) {
  for (const engine::Diagnostic &diagnostic : diagnostics) {
    std::string op = diagnostic.op.empty() ? "" : " [" + diagnostic.op + "]";
    comments.add(fmt::format("  {}{}: {}{}", place(diagnostic.pos),
                             word(diagnostic.severity), diagnostic.message,
                             op));
    for (const engine::Note &note : diagnostic.notes)
      comments.add(fmt::format("    {}{}", place(note.pos), note.message));
  }
}

double megabytes(std::uint64_t bytes) {
  return static_cast<double>(bytes) / (1 << 20);
}

std::string cutHeader(const DocumentPlan &plan) {
  return fmt::format(
      "{} irlens: the first {:.1f} of {:.1f} MB; all of it: {}\n", plan.comment,
      megabytes(plan.maxBytes), megabytes(plan.body->bytes),
      plan.body->document.string());
}

} // namespace

std::string pendingHeader(const engine::Stage &stage,
                          const engine::FileState *file,
                          const engine::Entry *entry) {
  Comments comments(stage.comment);
  std::string of = entry ? " of " + entry->name : "";
  // Once a run is over, an entry that it did not find will not come by itself.
  if (file && !entry && file->phase == engine::Phase::Settled) {
    comments.add(fmt::format("irlens: {}: {} has no such entry now",
                             stage.title, file->path.filename().string()));
    addDiagnostics(comments, file->diagnostics);
  } else {
    comments.add(fmt::format("irlens: {}{}: pending", stage.title, of));
  }
  return comments.take();
}

std::string failedHeader(const engine::Stage &stage,
                         const engine::StageState &state,
                         const engine::Entry &entry, bool withText) {
  Comments comments(stage.comment);
  bool failed = state.status == StageStatus::Failed;
  comments.add(fmt::format("irlens: {} of {}: {}", stage.title, entry.name,
                           failed ? "failed" : "not available"));
  if (const auto *cause = entry.find(state.blockedBy)) {
    comments.add(state.blockedBy + ", which it is made from, failed:");
    addDiagnostics(comments, cause->diagnostics);
  }
  addDiagnostics(comments, state.diagnostics);
  if (withText && state.partial)
    comments.add("The IR before the step that failed:");
  return comments.take();
}

int DocumentPlan::headerLines() const {
  return static_cast<int>(std::ranges::count(header, '\n')) + (isCut() ? 1 : 0);
}

std::uint64_t DocumentPlan::revision() const {
  return engine::hash64(fmt::format("{}\n{}\n{}\n{}", header,
                                    body ? body->textHash : 0, body != nullptr,
                                    isCut() ? maxBytes : 0));
}

DocumentPlan planDocument(const engine::Stage &stage,
                          const engine::FileState *file,
                          const engine::Entry *entry, std::uint64_t maxBytes) {
  DocumentPlan plan{"", nullptr, stage.comment, maxBytes};
  const engine::StageState *state = entry ? entry->find(stage.id) : nullptr;
  if (state && state->good) {
    plan.body = state->good;
  } else if (state && (state->status == StageStatus::Failed ||
                       state->status == StageStatus::Unavailable)) {
    plan.header = failedHeader(stage, *state, *entry, /*withText=*/true);
    plan.body = state->partial;
  } else {
    plan.header = pendingHeader(stage, file, entry);
  }
  return plan;
}

DocumentPlan unknownDocument(std::string_view comment) {
  Comments comments(comment);
  comments.add(
      "irlens: it is not known which file this document was made from.");
  comments.add("Open that file and save it; then open this document again.");
  return {comments.take(), nullptr, std::string(comment), 0};
}

std::string renderDocument(const DocumentPlan &plan) {
  if (!plan.body)
    return plan.header;
  engine::Result<std::string> text =
      engine::readText(plan.body->document, plan.maxBytes);
  if (!text)
    return plan.header +
           fmt::format("{} irlens: {}\n", plan.comment, text.error().message);
  if (!plan.isCut())
    return plan.header + *text;
  // Whole lines only, unless the text is one endless line.
  if (std::size_t end = text->rfind('\n'); end != std::string::npos)
    text->resize(end + 1);
  else
    *text += "\n";
  return plan.header + cutHeader(plan) + *text +
         fmt::format("{} irlens: cut here\n", plan.comment);
}

} // namespace irlens::lsp
