// An IR file is a source as a Python file is: it is lowered as it is, and has
// lenses, documents and diagnostics.
#include "tests/unit/lsp/feature_fixture.h"

namespace irlens::lsp::test {
namespace {

const std::string kKernel = "tt.func @copy() {\n"
                            "}\n"
                            "// fake: entry copy\n"
                            "// fake: source triton-ir\n";

class IrFilesTest : public FeatureTest {
protected:
  Json lens(std::size_t index) {
    Json found = lensesOf(uri("copy.ttir"));
    return found.size() > index ? found[index] : Json();
  }
  static std::string titleOf(const Json &lens) {
    return lens["command"]["title"];
  }
};

TEST_F(IrFilesTest, LensesStandOnTheFirstLine) {
  initialize();
  write("copy.ttir", kKernel);
  open("copy.ttir", kKernel);
  Json waiting = lens(0);
  EXPECT_EQ(titleOf(waiting), "irlens: lowering…");
  EXPECT_EQ(waiting["range"]["start"]["line"], 0);
  sync();
  EXPECT_TRUE(titleOf(lens(0)).starts_with("▸ ")) << lens(0);
  EXPECT_EQ(lens(0)["range"]["start"]["line"], 0);
  EXPECT_EQ(lens(1)["command"]["command"], "irlens.showDocument");
  EXPECT_TRUE(lens(1)["command"]["arguments"][0].get<std::string>().starts_with(
      "irlens://ir/copy-"));
}

TEST_F(IrFilesTest, ASaveRefreshesTheirDocuments) {
  initialize();
  lower("copy.ttir", kKernel);
  std::string document = lens(1)["command"]["arguments"][0];
  EXPECT_TRUE(content(document).contains("tt.func"));
  clear();
  write("copy.ttir", "// new\n" + kKernel);
  save("copy.ttir");
  sync();
  EXPECT_EQ(waitFor("workspace/textDocumentContent/refresh")["params"]["uri"],
            document);
  EXPECT_TRUE(content(document).contains("// new"));
}

TEST_F(IrFilesTest, FailuresStandOnTheirLines) {
  initialize();
  lower("copy.ttir", kKernel + "// fake: fail ttgir\n");
  Json diagnostics = diagnosticsOf("copy.ttir");
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(diagnostics[0]["range"]["start"]["line"], 4);
  EXPECT_EQ(diagnostics[0]["code"], "ttgir");
}

TEST_F(IrFilesTest, AFileThatIsNoneHasNoLens) {
  initialize();
  lower("copy.txt", kKernel);
  EXPECT_TRUE(lensesOf(uri("copy.txt")).is_null());
  EXPECT_FALSE(file("copy.txt"));
}

} // namespace
} // namespace irlens::lsp::test
