// Words of `# irlens:` comments (engine/table/directives.h).
#include "engine/table/directives.h"

#include <gtest/gtest.h>

namespace irlens::engine {
namespace {

using List = std::vector<std::string>;

TEST(Directives, StandAloneOrBehindACall) {
  Directives found = findDirectives(
      "x = 1\n"
      "# irlens: target=sm_80 stages=linalg,ptx\n"
      "#irlens: k(*fp16, BLOCK=1024) targets=gfx90a,sm_80 n=8\n");
  EXPECT_EQ(found.targets, (List{"sm_80", "gfx90a"}));
  EXPECT_EQ(found.stages, (List{"linalg", "ptx"}));
}

TEST(Directives, ArgumentsAndOtherTextAreNone) {
  Directives found = findDirectives("# irlens: f(x, target=3)\n"
                                    "irlens: target=a\n"
                                    "# irlens: target= stages\n"
                                    "# irlens target=b");
  EXPECT_TRUE(found.targets.empty());
  EXPECT_TRUE(found.stages.empty());
}

TEST(Directives, ComeBeforeSettingsAndBehindTheCommandLine) {
  Settings settings;
  settings.targets = {{"nvptx", "sm_90"}, {"amdgcn", "gfx942"}};
  settings.stages = {"fx"};
  Directives directives{{"sm_80"}, {"linalg"}};
  Settings steered = withDirectives(settings, directives);
  EXPECT_EQ(steered.plainTargets, List{"sm_80"});
  EXPECT_FALSE(steered.targets.contains("nvptx"));
  EXPECT_TRUE(steered.targets.contains("amdgcn"));
  EXPECT_EQ(steered.stages, List{"linalg"});
  settings.fixedTargets = true;
  EXPECT_TRUE(withDirectives(settings, directives).plainTargets.empty());
}

TEST(Directives, HoldPipelines) {
  std::string_view source =
      "# irlens: tiled = linalg | mlir-opt --cse '--a=b | c'\n"
      "  // irlens: low=tiled|opt -O2\n"
      "; irlens: x = llvm-ir | llc\r\n"
      "# irlens: f(x | y) target=a\n"
      "# irlens: stages=a b=c | d\n"
      "s = \"irlens: no = linalg | opt\"\n";
  auto rows = findPipelines(source, "/ws/f.mlir");
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].id, "tiled");
  EXPECT_EQ(rows[0].from, "linalg");
  EXPECT_EQ(rows[0].text, "mlir-opt --cse '--a=b | c'");
  EXPECT_EQ(rows[0].definition, (Definition{"/ws/f.mlir", 1, 11, 1, 54}));
  EXPECT_EQ(rows[0].fromPlace, (Definition{"/ws/f.mlir", 1, 19, 1, 25}));
  EXPECT_EQ(rows[0].line, 1);
  EXPECT_EQ(rows[0].column, 28);
  EXPECT_EQ(rows[1].id, "low");
  EXPECT_EQ(rows[1].from, "tiled");
  EXPECT_EQ(rows[2].text, "llc");
  // A pipeline is no list of words.
  EXPECT_EQ(findDirectives(source).targets, List{"a"});
  EXPECT_TRUE(findDirectives("# irlens: target = linalg | opt x=1 stages=y\n")
                  .stages.empty());
}

TEST(Directives, ProblemsOfPipelinesStandInTheComment) {
  std::vector<Layer> layers{builtinLayer(), Layer{}};
  layers[1].file = "/ws/f.mlir";
  layers[1].pipelines = findPipelines(
      "module {}\n// irlens: a = linalg | mlir-opd --cse\n", "/ws/f.mlir");
  LoadedTable loaded = StageTable::load(layers);
  ASSERT_EQ(loaded.problems.size(), 1U);
  const Diagnostic &problem = loaded.problems[0];
  EXPECT_EQ(problem.message,
            "unknown tool `mlir-opd`; did you mean `mlir-opt`?");
  EXPECT_EQ(problem.pos, (SourcePos{"/ws/f.mlir", 2, 25}));
  EXPECT_EQ(problem.end, (SourcePos{"/ws/f.mlir", 2, 33}));
}

} // namespace
} // namespace irlens::engine
