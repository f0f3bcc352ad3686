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

  EventLoop loop_;
  test::FakeInstallation installation_;
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
