"""Products, reductions and functions element by element."""

import torch


def functions(x: torch.Tensor) -> torch.Tensor:
    positive = x.abs() + 0.5
    return x.exp() + positive.log() + positive.sqrt() + positive.rsqrt() + x.sin() * x.cos() + x.tanh() + x.erf()


def more_functions(x: torch.Tensor) -> torch.Tensor:
    small = x.clamp(-0.9, 0.9)
    return small.asin() + small.acos() + small.atan() + small.sinh() + small.cosh() + small.atanh() + small.tan()


def even_more(x: torch.Tensor) -> torch.Tensor:
    positive = x.abs() + 1.5
    return positive.log2() + positive.log10() + positive.log1p() + x.expm1() + x.exp2() + positive.acosh() + x.asinh()


def rounding(x: torch.Tensor) -> torch.Tensor:
    return x.floor() + x.ceil() + x.round() + x.trunc() + x.frac() + x.sign() + x.remainder(1.5) + x.fmod(0.7)


def logic(x: torch.Tensor) -> torch.Tensor:
    return torch.logical_and(x > 0, x < 1) | ~(x == 0) ^ (x != x) & torch.isfinite(x)


def statistics(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return x.mean(), x.std(), x.var(dim=1), x.std(dim=0, unbiased=False), torch.var_mean(x, dim=1)[1]


def norms(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return x.norm(), torch.linalg.vector_norm(x, 3, dim=1), x.norm(p=1, dim=0), torch.linalg.norm(x, float("inf"), 1)


def extremes(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return x.max(), x.min(dim=1).values, x.amax(dim=(0, 1)), x.argmax(), x.argmin(dim=1), torch.aminmax(x, dim=0).max


x = torch.randn(4, 6)
y = torch.randn(4, 6)
square = torch.randn(4, 4)
cube = torch.randn(2, 4, 6)
FUNCTIONS = {
    "functions": (functions, x),
    "more_functions": (more_functions, x),
    "even_more": (even_more, x),
    "rounding": (rounding, x),
    "logic": (logic, x),
    "powers": (lambda x: x**2 + x.abs() ** 0.5 + 2.0**x + x.abs() ** y.abs() + x**3, x),
    "divisions": (lambda x, y: x / y + x // 2.0 + torch.div(x, 3.0, rounding_mode="trunc"), x, y),
    "atan2_hypot": (lambda x, y: torch.atan2(x, y) + torch.hypot(x, y), x, y),
    "maximum": (lambda x, y: torch.maximum(x, y) - torch.minimum(x, y.clamp(min=0)), x, y),
    "lerp_addcmul": (lambda x, y: torch.lerp(x, y, 0.3) + torch.addcmul(x, x, y, value=0.5), x, y),
    "special": (lambda x: torch.special.gammaln(x.abs() + 1) + torch.special.expit(x) + torch.logit(x.sigmoid()), x),
    "statistics": (statistics, x),
    "norms": (norms, x),
    "extremes": (extremes, x),
    "sum_prod": (lambda x: x.sum(dim=(0, 1)) + x.prod(dim=1).sum() + x.prod(), x),
    "any_all": (lambda x: (torch.any(x > 2), torch.all(x > -3, dim=1), (x > 0).any(dim=0)), x),
    "logsumexp": (lambda x: torch.logsumexp(x, dim=1), x),
    "cumsum": (lambda x: torch.cumsum(x, dim=1), x),
    "cumprod": (lambda x: torch.cumprod(x, dim=0), x),
    "cummax": (lambda x: torch.cummax(x, dim=1), x),
    "logcumsumexp": (lambda x: torch.logcumsumexp(x, dim=1), x),
    "count_nonzero": (lambda x: torch.count_nonzero(x > 0, dim=1), x),
    "diff": (lambda x: torch.diff(x, dim=1), x),
    "matmul": (lambda x, y: x @ y.t() + torch.mm(y, x.t()), x, y),
    "bmm": (lambda x: torch.bmm(x, x.transpose(1, 2)) + torch.baddbmm(torch.ones(2, 4, 4), x, x.mT), cube),
    "vectors": (lambda x: torch.dot(x[0], x[1]) + torch.outer(x[0], x[1]).sum() + torch.mv(x, x[0]).sum(), x),
    "einsum": (lambda x, y: torch.einsum("bij,kj->bik", x, y), cube, y),
    "einsum_trace": (lambda x: torch.einsum("ii->", x) + torch.trace(x), square),
    "tensordot": (lambda x, y: torch.tensordot(x, y, dims=([2], [1])), cube, y),
    "cdist": (lambda x, y: torch.cdist(x, y), x, y),
    "cosine": (lambda x, y: torch.cosine_similarity(x, y, dim=1), x, y),
    "inverse": (lambda x: torch.linalg.inv(x @ x.t() + torch.eye(4)), square),
}
for name, (function, *inputs) in FUNCTIONS.items():
    __explore__(function, *inputs, _name=name)
