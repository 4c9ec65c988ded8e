"""`batea bench pages`: how long staff pages take, and how large they are, with a hundred thousand answers in the database.

The last line on standard output is JSON; with `--json` it is the only one.
"""

from __future__ import annotations

import argparse
import functools
import json
import random
import re
import signal
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pyotp
from sqlalchemy import create_engine, insert

from bench import cluster, processes
from bench.turn import RESULTS, machine, tell
from bot import wiring
from bot.domain.clock import SystemClock
from bot.domain.message import Address, ChannelName
from bot.domain.person import Consent, Country, Sex
from bot.domain.poll import Poll, PollRound
from bot.domain.staff import Role
from bot.domain.store import UnitOfWork
from bot.settings import Settings, load
from bot.storage.database import read_url
from bot.storage.rounds import Ballot, RoundKeyFiles
from bot.storage.tables import ballot

PROMISED_MS: Final = 300
PROMISED_KB: Final = 150
LOOKS_FOR_CODE_S: Final = 5.0
"""Between the password and the code of one's telephone. The server loads what draws meanwhile."""
POLL: Final = "Q05_v1"
OPEN_POLL: Final = "Q06_v1"
WEEK: Final = timedelta(days=7)
_AT_ONCE: Final = 5_000
_PLACES: Final = {"taraza": "bajo-cauca", "suarez": "norte-cauca", "puno": "puno"}


@dataclass(frozen=True, slots=True)
class Size:
    """How many answers each of two closed rounds and an open one have; how many people there are; visits of each page."""

    closed: int
    open: int
    people: int
    visits: int


FULL: Final = Size(closed=40_000, open=20_000, people=2_000, visits=20)
QUICK: Final = Size(closed=200, open=100, people=60, visits=3)


def measure(size: Size, folder: Path, database_url: str) -> dict[str, Any]:
    """Fill a database, visit every page."""
    with processes.batea(folder, database_url) as server:
        environment = {"DATA_DIR": str(folder / "data"), "DATABASE_URL": database_url, "DEMO": "1", "TTS": "off"}
        settings = load({f"BATEA_{name}": value for name, value in environment.items()})
        fill(settings, size)
        url = f"http://127.0.0.1:{server.port}"
        browser = _signed_in(settings, url)
        pages = []
        for name, path in _pages():
            pages.append(_visited(browser, url, name, path, size.visits))
            tell(f"  {name:<16}{pages[-1]['p95_ms']:>8} ms{pages[-1]['kb']:>8} kB")
        return {
            "answers": 2 * size.closed + size.open,
            "people": size.people,
            "slowest_p95_ms": max(page["p95_ms"] for page in pages),
            "slowest_first_ms": max(page["first_ms"] for page in pages),
            "largest_page_kb": max(page["kb"] for page in pages if page["html"]),
            "rss_mb": server.memory_mb(),
            "pages": pages,
        }


def fill(settings: Settings, size: Size) -> None:
    """Two closed rounds of one poll, an open one of another, people, and somebody who is signed in."""
    with wiring.poll_rounds(settings) as (store, library, rounds):
        now = SystemClock().now()
        tell(f"  {size.people} people enrol")
        store.submit(lambda uow: _people(uow, size.people, now)).result()
        for poll_id, number, answers in ((POLL, 0, size.closed), (POLL, 1, size.closed), (OPEN_POLL, 0, size.open)):
            tell(f"  {answers} answers to {poll_id}, round {number}")
            poll = library.poll(poll_id)
            if poll is None:
                raise processes.ServerError(f"there is no poll {poll_id} in content/")
            asked = PollRound(f"{poll_id}-{number}", poll_id, now - WEEK, now + WEEK, (), "all", number)
            store.submit(functools.partial(_put, asked, poll)).result()
            _cast(settings, asked, poll, answers)
            if poll_id == POLL:
                rounds.close(asked.id)


def _put(asked: PollRound, poll: Poll, uow: UnitOfWork) -> None:
    uow.polls.put_round(asked, poll)


def _people(uow: UnitOfWork, number: int, now: datetime) -> None:
    for n in range(number):
        place = list(_PLACES)[n % len(_PLACES)]
        person, state = uow.people.meet(Address(ChannelName.WHATSAPP, f"+57301{n:07}", simulated=True), now)
        country, sex = Country.PE if place == "puno" else Country.CO, (Sex.WOMAN, Sex.MAN)[n % 2]
        uow.people.save(replace(person, country=country, adult=True, community_id=place, sex=sex), state)
        uow.people.record_consent(person.id, Consent("bench", now, "whatsapp", str(n), "lessons"))


def _cast(settings: Settings, asked: PollRound, poll: Poll, answers: int) -> None:
    """Ballots as answers leave them, locked with the round's key; written many at once."""
    key = RoundKeyFiles(settings.data_dir / "rounds").get(asked.id)
    if key is None:
        raise processes.ServerError(f"the key of {asked.id} is missing")
    rng = random.Random(asked.number)  # noqa: S311 - made-up answers
    ids, places = [option.id for option in poll.options], list(_PLACES.values())
    engine = create_engine(read_url(settings.database_url))
    for begin in range(0, answers, _AT_ONCE):
        rows = []
        for n in range(begin, min(begin + _AT_ONCE, answers)):
            link = key.link(f"somebody-{n}")
            about = {"sex": ("mujer", "hombre")[n % 2], "territory": places[n % 3], "role": "barequera", "channel": "sms"}
            cast = Ballot((rng.choice(ids),), asked.opens_at.date(), about)
            rows.append({"round_id": asked.id, "link_hash": link, "locked": key.lock(link, cast)})
        with engine.begin() as connection:
            connection.execute(insert(ballot), rows)
    engine.dispose()


def _signed_in(settings: Settings, url: str) -> OpenerDirector:
    """A browser whose owner came in by the front door, as slowly as one looks for a code on a telephone."""
    with wiring.access(settings) as access:
        account = access.enrol("bench@example.org", Role.ADMIN, None)
    # The server believes that it stands behind https, and here nothing does.
    cookies = CookieJar(DefaultCookiePolicy(secure_protocols=("http",)))
    browser = build_opener(HTTPCookieProcessor(cookies))
    password = "five words that open nothing"  # noqa: S105 - it opens a throw-away server on loopback
    _post(browser, f"{url}/staff/signin", email=account.member.email, password=account.password)
    time.sleep(LOOKS_FOR_CODE_S)
    codes = pyotp.parse_uri(account.uri)
    assert isinstance(codes, pyotp.TOTP)  # noqa: S101 - for the type: accounts have no other codes
    _post(browser, f"{url}/staff/code", code=codes.now())
    if _post(browser, f"{url}/staff/password", password=password, again=password) != f"{url}/staff/":
        raise processes.ServerError("the sign-in led nowhere")
    return browser


def _post(browser: OpenerDirector, address: str, **fields: str) -> str:
    """Fill in the form at an address; where that leads."""
    with browser.open(address, timeout=60) as response:
        found = re.search(r'name="csrf" value="([^"]+)"', response.read().decode())
    form = urlencode({**fields, "csrf": found[1] if found else ""}).encode()
    with browser.open(address, form, timeout=60) as response:
        return str(response.url)


def _pages() -> Iterator[tuple[str, str]]:
    shown = f"/staff/polls/rounds/{POLL}-1"
    yield "overview", "/staff/"
    yield "people", "/staff/people"
    yield "modules", "/staff/modules"
    yield "polls", "/staff/polls"
    yield "results", shown
    yield "results by sex", f"{shown}?by=sex&compare=0"
    yield "open round", f"/staff/polls/rounds/{OPEN_POLL}-0"
    yield "bars", f"{shown}/chart/bars.svg"
    yield "time", f"{shown}/chart/time.svg"
    yield "csv", f"{shown}/results.csv"
    yield "open", "/staff/polls/open"
    yield "compose", "/staff/polls/compose"
    yield "told", f"{shown}/told"
    yield "donors", "/staff/donors"
    yield "misses", "/staff/misses"
    yield "audit", "/staff/audit"


def _visited(browser: OpenerDirector, url: str, name: str, path: str, visits: int) -> dict[str, Any]:
    """The first visit by itself: what is worked out once is worked out then."""
    times, content = list[float](), b""
    headers: Mapping[str, str] = {}
    for _ in range(visits + 1):
        began = time.perf_counter()
        content, headers = _got(browser, f"{url}{path}")
        times.append(1000 * (time.perf_counter() - began))
    later = sorted(times[1:])
    return {
        "page": name,
        "html": headers.get("content-type", "").startswith("text/html"),
        "kb": round(len(content) / 1000, 1),
        "first_ms": round(times[0], 1),
        "p50_ms": round(statistics.median(later), 1),
        "p95_ms": round(later[min(len(later) - 1, int(0.95 * len(later)))], 1),
    }


def _got(browser: OpenerDirector, url: str) -> tuple[bytes, Mapping[str, str]]:
    with browser.open(url, timeout=60) as response:
        if response.url != url:
            raise processes.ServerError(f"{url} led to {response.url}")
        return response.read(), {name.lower(): value for name, value in response.headers.items()}


def main() -> int:
    """Measure, keep the result, print it."""
    parser = argparse.ArgumentParser(prog="batea bench pages")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="few answers and visits: to see that it runs, not how fast")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    size = QUICK if given.quick else FULL
    found: dict[str, Any] = {"sqlite": None, "postgresql": None, "machine": machine()}
    try:
        tell("sqlite")
        with processes.folder() as folder:
            found["sqlite"] = measure(size, folder, f"sqlite:///{folder / 'batea.db'}")
        programs = None if given.quick else cluster.binaries()
        if programs:
            tell("postgresql")
            with processes.folder() as folder, cluster.running(programs) as server:
                server.run("CREATE DATABASE batea")
                found["postgresql"] = measure(size, folder, f"{server.url}/batea")
    except (processes.ServerError, cluster.ClusterError, ConnectionError, OSError) as error:
        sys.stderr.write(f"batea: {' '.join(str(error).split())}\n")
        return 1
    if not given.quick:
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / "pages.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    if not given.json:
        sys.stdout.write(f"{'':16}{'first ms':>10}{'p50 ms':>10}{'p95 ms':>10}{'kB':>10}\n")
        for name in ("sqlite", "postgresql"):
            for page in found[name]["pages"] if found[name] else ():
                sys.stdout.write(
                    f"{page['page']:16}{page['first_ms']:>10}{page['p50_ms']:>10}{page['p95_ms']:>10}{page['kb']:>10}  {name}\n"
                )
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
