// workspace/executeCommand: what is answered at once, and what after a run.
#include "tests/unit/lsp/feature_fixture.h"

namespace irlens::lsp::test {
namespace {

class CommandsTest : public FeatureTest {
protected:
  Json execute(const std::string &command, const Json &arguments) {
    return request("workspace/executeCommand",
                   {{"command", command}, {"arguments", arguments}});
  }
  int askFor(const std::string &command, const Json &arguments) {
    return ask("workspace/executeCommand",
               {{"command", command}, {"arguments", arguments}});
  }
};

TEST_F(CommandsTest, AreListedAndFound) {
  Json capabilities = initialize();
  Json names =
      capabilities["capabilities"]["executeCommandProvider"]["commands"];
  EXPECT_EQ(std::ranges::count(names, Json("irlens.open")), 0);
  Json unknown = execute("irlens.stage", {uri("a.py")});
  EXPECT_EQ(unknown["error"]["code"], -32602);
  EXPECT_NE(unknown["error"]["message"].get<std::string>().find(
                "did you mean irlens.stages"),
            std::string::npos);
}

TEST_F(CommandsTest, StagesAreListed) {
  initialize();
  lower("a.py", kModel);
  Json stages = execute("irlens.stages", {uri("a.py")})["result"];
  ASSERT_GT(stages.size(), 10u);
  EXPECT_EQ(stages[2], (Json{{"entry", "Net"},
                             {"stage", "fx"},
                             {"title", "fx · 4 ops"},
                             {"uri", document("fx.fx.py")},
                             {"status", "ok"},
                             {"passes", false},
                             {"steps", false}}));
}

TEST_F(CommandsTest, RunMakesAgainWhatIsThere) {
  initialize();
  lower("a.py", kModel);
  std::size_t before = requests().size();
  execute("irlens.run", {uri("a.py")});
  sync();
  EXPECT_EQ(requests().size(), 2 * before);
  EXPECT_EQ(file("a.py")->generation, 2u);
}

TEST_F(CommandsTest, CancelEndsTheRun) {
  initialize();
  write("a.py", std::string(kModel) + "# fake: hang fx\n");
  open("a.py", kModel);
  waitUntil([&] { return has(titles(0), "fx …"); }, "run");
  execute("irlens.cancel", {uri("a.py")});
  sync();
  EXPECT_EQ(file("a.py")->phase, engine::Phase::Settled);
}

TEST_F(CommandsTest, StagesMayBeWaitedFor) {
  initialize(allCapabilities(), {{"runOnOpen", false}});
  lower("a.py", std::string(kModel) + hold("entries"));
  EXPECT_TRUE(
      execute("irlens.stages", {uri("a.py"), false, true})["result"].empty())
      << "nobody has asked for a run";
  execute("irlens.run", {uri("a.py")});
  EXPECT_TRUE(execute("irlens.stages", {uri("a.py")})["result"].empty());
  int waiting = askFor("irlens.stages", {uri("a.py"), false, true});
  EXPECT_TRUE(answersTo(waiting).empty());
  release();
  waitUntil([&] { return !answersTo(waiting).empty(); }, "answer");
  EXPECT_GT(answersTo(waiting)[0]["result"].size(), 10u);
}

TEST_F(CommandsTest, WaitingEndsWithARunThatFindsNothing) {
  initialize();
  write("a.py", std::string(kModel) + "# fake: error broken\n");
  open("a.py", kModel);
  int waiting = askFor("irlens.stages", {uri("a.py"), false, true});
  sync();
  ASSERT_EQ(answersTo(waiting).size(), 1u);
  EXPECT_TRUE(answersTo(waiting)[0]["result"].empty());
}

TEST_F(CommandsTest, PassesMayBeWaitedFor) {
  initialize();
  lower("a.py", std::string(kModel) + "# fake: source kernel\n");
  Json answer =
      execute("irlens.passes", {uri("a.py"), "Net", "ttgir", true})["result"];
  EXPECT_EQ(answer["status"], "ok");
  EXPECT_EQ(answer["passes"].size(), 2u);
  std::size_t asked = requests().size();
  EXPECT_EQ(
      execute("irlens.passes", {uri("a.py"), "Net", "ttgir", true})["result"],
      answer);
  EXPECT_EQ(requests().size(), asked);
}

TEST_F(CommandsTest, AWaitingOneMayBeCancelled) {
  initialize();
  std::string kernel = std::string(kModel) + "# fake: source kernel\n";
  lower("a.py", kernel);
  write("a.py", kernel + "# fake: hang ttir\n");
  save("a.py");
  int waiting = askFor("irlens.passes", {uri("a.py"), "Net", "ttgir", true});
  EXPECT_TRUE(answersTo(waiting).empty());
  notify("$/cancelRequest", {{"id", waiting}});
  ASSERT_EQ(answersTo(waiting).size(), 1u);
  EXPECT_EQ(answersTo(waiting)[0]["error"]["code"], -32800);
  execute("irlens.cancel", {uri("a.py")});
  sync();
  EXPECT_EQ(answersTo(waiting).size(), 1u);
}

TEST_F(CommandsTest, AWaitingOneIsAnsweredWhenTheRunIsCancelled) {
  initialize();
  std::string kernel = std::string(kModel) + "# fake: source kernel\n";
  lower("a.py", kernel);
  write("a.py", kernel + "# fake: hang ttir\n");
  save("a.py");
  int waiting = askFor("irlens.passes", {uri("a.py"), "Net", "ttgir", true});
  execute("irlens.cancel", {uri("a.py")});
  sync();
  ASSERT_EQ(answersTo(waiting).size(), 1u);
  EXPECT_EQ(answersTo(waiting)[0]["result"]["passes"], Json::array());
}

} // namespace
} // namespace irlens::lsp::test
