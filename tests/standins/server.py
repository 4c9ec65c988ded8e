"""A `batea serve` process of its own."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Server:
    """A `batea serve` process of its own, with a data folder of its own."""

    def __init__(self, folder, **environment):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.log = folder / "serve.log"
        # What `make setup` and earlier tests made of the same content need not be made again.
        for name in ("models", "clips"):
            if (ROOT / "var" / name).is_dir():
                shutil.copytree(ROOT / "var" / name, folder / "data" / name)
        names = {f"BATEA_{name}": value for name, value in environment.items()}
        env = {"PATH": os.environ["PATH"], "HOME": str(folder), "BATEA_DATA_DIR": str(folder / "data"), **names}
        with self.log.open("wb") as log:
            command = [sys.executable, "-m", "bot.cli.app", "serve", "--port", str(self.port)]
            self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)

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
