"""Complex numbers and Fourier transforms, as far as compilers take them."""

import torch


def multiply(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return x * y + x.conj()


def polar(x: torch.Tensor) -> torch.Tensor:
    z = torch.complex(x, x * 2)
    return z.abs() + z.real - z.imag


def rotary(x: torch.Tensor) -> torch.Tensor:
    """Llama's own rotary embedding, with complex numbers."""
    angles = torch.outer(torch.arange(4).float(), torch.tensor([1.0, 0.1]))
    turned = torch.view_as_complex(x.reshape(2, 4, 2, 2)) * torch.polar(torch.ones(4, 2), angles)
    return torch.view_as_real(turned).flatten(2)


def mixer(x: torch.Tensor) -> torch.Tensor:
    """The token mixing of FNet."""
    return torch.fft.fft(torch.fft.fft(x, dim=-1), dim=-2).real


def low_pass(x: torch.Tensor) -> torch.Tensor:
    spectrum = torch.fft.rfft(x)
    return torch.fft.irfft(spectrum * (torch.arange(5) < 3), n=8)


x = torch.randn(2, 8)
z = torch.randn(2, 3, dtype=torch.complex64)
__explore__(multiply, z, z, _name="complex_multiply")
__explore__(polar, x, _name="complex_parts")
__explore__(lambda z: torch.view_as_real(z) * 2, z, _name="view_as_real")
__explore__(rotary, torch.randn(2, 4, 4), _name="complex_rotary")
__explore__(lambda x: torch.fft.rfft(x).abs(), x, _name="rfft")
__explore__(lambda x: torch.view_as_real(torch.fft.fft(x)), x, _name="fft")
__explore__(mixer, torch.randn(1, 4, 8), _name="fnet")
__explore__(low_pass, x, _name="low_pass")
__explore__(lambda x: torch.stft(x, 4, return_complex=True, window=torch.ones(4)).abs(), torch.randn(16), _name="stft")
