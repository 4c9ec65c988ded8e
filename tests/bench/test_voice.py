"""`batea bench voice` runs, and its last line has the figures of speaking; those of listening only where somebody listens."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.soak  # twenty seconds that tell nothing of people
def test_a_quick_run_prints_the_figures_of_speaking_and_keeps_no_result(tmp_path):
    results = ROOT / "bench" / "results" / "voice.json"
    before = results.read_bytes() if results.exists() else None
    command = [sys.executable, "-m", "bot.cli.app", "bench", "voice", "--json", "--quick"]
    env = os.environ | {"BATEA_ASR": "off", "BATEA_DATA_DIR": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    found = json.loads(line)
    assert found["listening"] is None
    assert "BATEA_ASR=off" in found["why"]
    speaking = found["speaking"]
    assert speaking["espeak"]["real_time_factor"] < 0.05
    assert speaking["note_of_45s_bytes"] <= 90_000
    assert speaking["transcoding_x"] > 30
    assert speaking["new_reply"]["cpu_p50_ms"] < 300
    assert speaking["clips"]["faulty"] == 0
    assert speaking["memory"]["espeak"]["rss_mb_after"] > 0
    assert (results.read_bytes() if results.exists() else None) == before
