"""How listening is entered: from settings to a listener, or to the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bot.voice.listening.process import ListeningProcess
from bot.voice.listening.weights import find_model, installed


def why_deaf(asr: str, asr_model: str, data_dir: Path, *, extra: Callable[[], bool] = installed) -> str:
    """Why voice notes are not listened to, '' where they are. Raises ConfigurationError for a setting that cannot be."""
    if asr == "off":
        return "voice notes are not listened to: BATEA_ASR=off"
    if not extra():
        return "voice notes are not listened to: run make listen"
    return "" if find_model(asr_model, data_dir) else "voice notes are not listened to: there is no model, run make listen"


def build_listener(asr: str, asr_model: str, data_dir: Path, prompt: str = "") -> ListeningProcess | None:
    """A listener for the settings BATEA_ASR, BATEA_ASR_MODEL and BATEA_DATA_DIR; None where there can be none.

    `prompt` holds words that may come and that a recogniser would not expect. Cheap: its process starts with the first note, or
    when it is told to. Raises ConfigurationError for a BATEA_ASR_MODEL without a model.
    """
    if why_deaf(asr, asr_model, data_dir):
        return None
    folder = find_model(asr_model, data_dir)
    return ListeningProcess.of(folder.resolve(), prompt) if folder else None
