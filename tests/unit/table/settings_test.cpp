// Settings as clients send them: applied one by one, problems named.
#include "engine/table/settings.h"

#include <gtest/gtest.h>

namespace irlens::engine {
namespace {

TEST(Settings, AppliesWhatIsRight) {
  Settings settings;
  auto problems =
      applySettings(settings, R"({"timeoutSeconds": 5, "weights": "values",
      "stages": ["fx"], "targets": {"nvptx": "sm_80"}, "runOnOpen": false})");
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(settings.timeoutSeconds, 5);
  EXPECT_EQ(settings.weights, "values");
  EXPECT_EQ(settings.stages, std::vector<std::string>{"fx"});
  EXPECT_EQ(settings.targets.at("nvptx"), "sm_80");
  EXPECT_FALSE(settings.runOnOpen);
}

TEST(Settings, LooksIntoTheSection) {
  Settings settings;
  EXPECT_TRUE(
      applySettings(settings, R"({"irlens": {"python": "py"}})").empty());
  EXPECT_EQ(settings.python, "py");
}

TEST(Settings, NamesAMisspeltSettingAndAppliesTheRest) {
  Settings settings;
  auto problems = applySettings(
      settings, R"({"timeoutSecond": 5, "memoryMegabytes": 100})");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].find("did you mean irlens.timeoutSeconds?"),
            std::string::npos)
      << problems[0];
  EXPECT_EQ(settings.memoryMegabytes, 100);
  EXPECT_EQ(settings.timeoutSeconds, 60);
}

class WrongValue : public testing::TestWithParam<const char *> {};

TEST_P(WrongValue, IsRefusedAndTheOldOneStays) {
  Settings settings;
  EXPECT_EQ(applySettings(settings, GetParam()).size(), 1U);
  EXPECT_EQ(settings.timeoutSeconds, 60);
  EXPECT_EQ(settings.weights, "names");
  EXPECT_TRUE(settings.stages.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Values, WrongValue,
    testing::Values(R"({"timeoutSeconds": "5"})", R"({"timeoutSeconds": 0})",
                    R"({"timeoutSeconds": -3})",
                    R"({"timeoutSeconds": 99999999999})",
                    R"({"weights": "some"})", R"({"stages": "fx"})",
                    R"({"stages": [1]})", R"({"targets": []})", "[]", "{"));

TEST(Settings, NullIsNothing) {
  Settings settings;
  EXPECT_TRUE(applySettings(settings, "null").empty());
  EXPECT_TRUE(applySettings(settings, R"({"python": null})").empty());
}

TEST(Settings, EveryRowHasADefaultThatCanBeApplied) {
  for (const SettingRow &row : settingRows()) {
    Settings settings;
    std::string json = "{\"" + std::string(row.name) +
                       "\": " + std::string(row.fallback) + "}";
    EXPECT_TRUE(applySettings(settings, json).empty()) << json;
    EXPECT_FALSE(row.help.empty());
  }
}

} // namespace
} // namespace irlens::engine
