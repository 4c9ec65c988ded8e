"""`batea bench pages` runs, and says of every page how long it took and how large it is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.soak  # twenty seconds that tell nothing of people
def test_a_quick_run_visits_every_page_and_keeps_no_result():
    results = ROOT / "bench" / "results" / "pages.json"
    before = results.read_bytes() if results.exists() else None
    command = [sys.executable, "-m", "bot.cli.app", "bench", "pages", "--json", "--quick"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 1
    found = json.loads(lines[-1])
    assert set(found) == {"sqlite", "postgresql", "machine"}
    assert found["sqlite"]["answers"] == 500
    assert {"overview", "polls", "results", "donors"} <= {page["page"] for page in found["sqlite"]["pages"]}
    assert 0 < found["sqlite"]["largest_page_kb"] < 150
    assert (results.read_bytes() if results.exists() else None) == before
