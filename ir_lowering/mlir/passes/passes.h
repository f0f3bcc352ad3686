// The passes that irlens adds to MLIR's own, and that rows of pipelines.json
// name:
//   irlens-externalize-weights   weights without values become external symbols
//   irlens-copies-to-loops       strided copies become loops, not runtime calls
//   irlens-reciprocal-of-zero    no abort where PyTorch gives infinity
//   irlens-debug-scopes          call chains get scopes, so that LLVM keeps
//   them
#pragma once

namespace irlens::mlir_worker {

void registerExternalizeWeights();
void registerCopiesToLoops();
void registerReciprocalOfZero();
void registerDebugScopes();

inline void registerPasses() {
  registerExternalizeWeights();
  registerCopiesToLoops();
  registerReciprocalOfZero();
  registerDebugScopes();
}

} // namespace irlens::mlir_worker
