// The language server: the table of its methods, and its life from initialize
// to exit. It computes nothing: it copies parameters into calls of the engine,
// and answers at once from what is known. Features are free functions in
// features/. Loop thread only. Transport-free: tests hand in messages and
// collect replies.
#pragma once

#include "lsp/configuration.h"
#include "lsp/documents/document_mirror.h"
#include "lsp/documents/ir_documents.h"
#include "lsp/documents/snapshot.h"
#include "lsp/features/commands.h"
#include "lsp/publisher.h"
#include "lsp/wire/json_rpc.h"

#include "engine/engine.h"
#include "engine/loop/event_loop.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::lsp {

/// engine::Engine::create, or what a test does instead.
using EngineFactory =
    std::function<engine::Result<std::unique_ptr<engine::Engine>>(
        engine::EventLoop &, engine::Settings, engine::Listener &)>;

class Server final : public JsonRpc::Handler, private CommandActions {
public:
  struct Options {
    engine::Settings settings;
    EngineFactory createEngine;
    Publisher::Delays delays;
  };
  /// `onExit` is called once, when the process is to end with this code.
  Server(engine::EventLoop &loop, Options options, JsonRpc::Send send,
         std::function<void(int code)> onExit);
  ~Server() override;

  void receive(std::string_view body) { rpc_.receive(body); }
  void receiveGarbage(const std::string &reason) { rpc_.reportGarbage(reason); }
  /// The client has closed the stream, or a signal wants the server to end.
  void endOfInput();

  // JsonRpc::Handler
  void onRequest(const std::string &method, const Json &params,
                 ReplyOnce reply) override;
  void onNotification(const std::string &method, const Json &params) override;

private:
  struct Requests; ///< The tables of methods.
  struct Notifications;
  enum class State { Starting, Running, ShutDown, Exited };

  // Life
  Answer initialize(const Json &params);
  Answer shutdown(const Json &params);
  void initialized(const Json &params);
  void exit(const Json &params);
  void leave(int code);
  void watchParent(const Json &processId);
  void registerCapabilities();

  // Settings
  void didChangeConfiguration(const Json &params);
  void pullConfiguration();
  void applyConfiguration(const Json &settings);
  void showProblems(const std::vector<std::string> &problems);

  // Documents
  void didOpen(const Json &params);
  void didChange(const Json &params);
  void didSave(const Json &params);
  void didClose(const Json &params);
  void didChangeWatchedFiles(const Json &params);
  void sourceChanged(const std::filesystem::path &path);
  void configurationChanged(const std::filesystem::path &path);
  void lower(const std::filesystem::path &path, bool force = false);
  void check(const OpenDocument &document);
  void requestStage(const DocumentId &id);
  void requestExplanations(const DocumentId &id);
  void forgetIfUnused(const std::filesystem::path &path);
  void workDoneProgressCancel(const Json &params);

  // Features
  Answer textDocumentContent(const Json &params);
  Answer codeLens(const Json &params);
  Answer hover(const Json &params);
  Answer definition(const Json &params);
  Answer declaration(const Json &params);
  Answer implementation(const Json &params);
  Answer documentLink(const Json &params);
  void executeCommand(const Json &params, ReplyOnce reply);
  void answerWaiting();
  void sync(ReplyOnce reply);

  // CommandActions
  Snapshot snapshot() override;
  void showDocument(const DocumentId &id) override;
  void request(const DocumentId &id) override;
  void run(const std::filesystem::path &path) override;
  void cancel(const std::filesystem::path &path) override;
  void insert(const Insertion &insertion) override;

  /// Where a position request points: one of our documents, or a source file.
  struct Target {
    std::optional<DocumentId> document;
    std::filesystem::path file;
    int line = 0;
  };
  std::expected<Target, ResponseError> target(const Json &params) const;

  engine::EventLoop &loop_;
  Options options_;
  std::function<void(int)> onExit_;
  JsonRpc rpc_;
  State state_ = State::Starting;
  ClientCapabilities client_;
  Configuration configuration_;
  DocumentMirror mirror_;
  Sources sources_;
  ArtifactTexts texts_;
  std::unique_ptr<IrDocuments> documents_; ///< From initialize on.
  std::unique_ptr<Publisher>
      publisher_; ///< Outlives the engine that it listens to.
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<engine::Handle> parentTimer_;
  std::unique_ptr<engine::Handle> leaveTimer_;
  /// A command that is answered after a run.
  struct Waiting {
    ReplyOnce reply;
    Later later;
  };
  std::vector<Waiting> waiting_;
  std::vector<ReplyOnce> syncs_; ///< Wait for the engine to be idle.
  std::shared_ptr<int> alive_ =
      std::make_shared<int>(0); ///< For posted functions.
};

} // namespace irlens::lsp
