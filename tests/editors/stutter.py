#!/usr/bin/env python3
"""irlens lsp on a machine that is busy: the first reply to a request for a hover, and for a list
of stages, comes in two parts. Started by an editor, as `stutter.py lsp`; IRLENS_STUTTERS names the
program."""

import os
import subprocess
import sys
import time

_PAUSE = 0.3
_MARKS = [b'"contents"', b'"passes"']


def main() -> None:
    server = subprocess.Popen([os.environ["IRLENS_STUTTERS"], *sys.argv[1:]], stdin=0, stdout=subprocess.PIPE)
    assert server.stdout
    left = list(_MARKS)
    while header := server.stdout.readline():
        length = int(header.split(b":")[1])
        server.stdout.readline()
        body = server.stdout.read(length)
        message = header + b"\r\n" + body
        mark = next((mark for mark in left if mark in body), None)
        if mark:
            left.remove(mark)
            os.write(1, message[: len(message) // 2])
            time.sleep(_PAUSE)
            message = message[len(message) // 2 :]
        sys.stdout.buffer.write(message)
        sys.stdout.buffer.flush()
    sys.exit(server.wait())


main()
