"""Which of libtriton's bindings adds the pass that triton-opt calls by a name.

A table, a line for each pass: its name, the binding (`add_` left out), then what the binding takes, in that
order, as triton-opt calls it; behind `=` what it is when it is not given, `?` if it must be. A line that begins
with blanks goes on with the one above. Read by opt_tool.py.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

_TABLE = """
allocate-shared-memory ttgpuir.allocate_shared_memory
canonicalize common.canonicalizer
canonicalize-llvm-ir ttgpuir.canonicalize_llvm_ir
convert-arith-to-llvm convert.arith_to_llvmir
convert-cf-to-llvm convert.cf_to_llvmir
convert-index-to-llvm convert.index_to_llvmir
convert-nvvm-to-llvm convert.nvvm_to_llvm
convert-scf-to-cf convert.scf_to_cf
convert-triton-to-tritongpu ttir.convert_to_ttgpuir target=? num-warps=4 threads-per-warp=32 num-ctas=1
cse common.cse
enable-line-info llvmir.di_scope
extract-variable-info llvmir.di_local_variable
gluon-canonicalize gluon.canonicalizer
gluon-infer-coalesced-encodings gluon.infer_coalesced_encodings
gluon-inline gluon.inliner
gluon-resolve-auto-encodings gluon.resolve_auto_encodings
inline common.inliner
loop-invariant-code-motion common.licm
reconcile-unrealized-casts convert.reconcile_unrealized_casts
sccp common.sccp
symbol-dce common.symbol_dce
triton-combine ttir.combine
triton-licm ttir.triton_licm
triton-loop-aware-cse ttir.loop_aware_cse
triton-loop-unroll ttir.loop_unroll
triton-reorder-broadcast ttir.reorder_broadcast
triton-rewrite-tensor-descriptor-to-pointer ttir.rewrite_tensor_descriptor_to_pointer
tritongpu-F32DotTC ttgpuir.f32_dot_tc emu-tf32=false
tritongpu-accelerate-matmul ttgpuir.accelerate_matmul
tritongpu-allocate-warp-groups ttgpuir.allocate_warp_groups
tritongpu-assign-latencies ttgpuir.assign_latencies num-stages=3
tritongpu-automatic-warp-specialization ttgpuir.warp_specialize num-stages=3
tritongpu-coalesce ttgpuir.coalesce
tritongpu-coalesce-async-copy ttgpuir.coalesce_async_copy
tritongpu-combine-tensor-select-and-if ttgpuir.combine_tensor_select_and_if
tritongpu-fuse-nested-loops ttgpuir.fuse_nested_loops
tritongpu-global-scratch-memory-allocation ttgpuir.allocate_global_scratch_memory
tritongpu-hoist-tmem-alloc ttgpuir.hoist_tmem_alloc post-pipeline=false
tritongpu-optimize-accumulator-init ttgpuir.optimize_accumulator_init
tritongpu-optimize-dot-operands ttgpuir.optimize_dot_operands hoist-layout-conversion=true
tritongpu-optimize-partition-warps ttgpuir.optimize_partition_warps
tritongpu-optimize-thread-locality ttgpuir.optimize_thread_locality
tritongpu-pipeline ttgpuir.pipeline num-stages=3 dump-intermediate-steps=false
tritongpu-prefetch ttgpuir.prefetch
tritongpu-reduce-data-duplication ttgpuir.reduce_data_duplication
tritongpu-remove-layout-conversions ttgpuir.remove_layout_conversions
tritongpu-reorder-instructions ttgpuir.reorder_instructions
tritongpu-schedule-loops ttgpuir.schedule_loops
tritoninstrument-concurrency-sanitizer ttgpuir.concurrency_sanitizer
tritoninstrument-fp-sanitizer ttgpuir.fp_sanitizer homomorphic-casts=false
tritoninstrument-global-sanitizer ttgpuir.global_sanitizer
tritoninstrument-prepare-consan-captures ttgpuir.prepare_consan_captures target=?
allocate-shared-memory-nv nvidia.ttgpuir.allocate_shared_memory_nv compute-capability=90 ptx-version=80
convert-nv-gpu-to-llvm nvidia.ttnvgpuir.nvgpu_to_llvm
convert-triton-gpu-to-llvm nvidia.ttgpuir.to_llvmir compute-capability=90 ptx-version=80
convert-warp-specialize-to-llvm nvidia.ttnvgpuir.warp_specialize_to_llvm
initialize-ws-cluster-barriers nvidia.ttnvgpuir.initialize_ws_cluster_barriers compute-capability=90 ptx-version=80
nvgpu-warp-specialization nvidia.hopper.hopper_warpspec num-stages=3 dump-intermediate-steps=false
nvws-assign-stage-phase nvidia.nvws.assign_stage_phase
nvws-insert-tmem-aref nvidia.nvws.insert_tmem_aref
nvws-lower-aref nvidia.nvws.lower_aref
nvws-lower-warp-group nvidia.nvws.lower_warp_group
set-minimum-shared-memory nvidia.ttgpuir.set_minimum_shared_memory minimum-size=0
triton-nvidia-check-matmul-two-cta nvidia.ttnvgpuir.check_matmul_two_cta
triton-nvidia-gpu-assign-cga-layouts nvidia.ttnvgpuir.assign_cga_layouts
triton-nvidia-gpu-cluster-barrier-mbar-allocator nvidia.ttnvgpuir.cluster_barrier_mbar_allocator
triton-nvidia-gpu-fence-insertion nvidia.ttnvgpuir.fence_insertion compute-capability=90
triton-nvidia-gpu-hoist-mbarrier-lifecycle nvidia.ttnvgpuir.hoist_mbarrier_lifecycle compute-capability=90
triton-nvidia-gpu-lower-clc nvidia.ttnvgpuir.lower_clc
triton-nvidia-gpu-membar nvidia.ttgpuir.membar compute-capability=90 ptx-version=80
triton-nvidia-gpu-optimize-cta-locality nvidia.ttnvgpuir.optimize_cta_locality
triton-nvidia-gpu-proxy-fence-insertion nvidia.ttnvgpuir.proxy_fence_insertion compute-capability=90
triton-nvidia-gpu-remove-tmem-tokens nvidia.ttnvgpuir.remove_tmem_tokens
triton-nvidia-gpu-tmem-barrier-insertion nvidia.ttnvgpuir.tmem_barrier_insertion
triton-nvidia-gpu-tmem-wait-insertion nvidia.ttnvgpuir.tmem_wait_insertion
triton-nvidia-gpu-to-clc nvidia.ttnvgpuir.to_clc
triton-nvidia-interleave-tmem nvidia.ttnvgpuir.interleave_tmem
triton-nvidia-mma-lowering nvidia.ttnvgpuir.lower_mma
triton-nvidia-optimize-descriptor-encoding nvidia.ttnvgpuir.optimize_descriptor_encoding
triton-nvidia-optimize-tmem-layouts nvidia.ttnvgpuir.optimize_tmem_layouts
triton-nvidia-tma-lowering nvidia.ttnvgpuir.tma_lowering
triton-nvidia-tmem-load-reduce nvidia.ttnvgpuir.tmem_load_reduce
triton-tensor-memory-allocation nvidia.ttnvgpuir.allocate_tensor_memory
tritongpu-promote-lhs-to-tmem nvidia.ttnvgpuir.promote_lhs_to_tmem
allocate-amdgpu-shared-memory amd.ttgpuir.allocate_shared_memory arch=?
convert-builtin-func-to-llvm amd.ttgpuir.builtin_func_to_llvmir gfx-arch=? ftz=true
convert-triton-amdgpu-to-llvm amd.ttgpuir.to_llvmir gfx-arch=? ftz=true
convert-warp-pipeline amd.ttgpuir.warp_pipeline_conversion gfx-arch=?
triton-amdgpu-convert-warp-specialize-to-llvm amd.ttgpuir.warp_specialize_to_llvm gfx-arch=?
triton-amdgpu-membar amd.ttgpuir.membar gfx-arch=?
tritonamdgpu-accelerate-matmul amd.ttgpuir.accelerate_matmul gfx-arch=? matrix-instruction-size=0 kPack=1
tritonamdgpu-block-pingpong amd.ttgpuir.block_pingpong num-stages=3
tritonamdgpu-canonicalize-pointers amd.ttgpuir.canonicalize_pointers
tritonamdgpu-coalesce-async-copy amd.ttgpuir.coalesce_async_copy gfx-arch=?
tritonamdgpu-convert-buffer-ops amd.ttgpuir.convert_to_buffer_ops gfx-arch=? allow-buffer-atomics=true
  analyze-small-tensor-ofst=false
tritonamdgpu-convert-tensor-ops amd.ttgpuir.convert_to_tensor_ops
tritonamdgpu-fold-true-cmpi amd.ttgpuir.fold_true_cmpi
tritonamdgpu-fp-sanitizer amd.ttgpuir.fp_sanitizer
tritonamdgpu-hoist-layout-conversions amd.ttgpuir.hoist_layout_conversions
tritonamdgpu-in-thread-transpose amd.ttgpuir.in_thread_transpose
tritonamdgpu-move-up-prologue-loads amd.ttgpuir.move_up_prologue_loads
tritonamdgpu-optimize-buffer-op-ptr amd.ttgpuir.optimize_buffer_op_ptr
tritonamdgpu-optimize-descriptor-encoding amd.ttgpuir.optimize_descriptor_encoding
tritonamdgpu-optimize-dot-operands amd.ttgpuir.optimize_dot_operands gfx-arch=?
tritonamdgpu-optimize-epilogue amd.ttgpuir.optimize_epilogue
tritonamdgpu-pipeline amd.ttgpuir.pipeline use_async_copy=false use_pingpong=false
tritonamdgpu-prepare-if-combining amd.ttgpuir.prepare_if_combining
tritonamdgpu-schedule-loops amd.ttgpuir.schedule_loops num_stages=2
tritonamdgpu-sink-layout-conversions amd.ttgpuir.sink_layout_conversions
tritonamdgpu-update-async-wait-count amd.ttgpuir.update_async_wait_count gfx-arch=?
tritonamdgpu-warp-pipeline amd.ttgpuir.warp_pipeline
"""
_NEEDED = "?"


@dataclass(frozen=True)
class Option:
    """What a binding takes, by position."""

    name: str
    default: str

    @property
    def is_needed(self) -> bool:
        """Whether there is nothing to assume."""
        return self.default == _NEEDED

    def parse(self, text: str) -> Any:
        """The value as the binding wants it. Raises ValueError with what is expected."""
        if self.default in ("true", "false"):
            known = {"true": True, "1": True, "false": False, "0": False}
            if text not in known:
                raise ValueError("true or false")
            return known[text]
        if self.is_needed:
            return text
        try:
            return int(text)
        except ValueError:
            raise ValueError("a number") from None


@dataclass(frozen=True)
class Pass:
    """A row of the table."""

    name: str
    # From libtriton or the family on, `passes` left out: `ttgpuir.coalesce`, `amd.ttgpuir.membar`.
    binding: str
    options: tuple[Option, ...]

    def adder(self) -> Any:
        """The binding itself, None if this version of Triton has no such pass."""
        from triton._C import libtriton

        *path, last = self.binding.split(".")
        path.insert(1 if path[0] in ("nvidia", "amd") else 0, "passes")
        found: Any = libtriton
        for name in (*path, f"add_{last}"):
            found = getattr(found, name, None)
        return found


@functools.cache
def known_passes() -> dict[str, Pass]:
    """All of them, by name."""
    rows = (line.split() for line in re.split(r"\n(?! )", _TABLE) if line)
    return {name: Pass(name, binding, tuple(map(_option, options))) for name, binding, *options in rows}


def _option(text: str) -> Option:
    name, _, default = text.partition("=")
    return Option(name, default)
