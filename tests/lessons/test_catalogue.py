"""What the library says, to whom, and when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import ContentError
from bot.domain.learning import Wording
from bot.domain.message import Choice
from bot.domain.person import Country
from bot.domain.understanding import Danger, Unsafe
from bot.lessons.catalogue import Catalogue, load_catalogue
from bot.lessons.content import read_content

Loader = Callable[..., Catalogue]
NOWHERE_OR_COUNTRY = (None, *Country)


def write(small: Path, text: str) -> None:
    (small / "replies" / "a.yml").write_text(text, encoding="utf-8")


def examples(content: Path) -> dict[str, Any]:
    given = read_content(content).parameters
    return {name: datetime(2026, 11, 28, 14, tzinfo=UTC) if isinstance(value, date) else value for name, value in given.items()}


def test_every_reply_renders_in_every_country_and_without_one(catalogue: Catalogue, content: Path) -> None:
    given = examples(content)
    for reply_id in catalogue.reply_ids():
        for country in NOWHERE_OR_COUNTRY:
            reply = catalogue.reply(reply_id, country, **given)
            assert reply.id == reply_id
            assert reply.text
            assert "{fact." not in reply.text
            assert reply.speech is not None
            assert reply.speech.key == reply_id
            assert reply.speech.text


def test_every_danger_and_every_unsafe_request_has_its_answer(catalogue: Catalogue) -> None:
    assert all(catalogue.has(f"crisis.{danger}") for danger in Danger)
    assert all(catalogue.has(f"unsafe.{kind}") for kind in Unsafe)


def test_an_unknown_reply_is_a_key_error(catalogue: Catalogue) -> None:
    assert not catalogue.has("nothing.here")
    with pytest.raises(KeyError):
        catalogue.reply("nothing.here")


def test_the_country_decides_about_wording_and_facts(small: Path, load: Loader) -> None:
    write(small, 'x:\n  text: "Sin país."\n  CO:\n    text: "Llame al {fact.emergency}."\n  PE: {text: "Al {fact.emergency}."}\n')
    library = load()
    assert library.reply("a.x").text == "Sin país."
    assert library.reply("a.x", Country.CO).text == "Llame al 123."
    assert library.reply("a.x", Country.PE).text == "Al 106."


def test_a_number_is_spoken_figure_by_figure(small: Path, load: Loader) -> None:
    write(small, 'x:\n  text: "Llame al {fact.co.emergency}."\n')
    speech = load().reply("a.x").speech
    assert speech is not None
    assert speech.text == "Llame al uno, dos, tres."


def test_a_countrys_text_does_not_keep_the_common_speech(small: Path, load: Loader) -> None:
    write(small, 'x:\n  text: "Uno."\n  speech: "Hablado."\n  sms: "Corto."\n  CO:\n    text: "Dos."\n')
    reply = load().reply("a.x", Country.CO)
    assert reply.speech is not None
    assert (reply.text, reply.speech.text, reply.sms) == ("Dos.", "Dos.", None)


def test_variants_go_round(small: Path, load: Loader) -> None:
    write(small, 'x:\n  text: ["Uno.", "Dos."]\n')
    library = load()
    assert [library.reply("a.x", variant=n).text for n in range(3)] == ["Uno.", "Dos.", "Uno."]


def test_speech_reads_the_options_with_their_keys(small: Path, load: Loader) -> None:
    options = '[{id: si, label: "Sí"}, {id: na, label: "No sé / no digo"}, {id: seguir, label: "Seguir", key: "9"}]'
    write(small, f'x:\n  text: "¿Va?"\n  choices: {options}\n')
    reply = load().reply("a.x")
    assert reply.text == "¿Va?"
    assert [(choice.key, choice.id) for choice in reply.choices] == [("1", "si"), ("2", "na"), ("9", "seguir")]
    assert reply.speech is not None
    assert reply.speech.text == "¿Va? Opción uno: Sí. Opción dos: No sé o no digo. Con el nueve: Seguir."


def test_given_choices_replace_those_of_the_file(small: Path, load: Loader) -> None:
    write(small, 'x:\n  text: "¿Cuál?"\n  choices: [{id: si, label: "Sí"}]\n')
    reply = load().reply("a.x", choices=[Choice("*", "human", "Una persona")])
    assert reply.speech is not None
    assert reply.speech.text == "¿Cuál? Con el asterisco: Una persona."
    assert load().reply("a.x", choices=()).choices == ()


def test_pictograms_are_not_read_aloud(small: Path, load: Loader) -> None:
    write(small, 'x:\n  text: "Hola 👋🏽❤️"\n')
    speech = load().reply("a.x").speech
    assert speech is not None
    assert speech.text == "Hola."


def test_what_is_filled_in_is_not_for_an_online_voice(small: Path, load: Loader) -> None:
    write(small, 'x:\n  text: "Hola {name}."\nz:\n  text: "Hola. {fact.co.emergency}."\n')
    library = load()
    named, fixed = library.reply("a.x", name="Ana {x}").speech, library.reply("a.z").speech
    assert named is not None
    assert fixed is not None
    assert (named.text, named.catalogue, fixed.catalogue) == ("Hola Ana {x}.", False, True)


def test_choices_from_outside_the_catalogue_are_not_for_an_online_voice(catalogue: Catalogue) -> None:
    wording = Wording("¿Dónde?")
    inside = catalogue.say("x", wording, choices=[Choice("1", "a", "Nunca")]).speech
    outside = catalogue.say("x", wording, choices=[Choice("1", "a", "Tarazá")]).speech
    assert inside is not None
    assert outside is not None
    assert (inside.catalogue, outside.catalogue) == (True, False)


def test_a_missing_parameter_is_a_key_error(small: Path, load: Loader) -> None:
    write(small, 'x:\n  text: "Hola {name}."\n')
    with pytest.raises(KeyError):
        load().reply("a.x")


def test_slow_speech_is_marked(small: Path, load: Loader) -> None:
    write(small, 'x:\n  text: "Hola."\n')
    speech = load().reply("a.x", slow=True).speech
    assert speech is not None
    assert speech.slow


@pytest.mark.parametrize(
    ("moment", "text", "spoken"),
    [
        (datetime(2026, 11, 28, 14, tzinfo=UTC), "sábado 28 de noviembre, 9 de la mañana", None),
        (datetime(2026, 11, 28, 17, tzinfo=UTC), "sábado 28 de noviembre, 12 del mediodía", None),
        (datetime(2026, 11, 28, 20, 30, tzinfo=UTC), "sábado 28 de noviembre, 3:30 de la tarde", "3 y 30 de la tarde"),
        (datetime(2026, 12, 1, 1, tzinfo=UTC), "lunes 30 de noviembre, 8 de la noche", None),
        (datetime(2026, 11, 28, 9, tzinfo=timezone(timedelta(hours=-3))), "sábado 28 de noviembre, 9 de la mañana", None),
    ],
)
def test_moments_are_told_as_people_tell_them(small: Path, load: Loader, moment: datetime, text: str, spoken: str | None) -> None:
    write(small, 'x:\n  text: "Es el {when}."\n')
    reply = load().reply("a.x", when=moment)
    assert reply.text == f"Es el {text}."
    assert reply.speech is not None
    assert (spoken or text) in reply.speech.text


def test_a_moment_without_a_zone_is_refused(small: Path, load: Loader) -> None:
    write(small, 'x:\n  text: "Es el {when}."\n')
    with pytest.raises(ValueError, match="timezone"):
        load().reply("a.x", when=datetime(2026, 11, 28, 9))  # noqa: DTZ001 the point of the test


def test_an_expired_fact_is_no_longer_said(content: Path) -> None:
    day = [date(2026, 12, 31)]
    library = load_catalogue(content, drafts=True, today=lambda: day[0], timezone="America/Lima")
    before = library.reply("answers.ask_formalization", Country.PE).text
    day[0] = date(2027, 1, 1)
    after = library.reply("answers.ask_formalization", Country.PE).text
    assert "31 de diciembre de 2026" in before
    assert "2026" not in after
    assert "Pregunte" in after


def test_an_expired_fact_in_a_lesson_gives_way_while_batea_runs(small: Path) -> None:
    folder = small / "modules" / "m9-prueba"
    folder.mkdir()
    module = 'id: m9\ntitle: "P"\nobjectives: ["x"]\nstatus: draft\nreview: ["nobody"]\ncountries: [PE]\norder: 9\n'
    (folder / "module.yml").write_text(module, encoding="utf-8")
    later = 'expired: {text: "Ya.", simpler: "Pasó."}'
    step = f'{{id: s1, sources: [S9], text: "Hasta el {{fact.reinfo_end}}.", simpler: "Hay plazo.", {later}}}'
    (folder / "01-uno.yml").write_text(f'id: uno\ntitle: "Uno"\nsteps:\n  - {step}\n', encoding="utf-8")
    day = [date(2026, 12, 31)]
    library = load_catalogue(small, drafts=True, today=lambda: day[0], timezone="America/Lima")
    texts = []
    for today in (date(2026, 12, 31), date(2027, 1, 1)):
        day[0] = today
        module_now = library.module("m9", Country.PE)
        assert module_now is not None
        (step_now,) = module_now.lessons[0].steps
        texts.append((step_now.wording.text, step_now.simpler.text))
    assert texts == [("Hasta el 31 de diciembre de 2026.", "Hay plazo."), ("Ya.", "Pasó.")]
    assert library.modules(Country.CO) == ()


def test_unsigned_modules_are_served_as_drafts_only(content: Path) -> None:
    drafts = load_catalogue(content, drafts=True, today=lambda: date(2026, 11, 24), timezone="America/Bogota")
    signed = load_catalogue(content, drafts=False, today=lambda: date(2026, 11, 24), timezone="America/Bogota")
    assert "m1" in [module.id for module in drafts.modules(Country.CO)]
    assert all(module.status == "signed" for module in signed.modules(Country.CO))
    assert signed.module("m1", Country.CO) is None


def test_a_poll_that_is_switched_off_is_not_served(catalogue: Catalogue) -> None:
    assert catalogue.poll("Q02_v1") is None
    assert catalogue.poll("Q77_v1") is None
    assert "Q02_v1" in [poll.id for poll in catalogue.polls()]


def test_a_poll_ends_with_a_way_out_and_keeps_to_its_countries(catalogue: Catalogue) -> None:
    polls = {poll.id: poll for poll in catalogue.polls()}
    assert len(polls) == 12
    assert all(poll.options[-1].id == "no_digo" for poll in polls.values())
    assert polls["Q03_v1"].countries == (Country.PE,)
    assert [option.label for option in polls["Q01_v1"].options] == ["Nada", "Poco", "Mucho", "No sé / no digo"]


def test_everything_fixed_can_be_recorded_beforehand(catalogue: Catalogue) -> None:
    following = Choice("9", "next", "Nunca")
    speeches = list(catalogue.speeches(after_step=[following]))
    assert len({speech.text for speech in speeches}) == len(speeches)
    assert all(speech.catalogue for speech in speeches)
    module = catalogue.module("m1", Country.CO)
    assert module is not None
    step = module.lessons[0].steps[0]
    said = catalogue.say("m1/humo/s1", step.wording, Country.CO, choices=[following]).speech
    assert said is not None
    assert said.text in {speech.text for speech in speeches}


def test_the_first_breach_stops_the_loader(small: Path, load: Loader) -> None:
    write(small, "x:\n  text: no\n")
    with pytest.raises(ContentError, match=r"replies/a.yml:2: .*in quotes"):
        load()
