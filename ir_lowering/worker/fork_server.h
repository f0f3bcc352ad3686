// The fork server of a compiled worker: reads requests from stdin, forks a
// process per job, and says how each ended (engine/worker/PROTOCOL.md). One
// thread; the process that all others are forked from, so that it does as
// little as possible itself.
#pragma once

#include "ir_lowering/worker/report.h"

#include <expected>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

namespace irlens::inline worker {

/// How a job ended. Ok even if stages failed: these report their own failures.
struct JobOutcome {
  Status status = Status::Ok;
  std::string message;
  int line = 0; ///< Of the input file, when reading it failed.
};

/// A request that cannot be executed. `job` is 0 when not even that is known.
struct BadRequest {
  int job = 0;
  std::string message;
};

struct Cancel {
  int job = 0;
};

/// A job as the server sees it. `run` is called in the job's own process, which
/// is the leader of a process group.
struct ServedJob {
  int id = 0;
  int timeoutMs = 0;
  std::function<JobOutcome()> run;
};

using ServedRequest = std::variant<ServedJob, Cancel>;

/// What differs between the workers.
struct Service {
  std::string program;  ///< For messages on stderr.
  nlohmann::json hello; ///< What the hello event says besides pid and protocol.
  std::function<std::expected<ServedRequest, BadRequest>(std::string_view line)>
      read;
  /// A millisecond of work for later, done while nothing else is to do. False
  /// when nothing is left of it.
  std::function<bool()> idle = nullptr;
};

/// Serves until the end of stdin. Returns the exit code. The caller has one
/// thread.
int serve(const Service &service);

} // namespace irlens::inline worker
