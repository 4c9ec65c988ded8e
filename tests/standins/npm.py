"""Programs of npm's that tests use, installed into var/ at the first call and never part of this repository."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_OPTIONS = ["--no-audit", "--no-fund", "--silent", "--fetch-retries=0", "--fetch-timeout=30000", "--ignore-scripts"]


def installed(name, package, version):
    """The folder `node_modules` with that package in it. Skips where it cannot be had."""
    folder = ROOT / "var" / f"{name}-{version}"
    if (folder / "node_modules" / package).is_dir():
        return folder / "node_modules"
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip(f"node and npm are not installed: {package} cannot be had")
    unfinished = folder.with_name(f"{folder.name}-{os.getpid()}")
    unfinished.mkdir(parents=True)
    try:
        command = [npm, "install", *_OPTIONS, "--prefix", str(unfinished), f"{package}@{version}"]
        subprocess.run(command, check=True, timeout=180, stdin=subprocess.DEVNULL, capture_output=True)
        # Under its final name only once it is whole: another test process may be at it too.
        if not folder.exists():
            unfinished.rename(folder)
    except (subprocess.SubprocessError, OSError):
        pytest.skip(f"npm could not fetch {package}")
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder / "node_modules"
