"""Imports Batea once and forks a process off for each command that a line on standard input orders; answers its exit code."""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import os
import signal
import sys
import traceback
from typing import Any

LONGEST_S = 200
IMPORTED = ("bot.cli.app", "bot.wiring", "bot.web.app", "bot.outreach.document", "bot.nlu.trial", "alembic.command")


def serve() -> None:
    for name in IMPORTED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    while line := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            command(json.loads(line))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


def command(order: dict[str, Any]) -> None:
    """What `batea` does in a new process; never returns."""
    signal.alarm(LONGEST_S)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    for number, file in enumerate(order["files"]):
        opened = os.open(file, os.O_WRONLY if number else os.O_RDONLY)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w", closefd=False)), encoding="utf-8")
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(2, "w", closefd=False)), encoding="utf-8", errors="backslashreplace", line_buffering=True
    )
    sys.argv = ["batea", *order["words"]]
    code: Any = 0
    try:
        importlib.import_module("bot.cli.app").main()
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # noqa: BLE001 - as the interpreter itself would
        traceback.print_exc()
        code = 1
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(ValueError):
            stream.flush()
    # Tidying up what was imported would copy all of its pages.
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    serve()
