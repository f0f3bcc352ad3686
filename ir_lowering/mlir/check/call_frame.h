// How `main` is called: MLIR passes a memref as its fields one by one
// (allocated pointer, aligned pointer, offset, sizes, strides) and returns it
// as a structure of them. Types come from LLVM IR, which no longer knows what
// pointers point to; the reference does. Stage process only.
#pragma once

#include "ir_lowering/mlir/check/aligned_bytes.h"
#include "ir_lowering/mlir/check/tensor_file.h"

#include <llvm/IR/DataLayout.h>
#include <llvm/IR/Function.h>
#include <span>

namespace irlens::mlir_worker {

/// The values of the parameters, each in a slot of its own, and the tensors
/// that they point to: copies, because the program may write into them.
struct CallFrame {
  static constexpr std::size_t kSlotBytes = 16;
  std::vector<char> slots;
  std::vector<AlignedBytes> tensors;
  AlignedBytes result;
};

/// Errors: InvalidConfig when the parameters are not those of the tensors.
engine::Result<CallFrame> makeCallFrame(const llvm::Function &function,
                                        const std::vector<Tensor> &arguments);

/// Adds `void NAME(slots, result)`, which calls the function: so every
/// signature has one form that can be called from here.
void addCaller(llvm::Function &function, llvm::StringRef name);

/// A result of the call in row-major order.
struct ReturnedTensor {
  Tensor tensor;
  std::string bytes;
};

/// What the call has left in `frame.result`. `expected` tells the element
/// types. Errors: InvalidConfig when the type is not that of such results.
engine::Result<std::vector<ReturnedTensor>>
readResults(const CallFrame &frame, llvm::Type *type,
            const llvm::DataLayout &layout, std::span<const Tensor> expected);

} // namespace irlens::mlir_worker
