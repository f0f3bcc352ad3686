"""Each family of models in every stage: what was ok stays ok, what fails fails as recorded,
and what a stage yields is read again by the tool that is made for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from checks import judge
from lowering import FAMILIES, differences, lower, read_record


@pytest.mark.parametrize("name", FAMILIES)
def test_family(name: str, tmp_path: Path) -> None:
    family = lower(name, tmp_path)
    verdict = judge(family)
    wrong = differences(family, read_record().get(name, {})) + verdict.complaints
    assert not wrong, "\n".join(wrong)
    if verdict.absent:
        pytest.skip(f"as recorded, but not judged by {', '.join(sorted(verdict.absent))}, which is not installed")
