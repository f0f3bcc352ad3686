// irlens-mlir as a fork server (ir_lowering/worker/fork_server.h): which
// requests it understands and what it does with them.
#pragma once

namespace irlens::mlir_worker {

class Compiler;

/// Serves until the end of stdin. Returns the exit code.
int serve(Compiler &compiler);

} // namespace irlens::mlir_worker
