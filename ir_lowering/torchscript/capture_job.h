// One capture job: opens the archive, tells its methods as entries, and has
// each stage made in a process forked from here, so that a crash costs that
// stage.
#pragma once

#include "ir_lowering/torchscript/request.h"

namespace irlens::torchscript_worker {

/// Runs the job to its end or its time limit. Called in the job's process,
/// which has one thread and no children.
JobOutcome runCapture(const CaptureJob &job);

} // namespace irlens::torchscript_worker
