"""Attention forward without the matrix of scores in memory (FlashAttention 2)."""

import torch
import triton
import triton.language as tl


@triton.jit
def attend(acc, total, highest, q, k_ptrs, v_ptrs, stride_kn, stride_vn, start, end, rows, scale,
           BN: tl.constexpr, IS_DIAGONAL: tl.constexpr):  # fmt: skip
    """Takes in the keys and values from `start` to `end`."""
    for block in tl.range(start, end, BN):
        k = tl.load(k_ptrs + block * stride_kn)
        scores = tl.dot(q, k) * scale
        if IS_DIAGONAL:
            columns = block + tl.arange(0, BN)
            scores = tl.where(rows[:, None] >= columns[None, :], scores, -1.0e6)
        higher = tl.maximum(highest, tl.max(scores, 1))
        p = tl.math.exp2(scores - higher[:, None])
        correction = tl.math.exp2(highest - higher)
        total = total * correction + tl.sum(p, 1)
        v = tl.load(v_ptrs + block * stride_vn)
        acc = tl.dot(p.to(v.dtype), v, acc * correction[:, None])
        highest = higher
    return acc, total, highest


@triton.jit
def attention_kernel(
    q_ptr, k_ptr, v_ptr, out_ptr, lse_ptr, scale,
    stride_z, stride_h, stride_n, heads, length,
    D: tl.constexpr, BM: tl.constexpr, BN: tl.constexpr, CAUSAL: tl.constexpr,
):  # fmt: skip
    first = tl.program_id(0) * BM
    batch, head = tl.program_id(1) // heads, tl.program_id(1) % heads
    base = batch.to(tl.int64) * stride_z + head.to(tl.int64) * stride_h
    rows = first + tl.arange(0, BM)
    depth, inner = tl.arange(0, D), tl.arange(0, BN)
    q = tl.load(q_ptr + base + rows[:, None] * stride_n + depth[None, :])
    k_ptrs = k_ptr + base + inner[None, :] * stride_n + depth[:, None]
    v_ptrs = v_ptr + base + inner[:, None] * stride_n + depth[None, :]
    highest = tl.full([BM], -float("inf"), dtype=tl.float32)
    total = tl.full([BM], 1.0, dtype=tl.float32)
    acc = tl.zeros([BM, D], dtype=tl.float32)
    scale *= 1.44269504  # exp2 instead of exp
    full_end = first if CAUSAL else length
    acc, total, highest = attend(
        acc, total, highest, q, k_ptrs, v_ptrs, stride_n, stride_n, 0, full_end, rows, scale, BN, False
    )
    if CAUSAL:
        acc, total, highest = attend(
            acc, total, highest, q, k_ptrs, v_ptrs, stride_n, stride_n, first, first + BM, rows, scale, BN, True
        )
    tl.store(out_ptr + base + rows[:, None] * stride_n + depth[None, :], (acc / total[:, None]).to(tl.float16))
    tl.store(lse_ptr + tl.program_id(1) * length + rows, highest + tl.math.log2(total))


def attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, causal: bool, scale: float) -> torch.Tensor:
    batch, heads, length, depth = q.shape
    out = torch.empty_like(q)
    lse = torch.empty((batch, heads, length), device=q.device, dtype=torch.float32)
    grid = (triton.cdiv(length, 128), batch * heads)
    attention_kernel[grid](
        q, k, v, out, lse, scale, q.stride(0), q.stride(1), q.stride(2), heads, length,
        D=depth, BM=128, BN=64, CAUSAL=causal, num_warps=8, num_stages=3,
    )  # fmt: skip
    return out


if __name__ == "__main__":
    q, k, v = (torch.randn(1, 2, 1024, 64, device="cuda", dtype=torch.float16) for _ in range(3))
    for causal in (True, False):
        expected = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal, scale=0.5)
        torch.testing.assert_close(attention(q, k, v, causal, 0.5), expected, atol=1e-2, rtol=0)
