"""The recording studio: what is measured, kept, approved, taken back, and who hears it when."""

import re
from pathlib import Path

import httpx
import numpy as np
import pytest
from ruamel.yaml import YAML
from standins.staff_side import StaffSide
from voice.conftest import hum

from bot.domain.message import Speech
from bot.domain.recording import Origin
from bot.outreach.studio import Standing
from bot.voice.speaking import Pcm
from bot.voice.transcoding import Form, encode
from bot.web.staff.texts import texts

RATE = 48_000
PATH = "/staff/studio"


def said(seconds=4.0, gain=1.0):
    """Words and pauses, as a browser sends them."""
    word = (hum(0.9, RATE) * gain).astype(np.int16)
    pause = np.zeros(RATE // 2, np.int16)
    return encode(Pcm(np.concatenate([pause, *[word, pause] * round(seconds / 1.4)]), RATE), Form.NOTE, bit_rate=64_000)


@pytest.fixture(scope="module")
def side(tmp_path_factory):
    running = StaffSide(tmp_path_factory.mktemp("studio"))
    yield running
    running.close()


@pytest.fixture(scope="module")
def staff(side):
    return side.browser(side.member("staff"))


@pytest.fixture(scope="module")
def speaker(side, staff):
    form = {"alias": "doña Planted", "licence": "CC-BY-4.0", "agrees": "yes", "adult": "yes", "paid": "yes"}
    assert staff.post(f"{PATH}/speakers", **form).status_code == 303
    return side.submit(lambda uow: uow.voices.speakers())[0]


def sent(browser, path, sound, **fields):
    """A form with a file."""

    async def ask():
        transport = httpx.ASGITransport(browser.side.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            files = {"sound": ("voz", sound, "audio/webm")}
            cookie = {"cookie": f"batea_staff={browser.token}"}
            return await client.post(path, data={"csrf": browser.csrf, **fields}, files=files, headers=cookie)

    return browser.side.loop.run_until_complete(ask())


def sentence_of(side, number, language="es"):
    return [one for one in side.batea.studio.sentences(language) if 40 < len(one.text) < 120][number]


def taken(page):
    return re.search(r'name="take" value="([0-9a-f]{64})"', page.text)[1]


def recorded(side, staff, speaker, number, language="es", seconds=5, **more):
    """One sentence, from the microphone to what people hear."""
    sentence = sentence_of(side, number, language)
    address = f"{PATH}/{language}/say/{sentence.id}"
    page = sent(staff, address, said(seconds), speaker=speaker.id)
    assert page.status_code == 200, re.findall(r'role="alert">(.*?)</div', page.text, re.DOTALL)
    return sentence, staff.post(address, step="keep", take=taken(page), speaker=speaker.id, **more)


def heard(side, sentence, language="es"):
    return side.batea.clips.clip(Speech(sentence.text, language, key=sentence.key))


def standing(side, sentence, language="es"):
    lines = side.submit(lambda uow: side.batea.studio.lines(uow, language))
    return next(line.standing for line in lines if line.sentence == sentence)


def test_a_sentence_is_recorded_heard_and_taken_back_without_any_restart(side, staff, speaker):
    sentence, answer = recorded(side, staff, speaker, 0)
    assert answer.status_code == 303
    assert f"speaker={speaker.id}" in answer.headers["location"], "the next one, by the same voice"
    clip = heard(side, sentence)
    assert clip is not None, "there is no machine here: it is she"
    assert standing(side, sentence) is Standing.RECORDED
    page = staff.get(f"{PATH}/es/say/{sentence.id}").text
    kept = re.search(r"/recordings/(\w+)/drop", page)[1]
    assert staff.post(f"{PATH}/recordings/{kept}/drop").status_code == 303
    assert heard(side, sentence) is None
    assert standing(side, sentence) is Standing.MACHINE
    assert side.batea.clips.find(clip.name) is None


@pytest.mark.parametrize(
    ("sound", "says"),
    [
        (said(gain=0.01), "muy bajito"),
        (encode(Pcm(np.zeros(3 * RATE, np.int16), RATE), Form.NOTE), "No se oye nada"),
        (said(70), "Pasa de un minuto"),
        (said(1.4), "faltan palabras"),
        (b"OggS and nothing", "no se puede oír"),
        (b"", "no se puede oír"),
    ],
    ids=["quiet", "silent", "long", "short", "broken", "empty"],
)
def test_what_is_no_good_is_refused_with_what_to_do(side, staff, sound, says):
    before = side.said()
    answer = sent(staff, f"{PATH}/es/say/{sentence_of(side, 1).id}", sound)
    assert answer.status_code == 422
    assert says in answer.text
    assert "rabe otra vez" in answer.text
    assert 'name="take"' not in answer.text
    assert side.said() == before


def test_without_a_speaker_who_agreed_nothing_is_kept(side, staff, speaker):
    address = f"{PATH}/es/say/{sentence_of(side, 2).id}"
    take = taken(sent(staff, address, said(5)))
    for wrong in ("", "nobody", "0" * 32):
        answer = staff.post(address, step="keep", take=take, speaker=wrong)
        assert answer.status_code == 422
        assert "Escoja quién habla" in answer.text
        assert take in answer.text, "what was recorded is not lost by it"
    assert staff.post(address, step="keep", take="0" * 64, speaker=speaker.id).status_code == 422
    assert heard(side, sentence_of(side, 2)) is None


@pytest.mark.parametrize("lacks", ["alias", "licence", "agrees", "adult"])
def test_nobody_becomes_a_speaker_without_name_licence_consent_and_age(side, staff, lacks):
    form = {"alias": "Eva", "licence": "batea-only", "agrees": "yes", "adult": "yes"}
    before = side.said()
    assert staff.post(f"{PATH}/speakers", **{**form, lacks: ""}).status_code == 422
    assert side.said() == before


def test_a_translation_needs_a_second_speaker_who_checked_it(side, staff, speaker):
    sentence, answer = recorded(side, staff, speaker, 3, "quz")
    assert answer.status_code == 422
    assert "segunda persona" in answer.text
    assert heard(side, sentence, "quz") is None
    sentence, answer = recorded(side, staff, speaker, 3, "quz", checker="don Planted Checker")
    assert answer.status_code == 303
    assert heard(side, sentence, "quz") is not None
    assert heard(side, sentence, "es") is None
    assert side.batea.library.languages() == {"quz": "quechua de Cusco y Puno"}
    kept = repr([side.rows(f"SELECT * FROM {table}") for table in ("speaker", "recording", "audit_log")])
    assert "Planted" not in kept


def test_what_came_by_phone_is_heard_once_it_is_approved(side, staff, speaker):
    studio, sentence = side.batea.studio, sentence_of(side, 4)
    take = studio.take(said(5), sentence, "es")
    who = {"speaker_id": speaker.id, "member_id": "m", "origin": Origin.PHONE, "waits": True}
    waiting = side.submit(lambda uow: studio.record(uow, sentence, "es", take, **who))
    studio.publish()
    assert heard(side, sentence) is None
    assert standing(side, sentence) is Standing.WAITING
    assert sentence.id in staff.get(PATH).text
    assert "grabación llegó por teléfono" in staff.get("/staff/").text
    assert staff.get(f"{PATH}/sounds/{take.sound}").headers["content-type"] == "audio/ogg"
    assert staff.post(f"{PATH}/recordings/{waiting.id}/approve").status_code == 303
    assert heard(side, sentence) is not None
    assert staff.post(f"{PATH}/recordings/{waiting.id}/approve").status_code == 404
    actions = [row[0] for row in side.rows("SELECT action FROM audit_log")]
    assert "studio.approve" in actions


def test_a_recording_whose_text_changed_is_stale(side, staff, speaker):
    sentence, _ = recorded(side, staff, speaker, 5)
    side.batea.store.submit(lambda uow: uow.voices.put(changed(uow, sentence))).result()
    side.batea.studio.publish()
    assert standing(side, sentence) is Standing.STALE
    assert (
        "el texto cambió" in staff.get(f"{PATH}/es/{sentence.group}?page=1").text + staff.get(f"{PATH}/es/say/{sentence.id}").text
    )


def changed(uow, sentence):
    """The same recording, of what the text was before."""
    from dataclasses import replace  # noqa: PLC0415

    mine = next(one for one in uow.voices.all("es") if one.text_sha256 == sentence.sha256)
    uow.voices.drop(mine.id)
    return replace(mine, text_sha256="f" * 64)


def test_a_voice_taken_back_is_gone_from_disk_too(side, staff):
    assert staff.post(f"{PATH}/speakers", alias="Luz", licence="batea-only", agrees="yes", adult="yes").status_code == 303
    luz = next(one for one in side.submit(lambda uow: uow.voices.speakers()) if one.alias == "Luz")
    sentence, _ = recorded(side, staff, luz, 6, seconds=7)
    clip = heard(side, sentence)
    sounds = [one.take.sound for one in side.submit(lambda uow: uow.voices.all()) if one.speaker_id == luz.id]
    assert staff.post(f"{PATH}/speakers/{luz.id}/withdraw").status_code == 303
    assert heard(side, sentence) is None
    assert side.batea.clips.find(clip.name) is None
    assert [side.batea.clips.shelf.read(sound) for sound in sounds] == [None]
    assert luz.code not in (side.batea.clips.shelf.folder / "manifest.json").read_text()
    assert "Retiró su voz" in staff.get(f"{PATH}/speakers").text
    address = f"{PATH}/es/say/{sentence.id}"
    take = taken(sent(staff, address, said(5)))
    assert staff.post(address, step="keep", take=take, speaker=luz.id).status_code == 422


def test_what_is_read_to_a_speaker_is_what_she_signs_on_paper():
    root = Path(__file__).parents[2]
    paper = YAML(typ="safe").load((root / "audio" / "sheet.yml").read_text("utf-8"))
    assert texts("es")("studio.terms") == paper["terms"]


def test_pages_of_every_group_are_light(side, staff):
    for language in ("es", "quz"):
        groups = {one.group for one in side.batea.studio.sentences(language)}
        for path in (f"{PATH}?language={language}", *(f"{PATH}/{language}/{group}" for group in groups)):
            answer = staff.get(path)
            assert answer.status_code == 200
            assert len(answer.content) < 100_000, path
    assert staff.get(f"{PATH}?language=fr").status_code == 404
    assert staff.get(f"{PATH}/fr/menu").status_code == 404
    assert staff.get(f"{PATH}/es/nothing").status_code == 404
