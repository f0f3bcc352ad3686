#include "lsp/features/navigation.h"

#include "lsp/documents/pass_documents.h"
#include "lsp/documents/step_documents.h"
#include "lsp/features/related_lines.h"

namespace irlens::lsp {
namespace {

/// A list that nobody reads to its end need not be longer.
constexpr std::size_t kMaxPerStage = 200;

/// Lines (from 1) of an artifact as ranges of its document.
void addLocations(const Snapshot &snapshot, const DocumentId &id,
                  const std::vector<int> &lines,
                  std::vector<Location> &locations) {
  if (lines.empty())
    return;
  std::string uri = snapshot.documents.uri(id);
  // Without a header, unless the document is cut.
  int shift = resolveDocument(snapshot, id).headerLines;
  std::size_t count = 0;
  for (auto [first, last] : mergeLines(lines)) {
    if (++count > kMaxPerStage)
      break;
    locations.push_back({uri, {{first - 1 + shift, 0}, {last + shift, 0}}});
  }
}

using Relation = std::vector<StageLines> (*)(const Snapshot &,
                                             const ResolvedDocument &, int);

std::vector<Location> related(const Snapshot &snapshot, const DocumentId &id,
                              int line, Relation relation) {
  std::vector<Location> locations;
  ResolvedDocument document = resolveDocument(snapshot, id);
  for (const StageLines &found :
       relation(snapshot, document, line + 1 - document.headerLines))
    addLocations(snapshot, {id.unit, id.entry, found.stage->fileName()},
                 found.lines, locations);
  return locations;
}

} // namespace

ResolvedDocument resolveDocument(const Snapshot &snapshot,
                                 const DocumentId &id) {
  ResolvedDocument document;
  const engine::Stage *stage = document.stage = snapshot.stageOf(id);
  std::optional<std::filesystem::path> path =
      snapshot.documents.source(id.unit);
  if (!stage || !path) {
    document.plan = unknownDocument(stage ? stage->comment : "//");
    return document;
  }
  document.file = snapshot.engine.file(*path);
  document.entry = document.file ? document.file->find(id.entry) : nullptr;
  if (document.entry)
    document.state = document.entry->find(stage->id);
  auto bytes = static_cast<std::uint64_t>(
                   snapshot.engine.settings().maxDocumentMegabytes)
               << 20;
  if (isAboutPasses(*stage, id)) {
    document.pass = passOf(*stage, document.state, id);
    document.isPassList = isPassList(*stage, id);
    document.plan =
        planPasses(*stage, document.file, document.entry, id, bytes);
  } else if (isSaid(*stage, id)) {
    document.isSaid = true;
    document.plan = planSaid(*stage, document.file, document.entry, bytes);
  } else if (isStepList(*stage, id)) {
    document.steps = stepsOf(snapshot.tableOf(document.file), *stage);
    document.plan =
        planSteps(*stage, document.steps, document.file, document.entry, bytes);
  } else {
    document.plan = planDocument(*stage, document.file, document.entry, bytes);
  }
  document.artifact = document.plan.body;
  document.headerLines = document.plan.headerLines();
  return document;
}

std::vector<Location> definition(const Snapshot &snapshot, const DocumentId &id,
                                 int line) {
  ResolvedDocument document = resolveDocument(snapshot, id);
  if (document.isPassList) {
    const engine::Pass *pass = passAt(document.state, line);
    if (!pass)
      return {};
    return {
        {snapshot.documents.uri(passDocument(id, *document.stage, *pass)), {}}};
  }
  if (const engine::Stage *step = stepAt(document.steps, line))
    return {
        {snapshot.documents.uri({id.unit, id.entry, step->fileName()}), {}}};
  int irLine = line + 1 - document.headerLines;
  if (!document.artifact || irLine < 1)
    return {};
  engine::SourcePos pos = document.artifact->links->source(irLine);
  if (pos.file.empty())
    return {};
  auto view =
      pos.file == document.file->path
          ? snapshot.sources.view(pos.file, document.artifact->generation)
          : snapshot.sources.view(pos.file);
  int current = view->map.toCurrent(pos.line);
  return {{snapshot.sources.uriOf(pos.file),
           view->codeRange(current > 0 ? current : pos.line, pos.column,
                           snapshot.client.encoding)}};
}

std::vector<std::pair<int, int>> mergeLines(const std::vector<int> &lines) {
  std::vector<std::pair<int, int>> runs;
  for (int line : lines) {
    if (!runs.empty() && runs.back().second + 1 == line)
      runs.back().second = line;
    else
      runs.emplace_back(line, line);
  }
  return runs;
}

std::vector<Location> implementation(const Snapshot &snapshot,
                                     const std::filesystem::path &path,
                                     int line) {
  std::vector<Location> locations;
  for (const engine::FileState *file : snapshot.engine.files()) {
    for (const engine::Entry &entry : file->entries) {
      for (const engine::Stage *row : snapshot.rowsOf(*file, entry)) {
        const engine::Stage &stage = *row;
        const engine::StageState *state = entry.find(stage.id);
        if (!state || !state->good)
          continue;
        auto view = snapshot.sources.view(path, state->good->generation);
        int lowered = view->map.toLowered(line + 1);
        if (lowered == 0)
          continue;
        addLocations(
            snapshot, snapshot.documents.id(file->path, entry.name, stage),
            state->good->links->irLines(path.string(), lowered), locations);
      }
    }
  }
  return locations;
}

std::vector<Location> declaration(const Snapshot &snapshot,
                                  const DocumentId &id, int line) {
  return related(snapshot, id, line, madeFrom);
}

std::vector<Location> implementation(const Snapshot &snapshot,
                                     const DocumentId &id, int line) {
  return related(snapshot, id, line, madeInto);
}

Json locationsToJson(const std::vector<Location> &locations, bool links,
                     int origin) {
  if (locations.empty())
    return Json();
  if (!links)
    return toJson(locations);
  Json array = Json::array();
  for (const Location &location : locations) {
    Range line{{origin, 0}, {origin + 1, 0}};
    array.push_back({{"originSelectionRange", toJson(line)},
                     {"targetUri", location.uri},
                     {"targetRange", toJson(location.range)},
                     {"targetSelectionRange", toJson(location.range)}});
  }
  return array;
}

} // namespace irlens::lsp
