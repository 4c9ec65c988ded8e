"""The staff side within the test's own process, and browsers that have already signed in: no port, no password to hash."""

import asyncio
import secrets
import shutil
import sqlite3
import uuid
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import httpx
import pyotp

from bot import wiring
from bot.domain.staff import SESSION_LASTS, Credentials, Role, Session, StaffMember, Stage
from bot.settings import load
from bot.web.app import build_app
from bot.web.staff import cookies

ROOT = Path(__file__).resolve().parents[2]
PASSING = {"staff_session", "audit_log", "audit_head", "sign_in_try"}


class StaffSide:
    """A Batea with the data of the demonstration, and its web face."""

    def __init__(self, folder):
        models = ROOT / "var" / "models"
        if models.is_dir():
            shutil.copytree(models, folder / "models", dirs_exist_ok=True)
        self.folder = folder
        environment = {"BATEA_DEMO": "1", "BATEA_DATA_DIR": str(folder), "BATEA_TTS": "off", "BATEA_ASR": "off"}
        self.environment = environment
        self.batea = wiring.build_server(load(environment))
        self.app = build_app(self.batea)
        self.loop = asyncio.new_event_loop()

    def close(self):
        self.loop.run_until_complete(self._leave())
        self.batea.close()
        self.loop.close()

    async def _leave(self):
        left = list(self.app.state.staff_beside)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def submit(self, work):
        return self.batea.store.submit(work).result()

    def member(self, role, community=None, name=None):
        """An account whose password nobody knows."""
        email = f"{name or uuid.uuid4().hex}@example.org"
        made = StaffMember(uuid.uuid4().hex, email, Role(role), community, "es", self.batea.clock.now())
        assert self.submit(lambda uow: uow.staff.add(Credentials(made, "", pyotp.random_base32())))
        return made

    def browser(self, member=None, *, stage=Stage.OPEN, ends_in=SESSION_LASTS, begun=timedelta(0)):
        """A browser; with a session of that member's."""
        if member is None:
            return Browser(self)
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        now = self.batea.clock.now() + begun
        self.submit(lambda uow: uow.sessions.open(token, Session(member, stage, csrf), now, now + ends_in))
        return Browser(self, token, csrf)

    def rows(self, query, *values):
        with closing(sqlite3.connect(self.folder / "batea.db")) as connection, connection:
            return connection.execute(query, values).fetchall()

    def said(self):
        """Everything that the database holds, but for what each request leaves: sessions and the audit log."""
        with closing(sqlite3.connect(self.folder / "batea.db")) as connection, connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            return {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables - PASSING}


class Browser:
    """Sends one request at a time, follows nothing."""

    def __init__(self, side, token="", csrf=""):
        self.side = side
        self.token = token
        self.csrf = csrf

    def send(self, method, path, fields=None, *, headers=None, cookie=cookies.SESSION, files=None):
        """The response to a request; a form goes with its `csrf` unless it has its own."""
        given = {"cookie": f"{cookie}={self.token}"} if self.token else {}

        async def ask():
            transport = httpx.ASGITransport(self.side.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
                form = None if fields is None else {"csrf": self.csrf, **fields}
                return await client.request(method, path, data=form, files=files, headers={**given, **(headers or {})})

        return self.side.loop.run_until_complete(ask())

    def get(self, path, **more):
        return self.send("GET", path, **more)

    def post_files(self, path, files, **fields):
        return self.send("POST", path, fields, files=files)

    def post(self, path, **fields):
        return self.send("POST", path, fields)
