"""The same numbers in JSON, CSV, XLSX, SVG and PDF."""

import csv
import io
import random
import re
import xml.etree.ElementTree as ET
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from standins.rounds import crowd, poll, tally

from bot.domain.results import By
from bot.lessons.phrases import result_phrases
from bot.outreach import charts, tables
from bot.outreach.document import to_json
from bot.outreach.poster import poster
from bot.outreach.results import publish

SVG = "{http://www.w3.org/2000/svg}"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def drawn(seed, n, weights):
    rng = random.Random(seed)
    asked = poll()
    return [one | {"options": (rng.choices([o.id for o in asked.options], weights)[0],)} for one in crowd(rng, n, asked)]


@pytest.fixture(scope="module")
def results():
    before, now = tally(drawn(1, 160, [30, 40, 25, 8])), tally(drawn(2, 260, [50, 30, 14, 6]), number=1)
    return publish(now, before)


def numbers_of(shown):
    """Every figure of a JSON document that stands in tables: (n, count, pct, lo, hi) of each row that has any."""
    groups = [(shown["n"], shown["options"])]
    groups += [(group["n"], group["options"]) for breakdown in shown["breakdowns"] for group in breakdown["groups"]]
    return [(n, o["count"], o["pct"], o["lo"], o["hi"]) for n, options in groups for o in options]


def as_number(cell):
    return None if cell in {"oculto", "hidden", ""} else float(cell)


def read_csv(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def read_xlsx(data):
    """Cells by sheet title, read from the file itself."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        shared = ["".join(t.text or "" for t in si.iter(f"{SHEET}t")) for si in ET.fromstring(book.read("xl/sharedStrings.xml"))]
        names = [sheet.get("name") for sheet in ET.fromstring(book.read("xl/workbook.xml")).iter(f"{SHEET}sheet")]
        found = {}
        for i, name in enumerate(names, 1):
            sheet = ET.fromstring(book.read(f"xl/worksheets/sheet{i}.xml"))
            found[name] = [[cell_of(cell, shared) for cell in row] for row in sheet.iter(f"{SHEET}row")]
        return found


def cell_of(cell, shared):
    value = cell.find(f"{SHEET}v").text
    return shared[int(value)] if cell.get("t") == "s" else float(value)


def text_of_svg(data):
    return [" ".join(part.split()) for part in (element.text for element in ET.fromstring(data).iter(f"{SVG}text")) if part]


def text_of_pdf(data):
    """The lines on a page as the file holds them: strings of UTF-16 codes, pushed together letter by letter."""
    lines = []
    for packed in re.findall(rb"stream\r?\n(x.*?)\r?\nendstream", data, re.DOTALL):
        for shown in re.findall(rb"BT\n(.*?)\nET", zlib.decompressobj().decompress(packed), re.DOTALL):
            strings = re.findall(rb"\(((?:\\.|[^\\)])*)\)", shown, re.DOTALL)
            codes = b"".join(re.sub(rb"\\(.)", rb"\1", string, flags=re.DOTALL) for string in strings)
            lines.append(codes.decode("utf-16-be"))
    return lines


def test_the_csv_has_every_figure_of_the_json(results, words):
    rows = read_csv(tables.to_csv(results, words))
    labels = {option.label for option in results.options}
    found = [tuple(map(as_number, row[3:8])) for row in rows if len(row) == 11 and row[2] in labels]
    assert found == numbers_of(to_json(results))


def test_the_workbook_has_every_figure_of_the_csv(results, words):
    book = read_xlsx(tables.to_xlsx(results, words))
    rows = read_csv(tables.to_csv(results, words))
    for sheet in tables.sheets(results, words):
        begins = rows.index([sheet.title]) + 2
        for mine, theirs in zip(book[sheet.title][1:], rows[begins:], strict=False):
            assert [str(cell) for cell in mine if isinstance(cell, str) and cell] == [c for c in theirs if c and not is_number(c)]
            assert [cell for cell in mine if isinstance(cell, float)] == [float(c) for c in theirs if is_number(c)]


def is_number(cell):
    return re.fullmatch(r"-?\d+(\.\d+)?", cell) is not None


def test_the_workbook_begins_with_how_to_read_it(results, words):
    book = read_xlsx(tables.to_xlsx(results, words))
    assert next(iter(book)) == words.say("table.readme")
    assert [words.say("table.explain_hidden")] in book[words.say("table.readme")]


def test_the_chart_says_every_count_and_percentage_of_the_json(results, words):
    texts = text_of_svg(charts.report(results, words).svg())
    said = [text for text in texts if re.match(r"[\d.,]+ %", text) or text == words.say("chart.hidden")]
    visible = [row for row in numbers_of(to_json(results)) if row[0] is not None]
    expected = [
        words.say("chart.hidden") if count is None else words.say("chart.value", pct=pct, count=count)
        for _, count, pct, _, _ in visible
    ]
    assert said == [" ".join(text.split()) for text in expected]


def test_the_page_for_the_wall_has_every_percentage_of_the_json(results, words):
    texts = text_of_pdf(poster(results, words).pdf())
    shown = to_json(results)
    said = [text for text in texts if re.fullmatch(r"[\d.,]+ %", text) or text == words.say("poster.hidden")]
    expected = [o["pct"] for o in shown["options"]]
    assert said == [words.say("poster.hidden") if pct is None else words.say("poster.value", pct=pct) for pct in expected]
    assert words.say("poster.answered", n=shown["n"]) in texts


def test_files_are_the_same_every_time(results, spanish):
    for make in (tables.to_csv, tables.to_xlsx, tables.to_text):
        assert make(results, spanish) == make(results, spanish)
    assert charts.bars(results, spanish).svg() == charts.bars(results, spanish).svg()
    assert charts.bars(results, spanish).png() == charts.bars(results, spanish).png()
    assert poster(results, spanish).pdf() == poster(results, spanish).pdf()


def test_an_svg_is_named_and_described_and_its_text_is_text(results, words):
    root = ET.fromstring(charts.bars(results, words).svg())
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == results.poll.wording.text
    assert words.number(results.options[0].pct) in root.find(f"{SVG}desc").text
    assert results.options[0].label in text_of_svg(charts.bars(results, words).svg())


def test_no_file_holds_a_hidden_count(words):
    people = [{"options": ("o0" if i < 60 else "o1" if i < 97 else "o2",)} for i in range(100)]
    hidden = publish(tally(people))
    assert [option.count for option in hidden.options] == [60, None, None, 0]
    texts = [*text_of_svg(charts.report(hidden, words).svg()), *text_of_pdf(poster(hidden, words).pdf())]
    texts += [cell for row in read_csv(tables.to_csv(hidden, words)) for cell in row if cell != words.say("table.q3")]
    told = {number for text in texts for number in re.findall(r"(?<![\d.,/-])\d+(?![\d.,/-]| de | %)", text)}
    assert not told & {"3", "37"}, texts


@pytest.mark.parametrize("label", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =cmd|'/c calc'!A1", "\uff1d1"])
def test_no_cell_can_be_a_formula(label, spanish):
    options = [replace(option, label=label) if i == 0 else option for i, option in enumerate(poll().options)]
    people = [{"options": ("o0",), "territory": label} for _ in range(30)]
    results = publish(tally(people, replace(poll(), options=tuple(options))))
    for row in read_csv(tables.to_csv(results, spanish)):
        for cell in row:
            assert is_number(cell) or not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))
    with zipfile.ZipFile(io.BytesIO(tables.to_xlsx(results, spanish))) as book:
        assert not any(b"<f>" in book.read(name) for name in book.namelist())


def test_the_csv_opens_in_offices_as_utf8(results, spanish):
    assert tables.to_csv(results, spanish).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("kind", ["bars", "report", "over_time", "poster"])
def test_rounds_with_nothing_to_show_are_drawn_too(kind, words):
    few = publish(tally([{"options": ("o0",)}] * 4))
    still_open = publish(tally([{"options": ("o0",)}] * 40, closed=False))
    for results in (few, still_open):
        chart = {
            "bars": charts.bars,
            "report": charts.report,
            "over_time": lambda one, words: charts.over_time([one, one], words),
            "poster": poster,
        }[kind](results, words)
        assert chart.svg()
        assert chart.description


def test_a_breakdown_has_its_own_chart(results, words):
    shown = [breakdown.by for breakdown in results.breakdowns]
    texts = text_of_svg(charts.breakdown(results, shown[0], words).svg())
    assert words.by(shown[0]) in texts
    missing = [by for by in By if by not in shown]
    for by in missing:
        with pytest.raises(KeyError):
            charts.breakdown(results, by, words)


def test_rounds_over_time_name_each_round(words):
    rounds = [publish(tally(drawn(i, 100, [i + 1, 2, 2, 1]), number=i)) for i in range(3)]
    texts = text_of_svg(charts.over_time(rounds, words).svg())
    assert {words.round(i) for i in range(3)} <= set(texts)


def test_both_languages_have_the_same_phrases():
    root = Path(__file__).resolve().parents[2] / "content"
    spanish, english = (
        {k: v for k, v in result_phrases(root, lang).items() if not k.startswith("told.")} for lang in ("es", "en")
    )
    assert spanish.keys() == english.keys()
    for key, text in spanish.items():
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", english[key])), key
