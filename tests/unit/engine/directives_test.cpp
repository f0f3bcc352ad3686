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

} // namespace
} // namespace irlens::engine
