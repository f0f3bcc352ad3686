// Supervision of a worker process: restarts, cancels, gives up with a reason.
#include "engine/worker/worker.h"
#include "tests/unit/engine/fake_installation.h"

#include "engine/toolchain.h"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace irlens::engine {
namespace {

using namespace std::chrono_literals;

class WorkerTest : public testing::Test {
protected:
  WorkerTest() {
    Worker::Options options;
    options.name = "fake";
    options.budget = budget_;
    options.command = [this] {
      return mlirWorkerCommand(installation_.settings());
    };
    options.onTrouble = [this](const std::string &text) {
      troubles_.push_back(text);
    };
    worker_ = std::make_unique<Worker>(loop_, std::move(options));
    deadline_ = loop_.after(20s, [this] {
      ADD_FAILURE() << "nothing more happened";
      loop_.stop();
    });
  }

  std::string request(const std::string &orders, const std::string &stage) {
    auto file = installation_.folder.write("m.py", orders);
    return nlohmann::json{
        {"kind", "capture"},
        {"file", file.string()},
        {"out", (installation_.folder.path() / "out").string()},
        {"stages", {{{"id", stage}, {"from", "source"}}}}}
        .dump();
  }

  /// Runs a job to its end.
  JobEvent run(const std::string &orders, const std::string &stage = "fx") {
    JobEvent end;
    worker_->run(request(orders, stage), 60s, [&](const JobEvent &event) {
      if (event.kind == JobEvent::Kind::End) {
        end = event;
        loop_.stop();
      }
    });
    loop_.run();
    return end;
  }

  /// The one child of this process.
  static pid_t workerPid() {
    std::ifstream children("/proc/self/task/" + std::to_string(::getpid()) +
                           "/children");
    pid_t pid = 0;
    children >> pid;
    return pid;
  }

  /// `parallel` of each request that the worker got.
  std::vector<int> shares() const {
    std::vector<int> found;
    std::ifstream file(installation_.log() + ".requests");
    for (std::string line; std::getline(file, line);)
      if (auto json = nlohmann::json::parse(line); json["op"] == "run")
        found.push_back(json["parallel"].get<int>());
    return found;
  }

  EventLoop loop_;
  test::FakeInstallation installation_;
  std::shared_ptr<ProcessBudget> budget_ = std::make_shared<ProcessBudget>(4);
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<Handle> deadline_;
  std::vector<std::string> troubles_;
};

TEST_F(WorkerTest, RunsAJobOnAProcessThatItStartsItself) {
  EXPECT_EQ(run("entry Net\n").status, "ok");
  ASSERT_NE(worker_->hello(), nullptr);
  EXPECT_EQ(worker_->hello()->tools.at("fake"), "1.0");
  EXPECT_EQ(run("entry Net\n").status, "ok")
      << "the same process takes another";
  EXPECT_TRUE(troubles_.empty());
}

/// Calls `then` when the job has begun.
JobSink whenBegun(std::function<void()> then) {
  return [then = std::move(then)](const JobEvent &event) {
    if (event.kind == JobEvent::Kind::Entry)
      then();
  };
}

TEST_F(WorkerTest, JobsShareABudgetOfProcesses) {
  // Two hang, and take all that there is; the third waits for the first's end.
  std::string hangs = request("entry Net\nhang fx\n", "fx");
  JobId first = 0;
  auto runThird = [&] {
    worker_->run(
        request("entry Net\n", "fx"), 60s,
        [&](const JobEvent &event) {
          if (event.kind == JobEvent::Kind::End)
            loop_.stop();
        },
        /*width=*/2);
    worker_->cancel(first);
  };
  auto runSecond = [&] {
    worker_->run(hangs, 60s, whenBegun(runThird), /*width=*/9);
  };
  first = worker_->run(hangs, 60s, whenBegun(runSecond), /*width=*/3);
  loop_.run();
  EXPECT_EQ(shares(), (std::vector{3, 1, 2}));
  EXPECT_EQ(budget_->used(), 1) << "the second one's";
}

TEST_F(WorkerTest, AnUrgentJobDoesNotWaitForTheOthers) {
  // Two hang, and have all that there is; a third waits for them.
  std::string hangs = request("entry Net\nhang fx\n", "fx");
  auto stop = [&](const JobEvent &event) {
    if (event.kind == JobEvent::Kind::End)
      loop_.stop();
  };
  auto runOthers = [&] {
    // All have one file: those that hang have read it.
    std::string quick = request("entry Net\n", "fx");
    worker_->run(quick, 60s, [](const JobEvent &) {
      ADD_FAILURE() << "there is no room for it";
    });
    worker_->run(quick, 60s, stop, /*width=*/1, Priority::Urgent);
  };
  worker_->run(hangs, 60s, [](const JobEvent &) {}, /*width=*/4);
  worker_->run(hangs, 60s, whenBegun(runOthers));
  loop_.run();
  EXPECT_EQ(shares(), (std::vector{4, 1, 1}));
}

TEST(ProcessBudget, GivesTheFirstAllAndLaterOnesAtLeastOne) {
  auto budget = std::make_shared<ProcessBudget>(4);
  auto first = budget->take(100);
  EXPECT_EQ(first.size(), 4);
  EXPECT_FALSE(budget->hasRoom());
  {
    auto second = budget->take(3);
    EXPECT_EQ(second.size(), 1);
    EXPECT_EQ(budget->used(), 5);
  }
  first = {};
  EXPECT_EQ(budget->used(), 0);
  EXPECT_EQ(budget->take(2).size(), 2);
}

TEST_F(WorkerTest, AKilledWorkerEndsItsJobAndComesBack) {
  JobEvent end = run("entry Net\ndie fx\n");
  EXPECT_EQ(end.status, "crashed");
  EXPECT_NE(end.message.find("died (signal 9)"), std::string::npos)
      << end.message;
  EXPECT_EQ(run("entry Net\n").status, "ok");
  EXPECT_EQ(troubles_.size(), 1U);
}

TEST_F(WorkerTest, AJobThatADeadWorkerHadNotBegunIsGivenToTheNext) {
  EXPECT_EQ(run("entry Net\n").status, "ok");
  ::kill(workerPid(), SIGKILL);
  // Sent before the loop can know of the death.
  EXPECT_EQ(run("entry Net\n").status, "ok");
}

TEST_F(WorkerTest, CancelEndsARunningJob) {
  JobEvent end;
  JobId id = 0;
  id = worker_->run(request("entry Net\nhang fx\n", "fx"), 60s,
                    [&](const JobEvent &event) {
                      if (event.kind == JobEvent::Kind::Entry)
                        worker_->cancel(id);
                      if (event.kind == JobEvent::Kind::End) {
                        end = event;
                        loop_.stop();
                      }
                    });
  loop_.run();
  EXPECT_EQ(end.status, "cancelled");
  EXPECT_EQ(run("entry Net\n").status, "ok");
}

TEST_F(WorkerTest, CancelEndsAJobThatWasNeverSent) {
  JobEvent end;
  JobId id =
      worker_->run(request("entry Net\n", "fx"), 60s, [&](const JobEvent &e) {
        end = e;
        loop_.stop();
      });
  worker_->cancel(id);
  loop_.run();
  EXPECT_EQ(end.status, "cancelled");
}

TEST_F(WorkerTest, GivesUpOnAWorkerThatNeverComesUp) {
  ::setenv("FAKE_WORKER_BROKEN", "1", 1);
  JobEvent end = run("entry Net\n");
  ::unsetenv("FAKE_WORKER_BROKEN");
  EXPECT_EQ(end.status, "unavailable");
  EXPECT_NE(end.message.find("this worker is broken"), std::string::npos)
      << end.message;
  EXPECT_EQ(run("entry Net\n").status, "ok") << "the next job tries again";
}

TEST_F(WorkerTest, AMissingProgramIsSaidAtOnce) {
  std::filesystem::remove(installation_.folder.path() / "bin/irlens-mlir");
  JobEvent end = run("entry Net\n");
  EXPECT_EQ(end.status, "unavailable");
  EXPECT_NE(end.message.find("make build"), std::string::npos) << end.message;
}

} // namespace
} // namespace irlens::engine
