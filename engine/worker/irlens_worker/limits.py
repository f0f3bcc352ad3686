"""What a child may use and how it ends: memory limit, death with its parent, fault reports.

Called right after a fork, in the child, and by parents that read how a child ended.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import re
import resource
import signal

from .protocol import Frame

_PR_SET_PDEATHSIG = 1
# User code's os._exit is watched (job.py); this is the real one.
really_exit = os._exit
_libc = ctypes.CDLL(None, use_errno=True)

# faulthandler: `  File "model.py", line 12 in forward`.
_FAULT_FRAME = re.compile(r'^  File "(.+)", line (\d+) in ', re.MULTILINE)
_SIGNAL_TEXTS: dict[int, str] = {
    signal.SIGSEGV: "crashed with a segmentation fault (SIGSEGV)",
    signal.SIGBUS: "crashed with a bus error (SIGBUS)",
    signal.SIGFPE: "crashed with an arithmetic error (SIGFPE)",
    signal.SIGILL: "crashed with an illegal instruction (SIGILL)",
    signal.SIGABRT: "aborted (SIGABRT)",
    signal.SIGKILL: "was killed (SIGKILL)",
    signal.SIGTERM: "was ended (SIGTERM)",
}
_OUT_OF_MEMORY = re.compile(
    r"out of memory|bad_alloc|MemoryError|can't allocate memory|Cannot allocate memory",
    re.IGNORECASE,
)


def die_with_parent(parent: int) -> None:
    """Kills this process when its parent ends, also when that has happened already."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def limit_memory(megabytes: int) -> None:
    """Lets this process allocate so much beyond what it has now (only the soft limit)."""
    limit = _own_memory(0) + (megabytes << 20)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def allow_many_files() -> None:
    """Raises the limit of open files as far as this process may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    many = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (many, hard))


def used_up(usage: resource.struct_rusage, megabytes: int) -> bool:
    """True when a child has come near a limit that limit_memory set in it.

    A compiler that gets no more memory does not always say so: it may just crash.
    """
    grown = usage.ru_maxrss * 1024 - _own_memory(1)
    return grown > (megabytes << 20) * 0.7


def _own_memory(field: int) -> int:
    """Bytes of address space (0) or of memory in use (1)."""
    with open("/proc/self/statm", "rb") as stream:
        return int(stream.read().split()[field]) * resource.getpagesize()


def report_faults(fd: int) -> None:
    """Writes the Python stack to `fd` on a fatal signal, and on SIGUSR1 while running on."""
    faulthandler.enable(file=fd, all_threads=False)
    faulthandler.register(signal.SIGUSR1, file=fd, all_threads=False, chain=False)


def default_signals() -> None:
    """Undoes what user code may have done to the signals that the worker lives by."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number in (signal.SIGCHLD, signal.SIGALRM, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def fault_frames(fd: int) -> list[Frame]:
    """The frames of the last stack that report_faults wrote, the innermost first."""
    try:
        text = os.pread(fd, 1 << 16, 0).decode(errors="replace")
    except OSError:
        return []
    text = text[text.rfind("(most recent call first)") :]
    return [(file, int(line), 0) for file, line in _FAULT_FRAME.findall(text)]


def says_out_of_memory(text: str) -> bool:
    """True for the words of Python, C++ and torch about an allocation that failed."""
    return _OUT_OF_MEMORY.search(text) is not None


def classify(status: int, stderr_tail: str, memory_full: bool) -> tuple[str, str]:
    """Turns a wait status into a protocol status and a sentence about it."""
    if says_out_of_memory(stderr_tail) or (os.WIFSIGNALED(status) and memory_full):
        return "memory", "ran out of memory"
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        text = _SIGNAL_TEXTS.get(number, f"crashed with signal {number}")
        last = stderr_tail.strip().splitlines()[-1:] if number == signal.SIGABRT else []
        return "crashed", f"{text}: {last[0][:400]}" if last else text
    return "crashed", f"ended the process with exit status {os.waitstatus_to_exitcode(status)}"
