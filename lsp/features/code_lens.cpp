#include "lsp/features/code_lens.h"

#include "lsp/features/add_inputs.h"
#include "lsp/features/commands.h"
#include "lsp/features/titles.h"

#include <algorithm>
#include <cctype>

namespace irlens::lsp {
namespace {

/// The first word after "# irlens:" is an option such as "target=sm_90".
bool isOption(std::string_view text) {
  std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return true;
  text.remove_prefix(first);
  auto end = std::ranges::find_if(text, [](char c) {
    return !std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '-';
  });
  return end != text.end() && *end == '=';
}

bool isExploration(std::string_view line) {
  std::size_t hash = line.find('#');
  std::size_t call = line.find("__explore__(");
  if (call < hash)
    return !line.contains("def __explore__(");
  if (hash == std::string_view::npos)
    return false;
  std::size_t word = line.find_first_not_of("# \t", hash);
  constexpr std::string_view kMark = "irlens:";
  return word != std::string_view::npos &&
         line.substr(word).starts_with(kMark) &&
         !isOption(line.substr(word + kMark.size()));
}

class LensBuilder {
public:
  LensBuilder(const Snapshot &snapshot, const std::filesystem::path &path,
              bool clientOpens)
      : snapshot_(snapshot), path_(path), file_(snapshot.engine.file(path)),
        view_(snapshot.sources.view(path)), uri_(snapshot.sources.uriOf(path)),
        clientOpens_(clientOpens) {}

  std::vector<CodeLens> build() {
    bool any = false;
    if (file_)
      for (const engine::Entry &entry : file_->entries)
        any = addEntry(entry) || any;
    if (!any)
      addMarks();
    if (file_)
      addSuggestions();
    return std::move(lenses_);
  }

private:
  /// False for an entry that stands for a file in which none was found.
  bool addEntry(const engine::Entry &entry) {
    if (entry.kind == "file")
      return false;
    if (snapshot_.tableOf(file_).isOnDemand(entry.origin))
      return true;
    std::vector<int> lines;
    // An IR file is an entry as a whole.
    if (entry.classLine <= 0 && entry.line <= 0)
      lines.push_back(1);
    for (int lowered : {entry.classLine, entry.line}) {
      int line = lowered > 0 ? view_->map.toCurrent(lowered) : 0;
      if (line > 0 && std::ranges::find(lines, line) == lines.end())
        lines.push_back(line);
    }
    for (int line : lines)
      addEntryAt(entry, line);
    return true;
  }

  void addEntryAt(const engine::Entry &entry, int line) {
    add(line, {entryTitle(*file_, entry), "Lower again: " + entry.signature,
               std::string(kRunCommand), Json::array({uri_})});
    for (const engine::Stage *row : snapshot_.rowsOf(*file_, entry)) {
      const engine::Stage &stage = *row;
      const engine::StageState *state = entry.find(stage.id);
      if (state && state->status == engine::StageStatus::Unavailable)
        continue;
      std::string uri = snapshot_.documents.uri(path_, entry.name, stage);
      Command open = openCommand(clientOpens_, stageTitle(stage, state), uri,
                                 entry.name, stage.label());
      if (state && state->status == engine::StageStatus::Ok)
        open.tooltip += " · " + formatTime(state->ms);
      add(lineOf(stage, entry, line), std::move(open));
    }
  }

  /// What an IR file says itself of a stage, as a RUN line does, has its lens.
  int lineOf(const engine::Stage &stage, const engine::Entry &entry,
             int line) const {
    const engine::Definition &at = stage.definition;
    if (entry.kind != "ir" || at.line <= 0 || at.file != path_)
      return line;
    int current = view_->map.toCurrent(at.line);
    return current > 0 ? current : line;
  }

  /// Before the first run has found the entries, or when it could not.
  void addMarks() {
    std::vector<int> lines = explorationLines(*view_->text);
    if (lines.empty() && isIrFile())
      lines.push_back(1);
    for (int line : lines)
      add(line, {"irlens: " + fileWord(), "Lower this file",
                 std::string(kRunCommand), Json::array({uri_})});
  }

  void addSuggestions() {
    for (const engine::Suggestion &suggestion : file_->suggestions)
      if (int line = suggestionLine(*view_, suggestion); line > 0)
        add(line,
            {"irlens: add example inputs", "Write above: " + suggestion.text,
             std::string(kAddInputsCommand),
             Json::array({uri_, suggestion.name})});
  }

  /// One that is lowered as it is: nothing in it has to ask for that.
  bool isIrFile() const {
    return path_.extension() != ".py" &&
           snapshot_.engine.wants(path_, *view_->text);
  }

  std::string fileWord() const {
    if (!file_)
      return "lower this file";
    if (file_->phase == engine::Phase::Running)
      return "lowering…";
    auto failed = [](const std::vector<engine::Diagnostic> &diagnostics) {
      return diagnostics.empty()
                 ? std::string()
                 : "✗ " + shorten(diagnostics.front().message, 60);
    };
    std::string word = failed(file_->diagnostics);
    for (const engine::Entry &entry : file_->entries)
      for (const engine::StageState &stage : entry.stages)
        if (word.empty())
          word = failed(stage.diagnostics);
    return word.empty() ? "nothing to lower" : word;
  }

  void add(int line, Command command) {
    // One line, start to end: clients that draw lenses themselves expect it.
    std::string_view text = view_->lines.line(line - 1);
    Range range{
        {line - 1, 0},
        {line - 1, toUnits(text, text.size(), snapshot_.client.encoding)}};
    lenses_.push_back({range, std::move(command)});
  }

  const Snapshot &snapshot_;
  const std::filesystem::path &path_;
  const engine::FileState *file_;
  std::shared_ptr<const SourceView> view_;
  std::string uri_;
  bool clientOpens_;
  std::vector<CodeLens> lenses_;
};

} // namespace

std::vector<int> explorationLines(std::string_view text) {
  TextLines lines(text);
  std::vector<int> found;
  for (int i = 0; i < lines.count(); ++i)
    if (isExploration(lines.line(i)))
      found.push_back(i + 1);
  return found;
}

Command openCommand(bool clientOpens, std::string title, const std::string &uri,
                    const std::string &entry, const std::string &stage) {
  return {std::move(title), "Open " + stage + " of " + entry,
          std::string(clientOpens ? kOpenCommand : kShowDocumentCommand),
          Json::array({uri, {{"entry", entry}, {"stage", stage}}})};
}

std::vector<CodeLens> codeLenses(const Snapshot &snapshot,
                                 const std::filesystem::path &path,
                                 bool clientOpens) {
  return LensBuilder(snapshot, path, clientOpens).build();
}

} // namespace irlens::lsp
