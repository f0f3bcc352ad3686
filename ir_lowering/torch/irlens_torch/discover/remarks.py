"""`# irlens:` comments: an entry as an expression, or words that steer the file.

# irlens: Net()(torch.randn(1, 3, 32, 32))
# irlens: target=sm_90 stages=linalg,ptx
"""

from __future__ import annotations

import ast
import re
from collections.abc import Set
from dataclasses import dataclass
from typing import Any

from irlens_worker.protocol import Diagnostic, Json
from irlens_worker.script import Source

_REMARK = re.compile(r"#\s*irlens:\s*(.*?)\s*$")
# `target=sm_90 stages=linalg`, alone or behind a call.
_DIRECTIVES = re.compile(r"(?:(?:^|\s+)[A-Za-z_-]+=[^\s=()\[\]{}]+)+$")


@dataclass(frozen=True)
class Remark:
    """A comment that describes an entry; line and column are those of the expression."""

    line: int
    column: int
    call: ast.Call

    def evaluate(self, namespace: dict[str, Any], path: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        """The model, its inputs and keyword inputs. Raises what the user's code raises."""
        model = self._value(self.call.func, namespace, path)
        if not callable(model):
            raise TypeError(f"{ast.unparse(self.call.func)} cannot be called")
        inputs = ast.Call(ast.Name("__irlens_args", ast.Load()), self.call.args, self.call.keywords)
        gather = {**namespace, "__irlens_args": lambda *args, **kwargs: (args, kwargs)}
        args, kwargs = self._value(inputs, gather, path)
        return model, args, kwargs

    def names(self) -> set[str]:
        """The names that must be known before the comment can be evaluated."""
        nodes = list(ast.walk(self.call))
        bound = {node.arg for node in nodes if isinstance(node, ast.arg)}
        bound |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        return {node.id for node in nodes if isinstance(node, ast.Name)} - bound

    def _value(self, node: ast.expr, namespace: dict[str, Any], path: str) -> Any:
        body = ast.fix_missing_locations(ast.copy_location(node, self.call))
        return eval(compile(ast.Expression(body), path, "eval"), namespace)


def find_remarks(source: Source, others: Set[int] = frozenset()) -> tuple[list[Remark], Json, list[Diagnostic]]:
    """The entries, the directives, and what is wrong with the comments of a file.

    Comments on the lines `others` belong to another provider.
    """
    remarks: list[Remark] = []
    directives: Json = {}
    diagnostics: list[Diagnostic] = []
    for token in source.comments:
        match = _REMARK.match(token.string)
        if not match or not match.group(1) or token.start[0] in others:
            continue
        text, words = _split_directives(match.group(1))
        directives.update(words)
        if not text:
            continue
        line, start = token.start
        column = len(token.line[:start].encode()) + match.start(1) + 1
        try:
            remarks.append(_parse_remark(text, line, column))
        except SyntaxError as error:
            diagnostics.append(Diagnostic(f"irlens comment: {error.msg}", [(source.path, line, column)]))
    return remarks, directives, diagnostics


def _parse_remark(text: str, line: int, column: int) -> Remark:
    tree = ast.parse(text.strip(), mode="eval")
    if not isinstance(tree.body, ast.Call):
        raise SyntaxError("expected a call of a model, as in Net()(torch.randn(1, 3))")
    for node in ast.walk(tree.body):
        if isinstance(node, (ast.expr, ast.keyword)):
            _move(node, line - 1, column - 1)
    return Remark(line, column, tree.body)


def _move(node: ast.expr | ast.keyword, lines: int, columns: int) -> None:
    """Makes errors point into the file instead of into the text of the comment."""
    node.lineno += lines
    node.end_lineno = (node.end_lineno or 1) + lines
    node.col_offset += columns
    node.end_col_offset = (node.end_col_offset or 0) + columns


def _split_directives(text: str) -> tuple[str, Json]:
    """What stands before the words that steer the file, and these words."""
    match = _DIRECTIVES.search(text)
    if not match:
        return text, {}
    words = match.group().split()
    return text[: match.start()].rstrip(), dict(word.split("=", 1) for word in words)
