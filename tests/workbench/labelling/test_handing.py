"""Labels handed on in every format, and brought back."""

import csv
import json

import pytest

from cueline import Library
from cueline.errors import OptionError, StoreError, UnknownPluginError
from cueline.ports import Placed
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Answer, Campaign, Clip, LabelClass, LabelTask, standing
from cueline.timeline.assets import Asset, Location
from cueline.timeline.spans import Span
from cueline.workbench.labelling.bringing import import_labels
from cueline.workbench.labelling.handing import FORMS, export_labels, labels_text

SKY = ("rain", "snow")
ADDRESS = "https://host/{}.mp4"


@pytest.fixture
def library(put, shelf):
    """Two clips that are known by name, a film of 10 s, and a campaign about rain and snow."""
    film = put("film.mp4")
    shelf.close()
    library = Library(shelf.path)
    with library.answers() as book:
        book.put_all([*map(LabelClass, SKY), Campaign("sky", SKY, question="What falls?")])
        book.put_clips(*(Clip(name, ADDRESS.format(name), f"e-{name}") for name in "ab"))
        book.add_tasks("sky", [LabelTask("a"), LabelTask("b"), LabelTask(film)])
    return library, film


def fresh(path):
    """A new library that knows nothing."""
    LibraryStore(path, create=True).close()
    return Library(path)


def say(library, *said):
    """Answers as (asset, class, verdict, person) or with a span."""
    with library.answers() as book:
        book.add(*(Answer(a, label, verdict, who, *span, campaign="sky") for a, label, verdict, who, *span in said))


def of_one(asset, rain, snow, who="ann"):
    return [(asset, "rain", rain, who), (asset, "snow", snow, who)]


def written(handed):
    return {path.name: path.read_text() for path in handed.files}


def reasons(handed):
    return [(skip.clip.rpartition("/")[2], skip.reason) for skip in handed.left_out]


def test_the_list_of_clips_has_keys_labels_and_addresses(library, tmp_path):
    store, _ = library
    say(store, *of_one("b", "no", "yes"), *of_one("a", "no", "no"))
    handed = export_labels(store, "sky", "json", tmp_path / "out")
    (text,) = written(handed).values()
    assert json.loads(text) == [
        {"etag": "e-b", "labels": ["snow"], "data": ADDRESS.format("b")},
        {"etag": "e-a", "labels": [], "data": ADDRESS.format("a")},
    ]
    assert (handed.clips, handed.files[0].name) == (2, "sky.labels.json")
    assert repr(handed) == "Handed(1 files, 2 clips, 0 left out)"


def test_the_majority_of_people_decides_and_a_tie_is_left_out(library, tmp_path):
    store, _ = library
    say(store, *of_one("a", "yes", "no"), *of_one("a", "yes", "no", "bob"), *of_one("a", "no", "no", "eve"))
    say(store, *of_one("b", "yes", "no"), *of_one("b", "no", "no", "bob"))
    text, handed = labels_text(store, "sky", "json")
    assert [row["labels"] for row in json.loads(text)] == [["rain"]]
    assert reasons(handed) == [("b.mp4", "the list would say no to 'rain', which is tied")]
    text, _ = labels_text(store, "sky", "json", who="eve")
    assert [row["labels"] for row in json.loads(text)] == [[]]
    text, _ = labels_text(store, "sky", "json", consensus="dawid-skene")
    assert json.loads(text)[0]["labels"] == ["rain"]


def test_a_label_file_of_another_campaign_renames_no_media(library, tmp_path):
    store, film = library
    say(store, *of_one(film, "yes", "no"), *of_one("a", "yes", "no"))
    before = {form: labels_text(store, "sky", form)[0] for form in ("json", "csv", "classification", "player")}
    path = tmp_path / "ann.csv"
    path.write_text("Filename,Classification\nAAA/film.mp4,rain\n")
    assert import_labels(store, path, campaign="other").without_media == 0
    assert {form: labels_text(store, "sky", form)[0] for form in before} == before


def test_media_with_a_key_are_called_as_the_file_that_gave_it(library, tmp_path):
    store, _ = library
    rows = [{"etag": "e1", "labels": ["rain"], "data": "https://host/film.mp4"}, {"etag": "e1", "labels": ["rain"]}]
    path = tmp_path / "ann.json"
    path.write_text(json.dumps(rows))
    import_labels(store, path, campaign="sky")
    assert json.loads(labels_text(store, "sky", "json", who="ann")[0]) == rows[:1]


def test_one_class_a_clip_is_a_table_and_the_rest_is_told(library, tmp_path):
    store, film = library
    say(store, *of_one("a", "yes", "no"), *of_one("b", "yes", "yes"), (film, "rain", "yes", "ann", Span(1, 2)))
    say(store, (film, "snow", "unsure", "ann"))
    text, handed = labels_text(store, "sky", "classification")
    assert text == f"Filename,Classification\r\n{ADDRESS.format('a')},rain\r\n"
    assert reasons(handed) == [
        ("b.mp4", "the format has one class for each clip, and this one has 'rain' and 'snow'"),
        ("film.mp4", "the format has one class for each clip, and this one has none, snow unsure"),
        ("film.mp4", "the format is about whole clips, and this is about Span(1.0, 2.0)"),
    ]


def test_the_player_gets_names_without_folders_and_only_its_own_words(library, tmp_path):
    store, _ = library
    with store.answers() as book:
        book.put_all([LabelClass("Music"), Campaign("sky", ("rain", "Music"))])
    say(store, ("a", "Music", "yes", "ann"), ("b", "rain", "yes", "ann"))
    text, handed = labels_text(store, "sky", "player")
    assert text == '{\n    "a.mp4": "Music"\n}\n'
    assert (handed.clips, reasons(handed)) == (1, [("b.mp4", "the player knows Dialogue, Music and Both, not 'rain'")])


def test_the_table_of_answers_has_everyones_and_comes_back_as_it_was(library, tmp_path):
    store, film = library
    say(store, *of_one("a", "yes", "unsure"), *of_one("a", "no", "skipped", "=bob"))
    say(store, (film, "rain", "yes", "ann", Span(0.1, 1 / 3)), ("a", "rain", "no", "ann"))
    handed = export_labels(store, "sky", "csv", tmp_path / "sky.csv")
    assert (handed.files, handed.clips) == ([tmp_path / "sky.csv"], 2)
    assert len(list(csv.DictReader((tmp_path / "sky.csv").read_text().splitlines()))) == 5
    other = fresh(tmp_path / "other.cue")
    with store.answers() as book:
        before = standing(book.answers())
    import_labels(other, tmp_path / "sky.csv", campaign="sky", who="nobody")
    with other.answers() as book:
        after = book.answers()
        names = {clip.asset: (clip.name, clip.key) for clip in book.clips()}
    assert {(a.label, a.verdict, a.who, a.span, a.id, a.made) for a in after} == {
        (a.label, a.verdict, a.who, a.span, a.id, a.made) for a in before
    }
    assert names[after[0].asset] == (ADDRESS.format("a"), "e-a")
    assert import_labels(store, tmp_path / "sky.csv", campaign="sky").judged == 0


def test_playlists_list_what_has_a_class_and_parts_of_it(library, tmp_path):
    store, film = library
    say(store, *of_one("a", "yes", "unsure"), (film, "rain", "yes", "ann", Span(1, 2.5)))
    handed = export_labels(store, "sky", "m3u", tmp_path)
    path = str(store.files()[film])
    assert written(handed) == {"rain.m3u": f"#EXTM3U\n#PLAYLIST:rain\n{ADDRESS.format('a')}\n{path}#t=1.0,2.5\n"}
    assert (handed.clips, reasons(handed)) == (
        2,
        [("a.mp4", "a playlist lists what has the class, and this is unsure")],
    )
    assert import_labels(store, handed.files[0], campaign="sky", who="ann").judged == 0


def test_a_name_that_a_playlist_cannot_hold_is_told(library, tmp_path):
    store, _ = library
    with store.answers() as book:
        book.put_clips(Clip("c", "#1.mp4"))
    say(store, ("c", "rain", "yes", "ann"))
    assert reasons(export_labels(store, "sky", "m3u", tmp_path)) == [
        ("#1.mp4", "a line of a playlist cannot hold this name")
    ]


def test_label_studio_gets_all_tasks_with_what_is_known_as_predictions(library, tmp_path):
    store, _ = library
    say(store, *of_one("a", "yes", "no"), ("b", "rain", "unsure", "ann"))
    handed = export_labels(store, "sky", "labelstudio", tmp_path)
    tasks = json.loads((tmp_path / "sky.labelstudio.json").read_text())
    assert [task["data"]["cueline"]["clip"].rpartition("/")[2] for task in tasks] == ["a.mp4", "b.mp4", "film.mp4"]
    assert [[r["value"]["choices"] for p in task["predictions"] for r in p["result"]] for task in tasks] == [
        [["rain"]],
        [],
        [],
    ]
    assert tasks[2]["data"]["video"].startswith("file://")
    assert "What falls?" in (tmp_path / "sky.labelstudio.xml").read_text()
    assert (handed.clips, reasons(handed)) == (3, [("b.mp4", "a prediction says what is there, and this is unsure")])


def test_what_people_say_in_label_studio_comes_back(library, tmp_path):
    store, film = library
    export_labels(store, "sky", "labelstudio", tmp_path)
    path = tmp_path / "sky.labelstudio.json"
    tasks = json.loads(path.read_text())
    for task in tasks:
        value = {"choices": ["snow"]}
        region = {"from_name": "classes", "to_name": "video", "type": "choices", "value": value}
        task["annotations"] = [{"completed_by": {"email": "ann@host"}, "result": [region]}]
    path.write_text(json.dumps(tasks))
    done = import_labels(store, path, campaign="sky")
    assert (done.labels, done.judged, done.people, done.skipped) == (3, 6, ("ann@host",), [])
    with store.answers() as book:
        assert {answer.asset for answer in book.answers()} == {"a", "b", film}


def test_ranges_go_to_label_studio_by_its_exporter(library, tmp_path):
    store, film = library
    say(store, (film, "rain", "yes", "ann", Span(1, 2)))
    handed = export_labels(store, "sky", "labelstudio", tmp_path)
    (task,) = json.loads((tmp_path / "video.labelstudio.json").read_text())
    assert task["predictions"][0]["result"][0]["value"]["timelinelabels"] == ["rain"]
    assert len(handed.files) == 4


@pytest.mark.parametrize("form", ["audacity", "activitynet"])
def test_ranges_go_out_by_any_exporter_and_come_back(library, tmp_path, form):
    store, film = library
    say(
        store,
        (film, "rain", "yes", "ann", Span(1, 2)),
        (film, "snow", "no", "ann", Span(3, 4)),
        *of_one("a", "yes", "no"),
    )
    handed = export_labels(store, "sky", form, tmp_path)
    assert (len(handed.files), handed.clips) == (1, 2)
    assert reasons(handed) == [("a.mp4", "nobody has its media, so that it has no length and no place")]
    import_labels(store, handed.files[0], campaign="again")
    with store.answers() as book:
        assert [(a.asset, a.label, a.span) for a in book.answers(campaign="again")] == [(film, "rain", Span(1, 2))]


def test_a_label_on_a_whole_film_lasts_as_long_as_it(library, tmp_path):
    store, film = library
    say(store, *of_one(film, "yes", "yes"), (film, "snow", "no", "bob"))
    handed = export_labels(store, "sky", "audacity", tmp_path)
    assert handed.files[0].read_text() == "0.000000\t10.000000\train\n"
    assert reasons(handed) == [("film.mp4", "a track says what is there, and this is tied")]


def test_what_an_exporter_refuses_is_told_and_the_others_are_written(library, tmp_path):
    store, film = library
    with LibraryStore(store.path) as shelf:
        path = tmp_path / "sound.wav"
        path.write_text("x")
        shelf.put_asset(Asset("sound", 10.0))
        shelf.put_place(Placed(Location.of(path), "sound"))
    say(store, *of_one(film, "yes", "no"), *of_one("sound", "yes", "no"))
    handed = export_labels(store, "sky", "edl", tmp_path / "out")
    assert [(skip.clip, skip.name) for skip in handed.left_out] == [("sound.wav", "")]
    assert (handed.clips, len(handed.files)) == (1, 1)


def test_unknown_names_are_refused_with_their_near_miss(library, tmp_path):
    store, _ = library
    say(store, *of_one("a", "yes", "no"))
    with pytest.raises(UnknownPluginError, match="no format is called 'jsn'; there are: json, player"):
        export_labels(store, "sky", "jsn", tmp_path)
    with pytest.raises(OptionError, match="nobody called 'anne' answered in 'sky'; there are: ann. Did you mean 'ann'"):
        export_labels(store, "sky", "json", tmp_path, who="anne")
    with pytest.raises(OptionError, match="a consensus is majority or dawid-skene, got 'mayority'"):
        export_labels(store, "sky", "json", tmp_path, consensus="mayority")
    with pytest.raises(StoreError, match="knows no campaign 'sea'"):
        export_labels(store, "sea", "json", tmp_path)
    with pytest.raises(OptionError, match="'m3u' is written as files"):
        labels_text(store, "sky", "m3u")


def test_a_campaign_without_answers_is_written_without_clips(library, tmp_path):
    store, _ = library
    for form in FORMS:
        assert export_labels(store, "sky", form, tmp_path / form).clips == (3 if form == "labelstudio" else 0)


def test_a_thousand_real_clips_come_out_as_they_went_in(real_data, tmp_path):
    store = fresh(tmp_path / "real.cue")
    path = real_data / "contextual" / "labels.json"
    import_labels(store, path)
    text, handed = labels_text(store, "labels", "json")
    assert not handed.left_out
    nothing = ["none of the above"]
    assert json.loads(text) == [
        row | {"labels": [] if row["labels"] == nothing else row["labels"]} for row in json.loads(path.read_text())
    ]
