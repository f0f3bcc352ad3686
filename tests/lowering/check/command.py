# `irlens lower --check`: the check stands in the table and in the report, and a wrong result
# is an error on its line.
# REQUIRES: torch, torch-mlir, irlens, irlens-mlir
# DEFINE: %{lower} = irlens lower %s --python %python --store %t
# RUN: rm -rf %t
# RUN: %{lower} --entry right --to llvm-ir --check | FileCheck %s --check-prefix=RIGHT
# RUN: %{lower} --entry right --to check | FileCheck %s --check-prefix=TEXT
# RUN: not %{lower} --entry wrong --to llvm-ir --check > %t.table 2> %t.errors
# RUN: FileCheck %s --check-prefix=TABLE < %t.table
# RUN: FileCheck %s --check-prefix=ERRORS < %t.errors
# RUN: not %{lower} --to check --json | FileCheck %s --check-prefix=JSON
# RUN: not %{lower} --entry unable --check 2>&1 | FileCheck %s --check-prefix=UNABLE
import torch


def right(x: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.gelu(x)


def wrong(x: torch.Tensor) -> torch.Tensor:
    return x + 1 if torch.compiler.is_exporting() else x


def unable(x: torch.Tensor) -> torch.Tensor:
    if torch.compiler.is_exporting():
        return x
    raise ValueError("not without a compiler")


__explore__(right, torch.randn(8))
__explore__(wrong, torch.ones(2, 3))
__explore__(unable, torch.ones(2, 3))

# RIGHT: {{llvm-ir +ok}}
# RIGHT-NEXT: {{check +ok .*check.txt  max error [0-9.e-]+$}}
# TEXT: {{^[a-z0-9_]+ +f32\[8\] .* ok$}}
# TABLE: {{llvm-ir +ok}}
# TABLE-NEXT: {{check +failed .* see the messages}}
# ERRORS: {{.*}}command.py:[[@LINE-18]]:{{[0-9]+}}: error: result 0 (add) is not {{.*}}: 2 instead of 1 [check]
# JSON: "max error": 1.0
# JSON: "id": "check"
# JSON: "status": "failed"
# UNABLE-DAG: {{check +failed +.* reference failed}}
# UNABLE-DAG: {{.*}}command.py:[[@LINE-17]]:{{[0-9]+}}: error: ValueError: not without a compiler [reference]
