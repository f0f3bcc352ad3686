#include "lsp/features/hover.h"

#include "lsp/features/navigation.h"
#include "lsp/features/related_lines.h"
#include "lsp/features/titles.h"

#include <fmt/format.h>

#include <algorithm>

namespace irlens::lsp {
namespace {

constexpr std::size_t kMaxChains =
    3;                        ///< A fused op may stem from dozens of lines.
constexpr int kMaxLines = 40; ///< Of IR, in all.
constexpr int kMaxLinesPerStage = 14;
constexpr int kMinLinesPerParagraph = 8;
constexpr std::size_t kMaxWidth = 160; ///< Of an IR line.

/// Writes Markdown, or plain text for clients that show no Markdown.
class HoverText {
public:
  explicit HoverText(bool markdown) : markdown_(markdown) {}

  void heading(const std::string &strong, const std::string &rest) {
    paragraph(markdown_ ? "**" + strong + "**" + rest : strong + rest);
  }
  void paragraph(const std::string &text) {
    if (!text_.empty())
      text_ += "\n\n";
    text_ += text;
  }
  std::string link(const std::string &label, const std::string &uri) const {
    return markdown_ ? "[" + label + "](" + uri + ")" : label;
  }
  void code(std::string_view language, std::string_view code) {
    if (!markdown_)
      return paragraph(std::string(code));
    // The fence must be longer than any run of backticks inside.
    std::string fence = "```";
    while (code.contains(fence))
      fence += '`';
    paragraph(fmt::format("{}{}\n{}\n{}", fence, language, code, fence));
  }
  std::string name(const std::string &name) const {
    return markdown_ ? "`" + name + "`" : name;
  }
  Hover take() { return {markdown_, std::move(text_), std::nullopt}; }

private:
  bool markdown_;
  std::string text_;
};

std::string trimmed(std::string_view line) {
  ByteSpan span = codePart(line);
  return std::string(line.substr(span.begin, span.end - span.begin));
}

/// The frames a user wants to see: their own; all when none is.
std::vector<engine::SourcePos>
userFrames(std::vector<engine::SourcePos> chain) {
  std::vector<engine::SourcePos> own;
  for (const engine::SourcePos &frame : chain)
    if (!engine::isLibraryFile(frame.file))
      own.push_back(frame);
  return own.empty() ? std::move(chain) : own;
}

/// What an editor calls the language of a source: an IR file's is that of the
/// stages with its extension.
std::string languageOf(const engine::StageTable &table,
                       const std::filesystem::path &path) {
  std::string extension = path.extension().string();
  if (extension == ".py")
    return "python";
  for (const engine::Stage &stage : table.stages())
    if ("." + stage.extension == extension)
      return stage.language;
  return "";
}

void addChain(HoverText &text, const Snapshot &snapshot,
              const ResolvedDocument &document,
              const std::vector<engine::SourcePos> &chain) {
  std::string code;
  std::string path;
  for (const engine::SourcePos &frame : userFrames(chain)) {
    auto view =
        frame.file == document.file->path
            ? snapshot.sources.view(frame.file, document.artifact->generation)
            : snapshot.sources.view(frame.file);
    int line = view->map.toCurrent(frame.line);
    if (line == 0)
      line = frame.line;
    std::string label = fmt::format(
        "{}:{}", std::filesystem::path(frame.file).filename().string(), line);
    if (!path.empty())
      path += " → ";
    path += text.link(
        label, fmt::format("{}#L{}", snapshot.sources.uriOf(frame.file), line));
    std::string excerpt = trimmed(view->lines.line(line - 1));
    if (!code.empty())
      code += "\n";
    code += excerpt;
  }
  text.paragraph(path);
  if (!code.empty())
    text.code(languageOf(snapshot.tableOf(document.file),
                         userFrames(chain).front().file),
              code);
}

/// How many lines of a stage stem from the source line.
std::vector<StageLines> opsOf(const Snapshot &snapshot,
                              const engine::FileState &owner,
                              const engine::Entry &entry,
                              const std::filesystem::path &path, int line) {
  std::vector<StageLines> found;
  for (const engine::Stage *stage : snapshot.rowsOf(owner, entry)) {
    const engine::StageState *state = entry.find(stage->id);
    if (!state || !state->good)
      continue;
    auto view = snapshot.sources.view(path, state->good->generation);
    int lowered = view->map.toLowered(line + 1);
    if (lowered == 0)
      continue;
    std::vector<int> lines =
        state->good->links->irLines(path.string(), lowered);
    if (!lines.empty())
      found.push_back({stage, state->good.get(), std::move(lines)});
  }
  return found;
}

void addLines(HoverText &text, const Snapshot &snapshot,
              const std::string &title, const StageLines &ops, int &budget) {
  int wanted =
      std::min({static_cast<int>(ops.lines.size()), kMaxLinesPerStage, budget});
  if (wanted <= 0)
    return;
  std::string code;
  for (int i = 0; i < wanted; ++i) {
    std::string_view line = snapshot.texts.line(
        *ops.artifact, ops.lines[static_cast<std::size_t>(i)]);
    std::size_t first = line.find_first_not_of(" \t");
    line.remove_prefix(std::min(first, line.size()));
    code += (i > 0 ? "\n" : "") + shorten(line, kMaxWidth);
  }
  int rest = static_cast<int>(ops.lines.size()) - wanted;
  if (rest > 0)
    code += fmt::format("\n{} {} more", ops.stage->comment, rest);
  budget -= wanted;
  text.paragraph(title);
  text.code(ops.stage->language, code);
}

/// "PTX 12, 14-16": what is told of another stage's document, with a link to
/// the first line.
std::string titleOf(const HoverText &text, const Snapshot &snapshot,
                    const DocumentId &id, const StageLines &related) {
  constexpr std::size_t kMaxRuns = 8;
  DocumentId other{id.unit, id.entry, related.stage->fileName()};
  int shift = resolveDocument(snapshot, other).headerLines;
  auto runs = mergeLines(related.lines);
  std::string lines;
  for (std::size_t i = 0; i < std::min(runs.size(), kMaxRuns); ++i) {
    auto [first, last] = runs[i];
    lines += fmt::format("{}{}", i == 0 ? " " : ", ", first + shift);
    if (last != first)
      lines += fmt::format("-{}", last + shift);
  }
  if (runs.size() > kMaxRuns)
    lines += ", …";
  return text.link(related.stage->title + lines,
                   fmt::format("{}#L{}", snapshot.documents.uri(other),
                               related.lines.front() + shift));
}

/// A paragraph of an explaining stage, from its first line to an empty one, as
/// far as `most` lines.
std::string paragraphAt(const Snapshot &snapshot, const StageLines &related,
                        int first, int most) {
  std::string code;
  for (int line = first;; ++line) {
    std::string_view text = snapshot.texts.line(*related.artifact, line);
    if (text.empty())
      return code;
    if (line - first == most)
      return code + "\n...";
    code += (line > first ? "\n" : "") + shorten(text, kMaxWidth);
  }
}

void addExplanations(HoverText &text, const Snapshot &snapshot,
                     const std::string &title, const StageLines &related) {
  int most = std::max(kMaxLines / static_cast<int>(related.lines.size()),
                      kMinLinesPerParagraph);
  text.paragraph(title);
  for (int first : related.lines)
    text.code(related.stage->language,
              paragraphAt(snapshot, related, first, most));
}

/// What other stages have to say of a line of the document.
void addRelated(HoverText &text, const Snapshot &snapshot, const DocumentId &id,
                const std::vector<StageLines> &origins,
                const std::vector<StageLines> &results) {
  int budget = kMaxLines;
  auto title = [&](const StageLines &related) {
    return titleOf(text, snapshot, id, related);
  };
  for (const StageLines &related : origins)
    addLines(text, snapshot, "from " + title(related), related, budget);
  for (const StageLines &related : results)
    if (related.stage->explains)
      addExplanations(text, snapshot, title(related), related);
    else
      addLines(text, snapshot, "to " + title(related), related, budget);
}

} // namespace

std::optional<Hover> hoverIr(const Snapshot &snapshot, const DocumentId &id,
                             int line) {
  ResolvedDocument document = resolveDocument(snapshot, id);
  int irLine = line + 1 - document.headerLines;
  if (!document.artifact || irLine < 1)
    return std::nullopt;
  auto chains = document.artifact->links->chains(irLine);
  std::vector<StageLines> origins = madeFrom(snapshot, document, irLine);
  std::vector<StageLines> results = madeInto(snapshot, document, irLine);
  std::vector<const engine::Stage *> missing =
      missingExplanations(snapshot, document);
  bool isEmpty =
      trimmed(snapshot.texts.line(*document.artifact, irLine)).empty();
  if (chains.empty() && origins.empty() && results.empty() &&
      (missing.empty() || isEmpty))
    return std::nullopt;
  HoverText text(snapshot.client.hoverMarkdown);
  std::string rest = " of " + text.name(document.entry->name);
  if (document.pass)
    rest += " after " + text.name(document.pass->name);
  if (document.state->good || document.pass)
    rest += " · " +
            formatTime(document.pass ? document.pass->ms : document.state->ms);
  if (document.state->status != engine::StageStatus::Ok && document.state->good)
    rest += " · from an earlier run";
  text.heading(document.stage->title, rest);
  for (std::size_t i = 0; i < std::min(chains.size(), kMaxChains); ++i)
    addChain(text, snapshot, document, chains[i]);
  if (chains.size() > kMaxChains)
    text.paragraph(
        fmt::format("and {} more places", chains.size() - kMaxChains));
  addRelated(text, snapshot, id, origins, results);
  for (const engine::Stage *stage : missing) {
    DocumentId other{id.unit, id.entry, stage->fileName()};
    text.paragraph(text.link(stage->title, snapshot.documents.uri(other)) +
                   ": being made, ask again in a moment");
  }
  return text.take();
}

std::optional<Hover> hoverSource(const Snapshot &snapshot,
                                 const std::filesystem::path &path, int line) {
  HoverText text(snapshot.client.hoverMarkdown);
  bool any = false;
  int budget = kMaxLines;
  for (const engine::FileState *file : snapshot.engine.files()) {
    for (const engine::Entry &entry : file->entries) {
      std::vector<StageLines> found = opsOf(snapshot, *file, entry, path, line);
      if (found.empty())
        continue;
      any = true;
      std::string counts;
      for (const StageLines &ops : found)
        counts +=
            fmt::format(" · {} {}",
                        text.link(ops.stage->label(),
                                  snapshot.documents.uri(file->path, entry.name,
                                                         *ops.stage)),
                        ops.lines.size());
      text.heading(entry.name, counts);
      // The table goes from the source to the machine: the first stages are the
      // closest to what the user wrote.
      for (const StageLines &ops : found)
        addLines(text, snapshot, ops.stage->title, ops, budget);
    }
  }
  if (!any)
    return std::nullopt;
  return text.take();
}

} // namespace irlens::lsp
