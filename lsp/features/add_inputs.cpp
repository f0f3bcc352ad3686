#include "lsp/features/add_inputs.h"

namespace irlens::lsp {

int suggestionLine(const SourceView &view,
                   const engine::Suggestion &suggestion) {
  int line = view.map.toCurrent(suggestion.line);
  if (line <= 0)
    return 0;
  // Accepted, but not saved yet.
  bool isThere = line > 1 && view.lines.line(line - 2).contains("# irlens:");
  return isThere ? 0 : line;
}

std::optional<Insertion> exampleInputs(const Snapshot &snapshot,
                                       const std::filesystem::path &path,
                                       std::string_view name) {
  const engine::FileState *file = snapshot.engine.file(path);
  if (!file)
    return std::nullopt;
  auto view = snapshot.sources.view(path);
  for (const engine::Suggestion &suggestion : file->suggestions) {
    if (suggestion.name != name)
      continue;
    if (int line = suggestionLine(*view, suggestion); line > 0)
      return Insertion{snapshot.sources.uriOf(path), line - 1,
                       suggestion.text + "\n",
                       "Add example inputs for " + suggestion.name};
  }
  return std::nullopt;
}

Json toJson(const Insertion &insertion) {
  Position place{insertion.line, 0};
  Json edit{{"range", toJson(Range{place, place})},
            {"newText", insertion.text}};
  return {{"changes", {{insertion.uri, Json::array({edit})}}}};
}

} // namespace irlens::lsp
