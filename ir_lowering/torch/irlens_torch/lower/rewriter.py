"""Traces an exported program again, with what no stage takes done otherwise: complex
numbers as pairs, conditions as selections, loops of known length one step after the other,
numbers taken out of tensors as tensors without dimensions.

Used by retry.py. Operations keep the source lines of those that they stand for.
"""

from __future__ import annotations

import copy
import warnings
from typing import Any

import torch
from torch._guards import detect_fake_mode
from torch.export.graph_signature import ConstantArgument, InputKind, TensorArgument
from torch.fx.experimental.proxy_tensor import make_fx
from torch.fx.traceback import preserve_node_meta
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import _disable_current_modes

from .complex_pairs import Pair, pairs_of, rewrite_complex

aten = torch.ops.aten

# A longer loop would be a text that nobody reads.
_LONGEST_LOOP = 64
# Values up to this size are followed while the program is traced.
_KNOWN_ELEMENTS = 4
_CHECKS = {
    aten._assert_scalar.default,
    aten._assert_async.msg,
    aten._assert_tensor_metadata.default,
    aten.sym_constrain_range_for_size.default,
    aten.sym_constrain_range.default,
}
_ITEMS = {aten.item.default, aten._local_scalar_dense.default}


def needs_rewriting(program: torch.export.ExportedProgram) -> bool:
    """True when there is anything in a program that `rewrite` does otherwise."""
    for node in program.graph.nodes:
        if isinstance(node.target, torch._ops.HigherOrderOperator) or node.target in _ITEMS | _CHECKS:
            return True
        values = pytree.tree_leaves(node.meta.get("val"))
        if any(isinstance(value, torch.Tensor) and value.is_complex() for value in values):
            return True
    return False


def rewrite(program: torch.export.ExportedProgram) -> torch.export.ExportedProgram:
    """The program without conditions, loops of known length, items and complex numbers."""
    placeholders = [node for node in program.graph.nodes if node.op == "placeholder"]
    given = [node.meta["val"] for node in placeholders]
    fake_mode = detect_fake_mode(given) or torch._subclasses.FakeTensorMode()
    known = _known_constants(program, [node.name for node in placeholders])

    def run(*values: Any) -> Any:
        inputs = [
            Pair(value[..., 0], value[..., 1]) if _is_complex(example) else value
            for value, example in zip(values, given, strict=True)
        ]
        results = _Rewriter(program.graph_module, known).run(*inputs, enable_io_processing=False)
        return [result.together() if isinstance(result, Pair) else result for result in results]

    with fake_mode, preserve_node_meta(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        flat = [
            torch.empty((*value.shape, 2), dtype=value.real.dtype) if _is_complex(value) else value for value in given
        ]
        traced = make_fx(run, tracing_mode="real")(*flat)
    return _program(program, traced, placeholders)


def _is_complex(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.is_complex()


def _known_constants(program: torch.export.ExportedProgram, names: list[str]) -> dict[str, torch.Tensor]:
    """Small constants of the program itself, by the names of their placeholders."""
    found = {}
    for spec in program.graph_signature.input_specs:
        if spec.kind == InputKind.CONSTANT_TENSOR and spec.target is not None:
            value = program.constants.get(spec.target)
            if isinstance(value, torch.Tensor) and value.numel() <= _KNOWN_ELEMENTS:
                found[spec.arg.name] = value
    return {name: found[name] for name in names if name in found}


def _program(program: torch.export.ExportedProgram, traced: Any, old: list[torch.fx.Node]) -> Any:
    """An exported program with the traced graph in the place of the old one."""
    signature = copy.deepcopy(program.graph_signature)
    names = [node.name for node in old]
    placeholders = [node for node in traced.graph.nodes if node.op == "placeholder"]
    for node in traced.graph.nodes:
        if node.op == "call_function" and node.name in names:
            node.name = node._rename(f"{node.name}_again")  # a name of an input's is taken
    for node, name in zip(placeholders, names, strict=True):
        node.name = node.target = name
    [output] = [node for node in traced.graph.nodes if node.op == "output"]
    for spec, result in zip(signature.output_specs, output.args[0], strict=True):
        name = getattr(result, "name", None)
        spec.arg = TensorArgument(name) if name else ConstantArgument("", result)
    traced.graph.lint()
    traced.recompile()
    tensors = {
        key: _as_real(value) if _is_complex(value) else value
        for key, value in {**program.state_dict, **program.constants}.items()
    }
    return program._update(
        traced,
        signature,
        state_dict={key: tensors[key] for key in program.state_dict},
        constants={key: tensors[key] for key in program.constants},
    )


def _as_real(value: torch.Tensor) -> torch.Tensor:
    real = torch.view_as_real(value.detach())
    return torch.nn.Parameter(real) if isinstance(value, torch.nn.Parameter) else real


class _Rewriter(torch.fx.Interpreter):
    """Runs a graph; `known` has the values that are the same in each run of the program."""

    def __init__(self, module: torch.fx.GraphModule, known: dict[str, torch.Tensor]) -> None:
        super().__init__(module, garbage_collect_values=False)
        self._known = dict(known)

    def known(self, value: Any) -> Any:
        """The value of a node's argument, None if it depends on the inputs."""
        return self._known.get(value.name) if isinstance(value, torch.fx.Node) else value

    def run_node(self, node: torch.fx.Node) -> Any:
        if node.op == "call_function" and node.target is torch.ops.higher_order.while_loop:
            with self._set_current_node(node):
                return self._unroll(node)
        result = super().run_node(node)
        if node.op == "call_function" and not isinstance(node.target, torch._ops.HigherOrderOperator):
            self._follow(node)
        return result

    def _follow(self, node: torch.fx.Node) -> None:
        """Computes a small value from others that are known."""
        inputs = node.all_input_nodes
        value = node.meta.get("val")
        if not isinstance(value, torch.Tensor) or value.numel() > _KNOWN_ELEMENTS:
            return
        if any(each.name not in self._known for each in inputs) or torch.Tag.nondeterministic_seeded in getattr(
            node.target, "tags", ()
        ):
            return
        args, kwargs = torch.fx.node.map_arg((node.args, node.kwargs), lambda each: self._known[each.name])
        with _disable_current_modes():
            self._known[node.name] = node.target(*args, **kwargs)

    def call_function(self, target: Any, args: Any, kwargs: Any) -> Any:
        if target is torch.ops.higher_order.cond:
            return self._select(*args, **kwargs)
        if target in _ITEMS:
            tensor = args[0]
            return tensor.to(torch.float64 if tensor.is_floating_point() else torch.int64).reshape(())
        if target in _CHECKS:
            return None
        if pairs_of((args, kwargs)) or _is_complex(self.current_value()):
            return rewrite_complex(target, args, kwargs)
        return super().call_function(target, args, kwargs)

    def current_value(self) -> Any:
        """What the node that runs gives in the original program."""
        from torch.fx.traceback import get_current_meta

        value = get_current_meta().get("val")
        return value[0] if isinstance(value, (list, tuple)) and value else value

    def _select(self, condition: Any, then: Any, otherwise: Any, operands: Any = ()) -> Any:
        """Both branches, which have no side effects, and of each result the right one."""
        left = _Rewriter(then, {}).run(*operands)
        right = _Rewriter(otherwise, {}).run(*operands)
        if not isinstance(condition, torch.Tensor):
            return left if condition else right
        return [
            Pair(torch.where(condition, one.re, other.re), torch.where(condition, one.im, other.im))
            if isinstance(one, Pair)
            else torch.where(condition, one, other)
            for one, other in zip(left, right, strict=True)
        ]

    def _unroll(self, node: torch.fx.Node) -> Any:
        """The body as often as the condition, which must not depend on the inputs, holds."""
        condition, body = (getattr(self.module, str(arg.target)) for arg in node.args[:2])
        carried_nodes, more = (tuple(arg) for arg in node.args[2:4])
        carried = [self.env[each] for each in carried_nodes]
        extra = [self.env[each] for each in more]
        known = [self.known(each) for each in carried_nodes] + [self.known(each) for each in more]
        for _ in range(_LONGEST_LOOP):
            names = [each.name for each in condition.graph.nodes if each.op == "placeholder"]
            test = _Rewriter(condition, _present(names, known))
            test.run(*carried, *extra)
            [answer] = pytree.tree_leaves(_results(condition), is_leaf=lambda each: isinstance(each, torch.fx.Node))
            value = test.known(answer)
            if value is None:
                raise NotImplementedError("the length of the loop depends on the inputs")
            if not bool(value):
                return carried
            names = [each.name for each in body.graph.nodes if each.op == "placeholder"]
            step = _Rewriter(body, _present(names, known))
            carried = list(step.run(*carried, *extra))
            known = [step.known(each) for each in _results(body)] + known[len(carried) :]
        raise NotImplementedError(f"the loop takes more than {_LONGEST_LOOP} steps")


def _present(names: list[str], values: list[Any]) -> dict[str, Any]:
    return {name: value for name, value in zip(names, values, strict=True) if value is not None}


def _results(module: torch.fx.GraphModule) -> Any:
    [output] = [node for node in module.graph.nodes if node.op == "output"]
    return output.args[0]
