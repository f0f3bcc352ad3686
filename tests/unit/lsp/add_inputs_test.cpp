// The lens of a class without an entry, and the edit that it asks the client
// for.
#include "tests/unit/lsp/feature_fixture.h"

namespace irlens::lsp::test {
namespace {

constexpr const char *kClass = "import torch\n"
                               "class Net:\n"
                               "    pass\n"
                               "# irlens: x=1\n"
                               "# fake: suggest Net\n";

class AddInputsTest : public FeatureTest {
protected:
  Json lens() {
    for (const Json &lens : lenses())
      if (lens["command"]["command"] == "irlens.addInputs")
        return lens;
    return {};
  }
};

TEST_F(AddInputsTest, TheLensWritesTheSuggestedComment) {
  initialize();
  lower("a.py", kClass);
  Json found = lens();
  EXPECT_EQ(found["range"]["start"]["line"], 1);
  EXPECT_EQ(found["command"]["title"], "irlens: add example inputs");
  EXPECT_EQ(found["command"]["tooltip"], "Write above: # irlens: Net()(1)");
  clear();
  onServerRequest = [](const Json &request) -> std::optional<Json> {
    return request["method"] == "workspace/applyEdit" ? Json{{"applied", true}}
                                                      : Json();
  };
  EXPECT_TRUE(result("workspace/executeCommand", found["command"]).is_null());
  Json params = waitFor("workspace/applyEdit")["params"];
  EXPECT_EQ(params["label"], "Add example inputs for Net");
  Json edits = params["edit"]["changes"][uri("a.py")];
  ASSERT_EQ(edits.size(), 1u);
  EXPECT_EQ(edits[0]["newText"], "# irlens: Net()(1)\n");
  Json place{{"line", 1}, {"character", 0}};
  EXPECT_EQ(edits[0]["range"], (Json{{"start", place}, {"end", place}}));
  EXPECT_TRUE(received("window/showMessage").empty());
}

TEST_F(AddInputsTest, TheLensFollowsADirtyBufferAndGoesWhenItIsAccepted) {
  initialize();
  lower("a.py", kClass);
  edit("# new\n" + std::string(kClass));
  EXPECT_EQ(lens()["range"]["start"]["line"], 2);
  edit("import torch\n# irlens: Net()(1)\nclass Net:\n    pass\n");
  EXPECT_TRUE(lens().is_null());
  EXPECT_TRUE(request("workspace/executeCommand",
                      {{"command", "irlens.addInputs"},
                       {"arguments", Json::array({uri("a.py"), "Net"})}})
                  .contains("error"));
}

TEST_F(AddInputsTest, AClientThatCannotEditIsToldWhatToWrite) {
  Json capabilities = allCapabilities();
  capabilities["workspace"].erase("applyEdit");
  initialize(capabilities);
  lower("a.py", kClass);
  clear();
  result("workspace/executeCommand", lens()["command"]);
  EXPECT_TRUE(received("workspace/applyEdit").empty());
  EXPECT_EQ(waitFor("window/showMessage")["params"]["message"],
            "Add example inputs for Net: # irlens: Net()(1)\n");
}

TEST_F(AddInputsTest, AnEditThatIsRefusedIsShown) {
  initialize();
  lower("a.py", kClass);
  clear();
  onServerRequest = [](const Json &request) -> std::optional<Json> {
    return request["method"] == "workspace/applyEdit" ? Json{{"applied", false}}
                                                      : Json();
  };
  result("workspace/executeCommand", lens()["command"]);
  EXPECT_EQ(waitFor("window/showMessage")["params"]["type"], 3);
}

TEST_F(AddInputsTest, OddArguments) {
  initialize();
  lower("a.py", kClass);
  for (const Json &arguments :
       {Json::array(), Json::array({5}), Json::array({uri("a.py")}),
        Json::array({uri("a.py"), 7}), Json::array({uri("a.py"), "Other"}),
        Json::array({uri("never.py"), "Net"})})
    EXPECT_TRUE(
        request("workspace/executeCommand",
                {{"command", "irlens.addInputs"}, {"arguments", arguments}})
            .contains("error"));
}

} // namespace
} // namespace irlens::lsp::test
