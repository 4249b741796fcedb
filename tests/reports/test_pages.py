"""Pages are whole, safe, quiet and readable."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from cueline import Library
from cueline.engines.local import Local
from cueline.reports import asset_pages, pages
from cueline.reports.pages import asset_page, library_page, write_report
from cueline.timeline.assets import Asset, Stream
from cueline.timeline.tracks import LabelTrack
from tests.films import silence

VOID = {"meta", "link", "img", "input", "br", "hr"}
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>.mp4"


class Page(HTMLParser):
    """Reads a page strictly: every element that opens must close, in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.words = [], [], {}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(set(names)) == len(names), f"twice the same attribute in {tag}"
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        assert tag == "path", f"{tag} is not closed"

    def handle_endtag(self, tag):
        assert self.open, f"{tag} closes without having been opened"
        assert self.open.pop() == tag

    def handle_data(self, data):
        for tag in self.open:
            self.words[tag] = self.words.get(tag, "") + data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def evil_store(empty, make_film):
    tracks, pictures = make_film(1)
    spans = tracks["shots"].spans
    tracks[EVIL] = LabelTrack(spans[:2], (EVIL, "</script><!--"), stream="video:0")
    asset = Asset("1" * 32, 90.0, groups={EVIL: EVIL})
    empty.add(EVIL.replace("/", "|"), asset, tracks, pictures=pictures, failed={EVIL: EVIL})
    empty.place("broken " + EVIL.replace("/", "|"), reason=EVIL)
    return empty


@pytest.fixture(params=["library", "film", "song", "torn", "lost", "evil", "empty"])
def page(request, store, empty, make_film):
    ids = {"film": "0" * 31 + "1", "song": "5" * 32, "torn": "6" * 32, "lost": "7" * 32}
    if request.param == "empty":
        return library_page(type(empty)(), title="Nothing yet")
    if request.param == "evil":
        return asset_page(evil_store(empty, make_film), "1" * 32, title=EVIL)
    return (
        asset_page(store, ids[request.param], title="A & B")
        if request.param in ids
        else library_page(store, title="A & B")
    )


def test_every_page_is_well_formed(page):
    read = Page(page)
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)


def test_no_page_asks_for_anything_from_outside(page):
    for _, attributes in Page(page).elements:
        for name in ("src", "href", "srcset", "poster", "data", "action", "xlink:href"):
            value = attributes.get(name, "") or ""
            assert re.fullmatch(r"|data:[^<>]*|#[\w-]+|index\.html|asset-\w+\.html", value), value[:80]
    text = re.sub(r"data:image/webp;base64,[\w+/=]+", "", page)
    assert not re.search(r"https?:|//[a-z]|url\(|@import|fetch\(|XMLHttp|WebSocket|import\(|sendBeacon", text)


def test_the_policy_allows_the_styles_and_scripts_of_the_page_and_nothing_else(page):
    read = Page(page)
    (policy,) = [m["content"] for m in read.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules.keys() == {"default-src", "img-src", "style-src", "script-src", "base-uri", "form-action"}
    assert (rules["default-src"], rules["img-src"]) == ("'none'", "data:")
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert rules[rule] == f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_nothing_in_a_page_needs_what_the_policy_forbids(page):
    for tag, attributes in Page(page).elements:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)


def test_every_page_can_be_read_aloud_and_on_a_phone(page):
    read = Page(page)
    assert read.all("html") == [{"lang": "en"}]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in read.all("meta")
    assert [len(read.all(tag)) for tag in ("h1", "main", "header", "footer", "title")] == [1] * 5
    assert all("alt" in image for image in read.all("img"))
    assert all(svg.get("aria-label") for svg in read.all("svg"))
    labelled = {label["for"] for label in read.all("label")}
    assert all(
        field.get("aria-label") or field.get("id") in labelled for field in read.all("input") + read.all("select")
    )
    assert all(heading.get("scope") for heading in read.all("th"))
    levels = [int(tag[1]) for tag, _ in read.elements if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in zip([0, *levels], levels, strict=False))
    style = read.words["style"]
    assert "prefers-color-scheme: dark" in style
    assert "prefers-reduced-motion" in style


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first, second):
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1])
def test_text_stands_out_from_its_paper_in_light_and_dark(store, scheme):
    style = Page(library_page(store, title="x")).words["style"]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", style.split(":root {")[1 + scheme].split("}")[0]))
    for text, papers in {
        "ink": ("paper", "sheet", "well", "warn-paper"),
        "quiet": ("paper", "sheet", "well", "warn-paper"),
        "accent": ("paper", "warn-paper"),
        "warn": ("paper", "warn-paper"),
    }.items():
        assert all(contrast(colours[text], colours[paper]) >= 4.5 for paper in papers), text
    assert contrast(colours["odd"], colours["even"]) >= 2
    assert contrast(colours["odd"], colours["well"]) >= 3


def test_a_library_shows_every_file_and_every_problem(store):
    page = library_page(store, title="A & B")
    words = Page(page).words["main"]
    for told in (
        *("part 0.mp4", "part 1.mp4", "part 2.mp4", "song.flac", "torn.mkv", "lost.mov", "broken.mp4"),
        *("the file ends before its index", "no sample after 12.5 s: invalid data", "Not there any more"),
        *("Sound only", "Not analysed yet", "12 shots", "1 shot ", "1 min 30 s", "734 MB", "23.976 fps", "flac, mono"),
    ):
        assert told in words, told
    assert "<title>A &amp; B " in page
    assert page.count("data:image/webp") == 3 * 4 + 1 + 4


def test_an_asset_shows_every_shot_in_pictures_and_in_a_table(store):
    read = Page(asset_page(store, "0" * 31 + "1", title="A & B"))
    shots = store.track("0" * 31 + "1", "shots").spans
    pictures = [image["alt"] for image in read.all("img") if image.get("src")]
    assert [alt.split(" at ")[0] for alt in pictures] == [f"Shot {number}" for number in range(1, 13)]
    assert sum(f"{start:06.3f}" in read.words["table"] for start in shots[1:, 0] % 60) == 11
    lanes = [svg["aria-label"].split(",")[0] for svg in read.all("svg")]
    assert lanes == ["shots", "keyframes", "black", "shots.curve"]
    assert "2,158 frames" in read.words["main"]


def test_a_song_says_that_nothing_was_looked_for(store):
    assert "Nothing was looked for in this file yet" in asset_page(store, "5" * 32, title="x")


def test_a_file_name_can_run_nothing(empty, make_film):
    store = evil_store(empty, make_film)
    for page in (library_page(store, title=EVIL), asset_page(store, "1" * 32, title=EVIL)):
        read = Page(page)
        assert len(read.all("script")) == 2
        assert "<script>alert" not in page
        assert not [image for image in read.all("img") if image.get("src") == "x"]
        assert "alert(1)" in read.words["main"]


def test_the_data_for_the_script_is_the_tracks(store):
    page = asset_page(store, "0" * 31 + "1", title="x")
    (text,) = re.findall(r'<script type="application/json" id="tracks">(.*?)</script>', page, re.DOTALL)
    data = json.loads(text)
    assert data["end"] == 90.0
    spans = store.track("0" * 31 + "1", "shots").spans
    assert [row[:2] for row in data["tracks"]["shots"]] == spans.tolist()


def test_a_report_is_an_index_and_a_page_for_each_asset(store, tmp_path):
    index = write_report(store, tmp_path / "report", title="A & B")
    assert index == tmp_path / "report" / "index.html"
    linked = {link["href"] for link in Page(index.read_text("utf-8")).all("a") if link["href"].startswith("asset-")}
    assert {path.name for path in index.parent.iterdir()} == {"index.html", *linked}
    assert len(linked) == 6
    assert all(Page(path.read_text("utf-8")) for path in index.parent.iterdir())


def test_a_page_that_cannot_be_written_leaves_the_old_one(store, tmp_path, monkeypatch):
    index = write_report(store, tmp_path, title="old")
    files = set(tmp_path.iterdir())

    def full(_: int) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(pages.os, "fsync", full)
    with pytest.raises(OSError, match="the disk is full"):
        write_report(store, tmp_path, title="new")
    assert set(tmp_path.iterdir()) == files
    assert "<title>old" in index.read_text("utf-8")


def test_a_name_that_is_not_utf8_can_be_written(empty, make_film, tmp_path):
    tracks, pictures = make_film(1)
    empty.add("caf\udce9.mp4", Asset("1" * 32, 90.0), tracks, pictures=pictures)
    assert "caf\\udce9.mp4" in write_report(empty, tmp_path, title="t\udce9").read_text("utf-8")


def test_an_unknown_asset_is_refused(store):
    with pytest.raises(KeyError, match="no asset has the id 'zz'; the store holds 6"):
        asset_page(store, "zz", title="x")


def test_two_thousand_shots_stay_on_one_page_of_bounded_size(empty, make_film, monkeypatch):
    tracks, pictures = make_film(1, duration=7200.0, shots=2000)
    empty.add("long.mp4", Asset("1" * 32, 7200.0), tracks, pictures=pictures)
    whole = asset_page(empty, "1" * 32, title="x")
    assert whole.count("data:image/webp") == len(tracks["shots"])
    monkeypatch.setattr(asset_pages, "ASSET_BYTES", 100_000)
    page = asset_page(empty, "1" * 32, title="x")
    pictures_shown = re.findall(r"data:image/webp;base64,([\w+/=]+)", page)
    assert sum(map(len, pictures_shown)) * 3 / 4 < 110_000
    assert re.search(r"Key frames of one shot in \d+ are shown", page)
    assert page.count("<tr>") == whole.count("<tr>")


def files_of(page):
    """What the script of a library's page is told of each file."""
    (text,) = re.findall(r'<script type="application/json" id="files">(.*?)</script>', page, re.DOTALL)
    data = json.loads(text)
    return [dict(zip(data["fields"], row, strict=False)) for row in data["rows"]]


def words_of(page):
    return " ".join(Page(page).words["main"].split())


def test_a_song_that_was_analysed_says_that_it_has_no_shots(empty):
    song = Asset("5" * 32, 200.0, (Stream("audio:0", "audio", 0, "flac"),))
    empty.add("song.flac", song, idle=("color", "shots"))
    words = words_of(asset_page(empty, song.id, title="x"))
    assert "It has no pictures, so there are no shots." in words
    assert "cueline analyze" not in words


def test_what_is_worth_knowing_stands_on_the_card_and_on_the_page(empty):
    empty.add("a.mp4", Asset("a", 3.0), said={"decode": "42 damaged places, the first at 2.5 s " + EVIL})
    for page in (library_page(empty, title="x"), asset_page(empty, "a", title="x")):
        assert "42 damaged places, the first at 2.5 s <script>" in words_of(page)
        assert "<script>alert" not in page
    assert "Worth knowing" in words_of(asset_page(empty, "a", title="x"))


def test_copies_are_told_of_on_the_card_and_on_the_page(empty):
    empty.add("a.mp4", Asset("a", 3.0))
    for name in ("b.mp4", "c.mp4", "d.mp4"):
        empty.place(name, "a")
    page = library_page(empty, title="x")
    assert "Also at b.mp4, c.mp4 and 1 more" in words_of(page)
    assert "d.mp4" in files_of(page)[0]["also"]
    page = words_of(asset_page(empty, "a", title="x"))
    assert re.search(r"Lies at ?/films/a.mp4 Also at ?/films/b.mp4 Also at ?/films/c.mp4 Also at ?/films/d.mp4", page)


def test_a_broken_file_shows_no_length_and_says_once_that_it_could_not_be_read(empty):
    empty.add("a.mp4", Asset("a", 0.0), failed={"probe": "not a media file"})
    empty.place("b.mp4", "a")
    for page in (library_page(empty, title="x"), asset_page(empty, "a", title="x")):
        assert "0.00 s" not in words_of(page)
        assert {"a.mp4", "b.mp4"} <= {item.get("data-find") for item in Page(page).all("li")}
    assert re.search(r'<p class="note warn">Could not be read</p>', library_page(empty, title="x"))


@pytest.mark.parametrize(("count", "folded"), [(12, ""), (13, "and 1 more"), (1013, "and 1,001 more")])
def test_problems_beyond_the_twelfth_are_folded_and_none_is_cut(empty, count, folded):
    for number in range(count):
        empty.place(f"{number}.mp4", reason="0 bytes")
    read = Page(library_page(empty, title="x"))
    assert len([item for item in read.all("li") if item.get("data-find", "").endswith(".mp4")]) == count
    assert read.words.get("summary", "") == folded
    assert "overflow-y" not in read.words["style"]


def many(empty, make_film, make_sound, count=201):
    tracks, pictures = make_film(1, shots=6)
    for number in range(count):
        song = number % 3 == 2
        empty.add(
            f"{number // 50}/{'song' if song else 'film'} {number}.mp4",
            Asset(f"{number:032x}", 90.0, film_like(song=song), {"show": f"Show {number % 7}"}),
            make_sound() if song else tracks,
            pictures={} if song else pictures,
            failed={"words": "no memory"} if number == 200 else None,
        )
    return empty


def film_like(*, song):
    sound = Stream("audio:0", "audio", 1, "aac", rate_hz=48000, channels=2)
    return (sound,) if song else (Stream("video:0", "video", 0, "h264"), sound)


def test_up_to_200_files_a_library_page_is_complete_and_beyond_its_pictures_lie_beside_it(
    empty, make_film, make_sound, tmp_path
):
    assert "data:image/webp" in library_page(many(empty, make_film, make_sound, 200), title="x")
    index = write_report(many(type(empty)(), make_film, make_sound), tmp_path, title="x")
    page = index.read_text("utf-8")
    assert "data:image/webp" not in page
    rows = files_of(page)
    assert (len(rows), rows[0]["pictures"], rows[2]["pictures"], len(rows[2]["wave"])) == (201, 4, 0, 120)
    for row in rows:
        for number in range(row["pictures"]):
            assert (tmp_path / "pictures" / row["key"][:2] / f"{row['key']}-{number}.webp").stat().st_size > 100
    (policy,) = [m["content"] for m in Page(page).all("meta") if "Content-Security" in m.get("http-equiv", "")]
    assert "img-src data: 'self' file:;" in policy
    assert "unsafe" not in policy


def test_without_scripts_a_large_library_is_a_plain_list_of_links(empty, make_film, make_sound):
    page = library_page(many(empty, make_film, make_sound), title="x")
    read = Page(page)
    links = [link["href"] for link in read.all("a") if link["href"].startswith("asset-")]
    assert {f"asset-{number:032x}.html" for number in range(201)} == set(links)
    assert "0/film 0.mp4 1 min 30 s" in " ".join(read.words["noscript"].split())
    assert "4/song 200.mp4 1 min 30 s, words failed" in " ".join(read.words["noscript"].split())


def test_a_page_of_ten_thousand_files_stays_below_six_megabytes(empty, make_film, make_sound):
    size = {
        count: len(library_page(many(type(empty)(), make_film, make_sound, count), title="x")) for count in (300, 600)
    }
    assert (size[600] - size[300]) / 300 * 10_000 < 5_000_000


def test_what_has_not_changed_is_not_written_again(empty, make_film, make_sound, tmp_path):
    store = many(empty, make_film, make_sound)
    write_report(store, tmp_path, title="x")
    before = {path: path.stat().st_ino for path in tmp_path.rglob("*.*")}
    store._tracks[f"{0:032x}"] = store._tracks[f"{0:032x}"] | {"notes": LabelTrack([[0, 1]], ("retake",))}
    store._pictures[f"{1:032x}"] = dict.fromkeys(store._pictures[f"{1:032x}"], b"another picture")
    write_report(store, tmp_path, title="x")
    after = {path: path.stat().st_ino for path in tmp_path.rglob("*.*")}
    changed = {path.name for path, number in after.items() if before.get(path) != number}
    again = {f"{1:032x}-{number}.webp" for number in range(4)}
    assert changed == {"index.html", f"asset-{0:032x}.html", f"asset-{1:032x}.html"} | again
    assert after.keys() == before.keys()


def test_a_page_that_was_cut_off_is_written_again(store, tmp_path):
    write_report(store, tmp_path, title="x")
    page = tmp_path / f"asset-{1:032x}.html"
    whole = page.read_bytes()
    page.write_bytes(whole[:-80])
    write_report(store, tmp_path, title="x")
    assert page.read_bytes() == whole


def test_an_asset_page_is_the_same_alone_as_in_a_report(store, tmp_path):
    write_report(store, tmp_path, title="x")
    assert (tmp_path / f"asset-{1:032x}.html").read_text("utf-8") == asset_page(store, f"{1:032x}", title="x")


def test_a_track_and_pictures_that_cannot_be_read_are_told_of_and_stop_no_other_page(store, make_film, tmp_path):
    tracks, pictures = make_film(3)
    store.add("bad.mp4", Asset("b" * 32, 90.0), tracks, pictures=pictures, torn=("black", "pictures"))
    store.add("last.mp4", Asset("c" * 32, 90.0), tracks, pictures=pictures)
    index = write_report(store, tmp_path, title="x").read_text("utf-8")
    for told in ("black is not shown", "the file of black is damaged", "pictures are not shown"):
        assert told in words_of(index)
        assert told in words_of((tmp_path / f"asset-{'b' * 32}.html").read_text("utf-8"))
    assert (tmp_path / f"asset-{'c' * 32}.html").read_text("utf-8").count("data:image/webp") == 12


def test_sound_has_lanes_of_its_own_and_its_loudness_in_words(empty, make_film, make_sound):
    empty.add("a.mp4", Asset("a", 90.0), make_film(1)[0] | make_sound())
    page = asset_page(empty, "a", title="x")
    lanes = [svg["aria-label"].split(",")[0] for svg in Page(page).all("svg")]
    assert lanes == ["shots", "keyframes", "peaks", "silence", "loudness.blocks", "black", "shots.curve"]
    assert "17.3 LUFS, range 6.1 LU, true peak \N{MINUS SIGN}0.8 dBTP" in words_of(page)
    (data,) = re.findall(r'id="tracks">(.*?)</script>', page, re.DOTALL)
    assert json.loads(data)["wave"]["step"] == pytest.approx(0.02)


def test_subtitles_are_listed_with_their_times_and_not_as_a_key_of_colours(empty):
    spans = [[row, row + 0.5] for row in range(30)]
    empty.add("a.mp4", Asset("a", 90.0), {"subtitles": LabelTrack(spans, tuple(f"line {row}" for row in range(30)))})
    page = asset_page(empty, "a", title="x")
    assert "30 different names" in words_of(page)
    assert Page(page).words["td"].count("line ") == 30
    assert 'data-time="29.0"' in page
    assert 'class="key' not in page


def test_a_table_of_more_rows_than_can_be_read_says_so(empty, monkeypatch):
    monkeypatch.setattr(asset_pages, "MOST_ROWS", 20)
    spans = [[row, row + 0.5] for row in range(30)]
    empty.add("a.mp4", Asset("a", 90.0), {"black": LabelTrack(spans, ("black",) * 30)})
    page = asset_page(empty, "a", title="x")
    assert page.count('<th scope="row">') == 20
    assert "The first 20 rows; cueline export writes all of them" in words_of(page)


def test_the_sound_on_a_card_reaches_from_side_to_side(tmp_path):

    library = Library(tmp_path / "own.cue")
    library.analyze(silence(tmp_path / "radio.wav", 6.0), engine=Local(jobs=1))
    page = library.report().read_text()
    bars = re.search(r'viewBox="-1 -66 (\d+) 132"[^>]*><path d="([^"]*)"', page)
    assert int(bars[1]) == bars[2].count("M") + 1
