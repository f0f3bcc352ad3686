// One stage of one method: runs its passes and writes its files. In a process
// of its own, which may die.
#pragma once

#include "ir_lowering/torchscript/archive.h"
#include "ir_lowering/torchscript/request.h"
#include "ir_lowering/worker/report.h"

namespace irlens::torchscript_worker {

/// Makes the stage; the returned report is written by whoever calls. A failed
/// stage leaves the graph before the pass that failed.
StageReport makeStage(const CaptureJob &job, const Archive &archive,
                      const Method &method, const Row &row);

} // namespace irlens::torchscript_worker
