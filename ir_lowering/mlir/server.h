// The fork server: reads requests from stdin, forks a process per job, and says
// how each ended. One thread; the process that all others are forked from, so
// that it does as little as possible itself.
#pragma once

namespace irlens::mlir_worker {

class Compiler;

/// Serves until the end of stdin. Returns the exit code.
int serve(Compiler &compiler);

} // namespace irlens::mlir_worker
