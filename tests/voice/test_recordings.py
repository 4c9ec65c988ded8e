"""The manifest of human recordings: strict, and compared with what is said now."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bot.domain.errors import ContentError
from bot.domain.message import Speech
from bot.voice.checking import AudioCheck, check_recordings
from bot.voice.clips import Clips
from bot.voice.languages import UNRECORDED, Languages
from bot.voice.measuring import measure
from bot.voice.recordings import Recordings, fingerprint
from bot.voice.speaking import Pcm
from bot.voice.transcoding import Form, encode
from tests.voice.conftest import Hummer

TEXT = "Nunca queme azogue en la casa."


@pytest.fixture
def audio(tmp_path: Path) -> Path:
    """An audio folder with the words of pronunciation and one recording in Quechua."""
    folder = tmp_path / "audio"
    (folder / "qu").mkdir(parents=True)
    for name in ("pronunciation.yml", "languages.yml"):
        shutil.copy(Path(__file__).parents[2] / "audio" / name, folder)
    (folder / "qu" / "humo.wav").write_bytes(_recording())
    (folder / "manifest.yml").write_text(_manifest(), encoding="utf-8")
    return folder


def _recording(duration_s: float = 4.0) -> bytes:
    t = np.arange(int(duration_s * 16_000)) / 16_000
    return encode(Pcm((9000 * np.sin(2 * np.pi * 300 * t) * (0.6 + 0.4 * np.sin(9 * t))).astype(np.int16), 16_000), Form.CALL)


def _entry(**changed: object) -> str:
    facts: dict[str, object] = {
        "file": "qu/humo.wav",
        "key": "m1/humo/s1",
        "language": "qu",
        "text_sha256": fingerprint(TEXT),
        "speaker": "voz-01",
        "consent": "form 1",
        "source": "workshop",
        "licence": "CC-BY-4.0",
        "duration_s": 4.0,
        "size_bytes": len(_recording()),
    }
    lines = [f"{key}: {value}" for key, value in (facts | changed).items() if value is not None]
    return "  - " + "\n    ".join(lines) + "\n"


def _manifest(*entries: str) -> str:
    return "version: 1\nrecordings:\n" + "".join(entries or (_entry(),))


def test_the_shipped_manifest_is_valid() -> None:
    assert isinstance(Recordings(Path(__file__).parents[2] / "audio").entries, tuple)


def test_a_recording_is_found_by_its_text_whatever_the_white_space(audio: Path) -> None:
    recordings = Recordings(audio)
    assert recordings.find("Nunca queme  azogue\nen la casa. ", "qu") is not None
    assert recordings.find(TEXT, "es") is None
    assert recordings.find("Otra cosa.", "qu") is None


@pytest.mark.parametrize(
    ("change", "line", "text"),
    [
        ({"speaker": None}, 3, "speaker"),
        ({"age": 30}, 13, "age"),
        ({"duration_s": 61}, 11, "duration_s"),
        ({"duration_s": "long"}, 11, "duration_s"),
        ({"text_sha256": "abc"}, 6, "64 digits"),
        ({"file": "../secret.wav"}, 3, "inside audio/"),
        ({"file": "/etc/x.wav"}, 3, "inside audio/"),
        ({"file": "qu/humo.txt"}, 3, "inside audio/"),
        ({"language": "Quechua!"}, 5, "language"),
        ({"consent": "''"}, 8, "consent"),
    ],
)
def test_a_mistake_in_the_manifest_names_file_and_line(audio: Path, change: dict[str, object], line: int, text: str) -> None:
    (audio / "manifest.yml").write_text(_manifest(_entry(**change)), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        Recordings(audio)
    assert caught.value.file.endswith("manifest.yml")
    assert caught.value.line == line
    assert text in caught.value.text


def test_the_same_text_twice_is_a_mistake(audio: Path) -> None:
    (audio / "manifest.yml").write_text(_manifest(_entry(), _entry(file="qu/other.wav")), encoding="utf-8")
    with pytest.raises(ContentError, match="recorded twice") as caught:
        Recordings(audio)
    assert caught.value.line == 13


def _checked(audio: Path, *speeches: Speech, language: str = "") -> AudioCheck:
    """Compared with these, where nothing is on disk but the clip of "Hola."."""
    languages = Languages.read(Path(__file__).parents[2] / "audio")
    return check_recordings((Recordings(audio),), languages, speeches, lambda s: s.text == "Hola." or None, language=language)


def test_a_recording_that_fits_its_text_is_in_order(audio: Path) -> None:
    found = _checked(audio, Speech(TEXT, key="m1/humo/s1"))
    assert found.problems == ()
    assert found.recorded == 1


def test_what_nobody_recorded_is_missing_in_spanish_and_in_each_language_begun(audio: Path) -> None:
    said = [Speech(TEXT, key="m1/humo/s1"), Speech("Hola.", key="hello"), Speech("Hola, Ana.", catalogue=False)]
    found = [(one.key, one.language, one.text_sha256) for one in _checked(audio, *said).missing]
    assert found == [
        ("m1/humo/s1", "es", fingerprint(TEXT)),
        ("hello", "es", fingerprint("Hola.")),
        (UNRECORDED, "qu", fingerprint(NOTICE)),
        ("hello", "qu", fingerprint("Hola.")),
    ]


def test_what_to_record_in_a_language_is_told_before_anything_is(audio: Path) -> None:
    missing = _checked(audio, Speech(TEXT, key="m1/humo/s1"), language="ay").missing
    assert [(one.key, one.language, one.text) for one in missing] == [(UNRECORDED, "ay", NOTICE), ("m1/humo/s1", "ay", TEXT)]


def test_a_sentence_without_any_clip_on_disk_is_silent(audio: Path) -> None:
    assert _checked(audio, Speech(TEXT, key="m1/humo/s1"), Speech("Hola.", key="hello")).silent == ("m1/humo/s1",)


def test_a_text_that_changed_makes_its_recording_stale(audio: Path) -> None:
    found = _checked(audio, Speech("Nunca lo queme.", key="m1/humo/s1"))
    assert [(problem.line, problem.file.endswith("manifest.yml")) for problem in found.stale] == [(3, True)]
    assert fingerprint("Nunca lo queme.") in found.stale[0].text
    assert found.orphaned == ()


def test_a_recording_that_nothing_says_is_orphaned(audio: Path) -> None:
    found = _checked(audio)
    assert len(found.orphaned) == 1
    assert "m1/humo/s1" in found.orphaned[0].text


def test_a_sound_file_that_the_manifest_does_not_name_is_orphaned(audio: Path) -> None:
    (audio / "qu" / "lost.ogg").write_bytes(b"x")
    found = _checked(audio, Speech(TEXT, key="m1/humo/s1"))
    assert [problem.text for problem in found.orphaned] == ["lost.ogg: the manifest does not name this file"]


@pytest.mark.parametrize(
    ("data", "text"),
    [(None, "not there"), (b"", "no kind"), (b"OggSxxxx", "broken"), (_recording(2.0), "bytes"), (_recording() + b"x", "bytes")],
)
def test_a_file_that_is_not_what_the_manifest_says_is_broken(audio: Path, data: bytes | None, text: str) -> None:
    file = audio / "qu" / "humo.wav"
    file.unlink()
    if data is not None:
        file.write_bytes(data)
    found = _checked(audio, Speech(TEXT, key="m1/humo/s1"))
    assert len(found.broken) == 1
    assert text in found.broken[0].text


def test_a_wrong_duration_is_broken(audio: Path) -> None:
    (audio / "manifest.yml").write_text(_manifest(_entry(duration_s=9)), encoding="utf-8")
    found = _checked(audio, Speech(TEXT, key="m1/humo/s1"))
    assert "lasts 4.0 s" in found.broken[0].text


NOTICE = Languages.read(Path(__file__).parents[2] / "audio").unrecorded


def test_a_language_without_synthesis_is_heard_from_its_recording_alone(
    audio: Path, make_clips: Callable[..., Clips], hummer: Hummer
) -> None:
    heard = make_clips(hummer, audio=audio).clip(Speech(TEXT, language="qu"))
    assert heard is not None
    assert heard.duration_s == pytest.approx(4.0, abs=0.2)
    assert hummer.heard == []


@pytest.mark.parametrize("language", ["quz", "quy", "ay", "pbb"])
def test_what_is_not_recorded_is_heard_in_spanish_after_saying_so(
    audio: Path, make_clips: Callable[..., Clips], hummer: Hummer, language: str
) -> None:
    clips = make_clips(hummer, audio=audio)
    spanish, other = clips.clip(Speech("Otra cosa que decir.")), clips.clip(Speech("Otra cosa que decir.", language=language))
    assert spanish is not None
    assert other is not None
    assert hummer.heard == ["Otra cosa que decir.", NOTICE, "Otra cosa que decir."]
    assert other.duration_s == pytest.approx(spanish.duration_s + 0.08 * len(NOTICE) + 0.35, abs=0.3)
    assert measure(Path(other.path)).faults() == []
    again = clips.clip(Speech("Otra cosa que decir.", language=language))
    assert again == other
    assert len(hummer.heard) == 3


def test_the_notice_is_heard_in_her_language_where_somebody_recorded_it(
    audio: Path, make_clips: Callable[..., Clips], hummer: Hummer
) -> None:
    (audio / "manifest.yml").write_text(_manifest(_entry(text_sha256=fingerprint(NOTICE), key=UNRECORDED)), encoding="utf-8")
    clip = make_clips(hummer, audio=audio).clip(Speech("Otra cosa que decir.", language="qu"))
    assert hummer.heard == ["Otra cosa que decir."]
    assert clip is not None
    assert clip.duration_s == pytest.approx(4.0 + 0.35 + 0.08 * 20, abs=0.3)


def test_a_broken_recording_of_the_notice_silences_nobody(audio: Path, make_clips: Callable[..., Clips], hummer: Hummer) -> None:
    (audio / "manifest.yml").write_text(_manifest(_entry(text_sha256=fingerprint(NOTICE), key=UNRECORDED)), encoding="utf-8")
    (audio / "qu" / "humo.wav").write_bytes(b"gone bad")
    assert make_clips(hummer, audio=audio).clip(Speech("Otra cosa.", language="qu")) is not None
    assert hummer.heard == [NOTICE, "Otra cosa."]


def test_a_spanish_recording_follows_the_notice_of_another_language(
    audio: Path, make_clips: Callable[..., Clips], hummer: Hummer
) -> None:
    (audio / "manifest.yml").write_text(_manifest(_entry(language="es")), encoding="utf-8")
    assert make_clips(hummer, audio=audio).clip(Speech(TEXT, language="ay")) is not None
    assert hummer.heard == [NOTICE]


def test_without_any_engine_an_unrecorded_text_has_no_clip(audio: Path, make_clips: Callable[..., Clips]) -> None:
    assert make_clips(audio=audio).clip(Speech("Otra cosa.", language="qu")) is None


def test_a_recording_is_played_slower_on_wish_and_in_calls(audio: Path, make_clips: Callable[..., Clips]) -> None:
    clips = make_clips(audio=audio)
    normal, slow = clips.clip(Speech(TEXT, language="qu")), clips.clip(Speech(TEXT, language="qu", slow=True))
    call = clips.clip(Speech(TEXT, language="qu"), call=True)
    assert normal is not None
    assert slow is not None
    assert call is not None
    assert slow.duration_s / normal.duration_s == pytest.approx(1 / 0.85, abs=0.05)
    assert call.mime == "audio/wav"


def test_a_recording_is_preferred_to_an_engine(audio: Path, make_clips: Callable[..., Clips], hummer: object) -> None:
    (audio / "manifest.yml").write_text(_manifest(_entry(language="es")), encoding="utf-8")
    clips = make_clips(hummer, audio=audio)
    assert clips.clip(Speech(TEXT)) is not None
    assert hummer.heard == []  # type: ignore[attr-defined]


def test_a_broken_recording_gives_way_to_the_engine(audio: Path, make_clips: Callable[..., Clips], hummer: object) -> None:
    (audio / "manifest.yml").write_text(_manifest(_entry(language="es")), encoding="utf-8")
    (audio / "qu" / "humo.wav").write_bytes(b"gone bad")
    assert make_clips(hummer, audio=audio).clip(Speech(TEXT)) is not None


def test_a_broken_manifest_is_noted_once_and_engines_go_on(
    audio: Path, make_clips: Callable[..., Clips], hummer: object, notebook: object
) -> None:
    (audio / "manifest.yml").write_text("recordings: 5", encoding="utf-8")
    clips = make_clips(hummer, audio=audio)
    assert clips.clip(Speech("uno")) is not None
    assert clips.clip(Speech("dos")) is not None
    assert [name for name, _ in notebook.events] == ["voice.manifest_broken"]  # type: ignore[attr-defined]
    with pytest.raises(ContentError):
        clips.build([Speech("uno")])
