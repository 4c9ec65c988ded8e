"""SMS segments, against vectors of Twilio's calculator and an independent one."""

import pytest
from channels.captured import captured
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import segments
from bot.domain import gsm7


def test_every_vector_of_the_independent_calculators():
    vectors = captured("sms_segments")
    expected = [(v["text"], v["encoding"], v["segments"]) for v in vectors["tests_of_calculator"]["vectors"]]
    expected += [(v["text"], v["auto"]["encoding"], v["auto"]["segments"]) for v in vectors["oracle"]["vectors"]]
    assert len(expected) == 383
    counted = [(text, segments.count(text)) for text, _, _ in expected]
    assert [(text, cost.encoding, cost.segments) for text, cost in counted] == expected


@pytest.mark.parametrize(
    ("text", "encoding", "count", "units"),
    [
        ("", "GSM-7", 1, 0),
        ("a" * 160, "GSM-7", 1, 160),
        ("a" * 161, "GSM-7", 2, 161),
        ("€" * 80, "GSM-7", 1, 160),
        # 152 letters leave one septet: the escaped one begins the next segment, and the third is needed.
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 3, 306),
        ("a" * 153 + "€" + "a" * 151, "GSM-7", 2, 306),
        ("á" * 70, "UCS-2", 1, 70),
        ("á" * 71, "UCS-2", 2, 71),
        ("á" * 66 + "😀" + "á" * 66, "UCS-2", 3, 134),
        ("á" * 67 + "😀" + "á" * 65, "UCS-2", 2, 134),
    ],
)
def test_nothing_is_cut_in_two_at_the_end_of_a_segment(text, encoding, count, units):
    assert segments.count(text) == segments.Cost(encoding, count, units)


@given(st.text())
def test_what_is_folded_never_costs_ucs2(text):
    assert segments.count(gsm7.fold(text)).encoding == segments.GSM_7
