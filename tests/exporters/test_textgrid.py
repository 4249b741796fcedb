"""Grids come back exactly, and as another program of phonetics reads and writes them."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
import tgt
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cueline.errors import FormatError
from cueline.exporters.textgrid import TextGrid
from cueline.ports import Source
from cueline.timeline.assets import Asset
from cueline.timeline.records import Record
from cueline.timeline.tracks import LabelTrack

words = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)
named = st.text(max_size=8).filter(str.strip)

SHORT = """File type = "ooTextFile"
Object class = "TextGrid"

0
2.5
<exists>
2
"IntervalTier"
"words"
0
2.5
2
0
1
"say ""hi"" now"
1
2.5
""
"TextTier"
"bells"
0
2.5
1
2
"ding"
"""
LONG = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0 ! of all
xmax = 2.5
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "words"
        xmin = 0
        xmax = 2.5
        intervals: size = 2
        intervals [1]:
            xmin = 0
            xmax = 1
            text = "say ""hi"" now"
        intervals [2]:
            xmin = 1
            xmax = 2.5
            text = ""
    item [2]:
        class = "TextTier"
        name = "bells"
        xmin = 0
        xmax = 2.5
        points: size = 1
        points [1]:
            number = 2
            mark = "ding"
"""
BOTH = {"words": [(0.0, 1.0, 'say "hi" now')], "bells": [(2.0, 2.0, "ding")]}


def source(duration=10.0, **tracks):
    return Source(Record(Asset("ab12", duration), tracks), "a.wav")


def track(*rows):
    return LabelTrack(np.array([row[:2] for row in rows], float).reshape(-1, 2), tuple(row[2] for row in rows))


def tracks_of(path, **options):
    found = list(TextGrid(**options).read(path))
    assert {one.media for one in found} <= {""}
    return {one.track: [(span.start, span.end, name) for span, name, _ in one.labels] for one in found}


def given_file(tmp_path, content):
    path = tmp_path / "a.TextGrid"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@given(data=st.data())
@settings(max_examples=50)
def test_what_the_format_keeps_reads_back(sources, data):
    one = data.draw(sources(names=named))
    with tempfile.TemporaryDirectory() as folder:
        (path,) = TextGrid().export([one], Path(folder))
        back = tracks_of(path)
    assert {name: sorted(rows) for name, rows in back.items()} == {
        name: sorted((span.start, span.end, label) for span, label, _ in track)
        for name, track in one.record.tracks.items()
    }


@given(data=st.data())
@settings(max_examples=30)
def test_an_independent_reader_finds_the_same(sources, data):
    one = data.draw(sources(names=words))
    assume(one.record.asset.duration)
    with tempfile.TemporaryDirectory() as folder:
        (path,) = TextGrid().export([one], Path(folder))
        theirs = tgt.read_textgrid(str(path))
    found = {}
    for tier in theirs.tiers:
        rows = found.setdefault(tier.name.split(" (")[0], [])
        if isinstance(tier, tgt.IntervalTier):
            rows += [(float(row.start_time), float(row.end_time), row.text) for row in tier]
        else:
            rows += [(float(row.time), float(row.time), row.text) for row in tier]
    assert {name: sorted(rows) for name, rows in found.items()} == {
        name: sorted((span.start, span.end, label) for span, label, _ in track)
        for name, track in one.record.tracks.items()
    }


@pytest.mark.parametrize("form", ["long", "short"])
def test_what_an_independent_writer_writes_is_read(tmp_path, form):
    grid = tgt.TextGrid()
    words = tgt.IntervalTier(0, 3, "words")
    words.add_interval(tgt.Interval(0.5, 1.25, 'say "hi"'))
    bells = tgt.PointTier(0, 3, "bells")
    bells.add_point(tgt.Point(2.0, "ding"))
    grid.add_tiers([words, bells])
    for encoding in ("utf-8", "utf-16"):
        tgt.write_to_file(grid, str(tmp_path / "a.TextGrid"), format=form, encoding=encoding)
        assert tracks_of(tmp_path / "a.TextGrid") == {"words": [(0.5, 1.25, 'say "hi"')], "bells": [(2.0, 2.0, "ding")]}


def test_spans_that_overlap_take_tiers_of_their_own_and_instants_are_points(tmp_path):
    one = source(4.0, a=track((0, 2, "x"), (1, 3, "y"), (2, 3, "z"), (1.5, 1.5, "!")))
    (path,) = TextGrid().export([one], tmp_path)
    tiers = [(tier.name, tier.tier_type(), [row.text for row in tier]) for tier in tgt.read_textgrid(str(path)).tiers]
    assert tiers == [("a", "IntervalTier", ["x", "z"]), ("a (2)", "IntervalTier", ["y"]), ("a", "TextTier", ["!"])]
    assert list(tracks_of(path)) == ["a"]


def test_gaps_are_empty_intervals_from_zero_to_the_end(tmp_path):
    one = source(4.0, a=track((1, 2, "x")))
    (path,) = TextGrid().export([one], tmp_path)
    assert path.name == "a.TextGrid"
    tier = tgt.read_textgrid(str(path), include_empty_intervals=True).tiers[0]
    assert [(row.start_time, row.end_time, row.text) for row in tier] == [(0, 1, ""), (1, 2, "x"), (2, 4, "")]


@pytest.mark.parametrize(
    ("duration", "rows", "first", "last"),
    [
        (2.0, [(1, 5, "x")], 0.0, 5.0),
        (2.0, [(-1, 1, "x")], -1.0, 2.0),
        (0.0, [], 0.0, 1.0),
        (0.0, [(0, 0, "x")], 0.0, 1.0),
    ],
)
def test_a_grid_holds_all_labels_and_has_a_length(tmp_path, duration, rows, first, last):
    (path,) = TextGrid().export([source(duration, a=track(*rows))], tmp_path)
    grid = tgt.read_textgrid(str(path), include_empty_intervals=True)
    assert path.read_text().split("\n")[3:5] == [f"xmin = {first}", f"xmax = {last}"]
    assert tracks_of(path) == {"a": rows}
    assert len(grid.tiers) == 1


def test_quotes_and_line_breaks_come_back(tmp_path):
    one = source(a=track((0, 1, 'say "hi"\nand\r\n"go" <exists> 7 !')))
    (path,) = TextGrid().export([one], tmp_path)
    assert tracks_of(path) == {"a": [(0.0, 1.0, 'say "hi"\nand\r\n"go" <exists> 7 !')]}


def test_names_that_the_format_cannot_hold_are_refused(tmp_path):
    with pytest.raises(FormatError, match=r"must have a name, .*got ' ' in the track 'a' of 'a.wav' at 1.0 s. Name it"):
        TextGrid().export([source(a=track((1, 2, " ")))], tmp_path)
    with pytest.raises(FormatError, match=r"tier 'a \(2\)' would be taken for a part of the track 'a' of 'a.wav'"):
        TextGrid().export([source(**{"a": track(), "a (2)": track()})], tmp_path)
    assert list(tmp_path.iterdir()) == []
    (path,) = TextGrid().export([source(a=track((1, 1, "")))], tmp_path)
    assert tracks_of(path) == {"a": [(1.0, 1.0, "")]}


@pytest.mark.parametrize("text", [SHORT, LONG, SHORT.replace("ooTextFile", "ooTextFile short", 1)])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_files_as_praat_writes_them(tmp_path, text, encoding):
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    content = (mark + text.replace("\n", "\r\n")).encode(encoding)
    assert tracks_of(given_file(tmp_path, content)) == BOTH


def test_an_old_encoding_can_be_named(tmp_path):
    path = given_file(tmp_path, LONG.replace("ding", "café").encode("latin-1"))
    with pytest.raises(FormatError, match="line 31 must be utf-8 text"):
        tracks_of(path)
    assert tracks_of(path, encoding="latin-1")["bells"] == [(2.0, 2.0, "café")]


def test_a_grid_without_tiers_brings_nothing(tmp_path):
    assert tracks_of(given_file(tmp_path, SHORT.split("<exists>", 1)[0] + "<absent>")) == {}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", 'line 1 must be "ooTextFile", got the end of the file. Is it another format, or a binary file'),
        ("ooBinaryFile\x08TextGrid", "Is it another format, or a binary file"),
        (LONG.replace("TextGrid", "Pitch"), "line 2 must be File type .*got 'ooTextFile' and 'Pitch'"),
        (LONG[: LONG.index("mark")], "line 30 must be the mark of a point, got the end of the file. Is it cut off"),
        (LONG[: LONG.index('ding"')], 'line 31 must be the mark of a point, got "'),
        (LONG.replace("xmax = 1\n", "xmax = one\n"), 'line 18 must be xmax of an interval, got "say'),
        (LONG.replace("xmin = 1\n", "xmin = 3\n"), "line 21 must be xmax of an interval, not before xmin, got 3.0"),
        (LONG.replace("TextTier", "PointTier"), 'line 24 must be the class "IntervalTier" or "TextTier", got \'PointT'),
        (LONG.replace("size = 1", "size = 1.5"), "line 28 must be the number of intervals or points, got"),
        (LONG.replace("size = 1", "size = 0"), "line 30 must be the end, after as many tiers as the size"),
        (LONG.replace("number = 2", "number = 1e999"), "line 30 must be the time of a point, got inf"),
    ],
)
def test_damage_is_told_by_line(tmp_path, content, message):
    path = given_file(tmp_path, content)
    with pytest.raises(FormatError, match=message) as caught:
        tracks_of(path)
    assert caught.value.path == path
