// Source lines for targets whose back end prints none. SPIR-V is the one: LLVM
// 22 has no OpLine and no DebugLine for it, while its machine instructions do
// have locations. Stage processes only.
#pragma once

#include <llvm/IR/LegacyPassManager.h>

namespace irlens::mlir_worker {

/// A pass manager that makes the assembly printer put a comment before each
/// change of location, in the form of other targets' verbose assembly:
///   ; /ws/blocks.py:9:3 @[ /ws/net.py:16:5 ]
class LineCommentPassManager : public llvm::legacy::PassManager {
public:
  void add(llvm::Pass *pass) override;
};

} // namespace irlens::mlir_worker
