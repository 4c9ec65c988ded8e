"""`batea bench turn` runs, and its last line has the shape that is promised."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.soak  # twenty seconds that tell nothing of people
def test_a_quick_run_prints_the_promised_line_last_and_keeps_no_result():
    results = ROOT / "bench" / "results" / "turn.json"
    before = results.read_bytes() if results.exists() else None
    command = [sys.executable, "-m", "bot.cli.app", "bench", "turn", "--json", "--quick", "--database", "sqlite"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 1
    found = json.loads(lines[-1])
    assert set(found) == {"sqlite", "postgresql", "machine"}
    assert found["postgresql"] is None
    assert found["sqlite"]["turns_per_s"] > 0
    assert found["sqlite"]["p50_ms_at_300"] <= found["sqlite"]["p99_ms_at_300"]
    assert found["sqlite"]["rss_mb"] > 0
    assert found["sqlite"]["refused"] == 0
    assert found["sqlite"]["bare"]["webhooks_per_s"] > found["sqlite"]["turns_per_s"]
    assert (results.read_bytes() if results.exists() else None) == before
