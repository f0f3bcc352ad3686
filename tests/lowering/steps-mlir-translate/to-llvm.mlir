// REQUIRES: irlens-mlir
// RUN: irlens-mlir --steps '[{"tool": "mlir-translate", "args": ["--mlir-to-llvmir"]}]' --name /ws/to-llvm.mlir %s | FileCheck %s
// RUN: not irlens-mlir --steps '[{"tool": "mlir-translate", "args": ["--mlir-to-cobol"]}]' %s 2>&1 | FileCheck --check-prefix=UNKNOWN %s

// LLVM IR whose debug info leads to the lines of the file.

// CHECK: ; ModuleID = 'LLVMDialectModule'
// CHECK: define i32 @twice(i32 %0) !dbg
// CHECK: add i32 %0, %0, !dbg ![[PLACE:[0-9]+]]
// CHECK: ![[PLACE]] = !DILocation(line: [[# @LINE + 5]]
// UNKNOWN: error: 'mlir-translate' ended with exit code 1:
// UNKNOWN: Unknown command line argument '--mlir-to-cobol'

llvm.func @twice(%a: i32) -> i32 {
  %b = llvm.add %a, %a : i32
  llvm.return %b : i32
}
