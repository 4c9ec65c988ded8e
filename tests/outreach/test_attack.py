"""An attack on everything that is published, by a program that knows no rule: only the figures, and that people are whole.

It reads the public JSON alone. Counts are taken from percentages where they can be; every unknown is bounded by two integer
programs over all the tables of a round at once. Rounds have no answers in common, so that each is attacked alone, and then
what a pair of them says of a panel.
"""

from __future__ import annotations

import math
import random
from dataclasses import astuple, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_array
from standins.rounds import crowd, poll, tally

from bot.domain.poll import Bounds as Limits
from bot.domain.poll import PollKind
from bot.domain.results import By, Panel, Tally
from bot.outreach.document import to_json
from bot.outreach.results import publish

NARROWEST = 5


class Attacker:
    """Unknown counts, and what is known to add up."""

    def __init__(self):
        self.names, self.low, self.high, self.rows = [], [], [], []

    def unknown(self, name, value=None, most=math.inf):
        self.names.append(name)
        self.low.append(0 if value is None else value)
        self.high.append(most if value is None else value)
        return len(self.names) - 1

    def relation(self, terms, low, high):
        self.rows.append((dict(terms), low, high))

    def ranges(self, wanted):
        matrix = lil_array((len(self.rows), len(self.names)))
        for i, (terms, _, _) in enumerate(self.rows):
            for j, factor in terms.items():
                matrix[i, j] += factor
        within = LinearConstraint(matrix.tocsr(), [row[1] for row in self.rows], [row[2] for row in self.rows])
        whole, bounds = np.ones(len(self.names)), Bounds(self.low, self.high)
        least, most = np.full(len(self.names), np.inf), np.full(len(self.names), -np.inf)
        for j in wanted:
            for sign in (1, -1):
                # A table found while looking for one count is a possible table for all the others too.
                if most[j] - least[j] >= NARROWEST:
                    continue
                aim = np.zeros(len(self.names))
                aim[j] = sign
                found = milp(aim, integrality=whole, bounds=bounds, constraints=within, options={"mip_rel_gap": 0})
                assert found.success, "the published tables contradict each other"
                least, most = np.minimum(least, found.x.round()), np.maximum(most, found.x.round())
            yield self.names[j], least[j], most[j]


def count_of(option, n):
    """The count, from itself or from its percentage."""
    if option["count"] is None and option["pct"] is not None and n:
        return round(option["pct"] * n / 100)
    return option["count"]


def attack(published, *, several=False, numbers=False):
    """The hidden counts of a round and their feasible ranges: [(name, least, greatest)]."""
    mind, n = Attacker(), published["n"]
    cap = published["invited"] + 9 if n is None else n  # then the invited may be rounded down to tens
    total = {o["id"]: mind.unknown(("all", o["id"]), count_of(o, n), cap) for o in published["options"]}
    people = mind.unknown(("all", "n"), n, cap)
    given = {"#": mind.unknown(("all", "#"), (published["numbers"] or {}).get("n"), cap)} if numbers else {}
    add_up(mind, total | given, people, several=several)
    wanted = [j for j in range(len(mind.names)) if mind.low[j] != mind.high[j]]
    channels = {}
    for breakdown in published["breakdowns"]:
        rows = []
        for group in breakdown["groups"]:
            name = (breakdown["by"], group["id"])
            size = mind.unknown((*name, "n"), group["n"], cap)
            cells = {o["id"]: mind.unknown((*name, o["id"]), count_of(o, group["n"]), cap) for o in group["options"]}
            number = {"#": mind.unknown((*name, "#"), (group["numbers"] or {}).get("n"), cap)} if numbers else {}
            add_up(mind, cells | number, size, several=several)
            rows.append((size, cells | number))
            wanted += [j for j in (size, *cells.values()) if mind.low[j] != mind.high[j] or group["n"] is None]
            if breakdown["by"] == "channel":
                channels[group["id"]] = size
        mind.relation([*((size, 1) for size, _ in rows), (people, -1)], 0, 0)
        for option, whole in (total | given).items():
            mind.relation([*((cells[option], 1) for _, cells in rows), (whole, -1)], 0, 0)
    wanted += funnel(mind, published["funnel"], people, channels, cap)
    return list(mind.ranges(sorted(set(wanted))))


def funnel(mind, told, people, channels, cap):
    sizes = {}
    for channel in told["channels"]:
        j = mind.unknown(("funnel", channel["id"]), channel["answered"], cap)
        sizes[channel["id"]] = j
        if channel["id"] in channels:
            mind.relation([(j, 1), (channels[channel["id"]], -1)], 0, 0)
    if sizes:
        mind.relation([*((j, 1) for j in sizes.values()), (people, -1)], 0, 0)
    if told["face_to_face"] is not None and "presencial" in sizes:
        mind.relation([(sizes["presencial"], 1)], told["face_to_face"], told["face_to_face"])
    return [j for j, channel in zip(sizes.values(), told["channels"], strict=True) if channel["answered"] is None]


def add_up(mind, cells, people, *, several):
    """One answer a person; or one to three, the last option only alone."""
    if not cells:
        return
    mind.relation([*((j, 1) for j in cells.values()), (people, -1)], 0, math.inf if several else 0)
    if several:
        *others, alone = cells.values()
        for j in others:
            mind.relation([(j, 1), (alone, 1), (people, -1)], -math.inf, 0)
        mind.relation([*((j, 1) for j in others), (alone, 3), (people, -3)], -math.inf, 0)


def narrow(published, **how):
    return [found for found in attack(published, **how) if found[2] - found[1] < NARROWEST]


def with_face_to_face(people, asked, **more):
    return tally(people, asked, face_to_face=sum(p["channel"] == "presencial" for p in people), **more)


@pytest.mark.parametrize("sensitive", [False, True])
@pytest.mark.parametrize("n", [12, 30, 60, 90, 150, 400])
def test_no_hidden_count_of_a_single_choice_can_be_told_to_within_five(n, sensitive):
    rng = random.Random(n)
    for _ in range(4):
        asked = poll(["a", "b", "c", "d", "e"][: rng.randint(2, 5)], sensitive=sensitive)
        published = to_json(publish(with_face_to_face(crowd(rng, n, asked), asked)))
        assert narrow(published) == []


@pytest.mark.parametrize("n", [20, 60, 150])
def test_no_hidden_count_of_a_choice_of_several_can_be_told_to_within_five(n):
    rng = random.Random(n)
    for _ in range(4):
        asked = poll(["a", "b", "c", "d", "e"], most=3)
        published = to_json(publish(with_face_to_face(crowd(rng, n, asked), asked)))
        assert narrow(published, several=True) == []


@pytest.mark.parametrize("n", [20, 60, 150])
def test_nobody_who_gave_no_number_can_be_told(n):
    rng = random.Random(n)
    for _ in range(6):
        asked = replace(poll(["No digo"]), kind=PollKind.NUMBER, bounds=Limits(0, 60))
        away = rng.random() / 3
        people = [
            {key: value for key, value in one.items() if key != "options"}
            | ({"options": ("o0",)} if rng.random() < away else {"number": rng.randint(0, 30)})
            for one in crowd(rng, n, asked)
        ]
        published = to_json(publish(with_face_to_face(people, asked)))
        assert narrow(published, numbers=True) == []


def tables():
    """Breakdowns drawn cell by cell around the thresholds, where a rule is most likely to slip."""
    cell = st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 9, 10, 12, 25])
    return st.tuples(st.integers(2, 4), st.integers(2, 4)).flatmap(
        lambda shape: st.lists(st.lists(cell, min_size=shape[0], max_size=shape[0]), min_size=shape[1], max_size=shape[1])
    )


def spread(rng, table, asked):
    """People whose sex and answer are the table's, and whose role is dealt out at random in lumps."""
    people = []
    for group, counts in enumerate(table):
        for option, count in zip(asked.options, counts, strict=True):
            people += [{"options": (option.id,), "sex": f"g{group}", "role": rng.choice("xxxyyz")} for _ in range(count)]
    return people


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(table=tables(), sensitive=st.booleans(), seed=st.integers(0, 99))
def test_no_table_around_the_thresholds_gives_a_hidden_count_away(table, sensitive, seed):
    asked = poll([f"label {i}" for i in range(len(table[0]))], sensitive=sensitive)
    assert narrow(to_json(publish(tally(spread(random.Random(seed), table, asked), asked)))) == []


@pytest.mark.soak
@settings(max_examples=3000, deadline=None, suppress_health_check=list(HealthCheck))
@given(table=tables(), sensitive=st.booleans(), seed=st.integers(0, 99))
def test_no_table_of_thousands_gives_a_hidden_count_away(table, sensitive, seed):
    asked = poll([f"label {i}" for i in range(len(table[0]))], sensitive=sensitive)
    assert narrow(to_json(publish(tally(spread(random.Random(seed), table, asked), asked)))) == []


def lopsided(rng, n, asked):
    """People whose answers differ by territory, and whose groups are of any size: some large, some of one or two."""
    ids = [option.id for option in asked.options]
    weights = {place: [rng.random() ** rng.choice([1, 3, 6]) + 0.001 for _ in ids] for place in "xyz"}
    groups = {
        "sex": ["mujer", "hombre", "otro", "no_digo"],
        "role": ["barequera", "chatarrera", "pallaquera", "minero", "autoridad"],
        "channel": ["sms", "whatsapp", "telegram", "call", "presencial"],
    }
    shares = {by: [rng.random() ** 2 + 0.02 for _ in names] for by, names in groups.items()}
    people = []
    for _ in range(n):
        place = rng.choice("xyz")
        chosen = {rng.choices(ids, weights[place])[0] for _ in range(rng.randint(1, asked.most))}
        chosen = {ids[-1]} if ids[-1] in chosen else chosen
        about = {by: rng.choices(names, shares[by])[0] for by, names in groups.items()}
        people.append({"options": tuple(chosen), "territory": place, **about})
    return people


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(40))
def test_no_lopsided_crowd_gives_a_hidden_count_away(seed):
    rng = random.Random(seed)
    for _ in range(10):
        asked = poll(["a", "b", "c", "d", "e"][: rng.randint(3, 5)], sensitive=rng.random() < 0.4, most=rng.choice([1, 1, 1, 3]))
        people = lopsided(rng, rng.choice([11, 15, 20, 30, 55, 60, 90, 150]), asked)
        assert narrow(to_json(publish(with_face_to_face(people, asked))), several=asked.most > 1) == []


def test_the_attacker_finds_what_a_careless_table_gives_away():
    """Otherwise the tests above would show nothing: a single cell hidden follows from the rest."""
    careless = {
        "invited": 200,
        "n": 60,
        "options": [
            {"id": "a", "count": 40, "pct": 66.7},
            {"id": "b", "count": None, "pct": None},
            {"id": "c", "count": None, "pct": 28.3},
        ],
        "breakdowns": [],
        "funnel": {"channels": [], "face_to_face": None},
    }
    assert narrow(careless) == [(("all", "b"), 3, 3)]


def test_a_small_group_is_not_told_by_what_the_others_leave():
    people = [{"options": (f"o{i % 4}",), "sex": "mujer" if i < 150 else "hombre" if i < 295 else "otro"} for i in range(300)]
    published = to_json(publish(tally(people)))
    (sex,) = published["breakdowns"]
    assert {group["id"]: group["n"] for group in sex["groups"]} == {"hombre": None, "mujer": 150, "otro": None}
    assert narrow(published) == []


def test_people_asked_in_person_are_not_told_by_the_sum_of_the_channels():
    asked = poll(["a", "b"])
    people = [{"options": (f"o{i % 2}",), "channel": "sms" if i < 40 else "call"} for i in range(60)]
    one = tally(people, asked)
    published = to_json(publish(replace(one, groups={}, by_channel={"sms": 40, "call": 14}, face_to_face=6)))
    assert published["funnel"]["face_to_face"] is None
    assert narrow(published) == []


def test_people_asked_in_person_are_not_told_where_another_channel_has_as_many():
    sizes = {"call": 11, "presencial": 11, "sms": 9, "telegram": 6, "whatsapp": 14}
    people = [
        {"options": ("o0" if channel != "call" and n < 2 else "o1",), "channel": channel}
        for channel, size in sizes.items()
        for n in range(size)
    ]
    published = to_json(publish(with_face_to_face(people, poll(["a", "b"]))))
    shown = {channel["id"]: channel["answered"] for channel in published["funnel"]["channels"]}
    assert (shown["call"], shown["presencial"], published["funnel"]["face_to_face"]) == (11, None, None)
    assert narrow(published) == []


def panel_says_too_much(before, after):
    """Whether the four counts of a panel, or what is left of a round beside it, follow and are small."""
    told = after["comparison"]["panel"]
    if told is None:
        return False
    n = after["comparison"]["panel_n"]
    chose = [round(told[when] * n / 100) for when in ("before", "after")]
    small = False
    for published, count in zip((before, after), chose, strict=True):
        rest = published["n"] - n
        rest_chose = next(o["count"] for o in published["options"] if o["id"] == told["id"]) - count
        small |= 0 < rest < 10 or 0 < rest_chose < NARROWEST or 0 < rest - rest_chose < NARROWEST
    return small or n < 10


def as_change(panel):
    return dict(zip([("o0", "o0"), ("o0", "o1"), ("o1", "o0"), ("o1", "o1")], astuple(panel), strict=True))


@settings(max_examples=80, deadline=None, derandomize=True)
@given(panel=st.builds(Panel, *[st.sampled_from([0, 1, 4, 5, 8, 20, 40])] * 4), left=st.sampled_from([0, 1, 4, 9, 10, 30]))
def test_a_panel_never_gives_away_those_outside_it(panel, left):
    asked = poll(["a", "b"])
    counts = [panel.both + panel.before_only, panel.both + panel.after_only]
    size = panel.both + panel.before_only + panel.after_only + panel.neither
    rounds = []
    for number, chose in enumerate(counts):
        everybody = Tally(size + left, {"o0": chose + left // 2, "o1": size - chose + left - left // 2})
        rounds.append(replace(tally([], asked, number=number), all=everybody, invited=500))
    before, after = publish(rounds[0]), publish(rounds[1], rounds[0], as_change(panel))
    if after.comparison is not None and after.comparison.panel is not None:
        assert not panel_says_too_much(to_json(before), to_json(after))
        assert not any(0 < count < NARROWEST for count in (panel.both, panel.before_only, panel.after_only, panel.neither))


def test_a_panel_of_a_sensitive_question_is_never_shown():
    asked = poll(["a", "b"], sensitive=True)
    everybody = Tally(100, {"o0": 50, "o1": 50})
    one, two = (replace(tally([], asked, number=number), all=everybody) for number in (0, 1))
    comparison = publish(two, one, as_change(Panel(40, 10, 10, 40))).comparison
    assert comparison is not None
    assert comparison.headline is not None
    assert comparison.panel is None


def test_while_a_round_is_open_there_is_nothing_to_attack():
    people = crowd(random.Random(1), 87, poll())
    one = tally(people, closed=False)
    assert By.SEX in one.groups
    published = to_json(publish(one))
    assert (published["n"], published["invited"]) == (80, 180)
    assert all(option["count"] is None and option["pct"] is None for option in published["options"])
    assert published["breakdowns"] == []
    assert published["funnel"]["channels"] == []
