// REQUIRES: irlens-mlir
// RUN: irlens-mlir --check %s --name /ws/errors.mlir | FileCheck %s
// RUN: irlens-mlir --check %S/inputs/located.mlir --name /ws/located.mlir | FileCheck --check-prefix=LOCATED %s
// RUN: irlens-mlir --check %S/inputs/unknown-dialects.mlir --name /ws/u.mlir | FileCheck --check-prefix=UNKNOWN %s
// RUN: irlens-mlir --check %S/inputs/torch.mlir --name /ws/t.mlir | FileCheck --check-prefix=TORCH %s

// CHECK: "end":[15,9],"frames":{{\[\[}}"/ws/errors.mlir",15,3]]{{.*}}"severity":"error"
// An operation that has a location of its own is shown where it stands.
// LOCATED: "end":[2,21],"frames":{{\[\[}}"/ws/located.mlir",2,8]]{{.*}}"severity":"error"
// UNKNOWN: {"diagnostics":[{"end":[2,19],"frames":{{\[\[}}"/ws/u.mlir",2,8]],"message":"the dialect 'foo' is not known here: its operations are not checked"
// UNKNOWN-NOT: not known here: {{.*}}not known here
// TORCH: "frames":{{\[\[}}"/ws/t.mlir",2,8]],"message":"Dialect `torch' not found for custom op 'torch.aten.relu' {{.*}}not checked beyond it"{{.*}}"severity":"info"

func.func @f() -> i32 {
  return
}
