#include "lsp/wire/json_rpc.h"

#include <exception>
#include <utility>

namespace irlens::lsp {

// --- ReplyOnce ---------------------------------------------------------------

ReplyOnce::ReplyOnce(std::weak_ptr<JsonRpc *> rpc, Json id)
    : rpc_(std::move(rpc)), id_(std::move(id)), armed_(true) {}

ReplyOnce::ReplyOnce(ReplyOnce &&other) noexcept
    : rpc_(std::move(other.rpc_)), id_(std::move(other.id_)),
      armed_(std::exchange(other.armed_, false)) {}

ReplyOnce &ReplyOnce::operator=(ReplyOnce &&other) noexcept {
  std::swap(rpc_, other.rpc_);
  std::swap(id_, other.id_);
  std::swap(armed_, other.armed_);
  return *this;
}

ReplyOnce::~ReplyOnce() {
  if (armed_)
    (*this)(refuse(RpcError::InternalError, "the server forgot to answer"));
}

void ReplyOnce::operator()(Answer answer) {
  if (!std::exchange(armed_, false))
    return;
  if (std::shared_ptr<JsonRpc *> rpc = rpc_.lock())
    (*rpc)->answer(id_, std::move(answer));
}

// --- JsonRpc -----------------------------------------------------------------

JsonRpc::JsonRpc(Handler &handler, Send send)
    : handler_(handler), send_(std::move(send)),
      self_(std::make_shared<JsonRpc *>(this)) {}

void JsonRpc::receive(std::string_view body) {
  std::optional<Json> message = parseJson(body);
  if (!message)
    return reportGarbage("the message is no JSON");
  if (!message->is_object())
    // LSP has no batches: clients must not send arrays.
    return sendAnswer(nullptr, refuse(RpcError::InvalidRequest,
                                      "a message must be one object"));
  receiveMessage(*message);
}

void JsonRpc::reportGarbage(const std::string &reason) {
  sendAnswer(nullptr, refuse(RpcError::ParseError, reason));
}

void JsonRpc::receiveMessage(const Json &message) {
  std::optional<std::string> method = asString(at(message, "method"));
  bool hasId = message.contains("id");
  const Json &id = at(message, "id");
  if (!method) {
    if (message.contains("result") || message.contains("error"))
      return receiveResponse(message);
    return sendAnswer(nullptr, refuse(RpcError::InvalidRequest,
                                      "a message without a method"));
  }
  // Before the check for an id: Vim's documentation shows the cancellation with
  // the id at the top level, which makes it look like a request.
  if (*method == "$/cancelRequest")
    return receiveCancel(message);
  if (hasId) {
    if (!id.is_number_integer() && !id.is_string())
      return sendAnswer(nullptr,
                        refuse(RpcError::InvalidRequest,
                               "an id must be an integer or a string"));
    return receiveRequest(*method, id, at(message, "params"));
  }
  try {
    handler_.onNotification(*method, at(message, "params"));
  } catch (const std::exception &) {
    // A notification has no answer; the connection must survive it.
  }
}

void JsonRpc::receiveRequest(const std::string &method, const Json &id,
                             const Json &params) {
  ++open_[dumpJson(id)];
  try {
    handler_.onRequest(method, params, ReplyOnce(self_, id));
  } catch (const std::exception &) {
    // The ReplyOnce has answered InternalError on its way out.
  }
}

void JsonRpc::receiveResponse(const Json &message) {
  std::optional<std::int64_t> id = asInteger(at(message, "id"));
  auto it = id ? calls_.find(*id) : calls_.end();
  if (it == calls_.end())
    return; // An answer to nothing of ours; saying so would be an endless
            // dialogue.
  std::function<void(Answer)> done = std::move(it->second);
  calls_.erase(it);
  if (!done)
    return;
  try {
    const Json &error = at(message, "error");
    if (error.is_object())
      done(std::unexpected(ResponseError{
          static_cast<int>(asInteger(at(error, "code")).value_or(0)),
          asString(at(error, "message")).value_or("")}));
    else
      done(at(message, "result"));
  } catch (const std::exception &) {
    // As with notifications.
  }
}

void JsonRpc::receiveCancel(const Json &message) {
  const Json &params = at(message, "params");
  const Json &id = params.is_object() && params.contains("id")
                       ? at(params, "id")
                       : at(message, "id");
  auto it = open_.find(dumpJson(id));
  if (it != open_.end())
    answer(id, refuse(RpcError::RequestCancelled, "cancelled"));
}

void JsonRpc::answer(const Json &id, Answer answer) {
  auto it = open_.find(dumpJson(id));
  if (it == open_.end())
    return; // Cancelled, hence answered before.
  if (--it->second == 0)
    open_.erase(it);
  sendAnswer(id, answer);
}

void JsonRpc::sendAnswer(const Json &id, const Answer &answer) {
  // Put together by hand: a result may hold a text of many megabytes.
  std::string body = R"({"jsonrpc":"2.0","id":)" + dumpJson(id);
  if (answer)
    body += R"(,"result":)" + dumpJson(*answer) + "}";
  else
    body += R"(,"error":)" +
            dumpJson({{"code", answer.error().code},
                      {"message", answer.error().message}}) +
            "}";
  send_(std::move(body));
}

void JsonRpc::notify(std::string_view method, Json params) {
  send_(dumpJson(
      {{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}}));
}

void JsonRpc::call(std::string_view method, Json params,
                   std::function<void(Answer)> done) {
  if (calls_.size() >= kMaxCalls) {
    auto oldest = calls_.begin();
    std::function<void(Answer)> dropped = std::move(oldest->second);
    calls_.erase(oldest);
    if (dropped)
      dropped(refuse(RpcError::InternalError, "the client did not answer"));
  }
  std::int64_t id = nextId_++;
  calls_.emplace(id, std::move(done));
  Json message = {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}};
  // Methods without parameters (workspace/codeLens/refresh) have no such
  // member.
  if (!params.is_null())
    message["params"] = std::move(params);
  send_(dumpJson(message));
}

} // namespace irlens::lsp
