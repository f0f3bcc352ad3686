// Fuzzes what stands between the client's bytes and the handlers: framing and
// JSON-RPC. However the bytes are cut into chunks the messages are the same,
// nothing throws, every request is answered exactly once, and every body sent
// is JSON.
#include "lsp/wire/framing.h"
#include "lsp/wire/json_rpc.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace irlens::lsp;

void require(bool condition) {
  if (!condition)
    std::abort();
}

/// Answers at once, later, twice or never, as the method's first letter says.
class Handler : public JsonRpc::Handler {
public:
  void onRequest(const std::string &method, const Json &params,
                 ReplyOnce reply) override {
    ++requests;
    switch (method.empty() ? 0 : method[0] % 4) {
    case 0:
      return reply(params);
    case 1:
      return waiting.push_back(std::move(reply));
    case 2:
      reply(nullptr);
      return reply(nullptr);
    default:
      return; // ReplyOnce answers.
    }
  }
  void onNotification(const std::string &, const Json &) override {}

  std::size_t requests = 0;
  std::vector<ReplyOnce> waiting;
};

/// The bodies in a stream that arrives in chunks of this size.
std::vector<std::string> messagesOf(std::string_view stream,
                                    std::size_t chunk) {
  std::vector<std::string> messages;
  FrameParser::Limits limits;
  limits.headerLine = 64; // So that short inputs reach the limits.
  limits.headerLines = 4;
  limits.body = 2048;
  FrameParser parser(
      [&](std::string_view body) { messages.emplace_back(body); },
      [&](const std::string &) { messages.emplace_back("\xff garbage"); },
      limits);
  for (std::size_t i = 0; i < stream.size(); i += chunk)
    parser.feed(stream.substr(i, chunk));
  return messages;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data,
                                      std::size_t size) {
  std::string_view stream(reinterpret_cast<const char *>(data), size);
  std::vector<std::string> messages = messagesOf(stream, size + 1);
  require(messages == messagesOf(stream, 1));
  require(messages == messagesOf(stream, 7));

  Handler handler;
  std::size_t answers = 0;
  JsonRpc rpc(handler, [&](const std::string &body) {
    Json sent = Json::parse(body, nullptr, /*allow_exceptions=*/false);
    require(sent.is_object());
    if (!sent.contains("method") && !sent["id"].is_null())
      ++answers;
  });
  rpc.call("own", nullptr, [](const Answer &) {});
  for (const std::string &message : messages)
    rpc.receive(message);
  rpc.receive(stream); // Most inputs are no frames.
  for (ReplyOnce &reply : handler.waiting)
    reply(1);
  require(answers == handler.requests);
  require(rpc.openRequests() == 0);
  return 0;
}
