// The server's view of documents: which are open, and what is lowered when.
#include "lsp/server.h"

#include "lsp/documents/pass_documents.h"

#include "engine/store/files.h"

#include <algorithm>

namespace irlens::lsp {
namespace {

/// FileChangeType of LSP.
constexpr std::int64_t kDeleted = 3;

} // namespace

void Server::didOpen(const Json &params) {
  const OpenDocument *document = mirror_.open(params);
  if (!document)
    return;
  if (std::optional<DocumentId> id = documents_->parse(document->uri)) {
    publisher_->opened(document->uri, *id);
    return requestStage(*id);
  }
  if (document->path.empty())
    return; // git:, untitled:, a notebook's cell: nothing on disk to lower.
  // The client may spell the URI differently from what was published so far.
  publisher_->scheduleFlush(/*lenses=*/false);
  if (configuration_.settings().runOnOpen && document->text &&
      engine_->wants(document->path, *document->text))
    lower(document->path);
  check(*document);
}

void Server::didChange(const Json &params) {
  if (const OpenDocument *document = mirror_.change(params, client_.encoding))
    check(*document);
}

/// The buffer of an IR file has changed, or what it is compared with. A buffer
/// as a run lowers it takes no work.
void Server::check(const OpenDocument &document) {
  if (document.path.empty() || documents_->parse(document.uri))
    return;
  bool wanted = configuration_.settings().checkWhileTyping;
  engine_->check(document.path, wanted ? document.text : nullptr);
}

void Server::didSave(const Json &params) {
  std::optional<std::string> uri = documentUriOf(params);
  std::optional<std::filesystem::path> path =
      uri ? filePath(*uri) : std::nullopt;
  if (!path || documents_->parse(*uri))
    return;
  sourceChanged(engine::normalPath(*path));
  if (const OpenDocument *document = mirror_.find(*uri))
    check(*document);
}

void Server::didClose(const Json &params) {
  std::optional<OpenDocument> document = mirror_.close(params);
  if (!document)
    return;
  std::optional<DocumentId> id = documents_->parse(document->uri);
  publisher_->closed(document->uri);
  if (!id) {
    if (!document->path.empty() && !mirror_.findPath(document->path))
      engine_->check(document->path, nullptr);
    return forgetIfUnused(document->path);
  }
  if (std::optional<std::filesystem::path> source =
          documents_->source(id->unit))
    forgetIfUnused(*source);
}

void Server::didChangeWatchedFiles(const Json &params) {
  const Json &changes = at(params, "changes");
  if (!changes.is_array())
    return;
  for (const Json &change : changes) {
    std::optional<std::string> uri = asString(at(change, "uri"));
    std::optional<std::filesystem::path> path =
        uri ? filePath(*uri) : std::nullopt;
    if (!path)
      continue;
    std::filesystem::path normal = engine::normalPath(*path);
    if (normal.filename() == kConfigurationFile) {
      configurationChanged(normal);
      continue;
    }
    // Files that nobody looks at are not lowered because a checkout touched
    // them.
    if (engine_->file(normal) && asInteger(at(change, "type")) != kDeleted)
      lower(normal);
    for (const std::filesystem::path &dependent : engine_->dependents(normal))
      lower(dependent);
  }
}

/// Files below its folder may have other stages now.
void Server::configurationChanged(const std::filesystem::path &path) {
  std::vector<std::filesystem::path> below;
  for (const engine::FileState *file : engine_->files()) {
    auto relative = file->path.lexically_relative(path.parent_path());
    if (!relative.empty() && *relative.begin() != "..")
      below.push_back(file->path);
  }
  for (const std::filesystem::path &file : below)
    lower(file);
}

/// A file was saved. What counts is the file on disk: some clients send didSave
/// before the didChange that belongs to it.
void Server::sourceChanged(const std::filesystem::path &path) {
  if (path.filename() == kConfigurationFile)
    return configurationChanged(path);
  bool wanted = engine_->file(path) != nullptr;
  if (!wanted) {
    engine::Result<std::string> text = engine::readFile(path);
    wanted = text && engine_->wants(path, *text);
  }
  if (wanted)
    lower(path);
  for (const std::filesystem::path &dependent : engine_->dependents(path))
    if (dependent != path)
      lower(dependent);
}

/// The stages that somebody looks at come first, then the default ones.
void Server::lower(const std::filesystem::path &path, bool force) {
  documents_->note(path);
  engine::LowerRequest request;
  request.path = path;
  request.defaults = true;
  request.force = force;
  std::string unit = unitOf(path);
  for (const DocumentId &id : publisher_->shown()) {
    const engine::Stage *stage =
        id.unit == unit ? snapshot().stageOf(id) : nullptr;
    if (!stage)
      continue;
    request.stages.push_back(stage->id);
    request.named.push_back(id.entry);
    if (isAboutPasses(*stage, id))
      request.recordPasses.push_back(stage->id);
  }
  engine_->lower(std::move(request));
}

/// Requests a stage that somebody looks at; the engine knows whether that takes
/// a run.
void Server::requestStage(const DocumentId &id) {
  const engine::Stage *stage = snapshot().stageOf(id);
  std::optional<std::filesystem::path> path = documents_->source(id.unit);
  std::error_code error;
  if (!stage || !path || !std::filesystem::is_regular_file(*path, error))
    return;
  documents_->note(*path);
  engine_->want(*path, id.entry, stage->id, isAboutPasses(*stage, id));
}

/// The engine keeps a file as long as an editor shows it or a document of it.
void Server::forgetIfUnused(const std::filesystem::path &path) {
  if (path.empty() || mirror_.findPath(path))
    return;
  std::string unit = unitOf(path);
  for (const DocumentId &id : publisher_->shown())
    if (id.unit == unit)
      return;
  engine_->forget(path);
  sources_.forget(path);
  publisher_->scheduleFlush(/*lenses=*/false);
  answerWaiting();
}

void Server::workDoneProgressCancel(const Json &params) {
  if (auto path = publisher_->progress().fileOf(at(params, "token")))
    cancel(*path);
}

} // namespace irlens::lsp
