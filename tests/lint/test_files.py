"""Rules for any file: its size, its first lines, and nothing of one machine in it."""

from __future__ import annotations

import re
import warnings

import pytest
from tree import CPP, SOURCES, files, having, text

# More lines than this are worth a second look, or too many for one idea.
MANY_LINES, TOO_MANY_LINES = 400, 600

# Paths that hold on one machine only, and hosts of package registries, which are
# the business of each machine's own configuration. Written so that this file passes.
MACHINE_PATHS = re.compile(r"(?<![\w.~}])/(?:home|root|work)/|/opt/(?:pypi|wheels)")
REGISTRY_HOSTS = re.compile(
    r"registry\.npmjs\.org|files\.pythonhosted\.org|pypi\.org/simple|download\.pytorch\.org|"
    r"(?:deb|security)\.debian\.org|open-vsx\.org"
)
# Feeding such paths to a parser is part of testing it.
EXAMPLE_PATHS = ("tests/",)

COMMENT = re.compile(r'(?:#!.*\n)?(?:vim9script\n)?\s*(?://|/\*|#(?!!)|--|"|\'\'\')')
CPP_COMMENT = re.compile(r"\s*(?://|/\*)")


def test_size() -> None:
    lines = {name: text(name).count("\n") for name in having(SOURCES)}
    for name, count in lines.items():
        if MANY_LINES < count <= TOO_MANY_LINES:
            warnings.warn(f"{name} has {count} lines", stacklevel=1)
    assert not {name: count for name, count in lines.items() if count > TOO_MANY_LINES}


def says_why(name: str, content: str) -> bool:
    """The first lines of a source say why it exists. A C++ file that begins with its own
    header leaves that to the header."""
    if not content.strip():
        return True
    if not name.endswith(CPP):
        return COMMENT.match(content) is not None
    own = f'#include "{name.removesuffix(".cpp")}.h"\n'
    return CPP_COMMENT.match(content) is not None or (name.endswith(".cpp") and content.startswith(own))


def test_header_comment() -> None:
    assert not [name for name in having(SOURCES) if not says_why(name, text(name))]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a/b.cpp", "#include <vector>\n", False),
        ("a/b.cpp", '#include "a/c.h"\n', False),
        ("a/b.cpp", '#include "a/b.h"\n', True),
        ("a/b.h", "#pragma once\n", False),
        ("a/b.h", "// Why.\n#pragma once\n", True),
        ("a.py", "import os\n", False),
        ("a.py", '"""Why."""\n', True),
        ("a.sh", "#!/bin/sh\nexit 0\n", False),
        ("a.sh", "#!/bin/sh\n# Why.\nexit 0\n", True),
    ],
)
def test_the_header_rule_can_fail(name: str, content: str, expected: bool) -> None:
    assert says_why(name, content) == expected


def test_no_machine_paths() -> None:
    wrong = [
        f"{name}: {match.group()}"
        for name in files()
        if not name.startswith(EXAMPLE_PATHS)
        for match in MACHINE_PATHS.finditer(text(name))
    ]
    assert not wrong, "\n".join(wrong)


def test_no_registry_hosts() -> None:
    wrong = [f"{name}: {match.group()}" for name in files() for match in REGISTRY_HOSTS.finditer(text(name))]
    assert not wrong, "\n".join(wrong)


def test_nothing_binary() -> None:
    assert not [name for name in files() if not name.endswith(".png") and "\0" in text(name)]
