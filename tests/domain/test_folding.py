import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.folding import clean, fold, plain


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("asogue", "azogue"),
        ("ASOGE", "azogue"),
        ("sianuro", "cianuro"),
        ("kiero saver", "quiero saber"),
        ("ola", "hola"),
        ("refogao", "refogado"),
        ("socabon", "socavón"),
        ("kimbalete", "quimbalete"),
        ("payaquera", "pallaquera"),
        ("graciasss", "gracias"),
        ("xq", "que"),
        ("2️⃣", "2"),
    ],
)
def test_words_written_by_ear_fold_to_the_same(written, meant):
    assert fold(written) == fold(meant)


@pytest.mark.parametrize(
    ("one", "other"), [("mina", "niña"), ("ano", "año"), ("casa", "masa"), ("si", "no"), ("uno", "dos"), ("chancar", "sacar")]
)
def test_words_that_differ_stay_apart(one, other):
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_takes_anything_and_is_idempotent(text):
    assert fold(fold(text)) == fold(text)
    assert plain(plain(text)) == plain(text)


@given(st.text())
def test_clean_text_holds_no_invisible_marks(text):
    assert not {"\x00", "\u202e", "\u200b", "\ufeff"} & set(clean(text))
