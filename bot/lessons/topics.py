"""Whether `topics.yml` leads anywhere: its replies, modules and lessons must be there, in each country."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.errors import ContentError
from bot.domain.person import Country
from bot.lessons.content import Content, ModuleFolder
from bot.lessons.variants import serves


def topic_problems(content: Content) -> Iterator[ContentError]:
    """Names that lead nowhere, and modules that have no name of people's own."""
    topics = content.topics
    if topics is None:
        return
    modules = {folder.module.entry.id: folder for folder in content.modules}
    for reply_id, lessons in topics.entry.more.items():
        if reply_id not in content.replies:
            yield topics.error(("more", reply_id), f"there is no reply {reply_id}: correct it, or remove the line")
        for country in Country:
            module_id, _, lesson_id = getattr(lessons, country.value).partition("/")
            if not _taught(modules.get(module_id), lesson_id, country):
                text = f"there is no lesson {module_id}/{lesson_id} for {country}: name one, or one a country"
                yield topics.error(("more", reply_id), text)
    for module_id in topics.entry.called.keys() - modules.keys():
        yield topics.error(("called", module_id), f"there is no module {module_id}: remove the line, or write the module")
    for module_id in modules.keys() - topics.entry.called.keys():
        yield topics.error(("called",), f"{module_id} is missing: add how people call it")


def _taught(folder: ModuleFolder | None, lesson_id: str, country: Country) -> bool:
    return folder is not None and any(
        lesson.entry.id == lesson_id and serves(lesson.entry.only, country) for lesson in folder.lessons
    )
