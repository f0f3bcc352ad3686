// Requests of the engine to irlens-mlir (ir_lowering/mlir/request.h).
#include "ir_lowering/mlir/request.h"

#include <gtest/gtest.h>

namespace irlens::mlir_worker {
namespace {

using nlohmann::json;

json row(const char *id, const char *from) {
  return {{"id", id},
          {"from", from},
          {"format", "llvm"},
          {"steps", {{{"llvm", "default<O2>"}}}}};
}

json lowerRequest(const std::vector<json> &stages) {
  return {
      {"op", "run"},
      {"job", 7},
      {"kind", "lower"},
      {"entry", "Net"},
      {"out", "/r"},
      {"timeout_ms", 1000},
      {"memory_mb", 64},
      {"parallel", 3},
      {"input", {{"stage", "linalg"}, {"path", "/r/a"}, {"format", "mlir"}}},
      {"stages", stages}};
}

std::string errorOf(const json &request) {
  auto parsed = parseRequest(request.dump());
  return parsed ? "" : parsed.error().message;
}

TEST(Request, LowerJob) {
  auto parsed =
      parseRequest(lowerRequest({row("b", "a"), row("a", "linalg")}).dump());
  ASSERT_TRUE(parsed);
  const Job &job = std::get<Job>(*parsed);
  EXPECT_EQ(job.id, 7);
  EXPECT_EQ(job.entry, "Net");
  EXPECT_EQ(job.inputStage, "linalg");
  EXPECT_EQ(job.timeoutMs, 1000);
  EXPECT_EQ(job.memoryMb, 64);
  EXPECT_EQ(job.parallel, 3);
  ASSERT_EQ(job.stages.size(), 2u);
  EXPECT_EQ(job.stages[0].id, "b"); // The order is the engine's wish.
  EXPECT_EQ(job.stages[0].steps[0]["llvm"], "default<O2>");
}

TEST(Request, Cancel) {
  auto parsed = parseRequest(R"({"op":"cancel","job":3})");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(std::get<Cancel>(*parsed).job, 3);
}

TEST(Request, ErrorsNameTheJob) {
  auto parsed = parseRequest(R"({"op":"run","job":9,"kind":"dance"})");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().job, 9);
}

TEST(Request, LimitsOutOfRangeDoNotBecomeNegative) {
  json request = lowerRequest({row("a", "linalg")});
  request["timeout_ms"] = -5;
  request["memory_mb"] = 1e300;
  request["parallel"] = 0;
  auto parsed = parseRequest(request.dump());
  ASSERT_TRUE(parsed);
  const Job &job = std::get<Job>(*parsed);
  EXPECT_EQ(job.timeoutMs, 1);
  EXPECT_EQ(job.memoryMb, Job{}.memoryMb);
  EXPECT_EQ(job.parallel, 1);
}

TEST(Request, RowsMustReachTheInput) {
  EXPECT_NE(errorOf(lowerRequest({row("a", "b"), row("b", "a")}))
                .find("made from itself"),
            std::string::npos);
  EXPECT_NE(errorOf(lowerRequest({row("a", "x")})).find("not in the request"),
            std::string::npos);
  EXPECT_NE(errorOf(lowerRequest({row("a", "a")})).find("not in the request"),
            std::string::npos);
}

TEST(Request, NamesCannotLeaveTheFolder) {
  for (const char *name : {"", "..", "a/b", ".hidden", "a\nb"}) {
    json request = lowerRequest({row("a", "linalg")});
    request["entry"] = name;
    EXPECT_NE(errorOf(request).find("is not a name"), std::string::npos)
        << name;
    EXPECT_NE(
        errorOf(lowerRequest({row(name, "linalg")})).find("is not a name"),
        std::string::npos)
        << name;
  }
}

TEST(Request, StepsHaveOneKey) {
  json two = row("a", "linalg");
  two["steps"] = {{{"llvm", "x"}, {"mlir", "y"}}};
  EXPECT_NE(errorOf(lowerRequest({two})).find("one key"), std::string::npos);
  json none = row("a", "linalg");
  none["steps"] = json::array();
  EXPECT_NE(errorOf(lowerRequest({none})).find("no steps"), std::string::npos);
}

TEST(Request, AToolHasArgumentsAndAPath) {
  const json tool = {{"tool", "opt"}, {"args", {"-O2"}}, {"path", "/opt/opt"}};
  EXPECT_EQ(stepName(tool), "tool");
  EXPECT_EQ(stepName({{"tool", "opt"}}), "tool");
  EXPECT_EQ(stepName({{"command", {"cat"}}}), "command");
  EXPECT_EQ(stepName({{"tool", "opt"}, {"arguments", {"-O2"}}}), "");
  EXPECT_EQ(stepName({{"mlir", "x"}, {"args", {"-O2"}}}), "");
  EXPECT_EQ(stepName("opt"), "");
  EXPECT_TRUE(isTextStep(tool));
  EXPECT_FALSE(isTextStep({{"llvm", "default<O2>"}}));
  json stage = row("a", "linalg");
  stage["steps"] = {tool};
  EXPECT_EQ(errorOf(lowerRequest({stage})), "");
}

TEST(Request, AnInputMayBeAnyTextOfAnyFile) {
  json request = lowerRequest({row("a", "linalg")});
  request["input"] = {{"stage", "linalg"}, {"path", "/r/a"}, {"format", "ptx"}};
  request["output_limit"] = 1000;
  auto parsed = parseRequest(request.dump());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(std::get<Job>(*parsed).inputName, "/r/a");
  EXPECT_EQ(std::get<Job>(*parsed).outputLimit, 1000U);
  request["input"]["name"] = "/ws/k.ptx";
  parsed = parseRequest(request.dump());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(std::get<Job>(*parsed).inputName, "/ws/k.ptx");
}

TEST(Request, CheckJob) {
  json request = {{"op", "run"},
                  {"job", 4},
                  {"kind", "check"},
                  {"out", "/c"},
                  {"input", {{"path", "/r/a"}, {"name", "/ws/a.ll"}}}};
  request["input"]["format"] = "llvm";
  auto parsed = parseRequest(request.dump());
  ASSERT_TRUE(parsed);
  const Check &check = std::get<Check>(*parsed);
  EXPECT_EQ(check.id, 4);
  EXPECT_EQ(check.path, "/r/a");
  EXPECT_EQ(check.name, "/ws/a.ll");
  EXPECT_EQ(check.format, "llvm");
  request["input"]["format"] = "ptx";
  EXPECT_EQ(errorOf(request), "cannot check a text of format 'ptx'");
  request.erase("input");
  EXPECT_NE(errorOf(request).find("input.path"), std::string::npos);
}

TEST(Request, GarbageIsAnError) {
  for (const char *line : {"", "{", "null", "3", "[]", "\xff", "{\"op\":1}"})
    EXPECT_FALSE(parseRequest(line)) << line;
}

} // namespace
} // namespace irlens::mlir_worker
