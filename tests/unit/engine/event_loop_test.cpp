// The loop on real pipes and processes.
#include "engine/loop/event_loop.h"
#include "tests/support/temp_folder.h"

#include <gtest/gtest.h>

#include <csignal>
#include <thread>
#include <unistd.h>

namespace irlens::engine {
namespace {

using namespace std::chrono_literals;

TEST(EventLoop, RunsPostedWorkFromOtherThreads) {
  EventLoop loop;
  int count = 0;
  auto keepAlive = loop.after(10s, [] {});
  std::thread other([&] {
    for (int i = 0; i < 100; ++i)
      loop.post([&] {
        if (++count == 100)
          loop.stop();
      });
  });
  loop.run();
  other.join();
  EXPECT_EQ(count, 100);
}

TEST(EventLoop, ADestroyedTimerDoesNotFire) {
  EventLoop loop;
  bool fired = false;
  auto timer = loop.after(1ms, [&] { fired = true; });
  timer.reset();
  auto end = loop.after(20ms, [&] { loop.stop(); });
  loop.run();
  EXPECT_FALSE(fired);
}

struct Outcome {
  std::string out, err;
  std::int64_t code = -1;
  int signal = 0;
};

Outcome runShell(const std::string &script, const std::string &input = "") {
  EventLoop loop;
  Outcome outcome;
  ProcessOptions options;
  options.argv = {"/bin/sh", "-c", script};
  options.onOut = [&](std::string_view chunk) { outcome.out += chunk; };
  options.onErr = [&](std::string_view chunk) { outcome.err += chunk; };
  options.onExit = [&](std::int64_t code, int signal) {
    outcome.code = code;
    outcome.signal = signal;
    loop.stop();
  };
  auto process = loop.spawn(std::move(options));
  EXPECT_TRUE(process) << (process ? "" : process.error().message);
  if (!process)
    return outcome;
  (*process)->in().write(input);
  (*process)->in().close();
  loop.run();
  return outcome;
}

TEST(EventLoop, SpawnsAndCollectsEverything) {
  Outcome outcome = runShell("cat; echo problem >&2; exit 7", "hello");
  EXPECT_EQ(outcome.out, "hello");
  EXPECT_EQ(outcome.err, "problem\n");
  EXPECT_EQ(outcome.code, 7);
}

TEST(EventLoop, TellsTheSignal) {
  EXPECT_EQ(runShell("kill -9 $$").signal, SIGKILL);
}

TEST(EventLoop, AStrayGrandchildDoesNotHideTheExit) {
  Outcome outcome = runShell("(setsid sleep 5 &) ; echo done; exit 3");
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.out, "done\n");
}

TEST(EventLoop, AMissingProgramIsToolMissing) {
  EventLoop loop;
  ProcessOptions options;
  options.argv = {"/nowhere/program"};
  auto process = loop.spawn(std::move(options));
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error().code, ErrorCode::ToolMissing);
}

TEST(EventLoop, DestroyingAProcessKillsItsGroup) {
  test::TempFolder folder;
  auto mark = folder.path() / "mark";
  EventLoop loop;
  ProcessOptions options;
  options.argv = {"/bin/sh", "-c",
                  "sh -c 'sleep 0.4; touch " + mark.string() +
                      "' & echo up; wait"};
  std::unique_ptr<Process> process;
  options.onOut = [&](std::string_view) { process.reset(); };
  process = std::move(*loop.spawn(std::move(options)));
  auto end = loop.after(700ms, [&] { loop.stop(); });
  loop.run();
  EXPECT_FALSE(std::filesystem::exists(mark));
}

TEST(EventLoop, WritesMoreThanAPipeHolds) {
  std::string big(3'000'000, 'z');
  EXPECT_EQ(runShell("wc -c", big).out, "3000000\n");
}

TEST(EventLoop, WatchesAFolder) {
  test::TempFolder folder;
  EventLoop loop;
  std::string changed;
  auto watch =
      loop.watchFolder(folder.path().string(), [&](const std::string &name) {
        changed = name;
        loop.stop();
      });
  ASSERT_TRUE(watch);
  auto edit = loop.after(5ms, [&] { folder.write("a.py", "1"); });
  auto end = loop.after(5s, [&] { loop.stop(); });
  loop.run();
  EXPECT_EQ(changed, "a.py");
}

TEST(EventLoop, WorkIsDoneElsewhereAndAnsweredHere) {
  EventLoop loop;
  auto here = std::this_thread::get_id();
  std::thread::id worker, answer;
  loop.work([&] { worker = std::this_thread::get_id(); },
            [&] { answer = std::this_thread::get_id(); });
  loop.run();
  EXPECT_NE(worker, here);
  EXPECT_EQ(answer, here);
}

} // namespace
} // namespace irlens::engine
