"""`python -m irlens_worker`: the warm fork server on stdin and stdout (PROTOCOL.md)."""

from __future__ import annotations

import os
import sys

from .environment import stay_single_threaded, thread_count


def main() -> int:
    """Warms up, says hello and serves until the requests end."""
    stay_single_threaded()
    if not getattr(sys.flags, "safe_path", False):
        del sys.path[0]  # the workspace must not shadow the libraries
    from .channel import encode_line, move_high, write_all
    from .protocol import Json
    from .providers import load_provider
    from .zygote import Zygote

    # What libraries print goes to the log: events have stdout to themselves.
    events = move_high(os.dup(1))
    os.dup2(2, 1)

    def emit(event: Json) -> None:
        write_all(events, encode_line(event))

    provider = load_provider()
    provider.warm()
    emit(
        {
            "event": "hello",
            "worker": "python",
            "protocol": 1,
            "pid": os.getpid(),
            "tools": provider.tools(),
            "steps": provider.steps(),
            "unavailable": provider.missing(),
            "executable": sys.executable,
            "site": provider.site(),
        }
    )
    if thread_count() != 1:
        print(f"irlens_worker: {thread_count()} threads, forks may hang", file=sys.stderr)
    try:
        Zygote(provider, 0, emit).serve()
    except BrokenPipeError:  # the engine has gone
        return 1
    return 0


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    # Taking down a warm interpreter takes long, and some libraries complain about it.
    os._exit(status)
