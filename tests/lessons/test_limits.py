"""The limits of safety (domain.md, section F), where a machine can see them: in every lesson, poll and reply."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest
from lessons.test_check import TODAY, write_module

from bot.domain.person import Country
from bot.lessons.catalogue import load_catalogue
from bot.lessons.check import check
from bot.lessons.content import Sourced, read_content
from bot.lessons.guidance_schema import LimitEntry
from bot.lessons.told import told

Limits = Mapping[str, Sourced[LimitEntry]]
Found = Mapping[tuple[str, str], Sequence[str]]

# What must be refused, by its limit, and what looks like it and may be said.
REFUSED = [
    ("peru_number", "Llame al 106."),
    ("peru_number", "Marque uno, cero, seis."),
    ("vos", "Mirá bien y vení."),
    ("vos", "Si vos querés, lave."),
    ("tu", "Moja la piedra."),
    ("tu", "Bien. Usa casco."),
    ("tu", "Puedes lavarte: ponte guantes."),
    ("your", "Cuide tu batea."),
    ("armed_actors", "El ELN cobra aquí."),
    ("armed_actors", "La guerrilla pasa."),
    ("who_does_it", "Cuénteme quién le cobra."),
    ("who_does_it", "Escriba aquí el nombre de quien quema."),
    ("legal_mercury", "Use azogue legal."),
    ("legal_mercury", "Compre azogue en la tienda."),
    ("dose", "Eche 5 gramos de azogue."),
    ("dose", "Cianuro: 2 cucharadas por balde."),
    ("explosives", "Ponga la mecha larga."),
    ("explosives", "Entre a los 30 minutos de la voladura."),
    ("retort_making", "Para la retorta, suelde un tubo."),
    ("retort_making", "Haga su retorta en casa."),
    ("going_in", "Entre al socavón con casco."),
    ("rescue", "Entre a sacarlo ya."),
    ("medicine", "Tome una pastilla."),
    ("medicine", "Provoque el vómito."),
    ("medicine", "Dele leche."),
    ("mouth_to_mouth", "Dé boca a boca."),
    ("flame_test", "Prenda una vela para ver el aire."),
    ("live_price", "El gramo está a 400 000 pesos."),
    ("live_price", "Hoy vale $ 400."),
    ("clock_time", "Venga a las 8:00."),
    ("abbreviation", "Ud. es el dueño."),
    ("abbreviation", "Cargue 25 kg."),
    ("frightening_picture", "Cuidado ☠"),
    ("many_pictures", "Venga 🙂 ya 🙂"),
    ("english", "Abra el link."),
]
ALLOWED = [
    "En Perú, llame al 106.",
    "Mire bien y venga.",
    "Lave su batea con cuidado.",
    "Guarde 106.5 bultos en Perú.",
    "No diga quién fue.",
    "Las colas guardaban 20 gramos de oro.",
    "Llame y no entre al socavón.",
    "No le dé leche ni agua.",
    "Nunca dé boca a boca.",
    "Una vela no sirve: no prenda una vela.",
    "Precio de ejemplo: 400 000 pesos.",
    "Venga a las 8 de la mañana.",
    "Sume los gramos del año.",
    "¿Usa casco al moler?",
    "Dejan el titulo y la piedra.",
]
ELSEWHERE = [*((place, "Llame al 106") for place in ("simpler", "right", "title", "label")), ("label", "Doy boca a boca")]


def written(number: int, place: str, text: str) -> str:
    """A lesson that says a text in one place: its first step, unless another is named."""
    parts = {"text": "Lave.", "simpler": "Otra cosa.", "label": "A", "right": "Bien.", "title": "Uno", place: text}
    return "\n".join(
        [
            f'id: t{number}\ntitle: "{parts["title"]}"\nsteps:\n  - id: s1\n    sources: [DC]\n    text: "{parts["text"]}"',
            f'    simpler: "{parts["simpler"]}"\nquiz:\n  - id: q{number}\n    sources: [DC]\n    text: "¿A o B?"',
            f'    simpler: "¿Cuál?"\n    options:\n      - {{id: a, label: "{parts["label"]}", right: "{parts["right"]}"}}',
            '      - {id: b, label: "B", wrong: "No."}\n    correct: a\n',
        ]
    )


@pytest.fixture(scope="module")
def limits(content: Path) -> Limits:
    return read_content(content).limits


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory, content: Path) -> Mapping[tuple[str, str], Sequence[str]]:
    """What the check says of each text, in each place: one module has a lesson for each."""
    root = tmp_path_factory.mktemp("limits") / "content"
    for folder in ("replies", "polls", "modules"):
        (root / folder).mkdir(parents=True)
    shutil.copytree(content / "facts", root / "facts")
    for file in ("parameters.yml", "glossary.yml", "sources.yml", "replies/speech.yml", "limits.yml"):
        shutil.copy(content / file, root / file)
    said = [("text", text) for _, text in REFUSED] + [("text", text) for text in ALLOWED] + ELSEWHERE
    write_module(root, *(written(number, place, text) for number, (place, text) in enumerate(said)))
    problems = [str(problem) for problem in check(root, today=TODAY).problems]
    return {
        each: [line for line in problems if line.startswith(f"modules/m9-prueba/0{number}-x.yml:")]
        for number, each in enumerate(said, 1)
    }


@pytest.mark.parametrize(("limit", "text"), REFUSED)
def test_it_is_refused_with_its_line_and_what_to_say_instead(found: Found, limits: Limits, limit: str, text: str) -> None:
    instead = limits[limit].entry.instead
    lines = found["text", text]
    assert [line for line in lines if ":6: " in line and line.endswith(instead)], lines


def test_every_limit_has_a_text_that_breaks_it(limits: Limits) -> None:
    assert {limit for limit, _ in REFUSED} == set(limits)


@pytest.mark.parametrize("text", ALLOWED)
def test_what_only_looks_like_it_may_be_said(found: Found, text: str) -> None:
    assert found["text", text] == []


@pytest.mark.parametrize("place", ["simpler", "right", "title", "label"])
def test_every_kind_of_text_is_looked_at(found: Found, place: str) -> None:
    assert [line for line in found[place, "Llame al 106"] if "106" in line]


def test_a_wrong_answer_on_offer_may_say_what_must_not_be_done(found: Found) -> None:
    assert found["label", "Doy boca a boca"] == []


def test_a_reply_and_a_countrys_own_words_are_looked_at(small: Path, content: Path) -> None:
    (small / "limits.yml").write_text((content / "limits.yml").read_text(encoding="utf-8"), encoding="utf-8")
    text = 'x:\n  text: "Llame."\n  CO: {text: "Llame al {fact.emergency}."}\n  PE:\n    text: "Llame al {fact.emergency}."\n'
    (small / "replies" / "a.yml").write_text(text, encoding="utf-8")
    (problem,) = check(small, today=TODAY).problems
    assert (problem.file, problem.line) == ("replies/a.yml", 5)
    assert "PE:" in problem.text


def test_a_pattern_that_cannot_be_read_is_named(small: Path) -> None:
    (small / "limits.yml").write_text("broken:\n  forbids: '('\n  instead: \"nothing\"\n", encoding="utf-8")
    (problem,) = check(small, today=TODAY).problems
    assert (problem.file, problem.line) == ("limits.yml", 2)


def test_the_walk_meets_every_text_that_people_get(content: Path) -> None:
    walked = {(one.country, one.text) for one in told(read_content(content))}
    for day in (TODAY, date.max):
        library = load_catalogue(content, drafts=True, today=lambda day=day: day, timezone="America/Bogota")  # type: ignore[misc]
        for country in Country:
            for module in library.modules(country):
                for lesson in module.lessons:
                    texts = [lesson.title, *(w.text for step in lesson.steps for w in (step.wording, step.simpler))]
                    texts += [text for quiz in lesson.quizzes for o in quiz.options for text in (o.label, o.feedback.text)]
                    texts += [w.text for quiz in lesson.quizzes for w in (quiz.wording, quiz.simpler)]
                    assert all((country, text) in walked for text in texts), lesson.id
            for reply_id in library.reply_ids():
                if reply_id.startswith(("answers.", "crisis.", "unsafe.")):
                    assert (country, library.reply(reply_id, country).text) in walked, reply_id
