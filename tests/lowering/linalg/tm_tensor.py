# torch-mlir's own dialect, which MLIR cannot read, becomes loops: a scan, a scatter, a sort.
# REQUIRES: torch, torch-mlir, mlir-opt
# RUN: %irlens-capture %s --to linalg --entry scan > %t.scan
# RUN: FileCheck %s --check-prefix=SCAN < %t.scan
# RUN: mlir-opt %t.scan -o /dev/null
# RUN: %irlens-capture %s --to linalg --entry scatter | FileCheck %s --check-prefix=SCATTER
# RUN: %irlens-capture %s --to linalg --entry sort | FileCheck %s --check-prefix=SORT
import torch

x = torch.randn(4, 6)
__explore__(lambda x: torch.cumsum(x, dim=1), x, _name="scan")
__explore__(lambda x, i: x.scatter_add(0, i, x), x, torch.zeros(4, 6).long(), _name="scatter")
__explore__(lambda x: torch.sort(x, dim=0), x, _name="sort")

# SCAN:       #[[LINE:loc[0-9]*]] = loc("{{.*}}tm_tensor.py":11:23)
# SCAN-NOT:   tm_tensor.scan
# SCAN:       scf.for %[[I:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args
# SCAN:         scf.for %[[J:[a-z0-9]*]] =
# SCAN:           arith.cmpi eq, %[[J]], %{{.*}} : index
# SCAN:           arith.addf %{{.*}}, %{{.*}} : f32 loc(#[[LINE]])
# SCAN:           tensor.insert %{{.*}} into %{{.*}}[%[[I]], %[[J]]] : tensor<4x6xf32>
# SCAN:           tensor.insert %{{.*}} into %{{.*}}[%[[I]]] : tensor<4xf32>

# SCATTER-NOT: tm_tensor.scatter
# SCATTER:     scf.for
# SCATTER:       arith.addf
# SCATTER:       tensor.insert

# SORT-NOT:   tm_tensor.sort
# SORT:       scf.for
# SORT:         scf.for
# SORT:           scf.for
# SORT:             %[[ORDERED:.*]] = arith.cmpf ole
# SORT:             arith.select %[[ORDERED]]
