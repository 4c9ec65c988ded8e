"""What an expert signed stays what she signed: a module's signature holds a hash of its texts, and one of the facts it says.

A signed module whose texts changed counts as a draft until it is signed again; one whose facts changed is still served, and
reported: a telephone number is put right at once, and signed afterwards.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from bot.domain.errors import ContentError, UsageError
from bot.domain.person import Country
from bot.lessons.content import Content, ModuleFolder, read_content
from bot.lessons.filling import placeholders

# Where it stands in a list, who answers for it and which picture goes with it is no part of what is signed.
_NOT_SIGNED: Final = {"status", "signed", "order", "review"}
_NOT_SAID: Final[dict[str, Any]] = {"picture": True, **{country.value: {"picture"} for country in Country}}
_STATUS: Final = re.compile(r"^status:.*$", re.MULTILINE)
_SIGNED: Final = re.compile(r"^signed:.*\n(?:[ \t]+.*\n)*", re.MULTILINE)


def texts_hash(folder: ModuleFolder) -> str:
    """What stands for everything that a module teaches, sources included: half a SHA-256, in hexadecimal digits."""
    # Without what is left out in the files: what a later Batea can be told besides changes no signature.
    lessons = [lesson.entry.model_dump(mode="json", exclude=_NOT_SAID, exclude_defaults=True) for lesson in folder.lessons]
    module = folder.module.entry.model_dump(mode="json", exclude=_NOT_SIGNED, exclude_defaults=True)
    return _hash([module, lessons])


def facts_hash(folder: ModuleFolder, content: Content) -> str:
    """What stands for the facts that a module says, as they are written and spoken."""
    return _hash(sorted({name: [fact.value, fact.speech] for name, fact in facts_said(folder, content).items()}.items()))


def facts_said(folder: ModuleFolder, content: Content) -> Mapping[str, Any]:
    """The facts that a module's texts name, by `<file>.<id>`."""
    entries = [folder.module.entry, *(lesson.entry for lesson in folder.lessons)]
    names = {name for entry in entries for text in strings(entry.model_dump(mode="json")) for name in placeholders(text)}
    return facts_of(names, content)


def facts_of(names: set[str], content: Content) -> Mapping[str, Any]:
    """The facts behind placeholders such as `fact.emergency`, in each country, by `<file>.<id>`."""
    found: dict[str, Any] = {}
    for name in (name.removeprefix("fact.") for name in names if name.startswith("fact.")):
        first, _, rest = name.partition(".")
        for country in (country.value.lower() for country in Country):
            at = (first, rest) if rest else (country if first in content.facts.get(country, {}) else "common", first)
            fact = content.facts.get(at[0], {}).get(at[1])
            if fact:
                found[f"{at[0]}.{at[1]}"] = fact.entry
    return found


def strings(data: Any) -> Iterator[str]:
    """Every text in a tree of mappings and lists."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from strings(value)
    elif isinstance(data, list):
        for value in data:
            yield from strings(value)


def status_of(folder: ModuleFolder) -> str:
    """`signed` where the texts are still those that were signed, else `draft`."""
    signed = folder.module.entry.signed
    return "signed" if signed and signed.texts == texts_hash(folder) else "draft"


def signature_problems(content: Content) -> Iterator[ContentError]:
    """Signed modules that say something else since."""
    for folder in content.modules:
        module, signed = folder.module, folder.module.entry.signed
        again = f"have it read and run `batea content sign {module.entry.id}`"
        if signed and signed.texts != texts_hash(folder):
            text = f"{module.entry.id} changed after {signed.by} signed it on {signed.on} and is a draft again: {again}"
            yield module.error(("signed",), text)
        elif signed and signed.facts != facts_hash(folder, content):
            text = f"a fact that {module.entry.id} says changed after {signed.by} signed it on {signed.on}: {again}"
            yield module.error(("signed",), text)


def sign(root: Path, module_id: str, by: str, on: date) -> bool:
    """Write a module's signature down; False where it stands there already. Raises UsageError where there is no such module."""
    content = read_content(root)
    folder = next((folder for folder in content.modules if folder.module.entry.id == module_id), None)
    if folder is None or content.problems:
        known = ", ".join(folder.module.entry.id for folder in content.modules)
        raise UsageError(f"there is no sound module {module_id} (there are {known}): see `batea content check`")
    old, texts, facts = folder.module.entry.signed, texts_hash(folder), facts_hash(folder, content)
    if old and (old.by, old.texts, old.facts) == (by, texts, facts):
        return False
    file = root / folder.module.document.file
    signed = (
        f'status: signed\nsigned: {{by: {json.dumps(by, ensure_ascii=False)}, "on": {on}, texts: "{texts}", facts: "{facts}"}}'
    )
    bare = _SIGNED.sub("", file.read_text(encoding="utf-8"))
    file.write_text(_STATUS.sub(lambda _: signed, bare, count=1), encoding="utf-8")
    return True


def _hash(said: Any) -> str:
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:32]
