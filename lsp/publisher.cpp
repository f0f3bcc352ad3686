#include "lsp/publisher.h"

#include "lsp/documents/pass_documents.h"
#include "lsp/documents/step_documents.h"
#include "lsp/features/diagnostics.h"
#include "lsp/features/navigation.h"

#include "engine/run/passes.h"
#include "engine/table/config_schema.h"

#include <algorithm>
#include <utility>

namespace irlens::lsp {
namespace {

/// window/showMessage and window/logMessage count alike.
int messageType(engine::Severity severity) {
  switch (severity) {
  case engine::Severity::Error:
    return 1;
  case engine::Severity::Warning:
    return 2;
  case engine::Severity::Info:
    return 3;
  case engine::Severity::Hint:
    return 4;
  }
  return 4;
}

DocumentPlan planOf(const Snapshot &snapshot, const DocumentId &id) {
  return resolveDocument(snapshot, id).plan;
}

} // namespace

Publisher::Publisher(engine::EventLoop &loop, JsonRpc &rpc,
                     const ClientCapabilities &client,
                     std::function<Snapshot()> snapshot,
                     std::function<void()> changed, Delays delays)
    : loop_(loop), rpc_(rpc), client_(client), snapshot_(std::move(snapshot)),
      delays_(delays), changed_(std::move(changed)),
      progress_(loop, rpc, client.workDoneProgress, delays.progress) {}

// --- engine::Listener
// ----------------------------------------------------------

void Publisher::onRunStarted(const engine::FileState &file) {
  snapshot_().sources.remember(file);
  progress_.started(file);
  scheduleFlush(/*lenses=*/true);
}

void Publisher::onEntries(const engine::FileState &file) {
  progress_.changed(file);
  scheduleFlush(/*lenses=*/true);
  changed_();
}

void Publisher::onStage(const engine::FileState &file,
                        const engine::Entry &entry,
                        const engine::StageState &stage) {
  progress_.changed(file);
  if (stage.status != engine::StageStatus::Pending) {
    writeCopies(file, entry, stage);
    refreshDocuments(file);
  }
  scheduleFlush(/*lenses=*/true);
  changed_();
}

void Publisher::onRunFinished(const engine::FileState &file, bool cancelled) {
  snapshot_().sources.remember(file);
  progress_.finished(file, cancelled);
  refreshDocuments(file);
  lensesChanged_ = true;
  flush();
  changed_();
}

/// At once: the typing has paused already.
void Publisher::onChecked(const std::filesystem::path &) {
  publishDiagnostics();
}

void Publisher::onPasses() {
  if (std::exchange(schemaServed_, false))
    rpc_.call("workspace/textDocumentContent/refresh", {{"uri", kSchemaUri}},
              {});
}

void Publisher::onMessage(engine::Severity severity,
                          const std::string &message) {
  bool loud = severity == engine::Severity::Error ||
              severity == engine::Severity::Warning;
  // Once is enough for a box in the user's face; a missing part is met at each
  // run.
  if (loud && told_.insert(message).second)
    return showMessage(severity, message);
  rpc_.notify("window/logMessage",
              {{"type", messageType(severity)}, {"message", message}});
}

void Publisher::showMessage(engine::Severity severity,
                            const std::string &message) {
  rpc_.notify("window/showMessage",
              {{"type", messageType(severity)}, {"message", message}});
}

// --- Documents
// -------------------------------------------------------------------

std::string Publisher::serve(const std::string &uri, const DocumentId &id) {
  DocumentPlan plan = planOf(snapshot_(), id);
  shown_[uri] = {id, plan.revision()};
  return renderDocument(plan);
}

std::string Publisher::serveSchema(engine::Engine &engine) {
  const engine::PassRegistry *passes = engine.passes();
  schemaServed_ = schemaServed_ || !passes;
  return engine::configurationSchema(passes);
}

void Publisher::opened(const std::string &uri, const DocumentId &id) {
  shown_.try_emplace(uri, id, planOf(snapshot_(), id).revision());
}

void Publisher::closed(const std::string &uri) { shown_.erase(uri); }

std::vector<DocumentId> Publisher::shown() const {
  std::vector<DocumentId> ids;
  for (const auto &[uri, document] : shown_)
    ids.push_back(document.id);
  return ids;
}

void Publisher::refreshDocuments(const engine::FileState &file) {
  Snapshot snapshot = snapshot_();
  for (auto &[uri, document] : shown_) {
    if (snapshot.documents.source(document.id.unit) != file.path)
      continue;
    std::uint64_t revision = planOf(snapshot, document.id).revision();
    if (std::exchange(document.revision, revision) == revision)
      continue;
    if (uri.starts_with(kScheme))
      rpc_.call("workspace/textDocumentContent/refresh", {{"uri", uri}}, {});
    else
      writeCopy(document.id);
  }
}

void Publisher::writeCopies(const engine::FileState &file,
                            const engine::Entry &entry,
                            const engine::StageState &stage) {
  Snapshot snapshot = snapshot_();
  const engine::Stage *row =
      snapshot.tableOf(&file).find(stage.id, entry.origin);
  if (!row || snapshot.documents.areVirtual())
    return;
  DocumentId id = snapshot.documents.id(file.path, entry.name, *row);
  writeCopy(id);
  const engine::StageTable &table = snapshot.tableOf(&file);
  const engine::Stage *whole = rowOfStep(table, *row);
  if (!stepsOf(table, *whole).empty())
    writeCopy({id.unit, id.entry, stepListName(*whole)});
  if (!stage.said.empty())
    writeCopy({id.unit, id.entry, saidName(*row)});
  if (!stage.passes)
    return;
  writeCopy({id.unit, id.entry, engine::passListName(*row)});
  for (const engine::Pass &pass : *stage.passes)
    writeCopy(passDocument(id, *row, pass));
}

void Publisher::writeCopy(const DocumentId &id) {
  Snapshot snapshot = snapshot_();
  engine::Result<void> written =
      snapshot.documents.writeCopy(id, renderDocument(planOf(snapshot, id)));
  if (!written)
    onMessage(engine::Severity::Error, written.error().message);
}

// --- Lenses and diagnostics
// -----------------------------------------------------

void Publisher::scheduleFlush(bool lenses) {
  lensesChanged_ = lensesChanged_ || lenses;
  if (!flushTimer_)
    flushTimer_ = loop_.after(delays_.coalesce, [this] { flush(); });
}

void Publisher::flush() {
  flushTimer_.reset();
  publishDiagnostics();
  if (std::exchange(lensesChanged_, false) && client_.codeLensRefresh)
    rpc_.call("workspace/codeLens/refresh", nullptr, {});
}

void Publisher::publishDiagnostics() {
  std::map<std::string, Json> now;
  for (const auto &[uri, diagnostics] : collectDiagnostics(snapshot_()))
    now[uri] = toJson(diagnostics);
  auto publish = [this](const std::string &uri, const Json &before,
                        const Json &diagnostics) {
    if (before != diagnostics)
      rpc_.notify("textDocument/publishDiagnostics",
                  {{"uri", uri}, {"diagnostics", diagnostics}});
  };
  const Json none = Json::array();
  for (const auto &[uri, diagnostics] : now) {
    auto before = diagnostics_.find(uri);
    publish(uri, before == diagnostics_.end() ? none : before->second,
            diagnostics);
  }
  // A run in progress has not said yet what is still wrong: withdrawing now and
  // telling again a second later would only flicker.
  bool running = std::ranges::any_of(
      snapshot_().engine.files(), [](const engine::FileState *file) {
        return file->phase == engine::Phase::Running;
      });
  for (const auto &[uri, diagnostics] : diagnostics_) {
    if (now.contains(uri))
      continue;
    if (running)
      now[uri] = diagnostics;
    else
      publish(uri, diagnostics, none);
  }
  diagnostics_ = std::move(now);
}

} // namespace irlens::lsp
