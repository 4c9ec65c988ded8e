import threading

import pytest
from standins.server import Server
from standins.signing import ACCOUNT, AUTH_TOKEN, PUBLIC_URL, TELEGRAM_SECRET, TELEGRAM_TOKEN
from standins.vendor import Vendor


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
