// Finds the GPU kernels in a document: where each begins, for the lens above
// it. What else is known of a kernel its producer reports by name
// (PROTOCOL.md). Called by the engine on libuv's pool. Pure, any thread.
#pragma once

#include "engine/table/stage.h"

#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

struct KernelPlace {
  std::string name;
  int line = 0; ///< From 1.
};

/// In the order of the text: `gpu.func ... kernel` of MLIR, kernel calling
/// conventions of LLVM IR, `.entry` of PTX, symbols with an `.amdhsa_kernel`.
std::vector<KernelPlace> findKernels(TextFormat format,
                                     std::string_view document);

} // namespace irlens::engine
