// Work done once in the server, so that no child has to do it again.
#pragma once

namespace irlens::mlir_worker {

class Compiler;

/// Takes a small module from linalg to assembly. Forked children then find
/// functions bound, tables built and pages in place. Says nothing if it fails:
/// jobs will.
void warmUp(Compiler &compiler);

} // namespace irlens::mlir_worker
