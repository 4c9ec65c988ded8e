import sqlite3
import threading
from contextlib import closing

import pytest
from standins.server import Server
from standins.signing import ACCOUNT, AUTH_TOKEN, PUBLIC_URL, TELEGRAM_SECRET, TELEGRAM_TOKEN
from standins.staffing import Account, Visitor
from standins.vendor import Vendor

from bot.domain.staff import Role


@pytest.fixture(scope="module")
def vendor():
    with Vendor() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def server(tmp_path_factory, vendor):
    running = Server(
        tmp_path_factory.mktemp("server"),
        DEMO="1",
        PUBLIC_URL=PUBLIC_URL,
        TWILIO_ACCOUNT_SID=ACCOUNT,
        TWILIO_AUTH_TOKEN=AUTH_TOKEN,
        TWILIO_API_URL=vendor.url,
        TWILIO_SMS_FROM="+15005550006",
        TWILIO_WHATSAPP_FROM="+15005550007",
        TELEGRAM_TOKEN=TELEGRAM_TOKEN,
        TELEGRAM_API_URL=vendor.url,
        TELEGRAM_WEBHOOK_SECRET=TELEGRAM_SECRET,
    )
    yield running.start()
    running.stop()


@pytest.fixture(scope="module")
def signed_in(server):
    """A browser for each role."""
    people = {role: Account.enrolled(server.environment, f"{role}@example.org", role) for role in ("admin", "staff", "pme")}
    people["facilitator"] = Account.enrolled(server.environment, "facilitator@example.org", "facilitator", "taraza")
    return {Role(role): Visitor(server.url).sign_in(account) for role, account in people.items()}


@pytest.fixture
def database(server):
    """Looks into the server's file."""

    def rows(query, *values):
        with closing(sqlite3.connect(server.folder / "data" / "batea.db")) as connection, connection:
            return connection.execute(query, values).fetchall()

    return rows
