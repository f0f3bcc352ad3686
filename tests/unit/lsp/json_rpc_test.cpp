// Requests, replies, cancellation, and messages that are none.
#include "lsp/wire/json_rpc.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace irlens::lsp {
namespace {

/// Keeps what is sent; methods say what the handler does.
class Rpc : public JsonRpc::Handler {
public:
  Rpc()
      : rpc(*this, [this](const std::string &body) {
          sent.push_back(Json::parse(body));
        }) {}

  void onRequest(const std::string &method, const Json &params,
                 ReplyOnce reply) override {
    if (method == "echo")
      reply(params);
    else if (method == "twice") {
      reply(1);
      reply(2);
    } else if (method == "later")
      waiting.push_back(std::move(reply));
    else if (method == "throw")
      throw std::runtime_error("no");
    // "forget": nothing at all.
  }
  void onNotification(const std::string &method, const Json &) override {
    if (method == "throw")
      throw std::runtime_error("no");
    notifications.push_back(method);
  }

  int code(std::size_t i) const { return sent.at(i).at("error").at("code"); }

  JsonRpc rpc;
  std::vector<Json> sent;
  std::vector<ReplyOnce> waiting;
  std::vector<std::string> notifications;
};

TEST(JsonRpc, AnswersWithTheClientsId) {
  for (const char *id :
       {"1", "\"abc\"", "-7", "9223372036854775807", "18446744073709551615"}) {
    Rpc rpc;
    rpc.rpc.receive(
        std::string(R"({"jsonrpc":"2.0","method":"echo","params":[5],"id":)") +
        id + "}");
    ASSERT_EQ(rpc.sent.size(), 1u);
    EXPECT_EQ(rpc.sent[0]["id"].dump(), id);
    EXPECT_EQ(rpc.sent[0]["result"], Json::parse("[5]"));
  }
}

TEST(JsonRpc, ExactlyOneReply) {
  Rpc rpc;
  rpc.rpc.receive(R"({"method":"twice","id":1})");
  rpc.rpc.receive(R"({"method":"forget","id":2})");
  rpc.rpc.receive(R"({"method":"throw","id":3})");
  ASSERT_EQ(rpc.sent.size(), 3u);
  EXPECT_EQ(rpc.sent[0]["result"], 1);
  EXPECT_EQ(rpc.code(1), -32603);
  EXPECT_EQ(rpc.code(2), -32603);
  EXPECT_EQ(rpc.rpc.openRequests(), 0u);
}

TEST(JsonRpc, NotJson) {
  Rpc rpc;
  rpc.rpc.receive("{\"method\":");
  rpc.rpc.receive(std::string(1'000'000, '['));
  rpc.rpc.receive("\xff\xfe");
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(rpc.code(i), -32700);
    EXPECT_TRUE(rpc.sent[i]["id"].is_null());
  }
}

TEST(JsonRpc, NoRequest) {
  Rpc rpc;
  for (const char *body :
       {R"([{"method":"echo","id":1}])", "5", "{}", R"({"id":1})",
        R"({"method":5,"id":1})", R"({"method":"echo","id":{}})",
        R"({"method":"echo","id":1.5})", R"({"method":"echo","id":null})"}) {
    rpc.sent.clear();
    rpc.rpc.receive(body);
    ASSERT_EQ(rpc.sent.size(), 1u) << body;
    EXPECT_EQ(rpc.code(0), -32600) << body;
  }
}

TEST(JsonRpc, CancelledRequestsAreAnsweredOnce) {
  Rpc rpc;
  rpc.rpc.receive(R"({"method":"later","id":"a"})");
  rpc.rpc.receive(R"({"method":"later","id":7})");
  rpc.rpc.receive(R"({"method":"$/cancelRequest","params":{"id":"a"}})");
  ASSERT_EQ(rpc.sent.size(), 1u);
  EXPECT_EQ(rpc.code(0), -32800);
  EXPECT_EQ(rpc.sent[0]["id"], "a");
  // As in Vim's documentation: the id at the top level.
  rpc.rpc.receive(R"({"method":"$/cancelRequest","id":7})");
  ASSERT_EQ(rpc.sent.size(), 2u);
  EXPECT_EQ(rpc.sent[1]["id"], 7);
  for (ReplyOnce &reply : rpc.waiting)
    reply(1);
  rpc.waiting.clear();
  EXPECT_EQ(rpc.sent.size(), 2u);
  // Too late, unknown, nonsense.
  rpc.rpc.receive(R"({"method":"$/cancelRequest","params":{"id":"a"}})");
  rpc.rpc.receive(R"({"method":"$/cancelRequest"})");
  rpc.rpc.receive(R"({"method":"$/cancelRequest","params":[1]})");
  EXPECT_EQ(rpc.sent.size(), 2u);
}

TEST(JsonRpc, ReusedIdsAreAnsweredEach) {
  Rpc rpc;
  rpc.rpc.receive(R"({"method":"later","id":1})");
  rpc.rpc.receive(R"({"method":"later","id":1})");
  for (ReplyOnce &reply : rpc.waiting)
    reply(1);
  EXPECT_EQ(rpc.sent.size(), 2u);
}

TEST(JsonRpc, ReplyMayOutliveTheConnection) {
  ReplyOnce kept;
  {
    Rpc rpc;
    rpc.rpc.receive(R"({"method":"later","id":1})");
    kept = std::move(rpc.waiting[0]);
  }
  kept(1);
}

TEST(JsonRpc, OwnCallsHaveIntegerIdsFromABillion) {
  Rpc rpc;
  std::vector<Answer> answers;
  for (int i = 0; i < 2; ++i)
    rpc.rpc.call("ask", {{"n", i}},
                 [&](Answer answer) { answers.push_back(std::move(answer)); });
  EXPECT_EQ(rpc.sent[0]["id"], 1'000'000'000);
  EXPECT_EQ(rpc.sent[1]["id"], 1'000'000'001);
  rpc.rpc.receive(R"({"id":1000000001,"result":{"ok":true}})");
  rpc.rpc.receive(
      R"({"id":1000000000,"error":{"code":-32601,"message":"no"}})");
  rpc.rpc.receive(R"({"id":1000000000,"result":1})"); // A second answer.
  rpc.rpc.receive(R"({"id":"1000000000","result":1})");
  rpc.rpc.receive(R"({"id":5,"result":1})"); // To nothing of ours.
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].value(), Json::parse(R"({"ok":true})"));
  EXPECT_EQ(answers[1].error().code, -32601);
  EXPECT_EQ(rpc.sent.size(), 2u);
}

TEST(JsonRpc, MethodsWithoutParametersHaveNone) {
  Rpc rpc;
  rpc.rpc.call("workspace/codeLens/refresh", nullptr, {});
  EXPECT_FALSE(rpc.sent[0].contains("params"));
}

TEST(JsonRpc, TheTableOfCallsIsBounded) {
  Rpc rpc;
  int failed = 0;
  for (std::size_t i = 0; i < JsonRpc::kMaxCalls + 5; ++i)
    rpc.rpc.call("ask", nullptr,
                 [&](const Answer &answer) { failed += answer ? 0 : 1; });
  EXPECT_EQ(failed, 5);
}

TEST(JsonRpc, HandlersMayThrow) {
  Rpc rpc;
  rpc.rpc.receive(R"({"method":"throw"})");
  rpc.rpc.receive(R"({"method":"fine"})");
  EXPECT_EQ(rpc.notifications, std::vector<std::string>{"fine"});
}

TEST(JsonRpc, InvalidUtf8IsReplaced) {
  Rpc rpc;
  rpc.rpc.notify("text", {{"text", "a\xff\xc3"}});
  EXPECT_EQ(rpc.sent[0]["params"]["text"], "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

} // namespace
} // namespace irlens::lsp
