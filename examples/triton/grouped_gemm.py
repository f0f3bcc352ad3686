"""Many products of different sizes in one launch; the kernel reads addresses from memory."""

import torch
import triton
import triton.language as tl


@triton.autotune(
    configs=[
        triton.Config({"BM": 128, "BN": 128, "BK": 32, "PROGRAMS": 84}),
        triton.Config({"BM": 64, "BN": 64, "BK": 32, "PROGRAMS": 128}),
    ],
    key=["groups"],
)
@triton.jit
def grouped_matmul_kernel(
    a_ptrs, b_ptrs, c_ptrs, sizes_ptr, strides_ptr, groups,
    PROGRAMS: tl.constexpr, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr,
):  # fmt: skip
    tile = tl.program_id(0)
    last_end = 0
    for group in range(groups):
        m = tl.load(sizes_ptr + group * 3)
        n = tl.load(sizes_ptr + group * 3 + 1)
        k = tl.load(sizes_ptr + group * 3 + 2)
        tiles_n = tl.cdiv(n, BN)
        tiles = tl.cdiv(m, BM) * tiles_n
        while tile >= last_end and tile < last_end + tiles:
            lda = tl.load(strides_ptr + group * 3)
            ldb = tl.load(strides_ptr + group * 3 + 1)
            ldc = tl.load(strides_ptr + group * 3 + 2)
            a_base = tl.load(a_ptrs + group).to(tl.pointer_type(tl.float16))
            b_base = tl.load(b_ptrs + group).to(tl.pointer_type(tl.float16))
            c_base = tl.load(c_ptrs + group).to(tl.pointer_type(tl.float16))
            inside = tile - last_end
            rows = (inside // tiles_n) * BM + tl.arange(0, BM)
            columns = (inside % tiles_n) * BN + tl.arange(0, BN)
            inner = tl.arange(0, BK)
            a_tile = a_base + rows[:, None] * lda + inner[None, :]
            b_tile = b_base + inner[:, None] * ldb + columns[None, :]
            accumulator = tl.zeros((BM, BN), dtype=tl.float32)
            for _ in range(tl.cdiv(k, BK)):
                tl.multiple_of(a_tile, [16, 16])
                tl.multiple_of(b_tile, [16, 16])
                accumulator += tl.dot(tl.load(a_tile), tl.load(b_tile))
                a_tile += BK
                b_tile += BK * ldb
            tl.store(c_base + rows[:, None] * ldc + columns[None, :], accumulator.to(tl.float16))
            tile += PROGRAMS
        last_end += tiles


def grouped_matmul(lefts, rights):
    products = [
        torch.empty((a.shape[0], b.shape[1]), device=a.device, dtype=a.dtype)
        for a, b in zip(lefts, rights, strict=True)
    ]
    sizes, strides = [], []
    for a, b, c in zip(lefts, rights, products, strict=True):
        sizes += [a.shape[0], b.shape[1], a.shape[1]]
        strides += [a.stride(0), b.stride(0), c.stride(0)]

    def on_device(values, dtype):
        return torch.tensor(values, dtype=dtype, device=lefts[0].device)

    addresses = [on_device([item.data_ptr() for item in group], torch.int64) for group in (lefts, rights, products)]
    numbers = [on_device(values, torch.int32) for values in (sizes, strides)]
    grouped_matmul_kernel[lambda meta: (meta["PROGRAMS"],)](*addresses, *numbers, len(lefts))
    return products


if __name__ == "__main__":
    sizes = [1024, 512, 256, 128]
    lefts = [torch.rand((size, size), device="cuda", dtype=torch.float16) for size in sizes]
    rights = [torch.rand((size, size), device="cuda", dtype=torch.float16) for size in sizes]
    for found, a, b in zip(grouped_matmul(lefts, rights), lefts, rights, strict=True):
        torch.testing.assert_close(found, a @ b, atol=1e-2, rtol=1e-2)
