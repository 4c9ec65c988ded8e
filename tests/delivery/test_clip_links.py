import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeTimedSerializer

from bot.delivery.clip_links import ClipLinks
from bot.domain.message import Clip


@pytest.fixture
def links(tmp_path):
    (tmp_path / "clips").mkdir()
    return ClipLinks(["secret"], "https://bot.example.org", {"clips": tmp_path / "clips"})


def clip(path):
    return Clip("menu.main", str(path), "audio/ogg", 3.0)


def test_a_link_opens_its_own_file(links, tmp_path):
    url = links.url(clip(tmp_path / "clips" / "a.ogg"))
    assert url.startswith("https://bot.example.org/media/")
    assert links.open(url.rpartition("/")[2]) == tmp_path / "clips" / "a.ogg"


def test_a_clip_outside_the_folders_gets_no_link(links, tmp_path):
    with pytest.raises(ValueError, match="outside"):
        links.path(clip(tmp_path / "batea.db"))


@pytest.mark.parametrize(
    "planted", [["clips", "../batea.db"], ["other", "a.ogg"], "clips", ["clips"], {"clips": 1}, ["clips", 7]]
)
def test_even_a_signed_token_leads_nowhere_else(links, planted):
    token = URLSafeTimedSerializer("secret", salt="batea-media").dumps(planted)
    assert links.open(token) is None


@given(st.text())
def test_a_forged_token_leads_nowhere(token):
    assert ClipLinks(["secret"], "", {}).open(token) is None


def test_a_token_of_another_key_leads_nowhere(links, tmp_path):
    other = ClipLinks(["other"], "", {"clips": tmp_path / "clips"})
    assert links.open(other.path(clip(tmp_path / "clips" / "a.ogg")).rpartition("/")[2]) is None


def test_a_new_key_in_front_signs_and_links_of_the_one_before_still_open(links, tmp_path):
    file = tmp_path / "clips" / "a.ogg"
    both = ClipLinks(["new", "secret"], "", {"clips": tmp_path / "clips"})
    new = ClipLinks(["new"], "", {"clips": tmp_path / "clips"})
    assert both.open(links.path(clip(file)).rpartition("/")[2]) == file
    assert new.open(both.path(clip(file)).rpartition("/")[2]) == file
