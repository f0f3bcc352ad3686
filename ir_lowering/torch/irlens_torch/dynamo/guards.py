"""What must hold for a compiled frame to be used again: the `dynamo-guards` stage.

Called in the stage's process. Dynamo prints guards as a tree over the values that they look
at; shown are its leaves, frame by frame, each linked to the line that made the guard necessary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from irlens_worker.artifacts import StageResult
from irlens_worker.protocol import Frame

from ..capture.graph_text import Line, remark
from ..capture.stack_traces import summary_frames
from .capture import Compiled, CompiledFrame
from .graphs import finish, heading

# `| | +- TENSOR_MATCH: check_tensor(L['x'], ...)  # y = x + 1  # model.py:9 in forward`
_NODE = re.compile(r"^((?:\| )*)\+- (\w+)(?:: (.*?))?(?:\s+# .*)?$")
_SOURCE = re.compile(r"source=(.*?), accessed_by=")
# Numbers that are others in each process.
_ID = re.compile(r"(___check_(?:obj|type)_id\(.*), \d+\)")
_MANAGERS = ("RootGuardManager", "GuardManager", "DictGuardManager")


def make_guards(compiled: Compiled) -> StageResult:
    """The document. Raises StageFailed, with what there is, when the model raised."""
    lines: list[Line] = []
    count = 0
    for frame in compiled.in_order():
        lines += heading(frame)
        for item, number in _frame_lines(frame):
            lines.append(item)
            count += number
        lines.append(Line(""))
    return finish(compiled, lines or [Line("# torch.compile found nothing to compile")], {"guards": count}, [])


def _frame_lines(frame: CompiledFrame) -> Iterator[tuple[Line, int]]:
    """The lines of one frame, each with the number of guards that it stands for."""
    places: dict[str, list[Frame]] = {}
    for guard in frame.guards:
        places[guard.name] = places.get(guard.name) or _frames_of(guard)
    said: tuple[str, int] | None = None
    # One tensor has several guards of a kind that nobody reads twice.
    for (source, kind), group in groupby(_leaves(frame.guard_text), key=lambda leaf: leaf[:2]):
        first, *rest = [code for _, _, code in group]
        frames = places.get(source, [])
        place = frames[-1][:2] if frames else None
        if place and place != said:
            yield Line(remark(*place), frames), 0
        said = place
        yield Line(f"{kind}: {first}" if first else kind, frames), 1
        if rest:
            yield Line(f"# and {len(rest)} more of this kind", frames), len(rest)


def _leaves(tree: str) -> Iterator[tuple[str, str, str]]:
    """(source, kind, code) of each guard; the source is the value that it looks at."""
    sources: dict[int, str] = {}
    for line in tree.splitlines():
        node = _NODE.match(line)
        if not node:
            continue
        depth, kind, code = len(node[1]) // 2, node[2], node[3] or ""
        if kind in _MANAGERS:
            source = _SOURCE.search(line)
            sources[depth] = source[1] if source else ""
        else:
            yield sources.get(depth - 1, ""), kind, _ID.sub(r"\1)", code)


def _frames_of(guard: object) -> list[Frame]:
    stack = getattr(guard, "user_stack", None)
    if stack is None:
        return []
    return summary_frames(stack.summary() if hasattr(stack, "summary") else stack)
