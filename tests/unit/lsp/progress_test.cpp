// The bar of a run, and its button.
#include "tests/unit/lsp/feature_fixture.h"

namespace irlens::lsp::test {
namespace {

class ProgressTest : public FeatureTest {
protected:
  ProgressTest() { delays.progress = std::chrono::milliseconds(0); }
};

TEST_F(ProgressTest, BeginsAfterTheClientAgreesAndEnds) {
  initialize();
  write("a.py", std::string(kModel) + hold("linalg"));
  open("a.py", kModel);
  waitFor("$/progress");
  release();
  sync();
  std::vector<Json> progress = received("$/progress");
  ASSERT_GE(progress.size(), 3u);
  EXPECT_EQ(progress.front()["params"]["value"]["kind"], "begin");
  EXPECT_EQ(progress.front()["params"]["value"]["cancellable"], true);
  EXPECT_EQ(progress.back()["params"]["value"]["kind"], "end");
  int last = 0;
  for (const Json &message : progress) {
    int percent = message["params"]["value"].value("percentage", 100);
    EXPECT_GE(percent, last);
    last = percent;
  }
}

TEST_F(ProgressTest, NoneForAClientThatDoesNotAnswerOrSaysNo) {
  onServerRequest = [](const Json &request) -> std::optional<Json> {
    if (request["method"] == "window/workDoneProgress/create")
      return std::nullopt;
    return Json();
  };
  initialize();
  write("a.py", std::string(kModel) + hold("linalg"));
  open("a.py", kModel);
  waitFor("window/workDoneProgress/create");
  release();
  sync();
  EXPECT_EQ(received("window/workDoneProgress/create").size(), 1u);
  EXPECT_TRUE(received("$/progress").empty());
}

TEST_F(ProgressTest, NoneForARunThatEndsBeforeItsTime) {
  delays.progress = std::chrono::hours(1);
  initialize();
  lower("a.py", kModel);
  EXPECT_TRUE(received("window/workDoneProgress/create").empty());
}

TEST_F(ProgressTest, TheCancelButtonEndsTheRun) {
  initialize();
  write("a.py", std::string(kModel) + "# fake: hang fx\n");
  open("a.py", kModel);
  Json begin = waitFor("$/progress");
  notify("window/workDoneProgress/cancel", {{"token", "other"}});
  notify("window/workDoneProgress/cancel",
         {{"token", begin["params"]["token"]}});
  sync();
  EXPECT_EQ(file("a.py")->phase, engine::Phase::Settled);
  EXPECT_EQ(received("$/progress").back()["params"]["value"]["kind"], "end");
}

TEST_F(ProgressTest, ANewerSaveTakesOver) {
  initialize();
  write("a.py", std::string(kModel) + "# fake: hang fx\n");
  open("a.py", kModel);
  waitFor("$/progress");
  write("a.py", kModel);
  save("a.py");
  sync();
  EXPECT_EQ(received("$/progress").back()["params"]["value"]["kind"], "end");
  EXPECT_TRUE(has(titles(0), "fx · 4 ops"));
}

} // namespace
} // namespace irlens::lsp::test
