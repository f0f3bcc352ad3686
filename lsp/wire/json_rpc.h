// JSON-RPC 2.0 as LSP uses it: ids, replies, cancellation, and the table of our
// own calls that wait for the client's answer. Knows no method of LSP but
// $/cancelRequest. Bodies in, bodies out: the transport is somebody else's.
// Loop thread only.
#pragma once

#include "lsp/wire/json.h"

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace irlens::lsp {

/// The error codes of JSON-RPC and LSP that we send.
enum class RpcError : int {
  ParseError = -32700,
  InvalidRequest = -32600,
  MethodNotFound = -32601,
  InvalidParams = -32602,
  InternalError = -32603,
  ServerNotInitialized = -32002,
  RequestFailed = -32803,
  ServerCancelled = -32802,
  RequestCancelled = -32800,
};

struct ResponseError {
  int code = 0;
  std::string message;
};

using Answer = std::expected<Json, ResponseError>;

inline std::unexpected<ResponseError> refuse(RpcError code,
                                             std::string message) {
  return std::unexpected(
      ResponseError{static_cast<int>(code), std::move(message)});
}

class JsonRpc;

/// The right to answer one request, once. A request whose ReplyOnce is
/// destroyed unused is answered with InternalError; a cancelled one has been
/// answered already and drops what comes later. May outlive the connection.
class ReplyOnce {
public:
  ReplyOnce() = default;
  ReplyOnce(std::weak_ptr<JsonRpc *> rpc, Json id);
  ReplyOnce(ReplyOnce &&other) noexcept;
  ReplyOnce &operator=(ReplyOnce &&other) noexcept;
  ~ReplyOnce();

  void operator()(Answer answer);

private:
  std::weak_ptr<JsonRpc *> rpc_;
  Json id_;
  bool armed_ = false;
};

class JsonRpc {
public:
  /// What the server does with messages.
  class Handler {
  public:
    virtual ~Handler() = default;
    virtual void onRequest(const std::string &method, const Json &params,
                           ReplyOnce reply) = 0;
    virtual void onNotification(const std::string &method,
                                const Json &params) = 0;
  };
  using Send = std::function<void(std::string body)>;

  /// The first id of our own requests. Vim delivers a server's request as the
  /// reply to a pending request of its own with the same number, and answers no
  /// string ids.
  static constexpr std::int64_t kFirstId = 1'000'000'000;
  /// More calls than this wait for no answer: the oldest fails.
  static constexpr std::size_t kMaxCalls = 100;

  JsonRpc(Handler &handler, Send send);
  JsonRpc(const JsonRpc &) = delete;
  JsonRpc &operator=(const JsonRpc &) = delete;

  /// One message of the client.
  void receive(std::string_view body);
  /// Tells the client that bytes were no message.
  void reportGarbage(const std::string &reason);

  void notify(std::string_view method, Json params);
  /// `done` may be empty. It is never called from inside call().
  void call(std::string_view method, Json params,
            std::function<void(Answer)> done);

  /// Requests of the client that have no answer yet.
  std::size_t openRequests() const { return open_.size(); }

private:
  friend class ReplyOnce;
  void receiveMessage(const Json &message);
  void receiveRequest(const std::string &method, const Json &id,
                      const Json &params);
  void receiveResponse(const Json &message);
  void receiveCancel(const Json &message);
  void answer(const Json &id, Answer answer);
  void sendAnswer(const Json &id, const Answer &answer);

  Handler &handler_;
  Send send_;
  std::shared_ptr<JsonRpc *> self_;
  std::int64_t nextId_ = kFirstId;
  std::map<std::int64_t, std::function<void(Answer)>> calls_;
  /// Ids of open requests, as JSON text (1 and "1" differ). A multiset in
  /// effect: a client that reuses an id gets an answer for each.
  std::map<std::string, int> open_;
};

} // namespace irlens::lsp
