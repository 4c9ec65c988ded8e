"""`batea bench broadcast` runs, and nobody is left out."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_a_quick_run_measures_rows_messages_and_answers_and_keeps_no_result():
    results = ROOT / "bench" / "results" / "broadcast.json"
    before = results.read_bytes() if results.exists() else None
    command = [sys.executable, "-m", "bot.cli.app", "bench", "broadcast", "--json", "--quick"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert set(found) == {"sqlite", "postgresql", "celery", "machine"}
    assert [row["people"] for row in found["sqlite"]["enqueue"]] == [1_000]
    assert found["sqlite"]["drain"]["messages"] == 400
    assert found["sqlite"]["drain"]["reply_ms_p95"] > 0
    assert (results.read_bytes() if results.exists() else None) == before
