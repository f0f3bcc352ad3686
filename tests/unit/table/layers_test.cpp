// Which layers a file has (engine/table/layers.h), from real files.
#include "engine/table/layers.h"

#include "engine/store/files.h"
#include "tests/support/temp_folder.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace irlens::engine {
namespace {

namespace fs = std::filesystem;

class LayersTest : public testing::Test {
protected:
  LayersTest() : layers_(Trust(folder_.path() / "state")) {
    file_ = normalPath(folder_.write("ws/inner/model.py", "x = 1\n"));
  }

  std::vector<std::string> files(std::string_view text = "") {
    std::vector<std::string> found;
    for (const Layer &layer : layers_.of(file_, text, settings_))
      if (!layer.file.empty())
        found.push_back(fs::path(layer.file)
                            .lexically_relative(normalPath(folder_.path())) /
                        layer.name.substr(0, layer.name.find('/')));
    return found;
  }

  std::shared_ptr<const LoadedTable> load(std::string_view text = "") {
    return layers_.load(layers_.of(file_, text, settings_), {});
  }

  irlens::test::TempFolder folder_;
  fs::path file_;
  Settings settings_;
  Layers layers_;
};

TEST_F(LayersTest, GoFromTheOutermostFolderToTheFileItself) {
  EXPECT_TRUE(files().empty());
  folder_.write("ws/inner/.irlens.json", "{}");
  folder_.write("ws/.irlens.json", "{}");
  EXPECT_EQ(
      files("# irlens: a = linalg | mlir-opt --cse\n"),
      (std::vector<std::string>{"ws/.irlens.json/", "ws/inner/.irlens.json/",
                                "ws/inner/model.py/comments"}));
  auto looked = configurationFiles(file_);
  EXPECT_NE(std::ranges::find(looked, file_.parent_path() / ".irlens.json"),
            looked.end());
  EXPECT_EQ(looked.front(), "/.irlens.json");
}

TEST_F(LayersTest, AnotherTableOnlyWhenARowChanges) {
  auto first = load();
  EXPECT_EQ(load(), first);
  folder_.write("ws/.irlens.json", "{}");
  EXPECT_EQ(load()->table.identity(), first->table.identity());
  folder_.write(
      "ws/.irlens.json",
      R"({"rows": [{"id": "a", "from": "linalg", "steps": "mlir-opt --cse"}]})");
  auto second = load();
  EXPECT_NE(second->table.identity(), first->table.identity());
  EXPECT_NE(second->table.find("a", "model"), nullptr);
  // A comment and other blanks are the same rows.
  folder_.write("ws/.irlens.json", R"(// mine
 {"rows": [{"id": "a", "from": "linalg", "steps": "mlir-opt   --cse"}]})");
  EXPECT_EQ(load()->table.identity(), second->table.identity());
  fs::remove(folder_.path() / "ws/.irlens.json");
  EXPECT_EQ(load()->table.identity(), first->table.identity());
}

TEST_F(LayersTest, AFileThatCannotBeReadIsTold) {
  folder_.write("ws/.irlens.json", std::string(1024 * 1024 + 1, ' '));
  auto loaded = load();
  ASSERT_EQ(loaded->problems.size(), 1U);
  EXPECT_TRUE(loaded->problems[0].message.ends_with("is too big"));
  EXPECT_EQ(loaded->problems[0].pos.line, 1);
  EXPECT_NE(loaded->table.find("linalg", "model"), nullptr);
}

TEST_F(LayersTest, TrustIsAFoldersOwn) {
  folder_.write("ws/.irlens.json", R"({"rows": [
    {"id": "mine", "from": "linalg", "steps": [{"command": ["cat"]}]}]})");
  EXPECT_TRUE(load()->table.find("mine", "model")->untrusted);
  EXPECT_TRUE(load("# irlens: a = linalg | /bin/opt\n")
                  ->table.find("a", "model")
                  ->untrusted);
  ASSERT_TRUE(layers_.trust().remember(folder_.path() / "ws"));
  EXPECT_FALSE(load()->table.find("mine", "model")->untrusted);
}

TEST_F(LayersTest, ClientRowsComeAboveFoldersAndBelowComments) {
  folder_.write(
      "ws/.irlens.json",
      R"({"rows": [{"id": "a", "from": "linalg", "steps": "mlir-opt --cse"}]})");
  settings_.rows =
      R"([{"id": "a", "from": "tosa", "steps": "mlir-opt --cse"}])";
  EXPECT_EQ(load()->table.find("a", "model")->from, "tosa");
  EXPECT_EQ(load("# irlens: a = torch | torch-mlir-opt\n")
                ->table.find("a", "model")
                ->from,
            "torch");
  settings_.commandLineRows =
      R"([{"id": "a", "from": "fx", "steps": [{"command": ["cat"]}]}])";
  auto table = load("# irlens: a = torch | torch-mlir-opt\n");
  EXPECT_EQ(table->table.find("a", "model")->from, "fx");
  EXPECT_FALSE(table->table.find("a", "model")->untrusted);
}

TEST_F(LayersTest, SettingsOfTheClientComeBeforeThoseOfFolders) {
  folder_.write("ws/.irlens.json", R"({"settings": {"timeoutSeconds": 5,
    "memoryMegabytes": 100, "python": "/evil", "stages": ["fx"]}})");
  folder_.write("ws/inner/.irlens.json",
                R"({"settings": {"timeoutSeconds": 7, "weights": "values"}})");
  settings_.memoryMegabytes = 200;
  settings_.python = "/mine";
  Settings all = withLayers(settings_, layers_.of(file_, "", settings_));
  EXPECT_EQ(all.timeoutSeconds, 7);
  EXPECT_EQ(all.memoryMegabytes, 200);
  EXPECT_EQ(all.weights, "values");
  EXPECT_EQ(all.python, "/mine");
  EXPECT_EQ(all.stages, std::vector<std::string>{"fx"});
}

} // namespace
} // namespace irlens::engine
