// `irlens-mlir --list-passes --json`: the passes that pipelines can name, for
// completion and hovers.
#pragma once

namespace irlens::mlir_worker {

class Compiler;

/// {"mlir":[{"name","description","options":[{"name","description"}]}],
/// "llvm":[{"name"}]}, or their names line by line. Returns the exit code.
int printPasses(Compiler &compiler, bool asJson);

} // namespace irlens::mlir_worker
