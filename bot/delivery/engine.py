"""The durable engine: DBOS executes chunks, and executes them again where the process that had them died.

Only ids go into a workflow: no text and no address. The ledger is the truth; what DBOS keeps may be lost, and is rebuilt from the
ledger by whoever looks after broadcasts (`dispatcher.py`). Traps and figures: ../shared/engine.md, measured in November 2026.
"""

from __future__ import annotations

import fcntl
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from sqlalchemy import Engine as SqlEngine
from sqlalchemy import create_engine, event

from bot.domain.chunk import Chunk
from bot.domain.errors import BateaError
from bot.domain.ports import Notebook

if TYPE_CHECKING:
    from dbos import DBOS

QUEUE: Final = "batea-chunks"
GROWING: Final = "batea-recipients"
VERSION: Final = "1"  # never changed: what is queued under another one would be left lying by a new release
PER_SENDER: Final = 8
AT_ONCE: Final = 16
THREADS: Final = 48
POLL_S: Final = 0.3
KEPT: Final = timedelta(minutes=10)
"""How long DBOS remembers what it has executed."""
FORGET_EVERY_S: Final = 60.0
_FORGOTTEN_AT_ONCE: Final = 500
_STOPS_WITHIN_S: Final = 2
"""By then a round, or a run whose messages are settled, has ended; one that has not is executed again after the next start."""
_LOOKS_UP_EVERY_S: Final = 0.2


class Durable:
    """DBOS as `bot.domain`'s rooms know it: an `Executor` of the dispatcher. One a process."""

    def __init__(self, where: str | Path, worker: str, run: Callable[[Chunk], object], expand: Callable[[str], None]) -> None:
        # Whoever sends no broadcasts does not pay for it.
        from dbos import DBOS  # noqa: PLC0415

        self._dbos = DBOS
        self._forgotten = time.monotonic()
        on_file = isinstance(where, Path)
        config: dict[str, Any] = {
            "name": "batea",
            "application_version": VERSION,
            "executor_id": worker,
            "log_level": "ERROR",
            "serializer": _json_serializer(),
            "system_database_url": f"sqlite:///{where}" if on_file else where,
        }
        if isinstance(where, Path):
            config["system_database_engine"] = _file_engine(where)
        else:
            config["sys_db_pool_size"] = 6
        DBOS(config=config)  # type: ignore[arg-type]
        self._send, self._grow = _workflows(DBOS, run, expand)
        DBOS.launch()
        limits = {"worker_concurrency": AT_ONCE, "partition_worker_concurrency": PER_SENDER}
        DBOS.register_queue(QUEUE, polling_interval_sec=POLL_S, on_conflict="always_update", **limits)  # type: ignore[arg-type]
        DBOS.register_queue(GROWING, polling_interval_sec=POLL_S, on_conflict="always_update", worker_concurrency=1)

    def send(self, chunks: Sequence[Chunk]) -> None:
        """Run these chunks; the same run twice is one."""
        from dbos import SetEnqueueOptions, SetWorkflowID  # noqa: PLC0415

        for chunk in chunks:
            name = f"{chunk.broadcast_id}/{chunk.number}/{chunk.run}"
            with SetWorkflowID(name), SetEnqueueOptions(queue_partition_key=chunk.sender):
                self._dbos.enqueue_workflow(QUEUE, self._send, chunk.broadcast_id, chunk.number, chunk.sender, chunk.run)

    def expand(self, broadcast_id: str, attempt: str) -> None:
        """Give all recipients of a broadcast their rows; the same attempt twice is one."""
        from dbos import SetWorkflowID  # noqa: PLC0415

        with SetWorkflowID(f"{broadcast_id}/recipients/{attempt}"):
            self._dbos.enqueue_workflow(GROWING, self._grow, broadcast_id)

    def take_over(self, dead: Sequence[str]) -> int:
        """What those workers had begun is executed by others; returns how much that is."""
        taken = 0
        for queue in (QUEUE, GROWING):
            pending = self._dbos.list_workflows(executor_id=list(dead), status="PENDING", queue_name=queue, load_input=False)
            if pending:
                self._dbos.resume_workflows([one.workflow_id for one in pending], queue_name=queue)
            taken += len(pending)
        return taken

    def forget(self) -> None:
        """Delete what was executed a while ago; once a minute is enough."""
        if time.monotonic() - self._forgotten < FORGET_EVERY_S:
            return
        self._forgotten = time.monotonic()
        before = (datetime.now(UTC) - KEPT).isoformat()
        ended = self._dbos.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"],
            completed_before=before,
            limit=_FORGOTTEN_AT_ONCE,
            load_input=False,
            load_output=False,
        )
        if ended:
            self._dbos.delete_workflows([one.workflow_id for one in ended])

    def close(self) -> None:
        """Let what is running come to the end of its group, then let go."""
        self._dbos.destroy(destroy_registry=True, workflow_completion_timeout_sec=_STOPS_WITHIN_S)


def _workflows(dbos: type[DBOS], run: Callable[[Chunk], object], expand: Callable[[str], None]) -> tuple[Any, Any]:
    @dbos.step(name="batea.chunk")
    def chunk(broadcast_id: str, number: int, sender: str, attempt: int) -> bool:
        return bool(run(Chunk(broadcast_id, number, sender, attempt)))

    @dbos.workflow(name="batea.send", max_recovery_attempts=None)
    def send(broadcast_id: str, number: int, sender: str, attempt: int) -> bool:
        return chunk(broadcast_id, number, sender, attempt)

    @dbos.step(name="batea.slices")
    def slices(broadcast_id: str) -> None:
        expand(broadcast_id)

    @dbos.workflow(name="batea.expand", max_recovery_attempts=None)
    def grow(broadcast_id: str) -> None:
        slices(broadcast_id)

    return send, grow


def _json_serializer() -> Any:
    """Ids and yes or no as JSON: what a database holds is never run as a pickle."""
    from dbos import Serializer  # noqa: PLC0415

    class Json(Serializer):
        def serialize(self, data: Any) -> str:
            return json.dumps(data, default=lambda value: type(value).__name__)

        def deserialize(self, serialized_data: str) -> Any:
            return json.loads(serialized_data)

        def name(self) -> str:
            return "batea_json"

    return Json()


def _file_engine(file: Path) -> SqlEngine:
    """A file of its own. DBOS would set neither WAL nor a function that SQLite lacks before 3.42."""
    engine = create_engine(f"sqlite:///{file}", connect_args={"check_same_thread": False}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()
        if sqlite3.sqlite_version_info < (3, 42):
            connection.create_function("unixepoch", 1, lambda _: time.time())

    return engine


class Alone:
    """That no other process executes on the same SQLite file: a lock that ends with the process."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._held: IO[bytes] | None = None

    def take(self) -> bool:
        """Whether it is ours."""
        if self._held is None:
            held = self._file.open("ab")
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                held.close()
                return False
            self._held = held
        return True

    def give_back(self) -> None:
        """Somebody else may have it."""
        if self._held is not None:
            self._held.close()
            self._held = None


class Lasting:
    """The engine of one process, from its start to its end, in threads of its own."""

    def __init__(
        self,
        open_durable: Callable[[], Durable],
        look: Callable[[], bool],
        beside: Sequence[Callable[[], object]],
        stop_sending: Callable[[], None],
        threads: ThreadPoolExecutor,
        notebook: Notebook,
        *,
        may_execute: Callable[[], bool] = lambda: True,
        let_go: Callable[[], None] = lambda: None,
        at_once: bool = False,
        worker: str = "",
    ) -> None:
        """`look` is one round; `beside` is done now and then; `at_once`: DBOS starts even before there is anything to send.

        `worker` is the name of this process.
        """
        self.worker = worker
        self._asked = False
        self._open = open_durable
        self._look = look
        self._beside = beside
        self._stop_sending = stop_sending
        self._threads = threads
        self._notebook = notebook
        self._may_execute = may_execute
        self._let_go = let_go
        self._at_once = at_once
        self._durable: Durable | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._go_round, name="batea-broadcasts", daemon=True)

    def durable(self) -> Durable:
        """DBOS, started by whoever first needs it."""
        if self._durable is None:
            self._durable = self._open()
        return self._durable

    def start(self) -> None:
        """Begin, in the background."""
        self._thread.start()

    def hold(self) -> None:
        """Begin nothing more."""
        self._stopping.set()
        self._stop_sending()

    def stop(self) -> None:
        """Have every run end, then let go. Nothing is lost by a process that is killed instead."""
        self.hold()
        if self._thread.is_alive():
            self._thread.join(timeout=_STOPS_WITHIN_S)
        if self._durable is not None:
            self._durable.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._let_go()

    def ask_to_stop(self) -> None:
        """Have `wait` return; safe in a signal handler."""
        self._asked = True

    def wait(self) -> None:
        """Until somebody asks it to stop."""
        while not self._asked:
            time.sleep(_LOOKS_UP_EVERY_S)

    def _go_round(self) -> None:
        while not self._stopping.is_set():
            busy = False
            try:
                if self._may_execute():
                    if self._at_once:
                        self.durable()
                    busy = self._look()
                    for work in self._beside:
                        work()
                    if self._durable is not None:
                        self._durable.forget()
            except BateaError as error:
                self._notebook.event("broadcasts_wait", kind=type(error).__name__)
            except Exception as error:  # noqa: BLE001 - the loop outlives whatever happens to one round
                self._notebook.event("broadcasts_failed", kind=type(error).__name__)
            with suppress(ValueError):
                self._stopping.wait(0.25 if busy else 1.0)
