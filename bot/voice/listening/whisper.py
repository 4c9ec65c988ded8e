"""Whisper by faster-whisper: sound in, evidence out. Only the process that listens imports this with the model."""

from __future__ import annotations

import math
import os
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.domain.folding import plain
from bot.domain.listening import Offer
from bot.voice.listening.evidence import Evidence
from bot.voice.loudness import Signal
from bot.voice.transcoding import LISTENING_RATE, MAX_CLIP_S, decode

FRAMES_S: Final = 100
SHORT_FRAMES: Final = 500
"""Short answers were told apart best in a window of 5 s, sentences in one of at least 10 s; the recogniser's own is 30 s."""
SENTENCE_FRAMES: Final = 1000
_MOST_FRAMES: Final = 3000
_CHUNK_S: Final = 27.0
_SHORT_S: Final = 4.5
_SHORTEST_S: Final = 0.12
_MARGIN_S: Final = 0.25
_HOP: Final = LISTENING_RATE // 50
_AT_ONCE: Final = 16
_MOST_THREADS: Final = 4
_BEAM: Final = 5
_MOST_TOKENS: Final = 200
_TOO_REPETITIVE: Final = 2.4
_QUIETEST: Final = 10 ** (-55 / 20)
_BELOW_LOUDEST: Final = 10 ** (-32 / 20)
_LEAST_CHANCE: Final = 1e-12
_WORD_FOR_WORD: Final = 2.0


class Whisper:
    """A model in a folder, with 8-bit weights on the CPU."""

    def __init__(self, folder: Path, prompt: str = "", threads: int = 0) -> None:
        from faster_whisper import WhisperModel  # noqa: PLC0415 - the extra `listen`
        from faster_whisper.tokenizer import Tokenizer  # noqa: PLC0415

        threads = threads or min(_MOST_THREADS, os.cpu_count() or 1)
        self._model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)
        self._tokenizer = Tokenizer(self._model.hf_tokenizer, True, task="transcribe", language="es")
        self._start = [*self._tokenizer.sot_sequence]
        self._prompt = [self._tokenizer.sot_prev, *self._tokenizer.encode(f" {prompt}")] if prompt else []
        noise = np.random.default_rng(2).normal(scale=0.02, size=LISTENING_RATE).astype(np.float32)
        self._noise = self._encoded(noise, SHORT_FRAMES)
        self._in_noise = lru_cache(maxsize=4096)(self._scored_in_noise)

    def listen(self, audio: bytes, offers: Sequence[Offer]) -> Evidence:
        """What a sound file holds, of which the first minute counts. Raises AudioError where it cannot be read."""
        signal = decode(audio, limit_s=MAX_CLIP_S + 1)
        cut = len(signal) > MAX_CLIP_S * LISTENING_RATE
        speech = spoken_part(signal[: int(MAX_CLIP_S * LISTENING_RATE)])
        if len(speech) < _SHORTEST_S * LISTENING_RATE:
            return Evidence("", 0.0, silent=1.0, cut=cut)
        texts: list[str] = []
        scores: list[float] = []
        silent = 1.0
        short = len(speech) <= _SHORT_S * LISTENING_RATE
        gain = 0.0
        weighed: dict[str, float] = {}
        for chunk in chunks(speech):
            sound = self._encoded(chunk, SHORT_FRAMES if short else SENTENCE_FRAMES)
            tokens, chance, unspoken = self._transcribed(sound)
            text = once(self._tokenizer.decode(tokens).strip())
            texts.append(text)
            scores.append(chance)
            silent = min(silent, unspoken)
            gain = max(gain, self._gain(sound, text))
            if short:
                weighed = self._weighed(sound, offers, text)
        return Evidence(" ".join(texts).strip(), min(scores), silent, gain, weighed, cut)

    def _weighed(self, sound: NDArray[np.float32], offers: Sequence[Offer], text: str) -> dict[str, float]:
        ways = [(offer.id, tuple(self._tokenizer.encode(f" {way}"))) for offer in offers for way in offer.ways]
        best: dict[str, float] = {}
        for (offer_id, _), gain in zip(ways, self._gains(sound, [tokens for _, tokens in ways]), strict=True):
            best[offer_id] = max(gain, best.get(offer_id, -math.inf))
        for offer in offers:
            if plain(text) in map(plain, offer.ways):
                best[offer.id] += _WORD_FOR_WORD
        return best

    def _gains(self, sound: NDArray[np.float32], texts: Sequence[tuple[int, ...]]) -> list[float]:
        """How much likelier each text is in this sound than in noise."""
        return [here - self._in_noise(text) for text, here in zip(texts, self._scored(sound, texts), strict=True)]

    def _gain(self, sound: NDArray[np.float32], text: str) -> float:
        """The same for what was said freely, of which nothing stays in memory."""
        said = tuple(self._tokenizer.encode(f" {text}")) if text else ()
        return self._scored(sound, [said])[0] - self._scored_in_noise(said) if said else 0.0

    def _scored_in_noise(self, text: tuple[int, ...]) -> float:
        return self._scored(self._noise, [text])[0]

    def _scored(self, sound: NDArray[np.float32], texts: Sequence[tuple[int, ...]]) -> list[float]:
        """The log probability of each text in the sound."""
        from ctranslate2 import StorageView  # noqa: PLC0415 - the extra `listen`

        scores: list[float] = []
        for first in range(0, len(texts), _AT_ONCE):
            some = [list(text) for text in texts[first : first + _AT_ONCE]]
            sounds = StorageView.from_array(np.ascontiguousarray(np.repeat(sound, len(some), axis=0)))
            results = self._model.model.align(sounds, self._start, some, [2 * sound.shape[1]] * len(some))
            scores += [float(np.log(np.maximum(result.text_token_probs, _LEAST_CHANCE)).sum()) for result in results]
        return scores

    def _encoded(self, signal: Signal, least: int) -> NDArray[np.float32]:
        """The encoder's view of at most 30 s, in a window not much longer than they are."""
        from ctranslate2 import StorageView  # noqa: PLC0415 - the extra `listen`
        from faster_whisper.audio import pad_or_trim  # noqa: PLC0415

        features = self._model.feature_extractor(signal, padding=160)[:, :-1]
        window = min(_MOST_FRAMES, max(least, -(-features.shape[1] // FRAMES_S) * FRAMES_S + FRAMES_S))
        padded = np.ascontiguousarray(pad_or_trim(features, window)[None], dtype=np.float32)
        return np.array(self._model.model.encode(StorageView.from_array(padded)), dtype=np.float32)

    def _transcribed(self, sound: NDArray[np.float32]) -> tuple[list[int], float, float]:
        """Free text as tokens, their mean probability, and the probability that nobody speaks."""
        from ctranslate2 import StorageView  # noqa: PLC0415 - the extra `listen`

        prompt = [*self._prompt, *self._start, self._tokenizer.no_timestamps]
        (result,) = self._model.model.generate(
            StorageView.from_array(np.ascontiguousarray(sound)),
            [prompt],
            beam_size=_BEAM,
            max_length=len(prompt) + _MOST_TOKENS,
            return_scores=True,
            return_no_speech_prob=True,
        )
        tokens = [token for token in result.sequences_ids[0] if token < self._tokenizer.eot]
        chance = math.exp(min(0.0, result.scores[0]))
        if _repetition(self._tokenizer.decode(tokens)) > _TOO_REPETITIVE:
            chance = 0.0
        return tokens, chance, float(result.no_speech_prob)


def spoken_part(signal: Signal) -> Signal:
    """From a little before to a little after whatever is loud enough to be speech."""
    whole = signal[: len(signal) // _HOP * _HOP].reshape(-1, _HOP)
    if not len(whole):
        return signal[:0]
    levels = np.sqrt((whole**2).mean(axis=1))
    loud = np.flatnonzero(levels > max(_QUIETEST, float(levels.max()) * _BELOW_LOUDEST))
    if not len(loud):
        return signal[:0]
    margin = int(_MARGIN_S * LISTENING_RATE)
    return signal[max(0, int(loud[0]) * _HOP - margin) : (int(loud[-1]) + 1) * _HOP + margin]


def chunks(signal: Signal) -> Iterator[Signal]:
    """Pieces of at most 27 s, parted where it is quietest in their last fifth."""
    most = int(_CHUNK_S * LISTENING_RATE)
    while len(signal) > most:
        tail = signal[most * 4 // 5 : most]
        levels = np.convolve(np.abs(tail), np.ones(_HOP, dtype=np.float32), mode="valid")
        at = most * 4 // 5 + int(levels.argmin()) + _HOP // 2
        yield signal[:at]
        signal = signal[at:]
    yield signal


def once(text: str) -> str:
    """A text that is one phrase said over and over, as happens in a short window, without the repetitions."""
    said = text.split()
    heard = [plain(word) for word in said]
    for length in range(1, len(said) // 2 + 1):
        if len(said) % length == 0 and heard == heard[:length] * (len(said) // length):
            return " ".join(said[:length])
    return text


def _repetition(text: str) -> float:
    """How well the text compresses: a recogniser that has lost its way says the same over and over."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0
