"""Gathers this process's memory in huge pages, so that forking it is cheap.

A fork copies a page table entry for each page of anonymous memory: 300 MB after the imports
are 75,000 of them and 10 ms, in pages of 2 MB they are 150. A child that writes gets a copy
of 4 kB all the same. Called in the zygote while it has nothing else to do; on a kernel
without MADV_COLLAPSE (madvise(2), Linux 6.1) nothing happens.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from pathlib import Path

_MADV_COLLAPSE = 25
_SIZE = 2 << 20
# proc_pid_maps(5): start-end, permissions, offset, device, inode of the file or 0.
_MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ (\d+)")
_libc = ctypes.CDLL(None, use_errno=True)


def gather() -> Iterator[None]:
    """Gathers one huge page per step, in milliseconds. What the kernel refuses stays as it is."""
    for start, end in _writable_memory():
        for address in range(start, end, _SIZE):
            _libc.madvise(ctypes.c_void_p(address), ctypes.c_size_t(_SIZE), _MADV_COLLAPSE)
            yield


def _writable_memory() -> list[tuple[int, int]]:
    """The anonymous mappings, cut to whole huge pages."""
    found = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        mapping = _MAPPING.match(line)
        if mapping and mapping[3].startswith("rw") and mapping[4] == "0":
            start = -(-int(mapping[1], 16) // _SIZE) * _SIZE
            end = int(mapping[2], 16) // _SIZE * _SIZE
            if start < end:
                found.append((start, end))
    return found
