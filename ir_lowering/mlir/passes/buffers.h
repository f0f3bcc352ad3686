// Which memrefs can be the same memory, for the passes that move loads and
// stores of kernels.
#pragma once

#include <mlir/Dialect/MemRef/IR/MemRef.h>
#include <mlir/Interfaces/ViewLikeInterface.h>

namespace irlens::mlir_worker {

/// The buffer behind views.
inline mlir::Value bufferOf(mlir::Value memref) {
  while (auto view = memref.getDefiningOp<mlir::ViewLikeOpInterface>())
    memref = view.getViewSource();
  return memref;
}

/// A fresh buffer overlaps with no other, and nobody writes to a weight.
inline bool mayOverlap(mlir::Value left, mlir::Value right) {
  mlir::Value a = bufferOf(left);
  mlir::Value b = bufferOf(right);
  auto isApart = [](mlir::Value buffer) {
    return buffer.getDefiningOp<mlir::memref::AllocOp>() ||
           buffer.getDefiningOp<mlir::memref::GetGlobalOp>();
  };
  return a == b || (!isApart(a) && !isApart(b));
}

} // namespace irlens::mlir_worker
