# `irlens diff`: two targets, two stages or two entries against each other, with the exit codes of diff(1).
# REQUIRES: triton, torch, irlens
# DEFINE: %{diff} = irlens diff %s --python %python --store %t.store
# RUN: rm -rf %t.store
# RUN: not %{diff} --to ptx@sm_80,ptx@sm_90 --entry scale | FileCheck %s --check-prefix=TARGETS
# RUN: not %{diff} --to ttgir | FileCheck %s --check-prefix=ENTRIES
# RUN: not %{diff} --to ttir,ttgir@gfx942 --entry scale,shift | FileCheck %s --check-prefix=BOTH
# RUN: %{diff} --to ttir@sm_80,ttir@sm_90 --entry scale | count 0
# RUN: sh -c '%{diff} --to ptx,ttir 2>/dev/null; test $? = 2'
# RUN: not %{diff} --to ptx,ttir 2>&1 | FileCheck %s --check-prefix=CHOOSE
# RUN: not %{diff} --to ptx --entry scale 2>&1 | FileCheck %s --check-prefix=ITSELF
# RUN: not %{diff} --to ptx,ttgir --entry other 2>&1 | FileCheck %s --check-prefix=OTHER
# RUN: not %{diff} --to ptxx,ttgir --entry scale 2>&1 | FileCheck %s --check-prefix=UNKNOWN
# RUN: not %{diff} --to ptx@gfx942,ttgir --entry scale 2>&1 | FileCheck %s --check-prefix=TARGET
# RUN: not %{diff} --to ptx,ttgir,ttir 2>&1 | FileCheck %s --check-prefix=THREE
import torch
import triton
import triton.language as tl


@triton.jit
def scale(x_ptr, n, BLOCK: tl.constexpr):
    offsets = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(x_ptr + offsets, tl.load(x_ptr + offsets, mask=offsets < n) * 2.5, mask=offsets < n)


@triton.jit
def shift(x_ptr, n, BLOCK: tl.constexpr):
    offsets = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(x_ptr + offsets, tl.load(x_ptr + offsets, mask=offsets < n) + 2.5, mask=offsets < n)


x = torch.rand(4096, device="cuda")
scale[(4,)](x, 4096, BLOCK=1024)
shift[(4,)](x, 4096, BLOCK=1024)

# TARGETS: --- scale/ptx@sm_80
# TARGETS-NEXT: +++ scale/ptx@sm_90
# TARGETS: -.target sm_80
# TARGETS: +.target sm_90a

# ENTRIES: --- scale/ttgir@sm_90
# ENTRIES-NEXT: +++ shift/ttgir@sm_90
# ENTRIES: {{^-.*}}arith.mulf
# ENTRIES: {{^\+.*}}arith.addf

# BOTH: --- scale/ttir@sm_90
# BOTH-NEXT: +++ shift/ttgir@gfx942

# CHOOSE: irlens: choose with --entry of scale, shift
# ITSELF: irlens: scale/ptx@sm_90 with itself
# OTHER: irlens: {{.*}}diff.py has no entry other
# UNKNOWN: irlens: unknown stage ptxx; did you mean ptx?
# TARGET: irlens: no such target of a stage: ptx@gfx942
# THREE: irlens: diff takes one or two stages
