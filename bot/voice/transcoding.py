"""Sound files, written and read with PyAV: OGG/Opus for voice notes, mu-law WAV for calls, whatever people send."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Final, cast

import numpy as np
from numpy.typing import NDArray

from bot.domain.errors import AudioError
from bot.voice.loudness import Signal, as_float, as_pcm, levelled, trimmed
from bot.voice.speaking import Pcm

if TYPE_CHECKING:
    import av
    from av.audio.stream import AudioStream
    from av.container import InputContainer

LISTENING_RATE: Final = 16_000
MAX_CLIP_S: Final = 60.0
MAX_INBOUND_BYTES: Final = 16 * 1024 * 1024
"""The most that a vendor passes on. Source: Twilio's limit for media, 16 MB (channels.md, read November 2026)."""

_FULL_CLIP_S: Final = MAX_CLIP_S - 0.3  # stretching and whole frames add a little
# Wideband and half the encoder's effort: nearer to the original at 16 kbit/s than its defaults, in two thirds of the time.
_SPEECH_OPTIONS: Final = {
    "application": "voip",
    "frame_duration": "60",
    "cutoff": "8000",
    "compression_level": "5",
    "flags": "+bitexact",
}
_NOTE_BIT_RATE: Final = 16_000
_KEPT_OPTIONS: Final = {"application": "audio", "frame_duration": "20", "flags": "+bitexact"}
_MAX_TEMPO: Final = 2.0
_MAGIC: Final = (
    (0, b"OggS", "ogg"),
    (0, b"#!AMR", "amr"),
    (0, b"ID3", "mp3"),
    (4, b"ftyp", "mp4"),
    (0, b"RIFF", "wav"),
    (0, b"\x1aE\xdf\xa3", "matroska"),  # WebM, which browsers record
)


class Form(Enum):
    """A file that Batea writes: (container, codec, samples a second, file ending, media type).

    WhatsApp shows a play button only on OGG/Opus up to 512 KB; `<Play>` in a call takes no OGG but WAV.
    Source: channels.md, voice.md (read November 2026).
    """

    NOTE = ("ogg", "libopus", 48_000, "ogg", "audio/ogg")
    CALL = ("wav", "pcm_mulaw", 8_000, "wav", "audio/wav")

    @property
    def ending(self) -> str:
        """The file's ending, without the dot."""
        return self.value[3]

    @property
    def mime(self) -> str:
        """The media type."""
        return self.value[4]


def encode(pcm: Pcm, form: Form, *, bit_rate: int = _NOTE_BIT_RATE) -> bytes:
    """A whole file. The same sound gives the same bytes. Another bit rate than usual is for keeping. Raises AudioError."""
    import av  # noqa: PLC0415  16 MB, which who neither speaks nor listens is spared; here and below

    container_format, codec, rate, _, _ = form.value
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm.samples[None, :]), format="s16", layout="mono")
    frame.sample_rate = pcm.rate
    target = io.BytesIO()
    try:
        with av.open(target, "w", format=container_format, container_options={"fflags": "+bitexact"}) as container:
            stream = cast("AudioStream", container.add_stream(codec, rate=rate, layout="mono"))
            if form is Form.NOTE:
                stream.bit_rate = bit_rate
                stream.options = dict(_SPEECH_OPTIONS if bit_rate == _NOTE_BIT_RATE else _KEPT_OPTIONS)
            else:
                stream.options = {"flags": "+bitexact"}
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    except av.error.FFmpegError as error:
        raise AudioError(f"the sound could not be written as {form.ending}: {error}") from error
    return target.getvalue()


def kind_of(data: bytes) -> str | None:
    """The container by its first bytes (ogg, amr, mp3, mp4, aac, wav, matroska), or None. A declared type is not trusted."""
    for offset, magic, name in _MAGIC:
        if data[offset : offset + len(magic)] == magic:
            return name
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:  # noqa: PLR2004 - eleven bits begin every MPEG frame
        return "mp3" if data[1] & 0x06 else "aac"
    return None


def decode(data: bytes, *, rate: int = LISTENING_RATE, limit_s: float = MAX_CLIP_S) -> Signal:
    """The first `limit_s` seconds of a file as mono float32 samples, `rate` a second.

    Raises AudioError for a broken, empty, too big or unknown file.
    """
    from av.audio.resampler import AudioResampler  # noqa: PLC0415

    if len(data) > MAX_INBOUND_BYTES:
        raise AudioError(f"the file has {len(data)} bytes; {MAX_INBOUND_BYTES} are the limit")
    wanted = int(limit_s * rate)
    parts: list[NDArray[np.float32]] = []
    got = 0
    try:
        with _opened(data) as container:
            track = _track(container)
            resampler = AudioResampler(format="flt", layout="mono", rate=rate)
            for frame in container.decode(track):
                for piece in resampler.resample(frame):
                    parts.append(piece.to_ndarray()[0])
                    got += piece.samples
                if got >= wanted:
                    break
            else:
                parts += [piece.to_ndarray()[0] for piece in resampler.resample(None)]
    except AudioError:
        # A file cut off in the middle still says something; one that never began does not.
        if not parts:
            raise
    if not parts or not sum(map(len, parts)):
        raise AudioError("the file holds no sound")
    return np.concatenate(parts)[:wanted].astype(np.float32, copy=False)


def stretched(signal: Signal, rate: int, tempo: float) -> Signal:
    """The same words `tempo` times as fast (0.5 to 2), at the same pitch."""
    if abs(tempo - 1) < 0.005:  # noqa: PLR2004 - nobody hears half a hundredth
        return signal
    import av  # noqa: PLC0415

    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=rate, format="flt", layout="mono")
    filtered = graph.add("atempo", f"{min(max(tempo, 1 / _MAX_TEMPO), _MAX_TEMPO):.4f}")
    plain = graph.add("aformat", "sample_fmts=flt:channel_layouts=mono")
    sink = graph.add("abuffersink")
    source.link_to(filtered)
    filtered.link_to(plain)
    plain.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(signal[None, :]), format="flt", layout="mono")
    frame.sample_rate = rate
    source.push(frame)
    source.push(None)
    parts: list[NDArray[np.float32]] = []
    while True:
        try:
            parts.append(cast("av.AudioFrame", sink.pull()).to_ndarray()[0])
        except (av.error.EOFError, av.error.BlockingIOError):
            break
    if not parts:
        raise AudioError("the sound could not be made faster or slower")
    return np.concatenate(parts)


def resampled(signal: Signal, rate: int, wanted: int) -> Signal:
    """The same sound with another number of samples a second."""
    if rate == wanted:
        return signal
    import av  # noqa: PLC0415

    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(signal[None, :]), format="flt", layout="mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler(format="flt", layout="mono", rate=wanted)
    pieces = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([piece.to_ndarray()[0] for piece in pieces])


def mastered(pcm: Pcm, form: Form = Form.NOTE, *, max_tempo: float = 1.25) -> Pcm:
    """Sound ready to be written: silence trimmed, at -16 LUFS. For a call, as a telephone carries it.

    A last "s" lies above what a telephone carries: trimmed before, it would leave silence.
    What would last longer than 60 s is sped up, to `max_tempo` at most. Raises AudioError where nothing is heard, or where even
    that does not make it short enough: nothing is ever cut off.
    """
    rate = form.value[2] if form is Form.CALL else pcm.rate
    signal = trimmed(resampled(as_float(pcm), pcm.rate, rate), rate)
    needed = max(1.0, len(signal) / rate / _FULL_CLIP_S)
    if needed > max_tempo:
        raise AudioError(f"the text takes {len(signal) / rate:.0f} s to say; a voice note has {MAX_CLIP_S:.0f} s")
    return as_pcm(levelled(stretched(signal, rate, needed), rate), rate)


def duration_s(data: bytes) -> float:
    """How long a whole file lasts, in seconds, from its container. Raises AudioError where it is broken."""
    import av  # noqa: PLC0415

    with _opened(data) as container:
        _track(container)
        if not container.duration:
            raise AudioError("the file does not say how long it is")
        return container.duration / av.time_base


def described(data: bytes) -> tuple[str, int, int]:
    """Codec, samples a second and channels of a file. Raises AudioError where it is broken."""
    with _opened(data) as container:
        context = _track(container).codec_context
        return context.name, context.sample_rate, context.layout.nb_channels


@contextmanager
def _opened(data: bytes) -> Iterator[InputContainer]:
    """A file of a kind that its first bytes tell: no other is tried, so that no playlist can make the decoder open addresses."""
    import av  # noqa: PLC0415

    kind = kind_of(data)
    if kind is None:
        raise AudioError("the file is of no kind that is understood: send OGG, AMR, MP3, M4A or WAV")
    try:
        with av.open(io.BytesIO(data), "r", format=kind) as container:
            yield container
    except (av.error.FFmpegError, ValueError, EOFError) as error:
        raise AudioError(f"the file is broken: {error}") from error


def _track(container: InputContainer) -> AudioStream:
    """The first sound track."""
    if not container.streams.audio:
        raise AudioError("the file holds no sound")
    return container.streams.audio[0]
