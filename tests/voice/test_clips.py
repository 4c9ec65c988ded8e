"""The clip library: what it keeps, whom it asks, and what becomes of every failure."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.domain.message import Speech
from bot.voice import pico
from bot.voice.clips import Clips
from bot.voice.measuring import measure
from bot.voice.opening import build_clips
from tests.voice.conftest import Hummer

AUDIO = Path(__file__).resolve().parents[2] / "audio"
HELLO = Speech("Hola, soy Batea.", key="hello")
MEETING = Speech("Reunión el sábado 14, 9 de la mañana, en la Escuela El Hato.", catalogue=False, key="meeting")


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_second_asking_makes_nothing(make_clips: Callable[..., Clips], hummer: object) -> None:
    clips = make_clips(hummer)
    first, second = clips.clip(HELLO), clips.clip(HELLO)
    assert first == second
    assert first is not None
    assert hummer.heard == ["Hola, soy Batea."]  # type: ignore[attr-defined]
    assert first.name == Path(first.path).name
    assert first.mime == "audio/ogg"


def test_another_library_over_the_same_folder_finds_the_clip(make_clips: Callable[..., Clips], hummer: object) -> None:
    clip = make_clips(hummer).clip(HELLO)
    again = make_clips(hummer).clip(HELLO)
    assert clip is not None
    assert again is not None
    assert again.path == clip.path
    assert again.duration_s == pytest.approx(clip.duration_s, abs=0.05)
    assert len(hummer.heard) == 1  # type: ignore[attr-defined]


def test_numbers_are_handed_to_the_engine_as_words(make_clips: Callable[..., Clips], hummer: object) -> None:
    make_clips(hummer).clip(MEETING)
    assert hummer.heard == ["Reunión el sábado catorce, nueve de la mañana, en la Escuela El Hato."]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "other", [Speech("Hola, soy Batea!"), Speech("Hola, soy Batea.", slow=True), Speech("Hola, soy Batea.", catalogue=False)]
)
def test_other_words_pace_or_lifetime_make_another_clip(make_clips: Callable[..., Clips], hummer: object, other: Speech) -> None:
    clips = make_clips(hummer)
    one, two = clips.clip(HELLO), clips.clip(other)
    assert one is not None
    assert two is not None
    assert one.path != two.path


def test_another_engine_version_makes_another_clip(make_clips: Callable[..., Clips], make_hummer: Callable[..., object]) -> None:
    old = make_clips(make_hummer(version="1")).clip(HELLO)
    new = make_clips(make_hummer(version="2")).clip(HELLO)
    assert old is not None
    assert new is not None
    assert old.path != new.path


def test_a_call_gets_a_file_of_its_own(make_clips: Callable[..., Clips], hummer: object) -> None:
    clips = make_clips(hummer)
    note, call = clips.clip(HELLO), clips.clip(HELLO, call=True)
    assert note is not None
    assert call is not None
    assert (call.mime, Path(call.path).suffix) == ("audio/wav", ".wav")
    assert call.duration_s == pytest.approx(note.duration_s, abs=0.05)


@pytest.mark.parametrize("text", ["", " ", "😀", "\0", "\ud800", "<b></b>", "\u200f\u202e"])
def test_a_text_with_nothing_to_say_has_no_clip(
    make_clips: Callable[..., Clips], hummer: object, notebook: object, text: str
) -> None:
    assert make_clips(hummer).clip(Speech(text)) is None
    assert hummer.heard == []  # type: ignore[attr-defined]
    assert notebook.events == []  # type: ignore[attr-defined]


def test_a_clip_never_lasts_longer_than_a_minute(make_clips: Callable[..., Clips], hummer: object) -> None:
    clips = make_clips(hummer)
    nearly, much = clips.clip(Speech("no " * 280)), clips.clip(Speech("no " * 500))
    assert nearly is not None
    assert measure(Path(nearly.path)).duration_s <= 60
    assert much is None


def test_slow_speech_that_lasts_too_long_is_said_at_its_usual_pace(make_clips: Callable[..., Clips], hummer: object) -> None:
    clip = make_clips(hummer).clip(Speech("no " * 240, slow=True))
    assert clip is not None
    assert clip.duration_s <= 60


def test_a_hoarse_engine_gives_way_to_the_next_and_is_noted_once(
    make_clips: Callable[..., Clips], make_hummer: Callable[..., object], notebook: object
) -> None:
    first, second = make_hummer(name="first"), make_hummer(name="second")
    first.broken = True  # type: ignore[attr-defined]
    clips = make_clips(first, second)
    assert clips.clip(HELLO) is not None
    assert clips.clip(MEETING) is not None
    assert [name for name, _ in notebook.events] == ["voice.engine_failed.first"]  # type: ignore[attr-defined]


def test_nothing_is_noted_of_what_is_said(make_clips: Callable[..., Clips], hummer: object, notebook: object) -> None:
    hummer.broken = True  # type: ignore[attr-defined]
    clips = make_clips(hummer)
    assert clips.clip(MEETING) is None
    assert clips.clip(MEETING) is None
    noted = repr(notebook.events)  # type: ignore[attr-defined]
    assert "Hato" not in noted
    assert "meeting" in noted
    assert len(notebook.events) == 2  # type: ignore[attr-defined]


def test_no_engine_means_no_clip(make_clips: Callable[..., Clips]) -> None:
    assert make_clips().clip(HELLO) is None


def test_a_folder_that_cannot_be_made_is_noted_once(
    make_clips: Callable[..., Clips], hummer: object, notebook: object, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    clips = make_clips(hummer, folder=tmp_path / "file" / "clips")
    assert clips.clip(HELLO) is None
    assert clips.clip(MEETING) is None
    assert len(notebook.events) == 1  # type: ignore[attr-defined]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /proc, which nobody may write to")
def test_a_read_only_disk_is_noted_once(make_clips: Callable[..., Clips], hummer: object, notebook: object) -> None:
    clips = make_clips(hummer, folder=Path("/proc/clips"))
    assert clips.clip(HELLO) is None
    assert clips.clip(MEETING) is None
    assert len(notebook.events) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("damage", [b"", b"OggS", b"not a sound"])
def test_a_damaged_clip_is_made_anew(make_clips: Callable[..., Clips], hummer: object, damage: bytes) -> None:
    clip = make_clips(hummer).clip(HELLO)
    assert clip is not None
    Path(clip.path).write_bytes(damage)
    again = make_clips(hummer).clip(HELLO)
    assert again is not None
    assert measure(Path(again.path)).duration_s > 0.5


def test_a_deleted_clip_is_made_anew(make_clips: Callable[..., Clips], hummer: object, tmp_path: Path) -> None:
    clips = make_clips(hummer)
    assert clips.clip(HELLO) is not None
    shutil.rmtree(tmp_path / "clips")
    clip = clips.clip(HELLO)
    assert clip is not None
    assert Path(clip.path).exists()


def test_a_clip_is_found_by_its_name_and_by_no_other(make_clips: Callable[..., Clips], hummer: object, tmp_path: Path) -> None:
    (tmp_path / "secret.ogg").write_bytes(b"x")
    clips = make_clips(hummer)
    clip = clips.clip(HELLO)
    assert clip is not None
    assert clips.find(clip.name) == clip
    for name in ("", "../secret.ogg", "l" + "0" * 32 + ".ogg", "/etc/passwd", clip.name + "\0", "l../../secret.ogg"):
        assert clips.find(name) is None


def test_eight_threads_that_want_one_clip_have_it_made_once(make_clips: Callable[..., Clips], hummer: object) -> None:
    clips = make_clips(hummer)
    got: list[object] = []
    threads = [threading.Thread(target=lambda: got.append(clips.clip(HELLO))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(got)) == 1
    assert None not in got
    assert len(hummer.heard) == 1  # type: ignore[attr-defined]


BUILDER = """
import sys
from pathlib import Path
from bot.domain.message import Speech
from bot.voice.opening import build_clips

class Silent:
    def event(self, name, **facts): print(name, facts)

clips = build_clips("espeak", Path(sys.argv[1]), Path(sys.argv[2]), Silent())
print("ready", flush=True)
sys.stdin.readline()
report = clips.build([Speech(f"Frase número {n}.", key=str(n)) for n in range(12)])
clips.close()
print(report.made + report.kept, len(report.failed))
"""


def test_two_processes_build_the_same_clips_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", BUILDER, str(tmp_path), str(AUDIO)]
    builders = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for builder in builders:
        assert builder.stdout is not None
        assert builder.stdout.readline() == "ready\n"
    for builder in builders:
        assert builder.stdin is not None
        builder.stdin.write("go\n")
        builder.stdin.flush()
    outcomes = [builder.communicate(timeout=60)[0] for builder in builders]
    assert outcomes == ["12 0\n"] * 2
    files = _files(tmp_path / "clips")
    assert len(files) == 12
    assert all(measure(file).faults() == [] for file in files)


def test_building_tells_how_far_it_is_and_what_failed(make_clips: Callable[..., Clips], hummer: object) -> None:
    clips = make_clips(hummer)
    told: list[tuple[int, int]] = []
    speeches = [HELLO, HELLO, Speech("no " * 900, key="long"), Speech("😀", key="face"), Speech("Dos.", key="two")]
    report = clips.build(speeches, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert (report.made, report.kept) == (2, 0)
    assert [key for key, _ in report.failed] == ["long", "face"]
    assert "split it" in report.failed[0][1]
    assert clips.build(speeches).kept == 2


def test_a_better_voice_takes_over_from_one_that_spoke_before(
    make_clips: Callable[..., Clips], make_hummer: Callable[..., Hummer]
) -> None:
    good, poor = make_hummer(name="good"), make_hummer(name="poor")
    good.broken = True
    clips = make_clips(good, poor)
    first = clips.build([HELLO])
    assert (first.made, first.replaced, first.why) == (1, 1, "the hummer is hoarse")
    good.broken = False
    second = clips.build([HELLO])
    assert (second.made, second.kept, second.replaced) == (1, 0, 0)
    assert (clips.build([HELLO]).kept, len(poor.heard)) == (1, 1)


def test_a_note_and_its_telephone_form_are_spoken_once(make_clips: Callable[..., Clips], hummer: Hummer) -> None:
    clips = make_clips(hummer)
    both = clips.build([HELLO]) + clips.build([HELLO], call=True)
    assert both.made == 2
    assert len(hummer.heard) == 1


FULL_DISK = """
import resource, sys
from pathlib import Path
from bot.domain.message import Speech
from bot.voice.opening import build_clips

class Noted:
    def event(self, name, **facts): print(name, facts["reason"])

resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
clips = build_clips("espeak", Path(sys.argv[1]), Path(sys.argv[2]), Noted())
print(clips.clip(Speech("Nunca queme azogue en la casa.")))
print([key for key, _ in clips.build([Speech("Nunca queme azogue en la casa.", key="s")]).failed])
clips.close()
"""


def test_a_save_that_fails_in_the_middle_leaves_no_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path), str(AUDIO)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines() == ["voice.no_clip.OSError File too large", "None", "['s']"]
    assert _files(tmp_path / "clips") == []


def test_pruning_takes_old_passing_clips_and_leaves_the_catalogue(make_clips: Callable[..., Clips], hummer: object) -> None:
    clips = make_clips(hummer)
    lasting, passing = clips.clip(HELLO), clips.clip(MEETING)
    assert lasting is not None
    assert passing is not None
    rest = Path(passing.path).parent / "tmpabc.part"
    rest.write_bytes(b"half")
    long_ago = time.time() - 40 * 86_400
    for path in (lasting.path, passing.path, rest):
        os.utime(path, (long_ago, long_ago))
    assert clips.prune(30 * 86_400) == 2
    assert Path(lasting.path).exists()
    assert not Path(passing.path).exists()


def test_a_reply_with_a_new_variable_part_is_spoken_within_300_ms(tmp_path: Path, notebook: object) -> None:
    clips = build_clips("auto", tmp_path, AUDIO, notebook)  # type: ignore[arg-type]
    clips.clip(HELLO)
    taken = []
    for day in range(10, 15):
        begun = time.process_time()
        assert clips.clip(Speech(f"La reunión es el sábado {day} a las 9 de la mañana, en la Escuela El Hato.", catalogue=False))
        taken.append(time.process_time() - begun)
    clips.close()
    # The time that this process computes: others use the machine while tests run. eSpeak NG itself takes 10 ms more.
    assert min(taken) < 0.3


@pytest.mark.skipif(not pico.available(), reason="Pico was not built here: it needs a C compiler and Python headers")
def test_auto_speaks_with_pico_where_it_is_built(tmp_path: Path, notebook: object) -> None:
    clips = build_clips("auto", tmp_path, AUDIO, notebook)  # type: ignore[arg-type]
    espeak = build_clips("espeak", tmp_path, AUDIO, notebook)  # type: ignore[arg-type]
    one, two = clips.clip(HELLO), espeak.clip(HELLO)
    clips.close()
    espeak.close()
    assert one is not None
    assert two is not None
    assert one.path != two.path
    assert measure(Path(one.path)).faults() == []
    assert measure(Path(two.path)).faults() == []


def test_importing_the_room_loads_nothing_heavy() -> None:
    script = "import sys, bot.voice; print([m for m in ('numpy', 'av', 'pydantic', 'gtts') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip() == "[]"
