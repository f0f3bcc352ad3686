// What a kernel computes, in a word: the name of a kernel is made of the labels
// of the linalg ops that became part of it. A label travels from the op through
// loops and their fusion to the kernel in the location of the ops, as the only
// thing that all of those passes keep.
#pragma once

#include <mlir/Dialect/Linalg/IR/Linalg.h>

#include <optional>
#include <string>

namespace irlens::mlir_worker {

/// "matmul", "conv", "max_pool", "sum", "transpose", "gather", "tanh",
/// "elementwise", ...: told from indexing maps, iterators and body, for all ops
/// are generic by then.
std::string kernelLabel(mlir::linalg::GenericOp op);

/// `location` with a label around it.
mlir::Location withLabel(mlir::Location location, llvm::StringRef label);

/// The label around a location, and the location without it.
struct LabelledLocation {
  llvm::StringRef label;
  mlir::Location location;
};
std::optional<LabelledLocation> labelled(mlir::Location location);

} // namespace irlens::mlir_worker
