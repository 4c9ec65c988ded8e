"""Files: their form, loudness, silence and weight; reading what people send."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import AudioError
from bot.voice.loudness import TARGET_LUFS, as_float, as_pcm, levelled, limited, loudness, sound_span_s, trimmed
from bot.voice.measuring import measure
from bot.voice.speaking import Pcm, Speaker
from bot.voice.transcoding import Form, decode, duration_s, encode, mastered

LESSON = (
    "El humo del azogue no se ve y no huele. Entra por la nariz y daña la cabeza. Nunca queme la amalgama en la casa. "
    "Saque primero a los niños y a las embarazadas. Abra la puerta y aléjese."
)


def _hum(duration_s: float, rate: int = 16_000, peak: float = 0.1) -> Pcm:
    t = np.arange(int(duration_s * rate)) / rate
    wave = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 12)) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * t))
    return as_pcm((wave / np.abs(wave).max() * peak).astype(np.float32), rate)


def _silence(duration_s: float, rate: int = 16_000) -> np.ndarray:
    return np.zeros(int(duration_s * rate), dtype=np.float32)


def _file(container_format: str, codec: str, rate: int, duration: float = 2.0) -> bytes:
    target = io.BytesIO()
    frame = av.AudioFrame.from_ndarray(_hum(duration, rate).samples[None, :], format="s16", layout="mono")
    frame.sample_rate = rate
    with av.open(target, "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()


def test_a_voice_note_is_opus_in_ogg_mono_48_khz(engine: Speaker) -> None:
    data = encode(mastered(engine.speak(LESSON, slow=False)), Form.NOTE)
    assert data[:4] == b"OggS"
    assert b"OpusHead" in data[:64]
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.rate, stream.layout.nb_channels) == ("opus", 48_000, 1)


def test_a_call_clip_is_mu_law_in_wav_mono_8_khz(engine: Speaker) -> None:
    data = encode(mastered(engine.speak(LESSON, slow=False)), Form.CALL)
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.rate, stream.codec_context.layout.nb_channels) == ("pcm_mulaw", 8_000, 1)


@pytest.mark.parametrize("form", list(Form))
def test_a_lesson_is_at_the_right_loudness_without_silence_and_light(
    engine: Speaker, form: Form, tmp_path: Path, lufs_meter: Callable[..., float]
) -> None:
    file = tmp_path / f"clip.{form.ending}"
    file.write_bytes(encode(mastered(engine.speak(LESSON, slow=False)), form))
    measured = measure(file)
    assert measured.faults() == []
    assert abs(measured.lufs - TARGET_LUFS) < 1.5
    assert max(measured.lead_s, measured.tail_s) < 0.2
    assert form is Form.CALL or measured.bytes_per_s <= 2100
    assert lufs_meter(decode(file.read_bytes(), rate=48_000), 48_000) == pytest.approx(measured.lufs, abs=0.2)


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("length_s", [0.4, 1.0, 7.77, 44.9])
def test_transcoding_keeps_the_duration(form: Form, length_s: float) -> None:
    data = encode(_hum(length_s), form)
    assert len(decode(data, rate=form.value[2])) / form.value[2] == pytest.approx(length_s, abs=0.05)
    assert duration_s(data) == pytest.approx(length_s, abs=0.05)


def test_45_seconds_of_speech_weigh_at_most_90_kb(engine: Speaker) -> None:
    pcm = engine.speak(LESSON * 5, slow=False)
    assert len(encode(mastered(Pcm(pcm.samples[: 45 * pcm.rate], pcm.rate)), Form.NOTE)) <= 90_000


def test_the_same_sound_gives_the_same_bytes() -> None:
    pcm = _hum(3.0)
    assert encode(pcm, Form.NOTE) == encode(pcm, Form.NOTE)
    assert encode(pcm, Form.CALL) == encode(pcm, Form.CALL)


@pytest.mark.parametrize("frequency", [40, 200, 1000, 3500])
def test_loudness_agrees_with_an_independent_meter(frequency: int, lufs_meter: Callable[..., float]) -> None:
    t = np.arange(48_000 * 5) / 48_000
    tone = (0.2 * np.sin(2 * np.pi * frequency * t) * np.where(t < 3, 1.0, 0.05)).astype(np.float32)
    assert loudness(tone, 48_000) == pytest.approx(lufs_meter(tone, 48_000), abs=0.1)


def test_silence_has_no_loudness_and_cannot_be_mastered() -> None:
    assert loudness(_silence(1), 16_000) == -70
    assert loudness(_silence(0), 16_000) == -70
    for samples in (np.zeros(16_000, np.int16), np.zeros(0, np.int16), np.ones(50, np.int16)):
        with pytest.raises(AudioError):
            mastered(Pcm(samples, 16_000))


@pytest.mark.parametrize("peak", [0.005, 0.05, 0.9])
def test_quiet_and_loud_speech_come_out_alike(peak: float) -> None:
    done = mastered(_hum(4.0, peak=peak))
    assert loudness(as_float(done), done.rate) == pytest.approx(TARGET_LUFS, abs=0.3)


def test_a_click_in_quiet_speech_is_held_down_and_nothing_is_clipped() -> None:
    speech = as_float(_hum(5.0, peak=0.02))
    speech[40_000:40_010] = 0.9
    done = levelled(speech, 16_000)
    assert np.abs(done).max() < 0.72
    assert loudness(done, 16_000) == pytest.approx(TARGET_LUFS, abs=1.0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-8, 8, width=32), min_size=1, max_size=3000))
def test_the_limiter_never_lets_a_peak_through(samples: list[float]) -> None:
    signal = np.array(samples, dtype=np.float32)
    held = limited(signal, 8_000)
    assert len(held) == len(signal)
    assert np.abs(held).max() <= 10 ** (-3 / 20) + 1e-6


def test_silence_at_both_ends_is_cut_and_pauses_inside_stay() -> None:
    word = as_float(_hum(1.0))
    cut = trimmed(np.concatenate([_silence(1.5), word, _silence(0.7), word, _silence(2.0)]), 16_000)
    assert len(cut) / 16_000 == pytest.approx(2.7, abs=0.2)
    begin, end = sound_span_s(cut, 16_000)
    assert begin < 0.2
    assert len(cut) / 16_000 - end < 0.2


def test_a_faint_tick_in_the_silence_is_cut_too_and_a_short_last_word_stays() -> None:
    word, tick, yes = as_float(_hum(1.0)), as_float(_hum(0.03)) * 0.02, as_float(_hum(0.15)) * 0.5
    with_ticks = np.concatenate([tick, _silence(0.5), word, _silence(0.4), tick, _silence(0.3), tick, _silence(0.1)])
    assert len(trimmed(with_ticks, 16_000)) / 16_000 == pytest.approx(1.1, abs=0.1)
    with_word = np.concatenate([word, _silence(0.5), yes, _silence(0.5)])
    assert len(trimmed(with_word, 16_000)) / 16_000 == pytest.approx(1.7, abs=0.1)


def test_what_lasts_too_long_is_said_faster_but_never_cut() -> None:
    assert mastered(_hum(70.0)).duration_s == pytest.approx(59.7, abs=0.3)
    with pytest.raises(AudioError, match="takes 80 s to say"):
        mastered(_hum(80.0))


@pytest.mark.parametrize(
    ("container", "codec", "rate"),
    [
        ("ogg", "libopus", 48_000),
        ("mp3", "libmp3lame", 44_100),
        ("mp4", "aac", 44_100),
        ("adts", "aac", 44_100),
        ("webm", "libopus", 48_000),
        ("wav", "pcm_s16le", 22_050),
    ],
)
def test_what_people_send_is_read_at_16_khz(container: str, codec: str, rate: int) -> None:
    signal = decode(_file(container, codec, rate))
    assert signal.dtype == np.float32
    assert len(signal) / 16_000 == pytest.approx(2.0, abs=0.12)
    assert 0.02 < np.abs(signal).max() <= 1.2


def test_an_amr_voice_note_is_read() -> None:
    # Twenty frames of AMR-NB at 4.75 kbit/s, 20 ms each. Source: RFC 4867, section 5.
    frames = bytes.fromhex("04" + "a0" * 12) * 20
    signal = decode(b"#!AMR\n" + frames)
    assert len(signal) / 16_000 == pytest.approx(0.4, abs=0.05)


def test_only_the_first_minute_is_read() -> None:
    assert len(decode(_file("ogg", "libopus", 48_000, 75.0))) == 60 * 16_000


BROKEN = {
    "nothing": b"",
    "four bytes": b"OggS",
    "rubbish in ogg": b"OggS" + b"x" * 4000,
    "rubbish in mp3": b"\xff\xfb" * 2000,
    "rubbish in mp4": b"\0\0\0\x20ftypM4A " + b"\0" * 500,
    "rubbish in amr": b"#!AMR\n",
    "a page": b"<html>hola</html>",
    "a playlist": b"#EXTM3U\n#EXTINF:1\nfile:///etc/hostname\n",
    "a concat script": b"ffconcat version 1.0\nfile /etc/hostname\n",
    "too big": b"OggS" + bytes(16 * 1024 * 1024),
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_an_audio_error(data: bytes) -> None:
    with pytest.raises(AudioError):
        decode(data)


@settings(max_examples=80, deadline=None)
@given(
    kind=st.sampled_from(["ogg", "mp3", "mp4", "wav"]),
    cut=st.integers(0, 4000),
    flips=st.lists(st.integers(0, 10**6), max_size=30),
)
def test_a_damaged_file_is_sound_or_an_audio_error(kind: str, cut: int, flips: list[int]) -> None:
    data = bytearray(SOUND_FILES[kind])
    for flip in flips:
        data[flip % len(data)] ^= 0xFF
    try:
        signal = decode(bytes(data[: len(data) - cut % len(data)]))
    except AudioError:
        return
    assert 0 < len(signal) <= 60 * 16_000


SOUND_FILES = {
    "ogg": _file("ogg", "libopus", 48_000),
    "mp3": _file("mp3", "libmp3lame", 44_100),
    "mp4": _file("mp4", "aac", 44_100),
    "wav": _file("wav", "pcm_s16le", 16_000),
}


def test_a_file_of_another_kind_cannot_be_measured(tmp_path: Path) -> None:
    (tmp_path / "x.mp3").write_bytes(SOUND_FILES["mp3"])
    with pytest.raises(AudioError, match="no voice note and no call clip"):
        measure(tmp_path / "x.mp3")


def test_measuring_names_what_is_wrong(tmp_path: Path) -> None:
    loud = np.concatenate([_silence(0.5), as_float(_hum(61.0, peak=0.9)), _silence(0.5)])
    (tmp_path / "x.ogg").write_bytes(encode(as_pcm(loud, 16_000), Form.NOTE))
    faults = " ".join(measure(tmp_path / "x.ogg").faults())
    assert "60 s are the limit" in faults
    assert "LUFS instead of -16" in faults
    assert "s of silence before" in faults
