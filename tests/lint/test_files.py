"""Rules for any file: its size, its first lines, and nothing of one machine in it."""

from __future__ import annotations

import re
import warnings

from tree import SOURCES, files, having, text

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

COMMENT = re.compile(r'(?:#!.*\n)?(?:vim9script\n)?\s*(?://|/\*|#|--|"|\'\'\')')


def test_size() -> None:
    lines = {name: text(name).count("\n") for name in having(SOURCES)}
    for name, count in lines.items():
        if MANY_LINES < count <= TOO_MANY_LINES:
            warnings.warn(f"{name} has {count} lines", stacklevel=1)
    assert not {name: count for name, count in lines.items() if count > TOO_MANY_LINES}


def test_header_comment() -> None:
    """The first lines of a source say why it exists."""
    sources = ((name, text(name)) for name in having(SOURCES))
    assert not [name for name, content in sources if content.strip() and not COMMENT.match(content)]


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
