"""Programs that torch.export.save wrote (.pt2) as entries: all stages of a model start from them.

Called in the job's child. A file is data: weights are read as tensors only, and nothing in the
file that would run code (pickled objects, compiled libraries) is touched.
"""

from __future__ import annotations

import contextlib
import logging
import os
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from irlens_worker.protocol import Diagnostic
from irlens_worker.provider import Entry, StageFailed
from torch.export.pt2_archive import _package

from ..capture.export import Call, Exported
from ..capture.signature import signature, tensor_type
from ..capture.stack_traces import format_stack_trace, parse_stack_trace
from .names import NamePool

_COMPILED = "data/aotinductor/"
_MAX_MESSAGE = 500


class _Refused(Exception):
    """Reading on would run code from the file."""


def load_entries(path: Path) -> list[Entry]:
    """The programs of a file, mostly one. Raises StageFailed."""
    try:
        _look_inside(path)
        with _reading_data_only(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            programs = _load(path)
    except MemoryError:
        raise
    except Exception as error:
        reason = _reason(error)
        raise StageFailed([Diagnostic(f"cannot load {path.name}: {reason}", [(str(path), 1, 0)])]) from error
    names = NamePool()
    return [_entry(path, names.take(path.stem if key == "model" else key), item) for key, item in programs.items()]


def _entry(path: Path, name: str, program: torch.export.ExportedProgram) -> Entry:
    _keep_existing_frames(program)
    args, kwargs = program.example_inputs or ((), {})
    call = Call(_named(name), args, kwargs, name=name, frames=[(str(path), 1, 0)])
    parameters = program.graph_signature.parameters
    return Entry(
        name=name,
        kind="model",
        origin="exported",
        line=1,
        signature=signature(args, kwargs) if args or kwargs else _input_types(program),
        parameters=sum(program.state_dict[key].numel() for key in parameters if key in program.state_dict),
        payload=Exported(program, call),
    )


def _load(path: Path) -> dict[str, torch.export.ExportedProgram]:
    with zipfile.ZipFile(path) as archive:
        is_old = "serialized_exported_program.json" in archive.namelist()
    if is_old:  # before torch 2.8
        return {"model": torch.export.load(os.fspath(path))}
    # torch.export.load does the same, and hides what went wrong.
    return dict(_package.load_pt2(os.fspath(path)).exported_programs)


def _look_inside(path: Path) -> None:
    """Tells what the file is if it is no exported program."""
    with path.open("rb") as stream:
        start = stream.read(4)
    if not start:
        raise _Refused("the file is empty")
    if start[:2] != b"PK":
        raise _Refused("this is no archive of torch.export.save")
    with zipfile.ZipFile(path) as archive:
        names = [name.split("/", 1)[-1] for name in archive.namelist()]
    if any(name.startswith(_COMPILED) for name in names):
        raise _Refused("this AOTInductor package holds compiled code and no program")
    if not any(name.startswith("models/") or name == "serialized_exported_program.json" for name in names):
        code = any(name.startswith("code/") for name in names)
        hint = ": it is a TorchScript archive, name it .pt" if code else ""
        raise _Refused(f"the archive holds no exported program{hint}")


@contextlib.contextmanager
def _reading_data_only() -> Iterator[None]:
    """Makes torch.export.load, which trusts its input, refuse pickled objects."""
    load = torch.load

    def load_tensors(*args: Any, **kwargs: Any) -> Any:
        return load(*args, **{**kwargs, "weights_only": True})

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise _Refused("it contains pickled objects, which irlens does not load")

    logger = logging.getLogger("torch.export")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with mock.patch.object(torch, "load", load_tensors), mock.patch.object(_package.pickle, "loads", refuse):
            yield
    finally:
        logger.setLevel(level)


def _reason(error: Exception) -> str:
    if isinstance(error, zipfile.BadZipFile):
        return f"the archive is damaged ({error})"
    if isinstance(error, _Refused):
        return str(error)
    text = " ".join(str(error).split())
    if "Weights only load failed" in text:
        return "it contains pickled objects, which irlens does not load"
    return f"{type(error).__name__}: {text[:_MAX_MESSAGE]}" if text else type(error).__name__


def _keep_existing_frames(program: torch.export.ExportedProgram) -> None:
    """The program may come from another machine: a link to a file that is not here is none."""
    for module in program.graph_module.modules():
        for node in module.graph.nodes if isinstance(module, torch.fx.GraphModule) else ():
            frames = parse_stack_trace(node.meta.get("stack_trace"))
            here = [frame for frame in frames if os.path.exists(frame[0])]
            node.meta.pop("stack_trace", None)
            if here:
                node.meta["stack_trace"] = format_stack_trace(here)


def _named(name: str) -> Any:
    """Stands for the model that the program was made from, and is only asked for its name."""

    def model(*args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    model.__name__ = name
    return model


def _input_types(program: torch.export.ExportedProgram) -> str:
    inputs = set(program.graph_signature.user_inputs)
    nodes = [node for node in program.graph.nodes if node.op == "placeholder" and node.name in inputs]
    return ", ".join(
        tensor_type(node.meta["val"]) if isinstance(node.meta.get("val"), torch.Tensor) else "?" for node in nodes
    )
