"""Suggests a `# irlens: Net(...)(...)` line for each model class that has no entry.

The text of the class alone gives a first guess: arguments by the names and types of the
constructor's parameters, inputs by the first layer that they go into. When the file has run
and has shown nothing else, the guess is tried among fake tensors and varied until it works.
Called by discovery.
"""

from __future__ import annotations

import ast
import contextlib
import io
import itertools
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from irlens_worker.protocol import Json
from irlens_worker.script import Source
from torch._subclasses.fake_tensor import FakeTensorMode

from .candidates import module_classes
from .example_values import LAYERS, UNKNOWN_INPUTS, evaluate, example_argument, example_input, input_texts
from .first_layer import ClassText, Function, defaults, find_method
from .fit import TooSlow, time_limit
from .matching import NEEDS_DATA

_MOST_TRIES = 48
_SECONDS = 3.0
# Constructors that fetch something are left alone.
_FETCHES = ("from_pretrained", "torch.hub", "urlopen", "requests.", "torch.load", "load_state_dict")


@dataclass
class _Guess:
    """How to make and call a model: each input has several texts, the likeliest first."""

    make: str
    inputs: dict[str, list[str]]
    keywords: set[str] = field(default_factory=set)
    # Parts of the model that get an input first, for when there is a model to look at.
    attributes: dict[str, str] = field(default_factory=dict)
    image_side: int | None = None

    def call(self, chosen: tuple[str, ...]) -> str:
        words = [
            f"{name}={text}" if name in self.keywords else text for name, text in zip(self.inputs, chosen, strict=True)
        ]
        return f"({', '.join(words)})"

    def calls(self) -> Iterator[str]:
        for chosen in itertools.islice(itertools.product(*self.inputs.values()), _MOST_TRIES):
            yield self.call(chosen)


def suggest(
    source: Source, covered: set[str], variables: Mapping[str, str], namespace: Mapping[str, Any] | None
) -> list[Json]:
    """The suggestions of a file: line, name and text of each.

    `covered` are classes that need none; `variables` gives names of instances by class;
    `namespace` is what running the file left behind, None if nothing is to be tried.
    """
    tree, classes = source.tree, module_classes(source.nodes)
    parts = _parts(classes)
    end = time.monotonic() + _SECONDS
    text = source.text if classes else ""
    found = []
    for name, node in classes.items():
        if name in covered or name in parts or name.startswith("_") or node not in tree.body:
            continue
        guess = _guess(node, classes, variables.get(name, ""), tree)
        if guess is None:
            continue
        call = next(guess.calls())
        fetches = any(word in (ast.get_source_segment(text, node) or "") for word in _FETCHES)
        if namespace is not None and not fetches:
            call = _try(guess, namespace, end - time.monotonic()) or call
        line = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        found.append({"line": line, "name": name, "text": f"# irlens: {guess.make}{call}"})
    return found


def _parts(classes: Mapping[str, ast.ClassDef]) -> set[str]:
    """Classes that others of the file are made of."""
    return {
        node.func.id
        for owner in classes.values()
        for node in ast.walk(owner)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id != owner.name
    } & set(classes)


def _guess(node: ast.ClassDef, classes: Mapping[str, ast.ClassDef], variable: str, tree: ast.Module) -> _Guess | None:
    forward = find_method(node, "forward", classes)
    if forward is None:
        return None
    constructor = find_method(node, "__init__", classes)
    arguments = _arguments(constructor, tree) if constructor else {}
    text = ClassText(node, classes, {**(defaults(constructor) if constructor else {}), **_values(arguments)})
    make = variable or f"{node.name}({_join(constructor, arguments)})"
    guess = _Guess(make, {}, image_side=text.image_side)
    for argument, keyword in _required(forward):
        guess.inputs[argument.arg] = _input_texts(argument, text)
        if keyword:
            guess.keywords.add(argument.arg)
        attribute = text.attribute_of(argument.arg)
        if attribute:
            guess.attributes[argument.arg] = attribute
    known = [texts for texts in guess.inputs.values() if texts]
    for name, texts in guess.inputs.items():
        # What is not known is most likely like what is.
        guess.inputs[name] = texts or [*(known[0] if known else []), *UNKNOWN_INPUTS]
    return guess


def _input_texts(argument: ast.arg, text: ClassText) -> list[str]:
    plain = example_input(ast.unparse(argument.annotation)) if argument.annotation else None
    if plain is not None:
        return [plain]
    found = text.layer_of(argument.arg)
    if found is None:
        return []
    layer, number = found
    return input_texts(layer, _size(number), text.image_side)


def _size(number: Any) -> str:
    """A size, or the sizes of several dimensions without brackets."""
    if isinstance(number, (tuple, list, torch.Size)):
        return ", ".join(str(item) for item in number)
    return str(number) if isinstance(number, int) else "16"


def _required(function: Function) -> Iterator[tuple[ast.arg, bool]]:
    """The parameters without default after self; whether they can only be passed by name."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    for argument in positional[1 : len(positional) - len(arguments.defaults)]:
        yield argument, False
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is None:
            yield argument, True


def _arguments(constructor: Function, tree: ast.Module) -> dict[str, str]:
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    found = {}
    for argument, _ in _required(constructor):
        annotation = ast.unparse(argument.annotation).strip("'\"") if argument.annotation else ""
        # A configuration with a default for everything, most likely.
        found[argument.arg] = f"{annotation}()" if annotation in classes else example_argument(argument.arg, annotation)
    return found


def _values(arguments: Mapping[str, str]) -> dict[str, Any]:
    found = {}
    for name, text in arguments.items():
        with contextlib.suppress(ValueError, TypeError):
            found[name] = evaluate(ast.parse(text, mode="eval").body, {})
    return found


def _join(constructor: Function | None, arguments: Mapping[str, str]) -> str:
    if constructor is None:
        return ""
    by_name = {argument.arg for argument, keyword in _required(constructor) if keyword}
    return ", ".join(f"{name}={text}" if name in by_name else text for name, text in arguments.items())


def _try(guess: _Guess, namespace: Mapping[str, Any], seconds: float) -> str | None:
    """The first call that works, without memory for weights; None if none does in time."""
    if seconds <= 0:
        return None
    names = {"torch": torch, **namespace}
    said = io.StringIO()
    try:
        with (
            time_limit(seconds),
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(said),
            warnings.catch_warnings(),
            torch.no_grad(),
            FakeTensorMode(allow_non_fake_inputs=True),
        ):
            warnings.simplefilter("ignore")
            model = eval(guess.make, names).eval()
            for name, attribute in guess.attributes.items():
                guess.inputs[name] = _texts_of(model, attribute, guess) or guess.inputs[name]
            for name, texts in guess.inputs.items():
                guess.inputs[name] = list(dict.fromkeys([*texts, *UNKNOWN_INPUTS]))
            for call in guess.calls():
                if _works(call, model, names):
                    return call
    except (Exception, SystemExit, TooSlow):  # the constructor has its own ideas
        pass
    return None


def _works(call: str, model: Any, names: Mapping[str, Any]) -> bool:
    try:
        eval(f"__irlens_model{call}", {**names, "__irlens_model": model})
    except NEEDS_DATA:
        return True
    except (Exception, SystemExit):
        return False
    return True


def _texts_of(model: Any, attribute: str, guess: _Guess) -> list[str]:
    """What a layer that exists takes; the layer may be the first of many in a container."""
    part = model
    for name in attribute.split("."):
        part = getattr(part, name, None)
    for layer in part.modules() if isinstance(part, torch.nn.Module) else ():
        row = LAYERS.get(type(layer).__name__)
        number = getattr(layer, row.attribute, None) if row else None
        if row and number is not None:
            return input_texts(row, _size(number), guess.image_side)
    return []
