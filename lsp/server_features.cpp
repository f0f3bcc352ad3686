// The server's requests: parameters into features/, their values into replies.
// Nothing here blocks; a command may be answered after a run.
#include "lsp/server.h"

#include "lsp/features/code_lens.h"
#include "lsp/features/document_link.h"
#include "lsp/features/hover.h"
#include "lsp/features/kernel_lens.h"
#include "lsp/features/navigation.h"
#include "lsp/features/pass_lens.h"
#include "lsp/features/related_lines.h"
#include "lsp/features/step_lens.h"

#include "engine/store/files.h"

#include <algorithm>
#include <iterator>

namespace irlens::lsp {

Snapshot Server::snapshot() {
  return {*engine_, mirror_, *documents_, client_, sources_, texts_};
}

std::expected<Server::Target, ResponseError>
Server::target(const Json &params) const {
  std::optional<std::string> uri = documentUriOf(params);
  std::optional<Position> position = parsePosition(at(params, "position"));
  if (!uri || !position)
    return refuse(RpcError::InvalidParams,
                  "expected textDocument.uri and position");
  Target target;
  target.line = position->line;
  target.document = documents_->parse(*uri);
  if (!target.document)
    if (std::optional<std::filesystem::path> path = filePath(*uri))
      target.file = engine::normalPath(*path);
  return target;
}

Answer Server::textDocumentContent(const Json &params) {
  std::optional<std::string> uri = asString(at(params, "uri"));
  if (!uri)
    return refuse(RpcError::InvalidParams, "expected uri");
  if (*uri == kSchemaUri)
    return Json{{"text", publisher_->serveSchema(*engine_)}};
  std::optional<DocumentId> id = documents_->parse(*uri);
  if (!id)
    return refuse(
        RpcError::InvalidParams,
        "not a document of irlens (irlens://ir/<unit>/<entry>/<stage>.<ext>)");
  requestStage(*id);
  return Json{{"text", publisher_->serve(*uri, *id)}};
}

Answer Server::codeLens(const Json &params) {
  std::optional<std::string> uri = documentUriOf(params);
  if (!uri)
    return refuse(RpcError::InvalidParams, "expected textDocument.uri");
  bool clientOpens = configuration_.clientHas(kOpenCommand);
  std::vector<CodeLens> lenses;
  if (std::optional<DocumentId> document = documents_->parse(*uri)) {
    bool clientDiffs = configuration_.clientHas(kDiffCommand);
    lenses = passLenses(snapshot(), *document, {clientOpens, clientDiffs});
    std::ranges::move(
        stepLenses(snapshot(), *document, {clientOpens, clientDiffs}),
        std::back_inserter(lenses));
    std::ranges::move(kernelLenses(snapshot(), *document, clientOpens),
                      std::back_inserter(lenses));
  } else if (std::optional<std::filesystem::path> path = filePath(*uri))
    lenses = codeLenses(snapshot(), engine::normalPath(*path), clientOpens);
  return lenses.empty() ? Json() : toJson(lenses);
}

Answer Server::hover(const Json &params) {
  std::expected<Target, ResponseError> at = target(params);
  if (!at)
    return std::unexpected(at.error());
  std::optional<Hover> hover;
  if (at->document) {
    hover = hoverIr(snapshot(), *at->document, at->line);
    if (hover)
      requestExplanations(*at->document);
  } else if (!at->file.empty())
    hover = hoverSource(snapshot(), at->file, at->line);
  return hover ? toJson(*hover) : Json();
}

/// For the next hover: this one has shown what there is.
void Server::requestExplanations(const DocumentId &id) {
  for (const engine::Stage *stage :
       missingExplanations(snapshot(), resolveDocument(snapshot(), id)))
    requestStage({id.unit, id.entry, stage->fileName()});
}

Answer Server::definition(const Json &params) {
  std::expected<Target, ResponseError> at = target(params);
  if (!at)
    return std::unexpected(at.error());
  if (!at->document) // Definitions in Python are the Python server's.
    return Json();
  return locationsToJson(lsp::definition(snapshot(), *at->document, at->line),
                         client_.definitionLinks, at->line);
}

Answer Server::declaration(const Json &params) {
  std::expected<Target, ResponseError> at = target(params);
  if (!at)
    return std::unexpected(at.error());
  if (!at->document)
    return Json();
  return locationsToJson(lsp::declaration(snapshot(), *at->document, at->line),
                         client_.declarationLinks, at->line);
}

Answer Server::implementation(const Json &params) {
  std::expected<Target, ResponseError> at = target(params);
  if (!at)
    return std::unexpected(at.error());
  std::vector<Location> locations;
  if (at->document)
    locations = lsp::implementation(snapshot(), *at->document, at->line);
  else if (!at->file.empty())
    locations = lsp::implementation(snapshot(), at->file, at->line);
  return locationsToJson(locations, client_.implementationLinks, at->line);
}

Answer Server::documentLink(const Json &params) {
  std::optional<std::string> uri = documentUriOf(params);
  if (!uri)
    return refuse(RpcError::InvalidParams, "expected textDocument.uri");
  std::vector<DocumentLink> links;
  if (std::optional<DocumentId> id = documents_->parse(*uri))
    links = documentLinks(snapshot(), *id);
  return links.empty() ? Json() : toJson(links);
}

// --- Commands
// --------------------------------------------------------------------

void Server::executeCommand(const Json &params, ReplyOnce reply) {
  Outcome outcome = lsp::executeCommand(*this, params);
  if (outcome.later)
    waiting_.push_back({std::move(reply), std::move(outcome.later)});
  else
    reply(std::move(outcome.answer));
}

/// After each event of the engine. One that the client has cancelled is
/// answered already, and goes when its run is over.
void Server::answerWaiting() {
  for (auto waiting = waiting_.begin(); waiting != waiting_.end();) {
    std::optional<Answer> answer = waiting->later();
    if (!answer) {
      ++waiting;
      continue;
    }
    waiting->reply(std::move(*answer));
    waiting = waiting_.erase(waiting);
  }
}

void Server::request(const DocumentId &id) {
  requestStage(id);
  if (!documents_->areVirtual())
    publisher_->writeCopy(id);
}

void Server::showDocument(const DocumentId &id) {
  request(id);
  std::string uri = documents_->uri(id);
  if (!client_.showDocument)
    return publisher_->showMessage(
        engine::Severity::Info,
        documents_->areVirtual() ? uri : documents_->copyPath(id).string());
  rpc_.call("window/showDocument", {{"uri", uri}, {"takeFocus", false}}, {});
}

void Server::run(const std::filesystem::path &path) {
  lower(path, /*force=*/true);
}

void Server::cancel(const std::filesystem::path &path) {
  engine_->cancel(path);
  answerWaiting(); // The engine says nothing of a run that has not begun.
}

void Server::insert(const Insertion &insertion) {
  auto tell = [this, insertion] {
    publisher_->showMessage(engine::Severity::Info,
                            insertion.label + ": " + insertion.text);
  };
  if (!client_.applyEdit)
    return tell();
  rpc_.call("workspace/applyEdit",
            {{"label", insertion.label}, {"edit", toJson(insertion)}},
            [tell](const Answer &answer) {
              if (!answer || !isTrue(at(*answer, "applied")))
                tell();
            });
}

/// A request for tests, which want to wait without sleeping: answered when no
/// run is going on and everything about the last one has been said.
void Server::sync(ReplyOnce reply) {
  syncs_.push_back(std::move(reply));
  engine_->whenIdle([this] {
    publisher_->flush();
    std::vector<ReplyOnce> replies = std::exchange(syncs_, {});
    for (ReplyOnce &waiting : replies)
      waiting(Json());
  });
}

} // namespace irlens::lsp
