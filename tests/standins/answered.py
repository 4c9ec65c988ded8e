"""Poll rounds in a server's database that made-up people have answered, as they come to be: asked, answered, closed."""

import random
from dataclasses import replace
from datetime import timedelta

from bot import wiring
from bot.domain.message import Address, ChannelName
from bot.domain.person import Consent, Country, Sex
from bot.domain.poll import InPerson, PollRound
from bot.domain.results import By
from bot.settings import load

WEEK = timedelta(days=7)
PLACES = {"taraza": "bajo-cauca", "suarez": "norte-cauca", "puno": "puno"}


def enrolled(uow, now, number=60):
    """People who agreed, of three communities; the last three have opted out at their only address."""
    people = []
    for n in range(number):
        address = Address(ChannelName.WHATSAPP, f"+5730077700{n:02}", simulated=True)
        person, state = uow.people.meet(address, now)
        sex = (Sex.WOMAN, Sex.MAN, Sex.WOMAN)[n % 3]
        place = list(PLACES)[n % 3]
        country = Country.PE if place == "puno" else Country.CO
        uow.people.save(replace(person, country=country, adult=True, community_id=place, sex=sex), state)
        uow.people.record_consent(person.id, Consent("consent-1", now - WEEK, "whatsapp", f"m{n}", "lessons"))
        if n >= number - 3:
            uow.people.set_opted_out(address, now)
        people.append(person.id)
    return people


def answer(uow, asked, poll, people, seed, now):
    """Everybody answers; more say the first option than any other."""
    rng = random.Random(seed)
    ids = [option.id for option in poll.options]
    for n, person_id in enumerate(people):
        picked = rng.choices(ids, [6 + seed, 4, 3, 1, 1][: len(ids)])[0]
        about = {
            By.SEX: ("mujer", "hombre")[n % 2],
            By.TERRITORY: list(PLACES.values())[n % 3],
            By.CHANNEL: ("sms", "whatsapp")[n % 2],
        }
        uow.polls.answer(asked.id, person_id, [picked], now, about | {By.ROLE: "barequera" if n % 9 else "autoridad"})


def closed_rounds(environment, poll_id="Q05_v1", rounds=2, people=60, in_person=None):
    """Two rounds of a poll, both closed; gives their ids."""
    settings, names = load(environment), []
    with wiring.poll_rounds(settings) as (store, library, polling):
        poll = library.poll(poll_id)
        now = wiring.SystemClock().now()
        hers = store.submit(lambda uow: enrolled(uow, now, people)).result()
        for number in range(rounds):
            asked = PollRound(f"{poll_id}-{number}", poll_id, now - 2 * WEEK, now + WEEK, (), "all", number)

            def work(uow, asked=asked, number=number):
                uow.polls.put_round(asked, poll)
                uow.polls.invite(asked.id, hers, asked.closes_at)
                answer(uow, asked, poll, hers, number, now)
                if in_person:
                    uow.polls.put_in_person(asked.id, InPerson("taraza:lista", sum(in_person.values()), in_person, "bajo-cauca"))

            store.submit(work).result()
            polling.close(asked.id)
            names.append(asked.id)
    return names
