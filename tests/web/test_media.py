"""Signed addresses of voice notes and pictures, below the web server."""

import asyncio
from types import SimpleNamespace

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from bot.delivery.clip_links import ClipLinks
from bot.domain.message import Clip, Drawing
from bot.web.media import clip


@pytest.fixture
def links(tmp_path):
    return ClipLinks(["secret"], "https://bot.example.org", {name: tmp_path / name for name in ("clips", "pictures")})


@pytest.fixture
def phone(links):
    app = Starlette(routes=[Route("/media/{token}", clip)])
    app.state.batea = SimpleNamespace(clip_links=links)

    async def fetched(path):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://bot.example.org") as client:
            return await client.get(path)

    return lambda path: asyncio.run(fetched(path))


def drawn(tmp_path, name="humo-0123.png"):
    (tmp_path / "pictures").mkdir(exist_ok=True)
    file = tmp_path / "pictures" / name
    file.write_bytes(b"\x89PNG")
    return Drawing(name, str(file))


def test_a_picture_is_served_as_png_and_may_be_kept_for_a_day(phone, links, tmp_path):
    got = phone(links.path(drawn(tmp_path)))
    assert (got.status_code, got.content) == (200, b"\x89PNG")
    assert got.headers["content-type"] == "image/png"
    assert got.headers["cache-control"] == "private, max-age=86400"


def test_a_forged_address_is_refused_and_a_picture_that_is_gone_is_not_found(phone, links, tmp_path):
    picture = drawn(tmp_path)
    path = links.path(picture)
    assert phone(path[:-2] + "xx").status_code == 403
    (tmp_path / "pictures" / picture.name).unlink()
    assert phone(path).status_code == 404


def test_the_picture_itself_is_not_served_as_svg(phone, links, tmp_path):
    assert phone(links.path(drawn(tmp_path, "humo.svg"))).status_code == 404


def test_a_picture_outside_its_folder_gets_no_address(links, tmp_path):
    for file in (Drawing("a.png", str(tmp_path / "a.png")), Clip("a", str(tmp_path / "other" / "a.ogg"), "audio/ogg", 1.0)):
        with pytest.raises(ValueError, match="outside"):
            links.path(file)
