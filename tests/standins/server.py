"""A `batea serve` process of its own."""

import contextlib
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BATEA = [sys.executable, "-m", "bot.cli.app"]


def linked(source, target):
    """Give a file that nobody writes into a second name, or a copy where that is on another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


class Server:
    """A `batea serve` process of its own, with a data folder of its own."""

    def __init__(self, folder, **environment):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.log = folder / "serve.log"
        # What `make setup` and earlier tests made of the same content need not be made again.
        for name in ("models", "clips"):
            if (ROOT / "var" / name).is_dir():
                shutil.copytree(ROOT / "var" / name, folder / "data" / name, copy_function=linked, dirs_exist_ok=True)
        names = {f"BATEA_{name}": value for name, value in environment.items()}
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "BATEA_DATA_DIR": str(folder / "data"), **names}
        self.process = None

    def start(self):
        with self.log.open("ab") as log:
            command = [*BATEA, "serve", "--port", str(self.port)]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        return self.wait()

    def upgrade(self):
        subprocess.run([*BATEA, "db", "upgrade"], cwd=ROOT, env=self.environment, check=True)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def rows(self, *tables):
        """How many rows each table has, read from the file of a server that has stopped."""
        with contextlib.closing(sqlite3.connect(self.folder / "data" / "batea.db")) as database:
            return {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}

    def wait(self, seconds=60.0):
        """Wait until it is ready; a server that does not come up is stopped and its log shown."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if self.request("/readyz", timeout=2)[0] == 200:
                    return self
            except OSError:
                time.sleep(0.1)
        self.stop()
        raise AssertionError(self.log.read_text())

    def request(self, path, data=None, headers=None, timeout=30):
        """Status and body, whatever the status."""
        request = urllib.request.Request(self.url + path, data=data, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def post_json(self, path, mapping, headers=None):
        return self.request(path, json.dumps(mapping).encode(), {"content-type": "application/json", **(headers or {})})

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
