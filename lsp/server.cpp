// The method tables and the life of the session. What the methods of documents
// and features do is in server_documents.cpp and server_features.cpp.
#include "lsp/server.h"

#include "engine/table/suggest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <set>

namespace irlens::lsp {

// --- The tables of methods
// -----------------------------------------------------

struct Server::Requests {
  std::string_view method;
  Answer (Server::*handle)(const Json &params);
  static const Requests *find(std::string_view method);
};

struct Server::Notifications {
  std::string_view method;
  void (Server::*handle)(const Json &params);
  static const Notifications *find(std::string_view method);
};

const Server::Requests *Server::Requests::find(std::string_view method) {
  static constexpr Requests kTable[] = {
      {"initialize", &Server::initialize},
      {"shutdown", &Server::shutdown},
      {"workspace/textDocumentContent", &Server::textDocumentContent},
      {"textDocument/codeLens", &Server::codeLens},
      {"textDocument/hover", &Server::hover},
      {"textDocument/definition", &Server::definition},
      {"textDocument/declaration", &Server::declaration},
      {"textDocument/implementation", &Server::implementation},
      {"textDocument/documentLink", &Server::documentLink},
  };
  for (const Requests &row : kTable)
    if (row.method == method)
      return &row;
  return nullptr;
}

const Server::Notifications *
Server::Notifications::find(std::string_view method) {
  static constexpr Notifications kTable[] = {
      {"initialized", &Server::initialized},
      {"exit", &Server::exit},
      {"textDocument/didOpen", &Server::didOpen},
      {"textDocument/didChange", &Server::didChange},
      {"textDocument/didSave", &Server::didSave},
      {"textDocument/didClose", &Server::didClose},
      {"workspace/didChangeConfiguration", &Server::didChangeConfiguration},
      {"workspace/didChangeWatchedFiles", &Server::didChangeWatchedFiles},
      {"window/workDoneProgress/cancel", &Server::workDoneProgressCancel},
  };
  for (const Notifications &row : kTable)
    if (row.method == method)
      return &row;
  return nullptr;
}

// --- Dispatch
// ----------------------------------------------------------------------

Server::Server(engine::EventLoop &loop, Options options, JsonRpc::Send send,
               std::function<void(int)> onExit)
    : loop_(loop), options_(std::move(options)), onExit_(std::move(onExit)),
      rpc_(*this, std::move(send)), configuration_(options_.settings),
      sources_(mirror_) {}

Server::~Server() = default;

void Server::onRequest(const std::string &method, const Json &params,
                       ReplyOnce reply) {
  if (state_ == State::Starting && method != "initialize")
    return reply(
        refuse(RpcError::ServerNotInitialized, "initialize comes first"));
  if (state_ == State::ShutDown || state_ == State::Exited)
    return reply(
        refuse(RpcError::InvalidRequest, "the server has been shut down"));
  if (state_ == State::Running && method == "initialize")
    return reply(refuse(RpcError::InvalidRequest, "initialize comes once"));
  // These two may be answered later.
  if (method == "irlens/sync")
    return sync(std::move(reply));
  if (method == "workspace/executeCommand")
    return executeCommand(params, std::move(reply));
  const Requests *row = Requests::find(method);
  if (!row)
    return reply(refuse(RpcError::MethodNotFound, "unknown method " + method));
  reply((this->*row->handle)(params));
}

void Server::onNotification(const std::string &method, const Json &params) {
  // Nothing but exit is heard outside of a session. Unknown notifications
  // ($/setTrace, didChangeWorkspaceFolders, ...) ask for nothing that we do.
  const Notifications *row = Notifications::find(method);
  if (row && (state_ == State::Running || row->handle == &Server::exit))
    (this->*row->handle)(params);
}

// --- Life
// -----------------------------------------------------------------------

namespace {

/// Files that somebody may have open, and what else their stages depend on.
Json watchers(const engine::StageTable &table) {
  std::set<std::string> extensions;
  for (const engine::Origin &origin : table.origins())
    extensions.insert(origin.extensions.begin(), origin.extensions.end());
  Json watchers = Json::array();
  watchers.push_back(
      {{"globPattern",
        fmt::format("**/*.{{{}}}", fmt::join(extensions, ","))}});
  watchers.push_back(
      {{"globPattern", fmt::format("**/{}", kConfigurationFile)}});
  return watchers;
}

} // namespace

Answer Server::initialize(const Json &params) {
  client_ = ClientCapabilities::parse(at(params, "capabilities"));
  std::vector<std::string> problems = configuration_.initialize(params);
  const engine::Settings &settings = configuration_.settings();
  bool virtualDocuments =
      client_.textDocumentContent || configuration_.virtualDocuments();
  documents_ =
      std::make_unique<IrDocuments>(cacheFolder(settings), virtualDocuments);
  publisher_ = std::make_unique<Publisher>(
      loop_, rpc_, client_, [this] { return snapshot(); },
      [this] { answerWaiting(); }, options_.delays);
  engine::Result<std::unique_ptr<engine::Engine>> created =
      options_.createEngine(loop_, settings, *publisher_);
  if (!created)
    return refuse(RpcError::InternalError, created.error().message);
  engine_ = std::move(*created);
  state_ = State::Running;
  watchParent(at(params, "processId"));
  // After the reply: starting the workers must not delay it.
  loop_.post([this, problems, alive = std::weak_ptr(alive_)] {
    if (alive.expired() || state_ != State::Running)
      return;
    showProblems(problems);
    engine_->warmUp();
  });
  Json commands = commandNames();
  return Json{
      {"serverInfo", {{"name", "irlens"}, {"version", IRLENS_VERSION}}},
      {"capabilities",
       {{"positionEncoding", toString(client_.encoding)},
        {"textDocumentSync",
         {{"openClose", true},
          {"change", 2},
          {"save", {{"includeText", false}}}}},
        {"codeLensProvider", {{"resolveProvider", false}}},
        {"hoverProvider", true},
        {"definitionProvider", true},
        {"declarationProvider", true},
        {"implementationProvider", true},
        {"documentLinkProvider", {{"resolveProvider", false}}},
        {"executeCommandProvider", {{"commands", commands}}},
        {"workspace",
         {{"textDocumentContent", {{"schemes", Json::array({kScheme})}}}}}}}};
}

void Server::initialized(const Json &) {
  registerCapabilities();
  pullConfiguration();
}

void Server::registerCapabilities() {
  Json registrations = Json::array();
  if (client_.registerWatchedFiles)
    registrations.push_back(
        {{"id", "irlens/watchedFiles"},
         {"method", "workspace/didChangeWatchedFiles"},
         {"registerOptions", {{"watchers", watchers(engine_->table())}}}});
  if (client_.registerConfiguration)
    registrations.push_back({{"id", "irlens/configuration"},
                             {"method", "workspace/didChangeConfiguration"},
                             {"registerOptions", {{"section", "irlens"}}}});
  if (!registrations.empty())
    rpc_.call("client/registerCapability", {{"registrations", registrations}},
              {});
}

Answer Server::shutdown(const Json &) {
  state_ = State::ShutDown;
  syncs_.clear(); // Each is answered by its ReplyOnce.
  waiting_.clear();
  return Json();
}

void Server::exit(const Json &) { leave(state_ == State::ShutDown ? 0 : 1); }

void Server::endOfInput() { leave(state_ == State::ShutDown ? 0 : 1); }

void Server::leave(int code) {
  if (state_ == State::Exited)
    return;
  state_ = State::Exited;
  parentTimer_.reset();
  auto done = [this, code, alive = std::weak_ptr(alive_)] {
    if (!alive.expired() && onExit_)
      std::exchange(onExit_, nullptr)(code);
  };
  if (!engine_)
    return done();
  // A worker that does not die in time must not keep us.
  leaveTimer_ = loop_.after(std::chrono::seconds(2), done);
  engine_->shutdown(done);
}

void Server::watchParent(const Json &processId) {
  std::optional<std::int64_t> pid = asInteger(processId);
  if (!pid || *pid <= 1 || *pid > std::numeric_limits<pid_t>::max())
    return;
  // Some editors die without closing our input (it may be shared with a
  // sibling).
  parentTimer_ = loop_.every(std::chrono::seconds(1), [this, pid] {
    if (::kill(static_cast<pid_t>(*pid), 0) != 0 && errno == ESRCH)
      leave(1);
  });
}

// --- Settings
// -------------------------------------------------------------------

void Server::didChangeConfiguration(const Json &params) {
  // Clients that keep settings for us to ask for send null here.
  const Json &settings = at(params, "settings");
  if (settings.is_object() && !settings.empty())
    applyConfiguration(settings);
  else
    pullConfiguration();
}

void Server::pullConfiguration() {
  if (!client_.configuration)
    return;
  rpc_.call("workspace/configuration",
            {{"items", Json::array({{{"section", "irlens"}}})}},
            [this](const Answer &answer) {
              if (answer && answer->is_array() && !answer->empty() &&
                  state_ == State::Running)
                applyConfiguration((*answer)[0]);
            });
}

void Server::applyConfiguration(const Json &settings) {
  showProblems(configuration_.change(settings));
  engine_->configure(configuration_.settings());
  for (const OpenDocument *document : mirror_.all())
    check(*document);
}

void Server::showProblems(const std::vector<std::string> &problems) {
  for (const std::string &problem : problems)
    publisher_->showMessage(engine::Severity::Warning, "irlens: " + problem);
}

} // namespace irlens::lsp
