"""Counts instructions by what they do: a table of patterns per instruction set.

The first pattern that matches the opcode decides. Called for the resources table.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

CLASSES = ("tensor", "math", "global", "shared", "spill", "control", "other")

_SASS = [
    ("tensor", r"(?:H|I|D|Q|O|BM)MMA|[HIQ]GMMA|UTC\w*MMA|WARPGROUP"),
    ("spill", r"(?:LD|ST)L\b"),
    ("global", r"(?:LD|ST|ATOM|RED)G?\b|LDG\w*|STG|RED\w*|ATOMG|UBLKCP|UTMA\w*|LDC|ULDC|CCTL|LDTM|STTM"),
    ("shared", r"(?:LD|ST|ATOM)S\b|LDSM|STSM|STAS"),
    (
        "control",
        r"BRA|BRX|JMP|EXIT|RET|CALL|BSSY|BSYNC|BREAK|WARPSYNC|BAR|SYNCS|DEPBAR|MEMBAR|ERRBAR|NANOSLEEP|NOP|YIELD|ELECT",
    ),
    (
        "math",
        r"[FDHI]?(?:ADD|MUL|MAD|FMA|SET|SETP|MNMX|ADD3|MNMX3)\w*|MUFU|[FHIU]\w*|LEA|LOP3|SHF|PRMT|SEL|U\w+|I2\w+|F2\w+|POPC|FLO",
    ),
]
_GCN = [
    ("tensor", r"v_(?:s?mfma|wmma|swmmac|dot)\w*"),
    ("spill", r"scratch_\w+"),
    ("global", r"(?:global|buffer|flat|s_load|s_buffer_load|tensor)_\w+|s_load\w*"),
    ("shared", r"ds_\w+|lds_\w+"),
    (
        "control",
        r"s_(?:c?branch|barrier|waitcnt|wait|endpgm|nop|setpc|swappc|call|sleep|delay|setprio|sched|sendmsg|clause)\w*",
    ),
    ("math", r"[vs]_\w+"),
]
_GUARD = re.compile(r"^@!?U?P\w+\s+")


def count_classes(instructions: Iterable[str], is_nvidia: bool) -> Counter[str]:
    """How many instructions of each class there are."""
    patterns = [(name, re.compile(pattern)) for name, pattern in (_SASS if is_nvidia else _GCN)]
    counts: Counter[str] = Counter()
    for instruction in instructions:
        opcode = _GUARD.sub("", instruction).split()[0] if instruction.strip() else ""
        base = opcode.split(".")[0] if is_nvidia else opcode
        counts[next((name for name, pattern in patterns if pattern.fullmatch(base)), "other")] += 1
    return counts
