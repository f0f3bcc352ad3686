"""Scripts find a GPU that is not there, and get through what they do with it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from kernel_files import ROOT, Found
from test_kernel_discovery import ADD, AFTER

RunFile = Callable[..., Found]
LAUNCH = "add[(4,)](x, x, 4096, BLOCK=1024)\n"


@pytest.mark.parametrize(
    "statement",
    [
        "x = torch.empty(100 << 30, dtype=torch.int8, device='cuda')",
        "torch.cuda.synchronize()",
        "assert torch.cuda.is_available() and torch.cuda.device_count() == 1 and torch.cuda.current_device() == 0",
        "assert torch.cuda.get_device_capability() == (9, 0)",
        "assert torch.cuda.get_device_properties(0).multi_processor_count > 100",
        "e = torch.cuda.Event(enable_timing=True); e.record(); e.elapsed_time(e)",
        "with torch.cuda.stream(torch.cuda.Stream()): pass",
        "assert torch.ones(3).cuda().is_cuda and torch.ones(3).to('cuda:0', torch.half).dtype == torch.half",
        "assert x.device == torch.device('cuda', 0) and x.cpu().device.type == 'cpu' and (x + 1).is_cuda",
        "assert torch.nn.Linear(3, 4).cuda()(torch.ones(2, 3, device='cuda')).shape == (2, 4)",
        "torch.set_default_device('cuda'); assert torch.ones(3).is_cuda",
        "with torch.device('cuda'): assert torch.ones(3).is_cuda",
        "g = torch.Generator(device='cuda').manual_seed(3); torch.randn(3, device='cuda', generator=g)",
        "assert triton.runtime.driver.active.get_current_target().arch == 90",
        "assert triton.runtime.driver.active.get_active_torch_device() == torch.device('cuda', 0)",
        "y = torch.ones(3, device='cuda', requires_grad=True); (y * 2).sum().backward(); assert y.grad.is_cuda",
        "assert x[1:].data_ptr() % 16 == 4",
        "print(x, f'{x.sum()}')",
        "x = torch.zeros(4, 4, device='cuda').T.contiguous().flatten()",
        "assert torch.rand(3).device.type == 'cpu' and torch.rand(3).sum().item() > 0",
    ],
)
def test_statements(run_file: RunFile, statement: str) -> None:
    found = run_file(ADD + statement + "\n" + LAUNCH)
    assert not found.errors
    assert len(found.entries) == 1


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("assert torch.allclose(x, x + 1)", "allclose()"),
        ("assert torch.equal(x, x)", "equal()"),
        ("torch.testing.assert_close(x, torch.rand(3))", "assert_close()"),
        ("assert (x == x).all()", "__bool__()"),
        ("n = x.sum().item()", "item()"),
        ("n = int(x.sum())", "__int__()"),
        ("v = x.cpu().numpy()", "numpy()"),
        ("v = x[:3].tolist()", "tolist()"),
    ],
)
def test_values_are_made_up(run_file: RunFile, statement: str, what: str) -> None:
    found = run_file(ADD + statement + "\n" + LAUNCH)
    assert found.diagnostics == [("hint", f"{what}: nothing runs on a GPU here, so the value is made up", [AFTER])]
    assert found.names == ["add"]


def test_loops_on_values_end(run_file: RunFile) -> None:
    found = run_file(ADD + "while (x > 0).any():\n    x = x - 1\n" + LAUNCH)
    assert found.names == ["add"]


def test_values_that_decide_a_shape(run_file: RunFile) -> None:
    found = run_file(ADD + LAUNCH + "y = x[x > 0]\n")
    assert found.names == ["add"]
    assert found.errors == ["RuntimeError: __getitem__ needs the values of a tensor: nothing runs on a GPU here"]


def test_devices_do_not_mix(run_file: RunFile) -> None:
    found = run_file(ADD + "y = x + torch.rand(4096)\n")
    assert "at least two devices, cuda:0 and cpu" in found.errors[0]


def test_backward_launches_on_the_same_thread(run_file: RunFile) -> None:
    found = run_file(
        ADD
        + """
class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, t):
        return torch.empty_like(t)

    @staticmethod
    def backward(ctx, grad):
        out = torch.empty(4096, device="cuda")
        add[(4,)](grad, out, 4096, BLOCK=1024)
        return out

t = torch.ones(4096, device="cuda", requires_grad=True)
Double.apply(t).backward(torch.ones(4096, device="cuda"))
print(t.grad.shape)
"""
    )
    assert (found.names, found.errors, found.output) == (["add"], [], "torch.Size([4096])\n")


def test_benchmark(run_file: RunFile) -> None:
    found = run_file(
        ADD
        + """
@triton.testing.perf_report(triton.testing.Benchmark(
    x_names=["size"], x_vals=[2**i for i in range(12, 28)], line_arg="provider", line_vals=["ours", "torch"],
    line_names=["Ours", "Torch"], plot_name="add", args={}))
def benchmark(size, provider):
    x = torch.rand(size, device="cuda")
    run = (lambda: add[(4,)](x, x, size, BLOCK=1024)) if provider == "ours" else (lambda: x + x)
    ms, low, high = triton.testing.do_bench(run, quantiles=[0.5, 0.2, 0.8])
    return 1 / ms, 1 / high, 1 / low

benchmark.run(print_data=True, show_plots=True)
"""
    )
    assert (found.names, found.errors) == (["add"], [])


def test_amd_is_pretended_when_the_file_says_so(run_file: RunFile) -> None:
    found = run_file(
        ADD + "# irlens: target=gfx942\n"
        "print(triton.runtime.driver.active.get_current_target().backend, torch.version.hip is not None)\n"
    )
    assert found.output == "hip True\n"


def test_no_torch_unless_the_file_imports_it(tmp_path: Path) -> None:
    path = tmp_path / "fill.py"
    path.write_text(
        "import sys, triton, triton.language as tl\n"
        "@triton.jit\n"
        "def fill(out_ptr, BLOCK: tl.constexpr):\n"
        "    tl.store(out_ptr + tl.arange(0, BLOCK), 1.0)\n"
        "# irlens: fill(*fp32, BLOCK=64)\n"
        "print('torch' in sys.modules)\n"
    )
    command = [sys.executable, "-m", "irlens_triton", str(path), "--to", "ttir"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT / "triton", timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("False\n") and "tt.func public @fill" in done.stdout


def test_torch_is_left_as_it_was(run_file: RunFile) -> None:
    def look(entries: object) -> list[object]:
        import torch
        from triton.runtime.jit import JITFunction

        return [torch.cuda.is_available(), torch.rand(1).device.type, JITFunction.run.__module__, torch.version.cuda]

    import torch

    was = [torch.cuda.is_available(), "cpu", "triton.runtime.jit", torch.version.cuda]
    assert run_file(ADD + LAUNCH, look).result == was
