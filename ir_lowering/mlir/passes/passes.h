// The passes that irlens adds to MLIR's own, and that rows of pipelines.json
// name:
//   irlens-externalize-weights   weights without values become external symbols
//   irlens-copies-to-loops       strided copies become loops, not runtime calls
//   irlens-expand-dynamic-shapes expand_shape of several unknown sizes, by hand
//   irlens-reciprocal-of-zero    no abort where PyTorch gives infinity
//   irlens-debug-scopes          call chains get scopes, so that LLVM keeps
//   them
// and, in this order, for kernels:
//   irlens-fuse-for-kernels          fusion that does no work twice
//   irlens-separate-initial-values   a fill per accumulation
//   irlens-linalg-to-kernel-loops    a parallel loop per op
//   irlens-fuse-kernel-loops         matmul, bias and activation in one
//   irlens-accumulate-in-registers   reductions leave memory alone
//   irlens-map-to-gpu                blocks and threads
//   irlens-name-kernels              main_matmul_3
//   irlens-kernels-to-llvm           NVVM or ROCDL, without the host
#pragma once

namespace irlens::mlir_worker {

void registerExternalizeWeights();
void registerCopiesToLoops();
void registerExpandDynamicShapes();
void registerReciprocalOfZero();
void registerDebugScopes();
void registerFuseForKernels();
void registerSeparateInitialValues();
void registerLinalgToKernelLoops();
void registerFuseKernelLoops();
void registerAccumulateInRegisters();
void registerMapToGpu();
void registerNameKernels();
void registerKernelsToLlvm();

inline void registerPasses() {
  registerExternalizeWeights();
  registerCopiesToLoops();
  registerExpandDynamicShapes();
  registerReciprocalOfZero();
  registerDebugScopes();
  registerFuseForKernels();
  registerSeparateInitialValues();
  registerLinalgToKernelLoops();
  registerFuseKernelLoops();
  registerAccumulateInRegisters();
  registerMapToGpu();
  registerNameKernels();
  registerKernelsToLlvm();
}

} // namespace irlens::mlir_worker
