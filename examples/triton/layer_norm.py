"""Layer norm forward and backward as an autograd function."""

import torch
import triton
import triton.language as tl


@triton.jit
def layer_norm_forward(x_ptr, y_ptr, w_ptr, b_ptr, mean_ptr, rstd_ptr, stride, n, eps, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    x_ptr += row * stride
    y_ptr += row * stride
    total = tl.zeros([BLOCK], dtype=tl.float32)
    for start in range(0, n, BLOCK):
        columns = start + tl.arange(0, BLOCK)
        total += tl.load(x_ptr + columns, mask=columns < n, other=0.0).to(tl.float32)
    mean = tl.sum(total, axis=0) / n
    squares = tl.zeros([BLOCK], dtype=tl.float32)
    for start in range(0, n, BLOCK):
        columns = start + tl.arange(0, BLOCK)
        x = tl.load(x_ptr + columns, mask=columns < n, other=0.0).to(tl.float32)
        x = tl.where(columns < n, x - mean, 0.0)
        squares += x * x
    rstd = 1 / tl.sqrt(tl.sum(squares, axis=0) / n + eps)
    tl.store(mean_ptr + row, mean)
    tl.store(rstd_ptr + row, rstd)
    for start in range(0, n, BLOCK):
        columns = start + tl.arange(0, BLOCK)
        mask = columns < n
        w, b = tl.load(w_ptr + columns, mask=mask), tl.load(b_ptr + columns, mask=mask)
        x = tl.load(x_ptr + columns, mask=mask, other=0.0).to(tl.float32)
        tl.store(y_ptr + columns, (x - mean) * rstd * w + b, mask=mask)


@triton.jit
def layer_norm_backward_dx(
    dx_ptr, dy_ptr, dw_ptr, db_ptr, x_ptr, w_ptr, mean_ptr, rstd_ptr, lock_ptr, stride, n,
    GROUP: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0)
    columns = tl.arange(0, BLOCK)
    mask = columns < n
    x = tl.load(x_ptr + row * stride + columns, mask=mask, other=0).to(tl.float32)
    dy = tl.load(dy_ptr + row * stride + columns, mask=mask, other=0).to(tl.float32)
    w = tl.load(w_ptr + columns, mask=mask).to(tl.float32)
    mean, rstd = tl.load(mean_ptr + row), tl.load(rstd_ptr + row)
    normed = tl.where(mask, (x - mean) * rstd, 0.0)
    scaled = tl.where(mask, w * dy, 0.0)
    c1 = tl.sum(normed * scaled, axis=0) / n
    c2 = tl.sum(scaled, axis=0) / n
    tl.store(dx_ptr + row * stride + columns, (scaled - (normed * c1 + c2)) * rstd, mask=mask)
    # Rows of a group add up their parts of dw and db, one after the other.
    group = row % GROUP
    lock, count = lock_ptr + group, lock_ptr + GROUP + group
    dw_ptrs, db_ptrs = dw_ptr + group * n + columns, db_ptr + group * n + columns
    part_w, part_b = (dy * normed).to(w.dtype), dy.to(w.dtype)
    while tl.atomic_cas(lock, 0, 1) == 1:
        pass
    if tl.load(count) == 0:
        tl.atomic_xchg(count, 1)
    else:
        part_w += tl.load(dw_ptrs, mask=mask)
        part_b += tl.load(db_ptrs, mask=mask)
    tl.store(dw_ptrs, part_w, mask=mask)
    tl.store(db_ptrs, part_b, mask=mask)
    tl.debug_barrier()
    tl.atomic_xchg(lock, 0)


@triton.jit
def layer_norm_backward_dwdb(dw_ptr, db_ptr, out_w_ptr, out_b_ptr, m, n, BM: tl.constexpr, BN: tl.constexpr):
    columns = tl.program_id(0) * BN + tl.arange(0, BN)
    dw = tl.zeros((BM, BN), dtype=tl.float32)
    db = tl.zeros((BM, BN), dtype=tl.float32)
    for start in range(0, m, BM):
        rows = start + tl.arange(0, BM)
        mask = (rows[:, None] < m) & (columns[None, :] < n)
        offsets = rows[:, None] * n + columns[None, :]
        dw += tl.load(dw_ptr + offsets, mask=mask, other=0.0)
        db += tl.load(db_ptr + offsets, mask=mask, other=0.0)
    tl.store(out_w_ptr + columns, tl.sum(dw, axis=0), mask=columns < n)
    tl.store(out_b_ptr + columns, tl.sum(db, axis=0), mask=columns < n)


class LayerNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias, eps):
        y = torch.empty_like(x)
        m, n = x.shape
        mean = torch.empty((m,), dtype=torch.float32, device=x.device)
        rstd = torch.empty((m,), dtype=torch.float32, device=x.device)
        block = min(65536 // x.element_size(), triton.next_power_of_2(n))
        warps = min(max(block // 256, 1), 8)
        layer_norm_forward[(m,)](x, y, weight, bias, mean, rstd, x.stride(0), n, eps, BLOCK=block, num_warps=warps)
        ctx.save_for_backward(x, weight, bias, mean, rstd)
        ctx.block, ctx.warps = block, warps
        return y

    @staticmethod
    def backward(ctx, dy):
        x, weight, bias, mean, rstd = ctx.saved_tensors
        m, n = x.shape
        groups = 64 if n > 8192 else 96
        locks = torch.zeros(2 * groups, dtype=torch.int32, device=x.device)
        parts_w = torch.zeros((groups, n), dtype=x.dtype, device=x.device)
        parts_b = torch.zeros((groups, n), dtype=x.dtype, device=x.device)
        dx, dw, db = torch.empty_like(dy), torch.empty_like(weight), torch.empty_like(bias)
        layer_norm_backward_dx[(m,)](
            dx, dy, parts_w, parts_b, x, weight, mean, rstd, locks, x.stride(0), n,
            GROUP=groups, BLOCK=ctx.block, num_warps=ctx.warps,
        )  # fmt: skip
        rows = min(groups, m)
        layer_norm_backward_dwdb[lambda meta: (triton.cdiv(n, meta["BN"]),)](
            parts_w, parts_b, dw, db, rows, n, BM=32, BN=128, num_ctas=1
        )
        return dx, dw, db, None


if __name__ == "__main__":
    m, n = 1151, 8192
    weight = torch.rand(n, dtype=torch.float16, device="cuda", requires_grad=True)
    bias = torch.rand(n, dtype=torch.float16, device="cuda", requires_grad=True)
    x = torch.randn(m, n, dtype=torch.float16, device="cuda", requires_grad=True)
    dy = 0.1 * torch.randn_like(x)
    y = LayerNorm.apply(x, weight, bias, 1e-5)
    torch.testing.assert_close(y, torch.nn.functional.layer_norm(x, (n,), weight, bias, 1e-5), atol=1e-2, rtol=0)
    y.backward(dy, retain_graph=True)
    found = [item.grad.clone() for item in (x, weight, bias)]
    assert len(found) == 3
