#include "engine/worker/worker.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <utility>

namespace irlens::engine {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

/// A worker has so many jobs even when the others have all processes: one that
/// hangs must not keep the next one waiting. More only while there is room.
constexpr std::size_t kJobsAtLeast = 2;
constexpr int kMaxFailedStarts = 4;
constexpr auto kFirstRetry = 100ms;
/// What a worker may take beyond a job's own limit before it is thought dead.
constexpr auto kWatchdogGrace = 5s;
constexpr std::size_t kErrorTail = 2000;

std::string text(const Json &json, const char *key) {
  auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>()
                                                   : std::string();
}

template <typename Insert>
void eachText(const Json &json, const char *key, Insert insert) {
  auto found = json.find(key);
  if (found == json.end())
    return;
  for (const auto &[name, value] : found->items())
    if (value.is_string())
      insert(name, value.template get<std::string>());
}

WorkerHello parseHello(const Json &json) {
  WorkerHello hello;
  eachText(json, "tools", [&](const std::string &k, std::string v) {
    hello.tools[k] = std::move(v);
  });
  eachText(json, "steps", [&](const std::string &, std::string v) {
    hello.steps.insert(std::move(v));
  });
  eachText(json, "unavailable", [&](const std::string &k, std::string v) {
    hello.unavailable[k] = std::move(v);
  });
  eachText(json, "site", [&](const std::string &, std::string v) {
    hello.site.push_back(std::move(v));
  });
  hello.executable = text(json, "executable");
  return hello;
}

std::optional<JobEvent::Kind> kindOf(const std::string &event) {
  if (event == "started")
    return JobEvent::Kind::Started;
  if (event == "entry")
    return JobEvent::Kind::Entry;
  if (event == "stage")
    return JobEvent::Kind::Stage;
  if (event == "end")
    return JobEvent::Kind::End;
  return std::nullopt;
}

JobEvent endOf(std::string status, std::string message) {
  JobEvent end;
  end.status = std::move(status);
  end.message = std::move(message);
  return end;
}

} // namespace

Worker::Worker(EventLoop &loop, Options options)
    : loop_(loop), options_(std::move(options)) {}

Worker::~Worker() { *alive_ = false; }

void Worker::start() {
  if (process_ || retry_)
    return;
  trouble_.clear();
  failedStarts_ = 0;
  spawn();
}

void Worker::stop() {
  retry_.reset();
  process_.reset();
  hello_.reset();
  partialLine_.clear();
  finishAll("cancelled", options_.name + " was stopped", /*sentOnly=*/false);
}

void Worker::spawn() {
  retry_.reset();
  partialLine_.clear();
  errorTail_.clear();
  auto command = options_.command();
  if (!command)
    return giveUp(command.error().message);
  command->onOut = [this](std::string_view chunk) { onOut(chunk); };
  command->onErr = [this](std::string_view chunk) {
    errorTail_.append(chunk);
    if (errorTail_.size() > kErrorTail)
      errorTail_.erase(0, errorTail_.size() - kErrorTail);
    if (options_.onLog)
      options_.onLog(std::string(chunk));
  };
  command->onExit = [this](std::int64_t code, int signal) {
    onExit(code, signal);
  };
  auto process = loop_.spawn(std::move(*command));
  if (!process)
    return giveUp(process.error().message);
  process_ = std::move(*process);
}

void Worker::onOut(std::string_view chunk) {
  auto alive = alive_;
  partialLine_.append(chunk);
  std::size_t start = 0;
  std::string lines = std::exchange(partialLine_, {});
  for (std::size_t end = lines.find('\n'); end != std::string::npos;
       end = lines.find('\n', start)) {
    onLine(std::string_view(lines).substr(start, end - start));
    if (!*alive)
      return;
    start = end + 1;
  }
  partialLine_ = lines.substr(start);
}

void Worker::onLine(std::string_view line) {
  Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    if (options_.onLog)
      options_.onLog(fmt::format("{}: not an event: {}\n", options_.name,
                                 line.substr(0, 200)));
    return;
  }
  std::string event = text(json, "event");
  if (event == "hello") {
    hello_ = parseHello(json);
    failedStarts_ = 0;
    if (options_.onHello)
      options_.onHello(*hello_);
    return pump();
  }
  auto kind = kindOf(event);
  JobId id = json.value("job", JobId{0});
  auto job = jobs_.find(id);
  if (!kind || job == jobs_.end())
    return;
  JobEvent out{*kind,
               text(json, "entry"),
               text(json, "stage"),
               text(json, "status"),
               text(json, "message"),
               json.value("line", 0)};
  if (*kind == JobEvent::Kind::End)
    return finish(id, std::move(out));
  job->second.started = true;
  auto sink = job->second.sink; // The sink may cancel its own job.
  sink(out);
}

void Worker::onExit(std::int64_t exitCode, int signal) {
  process_.reset();
  bool wasWarm = hello_.has_value();
  hello_.reset();
  std::string how = signal ? fmt::format("signal {}", signal)
                           : fmt::format("exit code {}", exitCode);
  std::string message = fmt::format("{} died ({})", options_.name, how);
  if (!wasWarm && !errorTail_.empty())
    message += ": " + errorTail_;
  auto alive = alive_;
  requeueUnstarted();
  finishAll("crashed", message, /*sentOnly=*/true);
  if (!*alive)
    return;
  if (!wasWarm && ++failedStarts_ >= kMaxFailedStarts)
    return giveUp(message);
  if (options_.onTrouble)
    options_.onTrouble(message + "; starting it again");
  retryLater();
}

/// A job that the dead process had not begun is not to blame: the next one gets
/// it. Once, in case reading the request is what kills.
void Worker::requeueUnstarted() {
  for (auto &[id, job] : jobs_)
    if (job.sent && !job.started && job.attempts < 2) {
      job.sent = false;
      job.share = {};
      job.watchdog.reset();
    }
}

void Worker::retryLater() {
  auto delay = kFirstRetry * (1 << std::min(failedStarts_, 6));
  retry_ = loop_.after(delay, [this] { spawn(); });
}

void Worker::giveUp(std::string reason) {
  trouble_ = std::move(reason);
  if (options_.onTrouble)
    options_.onTrouble(trouble_);
  finishAll("unavailable", trouble_, /*sentOnly=*/false);
}

JobId Worker::run(std::string request, std::chrono::milliseconds timeout,
                  JobSink sink, int width, Priority priority) {
  JobId id = nextJob_++;
  Job job;
  job.request = std::move(request);
  job.timeout = timeout;
  job.sink = std::move(sink);
  job.width = width;
  job.priority = priority;
  jobs_.emplace(id, std::move(job));
  loop_.post([this, alive = alive_] {
    if (!*alive)
      return;
    start(); // A worker that was given up gets another chance.
    pump();
  });
  return id;
}

void Worker::pump() {
  if (!hello_ || !process_)
    return;
  for (auto &[id, job] : jobs_)
    if (!job.sent && job.priority == Priority::Urgent &&
        (sentJobs(Priority::Urgent) == 0 || options_.budget->hasRoom()))
      send(id, job);
  std::size_t running = sentJobs(Priority::Normal);
  for (auto &[id, job] : jobs_) {
    if (running >= kJobsAtLeast && !options_.budget->hasRoom())
      return;
    if (!job.sent && job.priority == Priority::Normal) {
      send(id, job);
      ++running;
    }
  }
}

std::size_t Worker::sentJobs(Priority priority) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(jobs_, [priority](const auto &job) {
        return job.second.sent && job.second.priority == priority;
      }));
}

void Worker::send(JobId id, Job &job) {
  job.sent = true;
  ++job.attempts;
  job.share = options_.budget->take(job.width);
  // The request is a JSON object: the head is spliced into it.
  std::string line = fmt::format(R"({{"op":"run","job":{},"parallel":{},{})",
                                 id, job.share.size(), job.request.substr(1));
  process_->in().write(line + "\n");
  job.watchdog =
      loop_.after(std::chrono::duration_cast<std::chrono::milliseconds>(
                      job.timeout + kWatchdogGrace),
                  [this] {
                    // The worker enforces the limit; if it does not, it is
                    // itself stuck.
                    if (process_)
                      process_->kill(SIGKILL);
                  });
}

void Worker::cancel(JobId id) {
  auto job = jobs_.find(id);
  if (job == jobs_.end())
    return;
  if (job->second.sent && process_) {
    process_->in().write(fmt::format("{{\"op\":\"cancel\",\"job\":{}}}\n", id));
    return;
  }
  loop_.post([this, id, alive = alive_] {
    if (*alive && jobs_.contains(id))
      finish(id, endOf("cancelled", ""));
  });
}

void Worker::finish(JobId id, JobEvent end) {
  auto node = jobs_.extract(id);
  end.kind = JobEvent::Kind::End;
  auto alive = alive_;
  if (node) {
    node.mapped().share = {}; // The sink may start the next job.
    node.mapped().sink(end);
  }
  if (*alive)
    pump();
}

void Worker::finishAll(const std::string &status, const std::string &message,
                       bool sentOnly) {
  std::vector<JobId> ids;
  for (const auto &[id, job] : jobs_)
    if (job.sent || !sentOnly)
      ids.push_back(id);
  auto alive = alive_;
  for (JobId id : ids) {
    if (!*alive)
      return;
    finish(id, endOf(status, message));
  }
}

} // namespace irlens::engine
