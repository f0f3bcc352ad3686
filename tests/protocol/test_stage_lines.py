"""Lines of SASS and PTX, hsaco and AMDGCN, which lead to each other. The real server with its
real worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from client import Client
from real_session import real_session
from test_passes import KERNEL, MULTIPLY

pytest.importorskip("triton")
pytest.importorskip("torch")

# Of an instruction of the binary, and of what it was made from.
PAIRS = {
    ("sass.sass", "ptx.ptx"): {
        "FMUL": "mul.f32",
        "LDG": "ld.global",
        "STG": "st.global",
        "SR_TID": "%tid.x",
    },
    ("hsaco.s", "amdgcn.s"): {
        "v_pk_mul_f32": "v_pk_mul_f32",
        "buffer_load": "buffer_load",
        "s_endpgm": "s_endpgm",
    },
}


class Session:
    def __init__(self, client: Client, kernel: Path) -> None:
        self.client = client
        self.kernel = kernel

    def open(self, document: str) -> tuple[str, list[str]]:
        """The URI and the lines of a stage, which is made if nobody has asked for it before."""
        stage = document.rpartition(".")[0]
        row = self.client.stages(self.kernel)[stage]
        self.client.content(row["uri"])
        self.client.sync()
        return row["uri"], self.client.content(row["uri"]).splitlines()

    def lines(self, method: str, uri: str, line: int) -> list[tuple[str, int]]:
        """Where a line (from 0) leads: each line of each place."""
        places: list[dict[str, Any]] = self.client.at(method, uri, line) or []
        return [
            (place["targetUri"], number)
            for place in places
            for number in range(place["targetRange"]["start"]["line"], place["targetRange"]["end"]["line"])
        ]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with real_session(tmp_path_factory.mktemp("lines")) as (client, workspace):
        kernel = workspace / "kernel.py"
        kernel.write_text(KERNEL)
        client.initialize("vscode", workspace)
        client.open(kernel)
        client.sync()
        yield Session(client, kernel)


@pytest.mark.parametrize(("binary", "assembly"), PAIRS)
def test_an_instruction_leads_to_what_it_was_made_from(session: Session, binary: str, assembly: str) -> None:
    made, instructions = session.open(binary)
    origin, text = session.open(assembly)
    for opcode, words in PAIRS[binary, assembly].items():
        numbers = [number for number, line in enumerate(instructions) if opcode in line]
        assert numbers, opcode
        for number in numbers:
            ((uri, line),) = session.lines("declaration", made, number)
            assert uri == origin and words in text[line], (instructions[number], text[line])
            assert (made, number) in session.lines("implementation", origin, line)
    assert session.lines("declaration", origin, 0) == []


def test_hovers_show_both(session: Session) -> None:
    sass, instructions = session.open("sass.sass")
    ptx, text = session.open("ptx.ptx")
    number = next(number for number, line in enumerate(instructions) if "FMUL" in line)
    ((_, line),) = session.lines("declaration", sass, number)
    hover = session.client.at("hover", sass, number)["contents"]["value"]
    assert "y = x * 2.5" in hover
    assert f"from [PTX {line + 1}]({ptx}#L{line + 1})\n\n```ptx\n{text[line].strip()}\n```" in hover
    hover = session.client.at("hover", ptx, line)["contents"]["value"]
    assert "y = x * 2.5" in hover and "to [SASS " in hover and instructions[number].strip() in hover
    (source,) = session.client.at("definition", sass, number)
    assert (source["targetUri"], source["targetRange"]["start"]["line"]) == (session.kernel.as_uri(), MULTIPLY)


def test_most_instructions_know_their_line(session: Session) -> None:
    sass, instructions = session.open("sass.sass")
    numbers = [number for number, line in enumerate(instructions) if "/*" in line]
    known = [number for number in numbers if session.lines("declaration", sass, number)]
    assert len(known) >= 0.9 * len(numbers) > 20


def test_a_hover_on_ttgir_shows_its_layout(session: Session) -> None:
    """The first hover has the drawings made; a save does not."""
    client = session.client
    ttgir, text = session.open("ttgir.mlir")
    number = next(number for number, line in enumerate(text) if "arith.mulf" in line)
    assert client.stages(session.kernel)["layouts"]["status"] == "not made"
    hover = client.at("hover", ttgir, number)["contents"]["value"]
    assert "y = x * 2.5" in hover and ": being made, ask again in a moment" in hover
    client.sync()
    layouts = client.stages(session.kernel)["layouts"]["uri"]
    for line in (number, text.index(next(line for line in text if line.startswith("#blocked = ")))):
        hover = client.at("hover", ttgir, line)["contents"]["value"]
        assert f"[Layouts 1]({layouts}#L1)\n\n```plaintext\n1024 #blocked (" in hover
        assert "\n#blocked = #ttg.blocked<{sizePerThread = [4], threadsPerWarp = [32], warpsPerCTA = [4]" in hover
        assert "\n8 elements per thread, 32 threads per warp, 4 warps\n" in hover
        assert "0| T0:0 T0:1 T0:2 T0:3 T1:0" in " ".join(hover.split())
    users = [line for uri, line in session.lines("declaration", layouts, 0) if uri == ttgir]
    assert number in users and all("#blocked" in text[line] for line in users)
    assert (layouts, 0) in session.lines("implementation", ttgir, number)


def test_a_save_makes_no_layouts(session: Session) -> None:
    client = session.client
    ttgir, text = session.open("ttgir.mlir")
    changed = KERNEL.replace("2.5", "7.5")
    session.kernel.write_text(changed)
    client.change(session.kernel, changed)
    client.save(session.kernel)
    client.sync()
    number = next(number for number, line in enumerate(text) if "arith.mulf" in line)
    hover = client.at("hover", ttgir, number)["contents"]["value"]
    assert "y = x * 7.5" in hover and ": being made, ask again in a moment" in hover
    client.sync()
    hover = client.at("hover", ttgir, number)["contents"]["value"]
    assert "1024 #blocked (" in hover and "being made" not in hover
