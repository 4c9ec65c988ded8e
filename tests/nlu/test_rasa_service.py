"""A real Rasa, where `make rasa` or `.ci/run` trained one: loaded, asked through our client, and it understands."""

import pytest

from bench.rasa import MODELS, RasaService
from bot.nlu.engine import open_engine
from bot.nlu.rasa import RasaEngine
from bot.settings import load

MODEL = MODELS["logistic regression"]


@pytest.fixture(scope="module")
def service():
    if not MODEL.is_file():
        pytest.skip("no Rasa model: make var/rasa/models/batea.tar.gz (wants Python 3.10)")
    with RasaService(MODEL) as running:
        yield running


@pytest.fixture
def rasa(service):
    settings = load()
    engine = RasaEngine(service.url, open_engine(settings.intents_dir, settings.data_dir), model=MODEL.name, timeout_s=10)
    yield engine
    engine.close()


def test_the_model_that_was_trained_is_the_one_that_is_loaded(rasa):
    assert rasa.check() == MODEL.name


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("quiero hablar con una persona", "talk_to_human"),
        ("cuando es la proxima reunion", "ask_next_meeting"),
        ("hola buenos dias", "greet"),
    ],
)
def test_it_understands_and_says_who_answered(rasa, text, intent):
    understood = rasa.parse(text)
    assert (understood.engine, understood.intent) == ("rasa", intent)


def test_danger_stays_with_our_own_rules(rasa):
    assert rasa.parse("mi hermano se desmayo en el socavon y no respira").danger == "accident"
