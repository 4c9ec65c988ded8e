"""Recordings for the studio: what is measured of them, what is refused, and the shelf on which they lie."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.domain.errors import ContentError, TakeError
from bot.domain.message import Speech
from bot.domain.recording import TakeFault
from bot.voice.clips import Clips
from bot.voice.languages import UNRECORDED, HeardLanguages, Languages
from bot.voice.loudness import loudness, sound_span_s
from bot.voice.recordings import Recording, fingerprint
from bot.voice.shelf import Shelf, sound_file
from bot.voice.speaking import Pcm, Speaker
from bot.voice.takes import RATE, prepared
from bot.voice.transcoding import Form, decode, encode
from tests.voice.conftest import AUDIO, Hummer, hum

TEXT = "Nunca queme azogue en la casa."
Samples = np.ndarray[Any, np.dtype[np.int16]]


def silence(duration_s: float) -> Samples:
    return np.zeros(int(duration_s * RATE), np.int16)


def said(duration_s: float = 4.0, gain: float = 1.0) -> Samples:
    """Words with half a second between them, and a quiet room around."""
    word = (hum(0.9, RATE) * gain).astype(np.int16)
    words = np.concatenate([part for _ in range(round(duration_s / 1.4)) for part in (word, silence(0.5))])
    return np.concatenate([silence(0.6), words, silence(0.9)])


def sent(samples: Samples) -> bytes:
    """As a browser or a phone sends it."""
    return encode(Pcm(samples, RATE), Form.NOTE, bit_rate=48_000)


def noisy(samples: Samples) -> Samples:
    return (samples + np.random.default_rng(1).normal(0, 3000, len(samples))).clip(-32768, 32767).astype(np.int16)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "recordings")


def test_a_good_recording_is_levelled_trimmed_and_kept_well(shelf: Shelf) -> None:
    take = prepared(sent(said(gain=0.3)), TEXT, "es", shelf.put)
    data = shelf.read(take.sound)
    assert data is not None
    signal = decode(data, rate=RATE)
    assert loudness(signal, RATE) == pytest.approx(-16, abs=1.5)
    begin, end = sound_span_s(signal, RATE)
    assert begin < 0.2
    assert len(signal) / RATE - end < 0.2
    assert take.duration_s == pytest.approx(len(signal) / RATE, abs=0.1)
    assert take.size_bytes == len(data) > 4_000 * take.duration_s, "kept better than it is sent"


@pytest.mark.parametrize(
    ("samples", "why"),
    [
        (silence(3), TakeFault.SILENT),
        (said(gain=0.01), TakeFault.QUIET),
        (said(64), TakeFault.LONG),
        (np.concatenate([said(), silence(95)]), TakeFault.LONG),
        (said(1.4), TakeFault.SHORT),
        (np.clip(said().astype(np.int32) * 40, -32768, 32767).astype(np.int16), TakeFault.CLIPPED),
        (noisy(said()), TakeFault.NOISY),
        (np.concatenate([said(), silence(4), said()]), TakeFault.GAP),
    ],
    ids=str,
)
def test_what_is_no_good_is_refused_with_its_reason(shelf: Shelf, samples: Samples, why: TakeFault) -> None:
    text = "palabra " * 10 if why is TakeFault.SHORT else TEXT
    with pytest.raises(TakeError) as caught:
        prepared(encode(Pcm(samples, RATE), Form.CALL) if why is TakeFault.CLIPPED else sent(samples), text, "es", shelf.put)
    assert caught.value.why is why
    assert not list(shelf.folder.rglob("*.ogg"))


@pytest.mark.parametrize("sound", [b"", b"OggS", b"<html>", b"\x1aE\xdf\xa3" + bytes(300), os.urandom(5000)])
def test_noise_in_the_file_itself_is_broken(shelf: Shelf, sound: bytes) -> None:
    with pytest.raises(TakeError) as caught:
        prepared(sound, TEXT, "es", shelf.put)
    assert caught.value.why is TakeFault.BROKEN


def test_in_another_language_the_length_of_the_spanish_tells_nothing(shelf: Shelf) -> None:
    assert prepared(sent(said(1.4)), "palabra " * 10, "quz", shelf.put).duration_s > 0.5


def test_what_the_engines_say_is_good_enough(engine: Speaker, shelf: Shelf) -> None:
    """No false alarm on clear speech, at any ordinary level."""
    text = "El humo del azogue enferma. Nunca lo queme en la casa. Use una retorta, lejos de los niños."
    for gain in (0.2, 1.0):
        spoken = engine.speak(text, slow=False)
        samples = (spoken.samples * gain).astype(np.int16)
        assert prepared(encode(Pcm(samples, spoken.rate), Form.NOTE), text, "es", shelf.put).duration_s > 4


def entry(shelf: Shelf, sound: str, **changed: Any) -> Recording:
    data = shelf.read(sound)
    assert data is not None
    facts = {
        "file": sound_file(sound),
        "key": "m1/humo/s1",
        "language": "es",
        "text_sha256": fingerprint(TEXT),
        "speaker": "voz-01",
        "consent": "studio",
        "source": "studio",
        "licence": "CC-BY-4.0",
        "duration_s": 4.0,
        "size_bytes": len(data),
    }
    return Recording(**(facts | changed))


def test_a_recording_is_heard_from_the_next_reply_on_and_no_more_once_it_is_gone(
    make_clips: Callable[..., Clips], hummer: Hummer
) -> None:
    clips = make_clips(hummer)
    machine = clips.clip(Speech(TEXT))
    take = prepared(sent(said()), TEXT, "es", clips.shelf.put)
    assert clips.clip(Speech(TEXT)) == machine, "nobody has kept it yet"
    clips.shelf.publish([entry(clips.shelf, take.sound)])
    human = clips.clip(Speech(TEXT))
    other_process = make_clips(hummer).clip(Speech(TEXT))
    assert human == other_process
    assert human is not None
    assert machine is not None
    assert human.name != machine.name
    assert human.duration_s == pytest.approx(take.duration_s, abs=0.1)
    clips.shelf.publish([])
    assert clips.clip(Speech(TEXT)) == machine
    assert clips.find(human.name) is not None
    clips.forget_human()
    assert clips.find(human.name) is None
    assert clips.find(machine.name) is not None


def test_a_notice_that_she_recorded_is_gone_with_her_from_before_every_sentence(
    make_clips: Callable[..., Clips], hummer: Hummer
) -> None:
    clips = make_clips(hummer)
    notice = Languages.read(AUDIO).unrecorded
    take = prepared(sent(said()), notice, "quz", clips.shelf.put)
    hers = entry(clips.shelf, take.sound, language="quz", key=UNRECORDED, text_sha256=fingerprint(notice))
    clips.shelf.publish([hers])
    clip = clips.clip(Speech(TEXT, "quz"))
    assert clip is not None
    assert hummer.heard == [TEXT], "she says that it is Spanish, the machine the rest"
    clips.shelf.publish([])
    clips.forget_human()
    assert clips.find(clip.name) is None
    assert clips.clip(Speech(TEXT, "quz")) is not None
    assert hummer.heard == [TEXT, notice, TEXT]


def test_what_holds_a_name_or_is_a_take_passes_whoever_says_it(make_clips: Callable[..., Clips], hummer: Hummer) -> None:
    clips = make_clips(hummer)
    notice = Languages.read(AUDIO).unrecorded
    take = prepared(sent(said()), notice, "quz", clips.shelf.put)
    hers = entry(clips.shelf, take.sound, language="quz", key=UNRECORDED, text_sha256=fingerprint(notice))
    clips.shelf.publish([hers])
    heard = [
        clips.clip(Speech("Reunión con doña Rosa el sábado.", "quz", catalogue=False)),
        clips.clip(Speech(notice, key=take.key, catalogue=False)),
        clips.clip(Speech(notice, "quz")),
    ]
    assert [clip.name[0] for clip in heard if clip] == ["t", "t", "h"]
    assert clips.prune(-1) == 2
    clips.forget_human()
    assert not list(clips.shelf.folder.parent.glob("clips/*/[ht]*"))


def test_a_take_can_be_heard_before_anybody_keeps_it(make_clips: Callable[..., Clips], hummer: Hummer) -> None:
    clips = make_clips(hummer)
    take = prepared(sent(said()), TEXT, "es", clips.shelf.put)
    heard = clips.clip(Speech(TEXT, key=take.key, catalogue=False))
    assert heard is not None
    assert heard.duration_s == pytest.approx(take.duration_s, abs=0.1)
    assert clips.clip(Speech(TEXT, key="take:../../secret", catalogue=False)) is None
    assert hummer.heard == []


def test_a_studio_recording_goes_before_a_shipped_one_and_a_broken_index_silences_nobody(
    make_clips: Callable[..., Clips], hummer: Hummer
) -> None:
    clips = make_clips(hummer)
    (clips.shelf.folder).mkdir(parents=True)
    (clips.shelf.folder / "manifest.json").write_text("{")
    assert clips.clip(Speech(TEXT)) is not None
    with pytest.raises(ContentError):
        assert clips.shelf.current
    clips.shelf.publish([])
    assert clips.shelf.current.entries == ()


def test_what_nobody_kept_is_swept_away_after_its_time(shelf: Shelf) -> None:
    kept, old, new = (shelf.put(data) for data in (b"kept", b"old", b"new"))
    for sound in (kept, old):
        os.utime(shelf.folder / sound_file(sound), (1, 1))
    assert shelf.sweep([kept], 3600) == 1
    assert [shelf.read(sound) for sound in (kept, old, new)] == [b"kept", None, b"new"]


def test_languages_are_those_in_which_anything_is_recorded_now(shelf: Shelf) -> None:
    heard = HeardLanguages(AUDIO, shelf)
    assert heard.spoken() == {}
    assert list(heard.names()) == ["quz", "quy", "ay", "pbb"]
    sound = shelf.put(b"sound")
    shelf.publish([entry(shelf, sound, language="quz")])
    assert list(heard.spoken()) == ["quz"]
    assert heard.recorded(Speech(TEXT, "quz"))
    assert not heard.recorded(Speech(TEXT, "quy"))
    assert not heard.recorded(Speech("Otra cosa.", "quz"))
