"""Matrix product on tensor descriptors: TMA on Hopper and Blackwell, plain loads elsewhere."""

import torch
import triton
import triton.language as tl
from triton.tools.tensor_descriptor import TensorDescriptor


def set_block_shapes(arguments):
    """Each configuration reads blocks of its own shape."""
    bm, bn, bk = arguments["BM"], arguments["BN"], arguments["BK"]
    for name, shape in (("a_desc", [bm, bk]), ("b_desc", [bn, bk]), ("c_desc", [bm, bn])):
        arguments[name].block_shape = shape


CONFIGS = [
    triton.Config({"BM": 128, "BN": 128, "BK": 64}, num_stages=3, num_warps=8, pre_hook=set_block_shapes),
    triton.Config({"BM": 64, "BN": 128, "BK": 64}, num_stages=4, num_warps=4, pre_hook=set_block_shapes),
]


@triton.autotune(configs=CONFIGS, key=["M", "N", "K"])
@triton.jit
def descriptor_kernel(a_desc, b_desc, c_desc, M, N, K, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr):
    blocks_m = tl.cdiv(M, BM)
    row = (tl.program_id(0) % blocks_m) * BM
    column = (tl.program_id(0) // blocks_m) * BN
    accumulator = tl.zeros((BM, BN), dtype=tl.float32)
    for k in range(0, K, BK):
        a = a_desc.load([row, k])
        b = b_desc.load([column, k])
        accumulator = tl.dot(a, b.T, accumulator)
    c_desc.store([row, column], accumulator.to(tl.float16))


@triton.jit
def device_descriptor_kernel(in_ptr, out_ptr, m, n, BM: tl.constexpr, BN: tl.constexpr):
    """A descriptor may also be made by the kernel."""
    source = tl.make_tensor_descriptor(in_ptr, shape=[m, n], strides=[n, 1], block_shape=[BM, BN])
    target = tl.make_tensor_descriptor(out_ptr, shape=[m, n], strides=[n, 1], block_shape=[BM, BN])
    offsets = [tl.program_id(0) * BM, tl.program_id(1) * BN]
    target.store(offsets, tl.abs(source.load(offsets)))


def matmul(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    (m, k), n = a.shape, b.shape[0]
    c = torch.empty((m, n), device=a.device, dtype=a.dtype)
    descriptors = [TensorDescriptor.from_tensor(item, [1, 1]) for item in (a, b, c)]

    def grid(meta):
        return (triton.cdiv(m, meta["BM"]) * triton.cdiv(n, meta["BN"]),)

    descriptor_kernel[grid](*descriptors, m, n, k)
    return c


def absolute(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    triton.set_allocator(lambda size, alignment, stream: torch.empty(size, device="cuda", dtype=torch.int8))
    device_descriptor_kernel[(x.shape[0] // 32, x.shape[1] // 64)](x, out, *x.shape, BM=32, BN=64)
    return out


if __name__ == "__main__":
    a = torch.randn((512, 256), device="cuda", dtype=torch.float16)
    b = torch.randn((512, 256), device="cuda", dtype=torch.float16)
    torch.testing.assert_close(matmul(a, b), a @ b.T, atol=1e-1, rtol=0)
    torch.testing.assert_close(absolute(a), a.abs())
