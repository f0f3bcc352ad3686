// One lower job: walks the tree of its stages. Runs in a process of its own,
// which executes no compiler code, forks the stage processes (stage_process.h),
// limits how many run at once, and turns their deaths into reports.
#pragma once

#include "ir_lowering/mlir/request.h"
#include "ir_lowering/worker/fork_server.h"

#include <string>
#include <string_view>

namespace irlens::mlir_worker {

class Compiler;

/// Told what happens to the stages, in order.
class JobEvents {
public:
  virtual ~JobEvents() = default;
  virtual void onRunning(const std::string &stage) = 0;
  virtual void onFinal(const std::string &stage, Status status) = 0;
};

/// Runs the job to its end, or to its time limit. The caller must have one
/// thread, and no other children.
JobOutcome runJob(const Job &job, Compiler &compiler, JobEvents &events);

} // namespace irlens::mlir_worker
