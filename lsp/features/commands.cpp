#include "lsp/features/commands.h"

#include "lsp/documents/pass_documents.h"
#include "lsp/documents/step_documents.h"
#include "lsp/features/navigation.h"
#include "lsp/features/titles.h"
#include "lsp/wire/uri.h"

#include "engine/store/files.h"
#include "engine/table/suggest.h"

#include <array>

namespace irlens::lsp {
namespace {

/// The first argument, which every command takes, as a source file.
std::optional<std::filesystem::path> fileArgument(const Json &arguments) {
  std::optional<std::string> uri = arguments.is_array() && !arguments.empty()
                                       ? asString(arguments[0])
                                       : std::nullopt;
  std::optional<std::filesystem::path> path =
      uri ? filePath(*uri) : std::nullopt;
  if (!path)
    return std::nullopt;
  return engine::normalPath(*path);
}

auto wrongArgument() {
  return refuse(RpcError::InvalidParams,
                "the first argument must be the URI of a file");
}

/// The first argument as one of our documents.
std::optional<DocumentId> documentArgument(const Snapshot &snapshot,
                                           const Json &arguments) {
  std::optional<std::string> uri = arguments.is_array() && !arguments.empty()
                                       ? asString(arguments[0])
                                       : std::nullopt;
  return uri ? snapshot.documents.parse(*uri) : std::nullopt;
}

auto wrongDocument() {
  return refuse(RpcError::InvalidParams,
                "the first argument must be the URI of an IR document");
}

Outcome showDocument(CommandActions &actions, const Json &arguments) {
  std::optional<DocumentId> id =
      documentArgument(actions.snapshot(), arguments);
  if (!id)
    return {wrongDocument()};
  actions.showDocument(*id);
  return {Json()};
}

Outcome run(CommandActions &actions, const Json &arguments) {
  std::optional<std::filesystem::path> path = fileArgument(arguments);
  if (!path)
    return {wrongArgument()};
  actions.run(*path);
  return {Json()};
}

Outcome cancel(CommandActions &actions, const Json &arguments) {
  std::optional<std::filesystem::path> path = fileArgument(arguments);
  if (!path)
    return {wrongArgument()};
  actions.cancel(*path);
  return {Json()};
}

/// A further argument of a command.
std::string nameArgument(const Json &arguments, std::size_t index) {
  return arguments.size() > index ? asString(arguments[index]).value_or("")
                                  : std::string();
}

bool flagArgument(const Json &arguments, std::size_t index) {
  return arguments.size() > index && isTrue(arguments[index]);
}

bool isRunning(const engine::FileState *file) {
  return file && file->phase == engine::Phase::Running;
}

Json stageRow(const Snapshot &snapshot, const engine::FileState &file,
              const engine::Entry &entry, const engine::Stage &stage) {
  const engine::StageState *state = entry.find(stage.id);
  auto status = state ? state->status : engine::StageStatus::NotAsked;
  return {{"entry", entry.name},
          {"stage", stage.id},
          {"title", stageTitle(stage, state)},
          {"uri", snapshot.documents.uri(file.path, entry.name, stage)},
          {"status", engine::toString(status)},
          {"passes", stage.recordsPasses},
          {"steps", !stepsOf(snapshot.tableOf(&file), stage).empty()}};
}

/// Entries on demand are many: they are listed for who wants all.
Json stagesOf(const Snapshot &snapshot, const std::filesystem::path &path,
              bool all) {
  Json list = Json::array();
  const engine::FileState *file = snapshot.engine.file(path);
  if (!file)
    return list;
  for (const engine::Entry &entry : file->entries) {
    if (!all && snapshot.tableOf(file).isOnDemand(entry.origin))
      continue;
    for (const engine::Stage *stage : snapshot.rowsOf(*file, entry))
      list.push_back(stageRow(snapshot, *file, entry, *stage));
  }
  return list;
}

Outcome stages(CommandActions &actions, const Json &arguments) {
  std::optional<std::filesystem::path> path = fileArgument(arguments);
  if (!path)
    return {wrongArgument()};
  Later later = [&actions, path = *path,
                 all = flagArgument(arguments, 1)]() -> std::optional<Answer> {
    Snapshot snapshot = actions.snapshot();
    Json list = stagesOf(snapshot, path, all);
    if (list.empty() && isRunning(snapshot.engine.file(path)))
      return std::nullopt;
    return list;
  };
  if (flagArgument(arguments, 2))
    return {Json(), later};
  return {stagesOf(actions.snapshot(), *path, flagArgument(arguments, 1))};
}

Json passesOf(const Snapshot &snapshot, const DocumentId &list) {
  ResolvedDocument document = resolveDocument(snapshot, list);
  Json passes = Json::array();
  if (!document.state || !document.state->passes)
    return passes;
  for (const engine::Pass &pass : *document.state->passes) {
    DocumentId id = passDocument(list, *document.stage, pass);
    passes.push_back({{"index", pass.index},
                      {"name", pass.name},
                      {"ms", pass.ms},
                      {"changed", pass.changed},
                      {"failed", pass.failed},
                      {"ops", pass.operations},
                      {"summary", passSummary(pass)},
                      {"uri", snapshot.documents.uri(id)}});
  }
  return passes;
}

bool arePassesKnown(const ResolvedDocument &document) {
  const engine::StageState *state = document.state;
  return state &&
         (state->passes || (state->passesWanted && !isRunning(document.file)));
}

/// The passes as far as they are known; the list's document says when there
/// are more.
Json passList(const Snapshot &snapshot, const DocumentId &list) {
  ResolvedDocument document = resolveDocument(snapshot, list);
  auto status = arePassesKnown(document) ? document.state->status
                                         : engine::StageStatus::Pending;
  return Json{{"uri", snapshot.documents.uri(list)},
              {"status", engine::toString(status)},
              {"passes", passesOf(snapshot, list)}};
}

/// Null when they are still to come.
std::optional<Answer> finishedPassList(const Snapshot &snapshot,
                                       const DocumentId &list) {
  ResolvedDocument document = resolveDocument(snapshot, list);
  if (isRunning(document.file) && !arePassesKnown(document))
    return std::nullopt;
  return passList(snapshot, list);
}

Outcome passes(CommandActions &actions, const Json &arguments) {
  std::optional<std::filesystem::path> path = fileArgument(arguments);
  if (!path)
    return {wrongArgument()};
  Snapshot snapshot = actions.snapshot();
  std::string entry = nameArgument(arguments, 1);
  std::string stage = nameArgument(arguments, 2);
  DocumentId list{unitOf(*path), entry, stage + ".passes.txt"};
  const engine::FileState *file = snapshot.engine.file(*path);
  const engine::Stage *row = snapshot.stageOf(list);
  if (!file || !file->find(entry) || !row)
    return {refuse(RpcError::InvalidParams, "no stage \"" + stage +
                                                "\" of an entry \"" + entry +
                                                "\" that records passes")};
  actions.request(list);
  if (flagArgument(arguments, 3))
    return {Json(), [&actions, list] {
              return finishedPassList(actions.snapshot(), list);
            }};
  return {passList(actions.snapshot(), list)};
}

Outcome steps(CommandActions &actions, const Json &arguments) {
  std::optional<std::filesystem::path> path = fileArgument(arguments);
  if (!path)
    return {wrongArgument()};
  Snapshot snapshot = actions.snapshot();
  std::string stage = nameArgument(arguments, 2);
  DocumentId list{unitOf(*path), nameArgument(arguments, 1),
                  stage + ".steps.txt"};
  ResolvedDocument document = resolveDocument(snapshot, list);
  if (!document.entry)
    return {refuse(RpcError::InvalidParams,
                   "no stage \"" + stage + "\" of an entry \"" + list.entry +
                       "\" that has steps")};
  actions.request(list);
  Json rows = Json::array();
  for (const engine::Stage *step : document.steps)
    rows.push_back(stageRow(snapshot, *document.file, *document.entry, *step));
  return {Json{{"uri", snapshot.documents.uri(list)}, {"steps", rows}}};
}

/// Null for a document that has nothing to do with passes.
Outcome pass(CommandActions &actions, const Json &arguments) {
  Snapshot snapshot = actions.snapshot();
  std::optional<DocumentId> id = documentArgument(snapshot, arguments);
  if (!id)
    return {wrongDocument()};
  ResolvedDocument document = resolveDocument(snapshot, *id);
  if (!document.stage || !document.stage->recordsPasses)
    return {Json()};
  const engine::Stage &stage = *document.stage;
  Json answer{{"list", snapshot.documents.uri(listDocument(*id, stage))}};
  const engine::Pass *pass = document.pass;
  if (document.isPassList && arguments.size() > 1)
    pass = passAt(document.state, asInteger(arguments[1]).value_or(-1));
  if (!pass)
    return {answer};
  PassPlace place = placeOf(*document.state, *pass);
  auto put = [&](const char *name, const engine::Pass *other) {
    if (other)
      answer[name] = snapshot.documents.uri(passDocument(*id, stage, *other));
  };
  put("uri", place.pass);
  put("previous", place.previous);
  put("next", place.next);
  put("before", place.before());
  answer["title"] = diffTitle(*pass);
  return {answer};
}

Outcome addInputs(CommandActions &actions, const Json &arguments) {
  std::optional<std::filesystem::path> path = fileArgument(arguments);
  if (!path)
    return {wrongArgument()};
  std::string name = nameArgument(arguments, 1);
  std::optional<Insertion> insertion =
      exampleInputs(actions.snapshot(), *path, name);
  if (!insertion)
    return {refuse(RpcError::InvalidParams,
                   "nothing to suggest for \"" + name + "\"")};
  actions.insert(*insertion);
  return {Json()};
}

struct Row {
  std::string_view name;
  Outcome (*execute)(CommandActions &, const Json &arguments);
};

constexpr std::array kCommands{
    Row{kShowDocumentCommand, showDocument},
    Row{kRunCommand, run},
    Row{kCancelCommand, cancel},
    Row{kStagesCommand, stages},
    Row{kPassesCommand, passes},
    Row{kPassCommand, pass},
    Row{kStepsCommand, steps},
    Row{kAddInputsCommand, addInputs},
};

} // namespace

std::vector<std::string_view> commandNames() {
  std::vector<std::string_view> names;
  for (const Row &row : kCommands)
    names.push_back(row.name);
  return names;
}

Outcome executeCommand(CommandActions &actions, const Json &params) {
  std::string name = asString(at(params, "command")).value_or("");
  for (const Row &row : kCommands)
    if (row.name == name) {
      Outcome outcome = row.execute(actions, at(params, "arguments"));
      // It may be there already.
      if (outcome.later)
        if (std::optional<Answer> answer = outcome.later())
          return {std::move(*answer)};
      return outcome;
    }
  std::string near = engine::nearest(name, commandNames());
  return {refuse(RpcError::InvalidParams,
                 "unknown command \"" + name + "\"" +
                     (near.empty() ? "" : "; did you mean " + near + "?"))};
}

} // namespace irlens::lsp
