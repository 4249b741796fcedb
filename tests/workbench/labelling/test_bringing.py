"""Label files taken in: what is kept, what is told, what is left out and why."""

import json
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cueline import Library
from cueline.errors import FormatError, MediaError, OptionError, StoreError
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Answer, Campaign, Clip, LabelClass, clip_id, standing
from cueline.timeline.spans import Span
from cueline.workbench.labelling.bringing import import_files, import_labels
from cueline.workbench.labelling.handing import export_labels

SKY = ("rain", "snow", "fog")


@pytest.fixture
def library(tmp_path):
    """An empty library that knows three classes."""
    library = Library(tmp_path / "sky.cue")
    with library._writing():
        pass
    with library.answers() as book:
        book.put_all([LabelClass(name) for name in SKY])
    return library


@pytest.fixture
def take(library, tmp_path):
    """Write a label file, and take it in."""

    def run(content, *, name="labels.json", **options):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return import_labels(library, path, **options)

    return run


def clip(number, *labels, etag=None):
    return {"etag": etag or f"e{number}", "labels": [*labels], "data": f"https://host/s-{number}-of-9.mp4"}


def held(library, campaign="labels"):
    """What stands: by the name of the clip and the person, class to verdict."""
    with library.answers() as book:
        names = {clip.asset: clip.name for clip in book.clips()}
        found = {}
        for answer in standing(book.answers(campaign=campaign)):
            name = names.get(answer.asset, answer.asset).rpartition("/")[2]
            found.setdefault((name, answer.who), {})[answer.label] = answer.verdict
        return found


def test_a_clip_is_judged_for_every_class_of_the_campaign(library, take):
    done = take([clip(1, "rain", "snow"), clip(2)])
    assert (done.labels, done.clips, done.classes, done.judged) == (2, 2, 2, 4)
    assert (done.conflicts, done.skipped, done.without_media, done.sources) == ([], [], 2, 1)
    assert held(library) == {
        ("s-1-of-9.mp4", "labels"): {"rain": "yes", "snow": "yes"},
        ("s-2-of-9.mp4", "labels"): {"rain": "no", "snow": "no"},
    }
    assert repr(done) == "Imported(2 labels, 2 clips, 2 classes, 0 conflicts, 0 skipped)"


def test_the_clips_are_what_the_campaign_puts_to_people(library, take):
    take([clip(1, "rain"), clip(2)])
    with library.answers() as book:
        assert len(book.tasks("labels")) == 2
        assert {c.groups["source"] for c in book.clips()} == {"s"}
        assert book.find(Campaign, "labels").source == "labels of labels.json"
        assert {answer.label_version for answer in book.answers()} == {1}


def test_taking_a_file_in_again_changes_nothing(library, take):
    rows = [clip(1, "rain"), clip(2), clip(3, "snow", "none of the above")]
    first = take(rows)
    with library.answers() as book:
        before = book.revision(), book.find(Campaign, "labels")
    done = take(rows)
    assert (done.labels, done.clips, done.judged, done.duplicates) == (0, 0, 0, 3)
    assert done.conflicts == first.conflicts
    with library.answers() as book:
        assert (book.revision(), book.find(Campaign, "labels")) == before


def fresh(path):
    """A new library that knows nothing."""
    LibraryStore(path, create=True).close()
    return Library(path)


def test_a_library_without_classes_gets_those_of_its_first_labels(tmp_path):
    path = tmp_path / "labels.json"
    path.write_text(json.dumps([clip(1, "sun", "moon")]))
    library = fresh(tmp_path / "new.cue")
    assert import_labels(library, path).made == ("sun", "moon")
    with library.answers() as book:
        assert book.find(Campaign, "labels").classes == ("sun", "moon")


def test_where_no_library_is_none_is_made(tmp_path):
    path = tmp_path / "labels.json"
    path.write_text(json.dumps([clip(1, "sun")]))
    with pytest.raises(StoreError, match="there is no library at .* Make one with `cueline init"):
        import_labels(Library(tmp_path / "new.cue"), path)
    assert not (tmp_path / "new.cue").exists()


def test_an_unknown_class_is_skipped_with_its_near_miss_and_the_others_stay(library, take):
    done = take([clip(1, "rain"), clip(2, "rian", "snow")])
    assert done.classes == 2
    assert [(s["file"], s["item"], s["class"]) for s in done.skipped] == [("labels.json", "item 2", "rian")]
    assert (
        "knows no class 'rian'; there are: rain, snow. Did you mean 'rain'? If it is another class, add it with "
        "--add-classes. Of rain nothing is kept here." in (done.skipped[0]["reason"])
    )
    assert held(library)["s-2-of-9.mp4", "labels"] == {"snow": "yes"}


def test_a_class_that_means_something_else_says_no_to_the_rest(library, take):
    take([clip(1, "rain"), clip(2, "elephant")])
    assert held(library)["s-2-of-9.mp4", "labels"] == {"rain": "no"}


def test_where_no_class_is_known_nothing_is_kept_and_all_is_told(library, take):
    done = take([clip(1, "elephant"), clip(2, "mouse")])
    assert (done.judged, done.classes, len(done.skipped)) == (0, 0, 2)
    with library.answers() as book:
        assert book.campaigns() == []


def test_unknown_classes_are_made_where_that_is_asked_for(library, take):
    take([clip(1, "rain")])
    done = take([clip(2, "hail")], add_classes=True)
    assert (done.made, done.classes, done.skipped) == (("hail",), 2, [])
    with library.answers() as book:
        assert book.find(Campaign, "labels").classes == ("rain", "hail")
    assert held(library)["s-2-of-9.mp4", "labels"] == {"hail": "yes", "rain": "no"}


def test_a_file_without_any_class_says_no_to_all_that_the_library_knows(library, take):
    assert take([clip(1)]).judged == 3


def test_where_nothing_names_a_class_it_is_told(tmp_path):
    path = tmp_path / "labels.json"
    path.write_text(json.dumps([clip(1)]))
    with pytest.raises(OptionError, match="nothing tells which classes the new campaign 'labels' asks about"):
        import_labels(fresh(tmp_path / "new.cue"), path)


def test_a_clip_that_says_both_is_unsure_and_listed(library, take):
    done = take([clip(1, "rain", "none of the above"), clip(2, "snow")])
    assert [(c["kind"], c["item"], c["class"]) for c in done.conflicts] == [("both", "item 1", "rain")]
    assert done.conflicts[0]["reason"] == "'rain' and 'none of the above' are said at once; kept as \"unsure\""
    assert held(library)["s-1-of-9.mp4", "labels"] == {"rain": "unsure", "snow": "no"}
    assert done.labels == 1


def test_one_key_twice_is_one_clip_and_what_differs_is_unsure(library, take):
    done = take([clip(1, "rain", "snow"), clip(1, "rain"), clip(1, "rain", "snow")])
    assert [(c["kind"], c["item"], c["class"]) for c in done.conflicts] == [
        ("both", "item 2", "snow"),
        ("both", "item 3", "snow"),
    ]
    assert held(library) == {("s-1-of-9.mp4", "labels"): {"rain": "yes", "snow": "unsure"}}


def test_the_same_said_twice_is_counted_once(library, take):
    done = take([clip(1, "rain"), clip(1, "rain")])
    assert (done.labels, done.clips, done.duplicates, done.conflicts) == (1, 1, 1, [])


def test_one_key_for_two_names_is_told_and_the_name_decides(library, take):
    done = take([clip(1, "rain", etag="e"), clip(2, "snow", etag="e"), clip(1, "rain", etag="e")])
    assert [(c["kind"], c["item"]) for c in done.conflicts] == [("key", "item 2")]
    assert (done.clips, done.duplicates) == (2, 1)
    assert held(library) == {
        ("s-1-of-9.mp4", "labels"): {"rain": "yes", "snow": "no"},
        ("s-2-of-9.mp4", "labels"): {"rain": "no", "snow": "yes"},
    }


def test_files_of_two_folders_with_the_same_key_and_last_part_stay_apart(take):
    rows = [{"etag": "e", "labels": ["rain"], "data": f"https://host/{folder}/x.mp4"} for folder in "ab"]
    take(rows[:1])
    done = take(rows, name="both.json")
    assert (done.clips, [c["kind"] for c in done.conflicts]) == (2, ["key"])


def test_a_clip_with_a_key_alone_is_the_one_of_that_key(library, take):
    nameless = {"etag": "e2", "labels": ["snow"]}
    done = take([nameless, clip(1, "rain"), clip(2, "snow")])
    assert (done.clips, done.duplicates, done.conflicts) == (2, 1, [])
    assert take([nameless]).duplicates == 1
    with library.answers() as book:
        assert {each.name for each in book.clips()} == {clip(1)["data"], clip(2)["data"]}


def test_a_key_alone_that_two_clips_have_is_skipped(take):
    rows = [clip(1, "rain", etag="e"), clip(2, "rain", etag="e")]
    done = take([*rows, {"etag": "e", "labels": ["rain"]}])
    assert [s["reason"] for s in done.skipped] == ["the key 'e' is that of 2 clips in this file; name the clip too"]
    done = take([{"etag": "e", "labels": ["rain"]}], name="more.json")
    assert [s["reason"] for s in done.skipped] == ["the key 'e' is that of 2 clips; name the clip too"]


@pytest.mark.parametrize("form", ["csv", "json"])
def test_what_has_the_same_keys_goes_out_and_comes_back_apart(library, take, tmp_path, form):
    with library.answers() as book:
        book.put(Campaign("labels", SKY))
    take([clip(1, "rain", etag="e"), clip(2, etag="f"), clip(5, "fog", etag="g")], who="ann")
    take([clip(3, "snow", etag="e"), clip(4, "rain", etag="f")], name="more.json", who="ann")
    (path,) = export_labels(library, "labels", form, tmp_path / "out").files
    other = fresh(tmp_path / "other.cue")
    import_labels(other, path, who="ann")
    said = {about: {name for name, v in row.items() if v == "yes"} for about, row in held(library).items()}
    assert len(said) == 5
    assert {about: {name for name, v in row.items() if v == "yes"} for about, row in held(other).items()} == said
    assert import_labels(library, path, who="ann").judged == 0


def test_a_key_that_another_file_gave_to_another_name_does_not_decide(library, take):
    take([clip(1, "rain", etag="e")])
    done = take([clip(2, "snow", etag="e")], name="more.json", add_classes=True)
    assert [c["kind"] for c in done.conflicts] == ["key"]
    assert {name for name, _ in held(library)} == {"s-1-of-9.mp4", "s-2-of-9.mp4"}


def test_another_answer_of_the_same_person_replaces_the_first_and_is_listed(library, take):
    take([clip(1, "rain"), clip(2, "snow")])
    done = take([clip(1, "snow")])
    assert [(c["kind"], c["class"]) for c in done.conflicts] == [("changed", "snow, rain")]
    assert "'labels' said otherwise before: snow was no, is yes; rain was yes, is no" in done.conflicts[0]["reason"]
    assert held(library)["s-1-of-9.mp4", "labels"] == {"rain": "no", "snow": "yes"}


def test_two_people_who_differ_are_both_kept_and_listed(library, take):
    take([clip(1, "rain"), clip(2, "snow")], who="ann")
    done = take([clip(1, "rain", "snow"), clip(2, "snow")], who="bob")
    assert [(c["kind"], c["item"], c["class"]) for c in done.conflicts] == [("people", "item 1", "snow")]
    assert "snow: 'bob' yes, 'ann' no" in done.conflicts[0]["reason"]
    assert (done.people, done.judged) == (("bob",), 4)
    assert held(library)["s-1-of-9.mp4", "ann"] == {"rain": "yes", "snow": "no"}


def test_of_an_exclusive_campaign_two_classes_at_once_are_unsure(library, take):
    with library.answers() as book:
        book.put(Campaign("labels", SKY, exclusive=True))
    done = take([clip(1, "rain", "snow"), clip(2, "fog")])
    assert [(c["kind"], c["class"]) for c in done.conflicts] == [("both", "rain, snow")]
    assert held(library)["s-1-of-9.mp4", "labels"] == {"rain": "unsure", "snow": "unsure", "fog": "no"}


def test_the_players_file_makes_an_exclusive_campaign_of_sounds(tmp_path):
    path = tmp_path / "ann.json"
    path.write_text('{"a.mp3": "M", "b.mp3": "Both", "a.mp3": "D"}')
    library = fresh(tmp_path / "new.cue")
    done = import_labels(library, path)
    with library.answers() as book:
        found = book.find(Campaign, "labels")
    assert (found.classes, found.exclusive, found.shown) == (("Music", "Both", "Dialogue"), True, "audio")
    assert [c["class"] for c in done.conflicts] == ["Dialogue, Music"]
    assert held(library)["a.mp3", "ann"] == {"Dialogue": "unsure", "Music": "unsure", "Both": "no"}


def test_a_playlist_says_yes_to_one_class_and_nothing_of_the_others(library, take):
    take("#EXTM3U\na.mp4\nb.mp4\n", name="rain.m3u")
    take("#EXTM3U\nb.mp4\n", name="snow.m3u", who="rain", add_classes=True)
    assert held(library) == {("a.mp4", "rain"): {"rain": "yes"}, ("b.mp4", "rain"): {"rain": "yes", "snow": "yes"}}


def test_clips_without_media_can_be_skipped(library, take):
    take([clip(1, "rain")])
    done = take([clip(1, "rain"), {"etag": "", "labels": ["rain"], "data": "s-1-of-8.mp4"}], known_only=True)
    assert [s["item"] for s in done.skipped] == ["item 1", "item 2"]
    assert done.skipped[1]["reason"] == "the library has no media of 's-1-of-8.mp4'. Did you mean 's-1-of-9.mp4'?"
    assert (done.judged, done.duplicates, done.without_media) == (0, 0, 0)


def test_names_that_are_no_text_are_skipped(take):
    done = take(
        '[{"etag": "1", "labels": ["rain"], "data": "a.mp4"}, {"etag": "2", "labels": ["\\ud800"], "data": "b"}]'
    )
    assert (done.labels, done.skipped[0]["item"]) == (1, "item 2")
    assert "half a letter" in done.skipped[0]["reason"]


@pytest.fixture
def shelved(library, put, shelf, tmp_path):
    """A library with media one.mp4 of 10 s, and no classes."""
    asset = put("one.mp4")
    shelf.close()
    return Library(shelf.path), asset


def _taken(library, folder, name, content, **options):
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return import_labels(library, path, **options)


def _said(library):
    with library.answers() as book:
        return [(a.asset, a.label, a.verdict, a.who, a.span) for a in standing(book.answers())]


def test_labels_of_media_are_kept_for_these(shelved, tmp_path):
    library, asset = shelved
    done = _taken(library, tmp_path, "ann.csv", "Filename,Classification\n/elsewhere/one.mp4,rain\n")
    assert (done.without_media, _said(library)) == (0, [(asset, "rain", "yes", "ann", None)])


def test_media_that_are_gone_are_told_and_their_answers_kept(shelved, films, tmp_path):
    library, _ = shelved
    (films / "one.mp4").unlink()
    library.relink()
    done = _taken(library, tmp_path, "ann.json", [{"etag": "", "labels": ["rain"], "data": "one.mp4"}])
    assert done.labels == 1
    assert done.notes == ("the media of 1 clips are not there any more; their answers are kept",)


def test_labels_of_audacity_say_yes_to_a_part(shelved, tmp_path):
    library, asset = shelved
    done = _taken(library, tmp_path, "one.ann.txt", "1.0\t2.0\train\n3.0\t4.0\tsnow\n9\t30\tfog\n")
    assert _said(library) == [
        (asset, "rain", "yes", "audacity", Span(1, 2)),
        (asset, "snow", "yes", "audacity", Span(3, 4)),
    ]
    assert (done.skipped[0]["item"], done.skipped[0]["class"]) == ("label 3", "fog")
    assert "a label lies within its media of 10.000 s" in done.skipped[0]["reason"]


def test_activitynet_and_tables_with_times_say_yes_to_a_part(shelved, tmp_path):
    library, asset = shelved
    segments = [{"segment": [1, 2], "label": "rain"}]
    _taken(library, tmp_path, "a.json", {"database": {"one": {"duration": 10, "annotations": segments}}})
    _taken(library, tmp_path, "b.csv", "file,start,end,label\none.mp4,3,4,rain\n")
    assert _said(library) == [(asset, "rain", "yes", "a", Span(1, 2)), (asset, "rain", "yes", "b", Span(3, 4))]


def test_an_importer_is_told_by_its_ending_or_by_its_name(shelved, tmp_path):
    library, _ = shelved
    text = "1\n00:00:01,000 --> 00:00:02,000\nrain\n"
    _taken(library, tmp_path, "one.srt", text)
    _taken(library, tmp_path, "one.txt", text, form="srt", who="bob")
    assert [row[1:] for row in _said(library)] == [
        ("rain", "yes", "srt", Span(1, 2)),
        ("rain", "yes", "bob", Span(1, 2)),
    ]


def _task(number, *annotations):
    return {"id": number, "data": {"video": "/x/one.mp4", "fps": 25}, "annotations": [*annotations]}


def _drew(who, start=26, end=50):
    value = {"ranges": [{"start": start, "end": end}], "timelinelabels": ["rain"]}
    region = {"type": "timelinelabels", "from_name": "t", "to_name": "video", "value": value}
    return {"completed_by": who, "result": [region]}


def test_ranges_of_label_studio_are_read_for_each_annotator(shelved, tmp_path):
    library, asset = shelved
    heard = {"start": 3.5, "end": 4.5, "labels": ["rain"]}
    sound = {
        "completed_by": "bob",
        "result": [{"type": "labels", "from_name": "t", "to_name": "video", "value": heard}],
    }
    done = _taken(library, tmp_path, "p.json", [_task(1, _drew("ann"), sound), _task(2, _drew("ann", 0, 3))])
    assert _said(library) == [
        (asset, "rain", "yes", "ann", Span(1, 2)),
        (asset, "rain", "yes", "bob", Span(3.5, 4.5)),
    ]
    assert [s["item"] for s in done.skipped] == ["task 2"]
    assert done.skipped[0]["reason"].startswith("task 2 must have ranges of whole frames from 1")


def test_what_cannot_be_read_is_refused(library, take, tmp_path):
    with pytest.raises(MediaError, match="there is no file"):
        import_labels(library, tmp_path / "none.json")
    with pytest.raises(FormatError, match="got a COCO data set"):
        take({"images": [], "annotations": [], "categories": []})
    with pytest.raises(FormatError, match="line 1 must be JSON"):
        take('[{"etag": "1", ')
    with pytest.raises(OptionError, match="got 'jsn'"):
        take([], form="jsn")


def test_answers_that_went_out_come_back_with_their_ids(library, take, tmp_path):
    take([clip(1, "rain"), clip(2, "snow")])
    with library.answers() as book:
        (first, *_) = book.answers()
    row = f"clip,class,verdict,who,made,id\n{clip(1)['data']},rain,yes,ann,{first.made},0123\n"
    other = fresh(tmp_path / "other.cue")
    done = _taken(other, tmp_path, "a.csv", row)
    assert done.people == ("ann",)
    with other.answers() as book:
        (again,) = book.answers()
    assert (again.id, again.made, again.who) == ("0123", first.made, "ann")
    assert _taken(other, tmp_path, "a.csv", row, campaign="second").labels == 1
    assert _taken(other, tmp_path, "a.csv", row, campaign="second").judged == 0


def test_an_answer_that_was_taken_back_can_be_brought_again(library, take):
    row = "clip,class,verdict,who,id\na.mp4,rain,yes,ann,0123\n"
    take(row, name="a.csv")
    with library.answers() as book:
        (first,) = book.answers()
        book.add(Answer(first.asset, "rain", "yes", "ann", campaign="labels", undoes="0123"))
    assert take(row, name="a.csv").labels == 1
    assert held(library) == {("a.mp4", "ann"): {"rain": "yes"}}


@pytest.fixture
def two(library, put, shelf):
    """A library with the media a/same.mp4 and b/same.mp4."""
    ids = [put("a/same.mp4", "1"), put("b/same.mp4", "2")]
    shelf.close()
    return Library(shelf.path), ids


def test_a_name_that_two_media_have_is_skipped_and_never_a_new_clip(two, tmp_path):
    library, ids = two
    names = ["same.mp4", "x/same.mp4", "y/same.mp4", "a/same.mp4", "https://host/same.mp4"]
    rows = [{"etag": str(n), "labels": ["rain"], "data": name} for n, name in enumerate(names)]
    done = _taken(library, tmp_path, "ann.json", rows)
    assert [s["item"] for s in done.skipped] == ["item 1", "item 2", "item 3", "item 5"]
    assert {s["reason"] for s in done.skipped} == {"2 files are called 'same.mp4'; give more of the path"}
    assert [row[0] for row in _said(library)] == ids[:1]
    done = _taken(library, tmp_path, "same.ann.txt", "1\t2\train\n")
    assert [s["reason"] for s in done.skipped] == ["2 files are called 'same'; give more of the path"]


def test_a_name_that_unicode_writes_in_two_ways_is_one(library, put, shelf, tmp_path):
    asset = put("caf\u00e9.mp4")
    shelf.close()
    library = Library(shelf.path)
    names = ["cafe\u0301.mp4", "caf\u00e9.mp4", "new\u00e9.mp4", "newe\u0301.mp4"]
    rows = [{"etag": f"e{n // 2}", "labels": ["rain"], "data": name} for n, name in enumerate(names)]
    done = _taken(library, tmp_path, "ann.json", rows)
    assert (done.clips, done.duplicates, done.without_media, done.conflicts) == (2, 2, 1, [])
    assert asset in [row[0] for row in _said(library)]


@pytest.mark.parametrize("name", ["both_musan mix.mp4", "both/mix.mp4", "both.mp4", "both.long.mp4"])
def test_labels_of_audacity_that_went_out_are_about_their_media_again(shelf, put, tmp_path, name):
    asset = put(name)
    put("other.mp4")
    shelf.close()
    library = Library(shelf.path)
    with library.answers() as book:
        book.put_all([LabelClass("rain"), Campaign("short", ("rain",))])
        book.add(Answer(asset, "rain", "yes", "ann", Span(1, 2), campaign="short"))
    (path,) = export_labels(library, "short", "audacity", tmp_path / "out").files
    assert path.name.endswith(".short.txt") or name == "both.mp4"
    done = import_labels(library, path, campaign="again")
    assert (done.labels, done.without_media) == (1, 0)
    with library.answers() as book:
        assert [answer.asset for answer in book.answers(campaign="again")] == [asset]


def test_a_file_is_about_the_media_it_is_called_after_though_a_clip_is_known_by_its_whole_name(shelved, tmp_path):
    library, asset = shelved
    with library.answers() as book:
        book.put_clips(Clip(clip_id("one.ann"), "one.ann"))
    _taken(library, tmp_path, "one.ann.txt", "1.0\t2.0\train\n")
    assert [row[0] for row in _said(library)] == [asset]


def test_clips_that_have_no_media_are_named(shelved, tmp_path):
    library, _ = shelved
    rows = [{"etag": "", "labels": ["rain"], "data": name} for name in ("one.mp4", "two.mp4", "three.mp4")]
    done = _taken(library, tmp_path, "ann.json", rows)
    assert (done.without_media, done.bare) == (2, ("two.mp4", "three.mp4"))
    done = _taken(library, tmp_path, "ann.json", rows, known_only=True)
    assert (done.duplicates, [s["clip"] for s in done.skipped]) == (1, ["two.mp4", "three.mp4"])


def test_a_class_of_the_library_that_the_campaign_lacks_is_told_with_the_way_out(library, take):
    take([clip(1, "rain")])
    done = take([clip(2, "snow")])
    assert done.skipped[0]["reason"] == (
        "the campaign knows no class 'snow'; there are: rain. The library has it; put it to the campaign too with "
        "--add-classes."
    )
    done = take([clip(2, "snow")], add_classes=True)
    assert (done.labels, done.made, done.classes) == (1, (), 2)
    assert held(library)["s-2-of-9.mp4", "labels"] == {"rain": "no", "snow": "yes"}


def test_a_new_campaign_asks_about_the_classes_of_all_files_of_a_call(library, tmp_path):
    for name, rows in {"a": [clip(1, "rain")], "b": [clip(2, "snow"), clip(3, "sun")]}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(rows))
    taken, refused = import_files(library, [tmp_path / "a.json", tmp_path / "b.json", tmp_path / "none.json"])
    assert [each.classes for each in taken] == [2, 2]
    assert [s["class"] for each in taken for s in each.skipped] == ["sun"]
    assert [each["file"] for each in refused] == ["none.json"]
    assert held(library)["s-1-of-9.mp4", "a"] == {"rain": "yes", "snow": "no"}
    other = fresh(tmp_path / "new.cue")
    import_files(other, [tmp_path / "a.json", tmp_path / "b.json"])
    with other.answers() as book:
        assert book.find(Campaign, "labels").classes == ("rain", "snow", "sun")


@pytest.mark.parametrize("add_classes", [False, True])
def test_a_class_is_the_same_however_its_capital_letters_are_written(library, take, add_classes):
    take([clip(1, "Rain", "SNOW"), clip(2, "rain")], add_classes=add_classes)
    assert held(library)["s-1-of-9.mp4", "labels"] == {"rain": "yes", "snow": "yes"}
    with library.answers() as book:
        assert {each.name for each in book.classes()} == set(SKY)


def test_the_players_file_comes_back_into_a_campaign_that_writes_its_words_small(library, take, tmp_path):
    with library.answers() as book:
        book.put_all([LabelClass("music"), LabelClass("Music"), Campaign("labels", ("music", "rain"))])
        book.put_clips(Clip("c", "c.mp3"))
        book.add(Answer("c", "music", "yes", "ann", campaign="labels"))
    (path,) = export_labels(library, "labels", "player", tmp_path).files
    done = import_labels(library, path, who="ann")
    assert (done.duplicates + done.judged, done.skipped, done.conflicts) == (1, [], [])
    assert held(library)["c.mp3", "ann"]["music"] == "yes"


_AT_ONCE = """
import sys
from pathlib import Path
from cueline import Library
from cueline.workbench.labelling.bringing import import_labels
folder = Path(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
print(import_labels(Library(folder / "sky.cue"), folder / "labels.json", who="ann").judged)
"""


def test_of_two_who_bring_the_same_at_once_the_second_sees_what_the_first_brought(library, tmp_path):
    (tmp_path / "labels.json").write_text(json.dumps([clip(number, "rain") for number in range(300)]))
    command = [sys.executable, "-c", _AT_ONCE, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    both = [subprocess.Popen(command, **pipes) for _ in range(2)]
    assert [each.stdout.readline() for each in both] == ["ready\n"] * 2
    for each in both:
        each.stdin.write("go\n")
        each.stdin.flush()
    assert sorted(int(each.communicate(timeout=60)[0]) for each in both) == [0, 300]
    with library.answers() as book:
        assert len(book.answers()) == 300


rows = st.lists(
    st.tuples(st.integers(1, 3), st.sets(st.sampled_from([*SKY, "none of the above"]))), min_size=1, max_size=6
)


@given(rows)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_says_twice_is_the_same_as_once(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("any")
    library = fresh(folder / "any.cue")
    path = folder / "labels.json"
    path.write_text(json.dumps([clip(0, *SKY), *(clip(number, *sorted(labels)) for number, labels in rows)]))
    import_labels(library, path)
    before = held(library)
    assert import_labels(library, path).judged == 0
    assert held(library) == before
    assert all(set(said) == set(SKY) for said in before.values())


def test_a_thousand_real_clips(real_data, tmp_path):
    done = import_labels(fresh(tmp_path / "real.cue"), real_data / "contextual" / "labels.json")
    assert (done.clips, done.classes, done.judged, done.labels, done.sources) == (1000, 5, 5000, 1317, 58)
    assert (len(done.conflicts), len(done.skipped), done.without_media) == (15, 0, 1000)


def test_a_campaign_that_was_deleted_comes_back_with_its_classes(library, take):
    take([clip(0, "rain"), clip(1, "snow")])
    with library.answers() as book:
        before = book.find(Campaign, "labels")
        book.retire("labels")
    done = take([clip(2, "rain")], name="more.json")
    with library.answers() as book:
        assert book.find(Campaign, "labels").classes == before.classes
        assert len(book.tasks("labels")) == 3
    assert done.classes == len(before.classes)
