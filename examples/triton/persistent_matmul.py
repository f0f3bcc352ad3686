"""Matrix product with a program per multiprocessor, each of which goes through many blocks."""

import torch
import triton
import triton.language as tl


@triton.jit
def block_of(tile, in_group, blocks_m, GROUP: tl.constexpr):
    first_m = (tile // in_group) * GROUP
    group_size = min(blocks_m - first_m, GROUP)
    return first_m + (tile % group_size), (tile % in_group) // group_size


@triton.jit
def persistent_kernel(
    a_ptr, b_ptr, c_ptr, M, N, K, stride_am, stride_bk, stride_cm,
    BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, GROUP: tl.constexpr, PROGRAMS: tl.constexpr,
):  # fmt: skip
    blocks_m, blocks_n = tl.cdiv(M, BM), tl.cdiv(N, BN)
    steps = tl.cdiv(K, BK)
    inner = tl.arange(0, BK)
    for tile in tl.range(tl.program_id(0), blocks_m * blocks_n, PROGRAMS, flatten=True):
        block_m, block_n = block_of(tile, GROUP * blocks_n, blocks_m, GROUP)
        rows = block_m * BM + tl.arange(0, BM)
        columns = block_n * BN + tl.arange(0, BN)
        safe_rows = tl.max_contiguous(tl.multiple_of(tl.where(rows < M, rows, 0), BM), BM)
        safe_columns = tl.max_contiguous(tl.multiple_of(tl.where(columns < N, columns, 0), BN), BN)
        accumulator = tl.zeros((BM, BN), dtype=tl.float32)
        for step in range(steps):
            offsets = step * BK + inner
            a = tl.load(a_ptr + safe_rows[:, None] * stride_am + offsets[None, :], mask=offsets[None, :] < K, other=0.0)
            b = tl.load(
                b_ptr + offsets[:, None] * stride_bk + safe_columns[None, :], mask=offsets[:, None] < K, other=0.0
            )
            accumulator = tl.dot(a, b, accumulator)
        mask = (rows[:, None] < M) & (columns[None, :] < N)
        tl.store(c_ptr + rows[:, None] * stride_cm + columns[None, :], accumulator.to(tl.float16), mask=mask)


def matmul(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    (m, k), n = a.shape, b.shape[1]
    c = torch.empty((m, n), device=a.device, dtype=a.dtype)
    programs = torch.cuda.get_device_properties("cuda").multi_processor_count
    grid = (min(programs, triton.cdiv(m, 128) * triton.cdiv(n, 128)),)
    persistent_kernel[grid](
        a, b, c, m, n, k, a.stride(0), b.stride(0), c.stride(0),
        BM=128, BN=128, BK=64, GROUP=8, PROGRAMS=programs, num_stages=3, num_warps=8,
    )  # fmt: skip
    return c


if __name__ == "__main__":
    a = torch.randn((2048, 512), device="cuda", dtype=torch.float16)
    b = torch.randn((512, 2048), device="cuda", dtype=torch.float16)
    torch.testing.assert_close(matmul(a, b), a @ b, atol=1e-1, rtol=0)
