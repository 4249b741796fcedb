"""Campaigns: what people are asked, how far they are, and what is put to them."""

import numpy as np
import pytest

from cueline import Library
from cueline.errors import FormatError, OptionError, StoreError, TimelineError
from cueline.ports import Outcome, Placed
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Campaign, Clip, LabelTask, clip_id, standing
from cueline.timeline.assets import Asset, Location, Stream
from cueline.timeline.spans import Span
from cueline.timeline.tracks import FeatureTrack, LabelTrack
from cueline.workbench.labelling import queueing
from cueline.workbench.labelling.answering import answer, missing_media, undo
from cueline.workbench.labelling.campaigns import (
    campaign_facts,
    campaign_tasks,
    create_campaign,
    deleted_campaign,
    list_campaigns,
    retire_campaign,
)
from cueline.workbench.labelling.classes import add_class, edit_class
from cueline.workbench.labelling.queue_tables import insert_table
from cueline.workbench.labelling.queueing import Cut, insert_tasks
from tests.stores.made import VIDEO, made_by

SOUND = Stream("audio:0", "audio", 1, "aac", 0.0, 25.0, rate_hz=48000, channels=2)
ADDRESS = "https://example.org/xmas/vid_xmas_9-19-of-67.mp4"


def label_track(*rows):
    starts, ends, scores = zip(*rows, strict=True)
    return LabelTrack(np.column_stack((starts, ends)), ["shot"] * len(rows), np.array(scores), stream="video:0")


def scores(*values):
    spans = np.column_stack((np.arange(len(values)), np.arange(len(values)) + 1.0))
    return FeatureTrack(spans, np.array(values, dtype=float)[:, None], ("dog",), "video:0")


@pytest.fixture
def library(tmp_path):
    library = Library(tmp_path / "films.cue")
    with LibraryStore(library.path, create=True) as store:
        run = store.begin_run({})
        for name, seconds, streams in (("a", 25.0, (VIDEO, SOUND)), ("b", 4.0, (VIDEO,))):
            store.put_asset(Asset(name * 8, seconds, streams))
            store.put_place(Placed(Location(tmp_path / "films" / f"{name}.mp4", 1, 1), name * 8))
        tracks = {
            "shots": label_track((0, 1, 0.25), (1, 3, 0.75), (1, 3, 0.5), (3, 3, 1.0)),
            "chances": scores(0.0, 1.0, 0.5),
        }
        store.commit(run, [Outcome("a" * 8, "shots", "done", made_by("shots"), tracks=tracks)])
        store.end_run(run)
    for name in ("dog", "cat"):
        add_class(library, name)
    with library.answers() as book:
        book.put_clips(Clip(clip_id(ADDRESS), ADDRESS, "e7a9", {"source": "vid_xmas_9"}))
    return library


@pytest.fixture
def pets(library):
    return create_campaign(library, "pets", ["dog", "cat"], question="Which pets?").name


def spans(library, name):
    return [(facts.task.asset[:4], facts.task.span) for facts in campaign_tasks(library, name)]


def test_a_campaign_is_made_loaded_and_edited(library):
    first = create_campaign(library, "pets", ["dog", "cat"], question="Which?", shown="audio", source="the radio")
    assert first == Campaign("pets", ("dog", "cat"), "Which?", shown="audio", source="the radio", version=1)
    assert create_campaign(library, "pets") == first
    assert create_campaign(library, "pets", ["dog", "cat"], question="Which?") == first
    second = create_campaign(library, "pets", exclusive=True, instruction="Listen twice")
    assert (second.version, second.exclusive, second.question, second.shown) == (2, True, "Which?", "audio")
    assert [facts.campaign for facts in list_campaigns(library)] == [second]


def test_a_campaign_asks_about_classes_that_are_there(library):
    with pytest.raises(OptionError, match="got 'dgo', 'cow'; there are: cat, dog. Did you mean 'dog'"):
        create_campaign(library, "pets", ["dgo", "cat", "cow"])
    with pytest.raises(OptionError, match="say which classes the new campaign 'pets' asks about; there are: cat, dog"):
        create_campaign(library, "pets")
    with pytest.raises(TimelineError, match="video, audio, picture, text, got 'smell'"):
        create_campaign(library, "pets", ["dog"], shown="smell")
    assert list_campaigns(library) == []


def test_a_deleted_campaign_leaves_its_answers(library, pets):
    insert_tasks(library, pets)
    answer(library, "a.mp4", "dog", "yes", who="ann", campaign=pets)
    assert retire_campaign(library, pets) == 1
    assert list_campaigns(library) == []
    with pytest.raises(StoreError, match="the campaign 'pets' was deleted"):
        campaign_tasks(library, pets)
    with pytest.raises(StoreError, match="the campaign 'pets' was deleted"):
        insert_tasks(library, pets)
    create_campaign(library, pets, ["dog", "cat"])
    assert (campaign_facts(library, pets).answers, campaign_facts(library, pets).tasks) == (1, 1)


def test_a_deleted_campaign_comes_back_as_it_was_with_the_tasks_that_were_answered(library, pets):
    insert_tasks(library, pets)
    answer(library, "a.mp4", "dog", "yes", who="ann", campaign=pets)
    answer(library, "a.mp4", "cat", "no", who="ann", campaign=pets)
    answer(library, "a.mp4", "dog", "no", who="bob", campaign=pets, span=Span(1, 2))
    (back,) = undo(library, answer(library, "b.mp4", "dog", "yes", who="ann", campaign=pets)[0].id)
    before = campaign_facts(library, pets)
    assert deleted_campaign(library, pets) is None
    retire_campaign(library, pets)
    assert deleted_campaign(library, pets) == before.campaign
    assert create_campaign(library, pets) == before.campaign
    assert deleted_campaign(library, pets) is None
    facts = campaign_facts(library, pets)
    assert (facts.tasks, facts.answered, facts.labelled) == (2, 2, 1)
    assert spans(library, pets) == [("aaaa", None), ("aaaa", Span(1, 2))]
    undo(library, back.id)
    retire_campaign(library, pets)
    create_campaign(library, pets)
    assert spans(library, pets)[2:] == [("bbbb", None)]


def test_a_deleted_campaign_that_is_put_again_does_not_ask_about_clips_that_are_forgotten(library, pets):
    answer(library, ADDRESS, "dog", "yes", who="ann", campaign=pets)
    with library.answers() as book:
        book.retire(pets)
        book.forget_clips([clip_id(ADDRESS)])
        book.put(Campaign(pets, ("dog",)))
        assert book.tasks(pets) == []


def test_what_is_marked_of_one_class_is_answered_though_not_labelled(library, pets):
    insert_tasks(library, pets, files=["a", "b"])
    insert_tasks(library, pets, files=["a"], cut=Cut(over="shots"))
    answer(library, "a", "dog", "yes", who="ann", campaign=pets, span=Span(1, 3))
    answer(library, "b", "dog", "no", who="ann", campaign=pets)
    answer(library, "b", "cat", "unsure", who="ann", campaign=pets)
    answer(library, "a", "dog", "skipped", who="bob", campaign=pets)
    facts = campaign_facts(library, pets)
    assert (facts.tasks, facts.answered, facts.labelled) == (4, 2, 1)
    assert (facts.answered_by, facts.people) == ({"ann": 2, "bob": 0}, {"ann": 1, "bob": 0})


def test_a_slip_of_the_finger_makes_no_millions_of_tasks(library, pets, monkeypatch):
    told = r"at most 100,000 pieces of one file .*, got 2,500,000 of 1e-05 s in .*a.mp4 of 25.000 s. Choose .* 0.001 s"
    with pytest.raises(OptionError, match=told):
        insert_tasks(library, pets, cut=Cut(every=0.00001))
    with pytest.raises(OptionError, match="got inf of"):
        insert_tasks(library, pets, cut=Cut(every=1e-320))
    assert campaign_tasks(library, pets) == []


@pytest.mark.parametrize("cut", [Cut(every=10), Cut(over="shots"), Cut()])
def test_more_tasks_in_one_call_than_people_can_answer_are_refused(library, pets, monkeypatch, cut):
    monkeypatch.setattr(queueing, "MOST_TASKS", 1)
    with pytest.raises(OptionError, match=r"at most 1 tasks are put to people in one call, got \d. Name fewer"):
        insert_tasks(library, pets, cut=cut)
    assert campaign_tasks(library, pets) == []


def test_a_table_of_too_many_lines_is_refused(library, pets, tmp_path, monkeypatch):
    monkeypatch.setattr(queueing, "MOST_TASKS", 1)
    (tmp_path / "t.csv").write_text("file\na.mp4\nnew.mp4\n")
    with pytest.raises(OptionError, match="at most 1 tasks are put to people in one call, got 2"):
        insert_table(library, pets, tmp_path / "t.csv", make_clips=True)
    assert len(campaign_tasks(library, pets)) == 0


def test_a_person_without_a_name_is_refused(library, pets):
    (said,) = answer(library, "a", "dog", "yes", who="ann", campaign=pets)
    for refused in (lambda: undo(library, said.id, who=" "), lambda: campaign_tasks(library, pets, who="")):
        with pytest.raises(OptionError, match="a person has a name, got"):
            refused()
    with library.answers() as book:
        assert book.answers() == [said]


def test_media_that_are_gone_are_known(library, tmp_path):
    assert missing_media(library, "a" * 8) == tmp_path / "films" / "a.mp4"
    assert missing_media(library, clip_id(ADDRESS)) is None
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "a.mp4").touch()
    assert missing_media(library, "a" * 8) is None


def test_whole_files_and_clips_are_put_to_people_once(library, pets):
    done = insert_tasks(library, pets)
    assert (done.new, done.known, done.skipped) == (3, 0, ())
    assert [facts.file for facts in campaign_tasks(library, pets)] == [
        str(library.path.parent / "films" / "a.mp4"),
        str(library.path.parent / "films" / "b.mp4"),
        ADDRESS,
    ]
    assert (insert_tasks(library, pets).new, insert_tasks(library, pets).known) == (0, 3)


@pytest.mark.parametrize("called", ["b", "b.mp4", "films/b.mp4", "b" * 8])
def test_files_are_chosen_by_what_they_are_called(library, pets, called):
    insert_tasks(library, pets, files=[called, called])
    assert spans(library, pets) == [("bbbb", None)]


@pytest.mark.parametrize("called", [ADDRESS, "vid_xmas_9-19-of-67.mp4", "e7a9", clip_id(ADDRESS)])
def test_clips_are_chosen_by_what_they_are_called(library, pets, called):
    insert_tasks(library, pets, files=[called])
    assert spans(library, pets) == [("clip", None)]


def test_what_is_called_otherwise_is_refused_with_the_near_miss(library, pets):
    with pytest.raises(StoreError, match=r"knows no file or clip 'vid_xmas_9-19-of-6.mp4'. Did you mean 'vid_xmas"):
        insert_tasks(library, pets, files=["vid_xmas_9-19-of-6.mp4"])
    with pytest.raises(StoreError, match="no campaign 'pet'; there are: pets. Did you mean 'pets'"):
        insert_tasks(library, "pet")


def test_spans_of_a_track_are_put_to_people_by_their_score(library, pets):
    done = insert_tasks(library, pets, cut=Cut(over="shots"), priority="score")
    assert (done.new, done.known) == (2, 0)
    assert [each.partition(": ")[2] for each in done.skipped] == ["it has no label track 'shots'; there are: none."] * 2
    with library.answers() as book:
        assert book.tasks(pets) == [
            LabelTask("a" * 8, Span(1, 3), priority=0.75),
            LabelTask("a" * 8, Span(0, 1), priority=0.25),
        ]
    with pytest.raises(OptionError, match="nothing can be put to people: .*'shot'; there are: shots. Did you mean"):
        insert_tasks(library, pets, cut=Cut(over="shot"), files=["a"])


def test_pieces_of_one_length_cover_a_file(library, pets):
    done = insert_tasks(library, pets, cut=Cut(every=10), files=["a", ADDRESS])
    assert spans(library, pets) == [("aaaa", Span(0, 10)), ("aaaa", Span(10, 20)), ("aaaa", Span(20, 25))]
    assert done.skipped == (f"{ADDRESS}: nobody knows how long it lasts, so it cannot be cut into pieces",)


def test_pieces_from_the_end_lose_nothing_at_the_beginning(library, pets):
    insert_tasks(library, pets, cut=Cut(every=10, from_end=True), files=["a", "b"])
    expected = [Span(0, 5), Span(5, 15), Span(15, 25)]
    assert spans(library, pets) == [*(("aaaa", span) for span in expected), ("bbbb", Span(0, 4))]


def test_a_priority_may_be_the_mean_of_a_feature(library, pets):
    insert_tasks(library, pets, cut=Cut(every=2), files=["a"], priority=7)
    whole = insert_tasks(library, pets, priority="chances.dog")
    assert (whole.new, len(whole.skipped)) == (1, 2)
    with library.answers() as book:
        assert book.tasks(pets)[-1] == LabelTask("a" * 8, priority=0.5)
    insert_tasks(library, pets, cut=Cut(over="shots"), files=["a"], priority="chances.dog")
    with library.answers() as book:
        assert LabelTask("a" * 8, Span(1, 3), priority=0.75) in book.tasks(pets)


@pytest.mark.parametrize(
    ("priority", "cut", "told"),
    [
        ("chances.dgo", Cut(), "have no column 'dgo'; there are: dog. Did you mean 'dog'"),
        ("chance.dog", Cut(), "got 'chance.dog'; it has: chances. Did you mean 'chances'"),
        ("score", Cut(), "'score' is that of the rows of a label track"),
        ("chances.dog", Cut(every=10), "a part of it has no number of 'chances.dog'"),
    ],
)
def test_a_priority_that_nothing_tells_is_refused(library, pets, priority, cut, told):
    with pytest.raises(OptionError, match=told):
        insert_tasks(library, pets, files=["a"], cut=cut, priority=priority)


def test_a_cut_is_one_thing():
    with pytest.raises(OptionError, match="pieces last more than 0 s, got -1"):
        Cut(every=-1)
    with pytest.raises(OptionError, match="spans of a track or pieces of one length, got 'shots' and 10"):
        Cut("shots", 10)
    with pytest.raises(OptionError, match="counted from the end; say how long"):
        Cut(from_end=True)


def test_people_listen_to_what_has_sound(library):
    create_campaign(library, "sounds", ["dog"], shown="audio")
    done = insert_tasks(library, "sounds")
    assert (done.new, len(done.skipped)) == (2, 1)
    assert done.skipped[0].endswith("b.mp4: it has no sound, and the campaign shows audio")


def test_lines_of_a_table_are_put_to_people_and_bad_ones_told(library, pets, tmp_path):
    path = tmp_path / "chosen.csv"
    rows = ["File,start,end,Margin", "a.mp4,0:01,2.5,0.5", "b.mp4,,,2", "a.mp4,1,2.5,0.75", "none.mp4,,,1"]
    rows += ["b.mp4,1,,1", "b.mp4,1,99,1", "b.mp4,soon,3,1", "b.mp4,2,1,1", "b.mp4,,,high", "b.mp4,,,nan", ",,,1"]
    rows += ["b.mp4,,,1,2", f"{ADDRESS},3,400,1"]
    path.write_text("\n".join(rows))
    done = insert_table(library, pets, path, priority="margin")
    assert (done.new, done.known) == (3, 0)
    with library.answers() as book:
        assert [(task.asset[:4], task.span, task.priority) for task in book.tasks(pets)] == [
            ("bbbb", None, 2.0),
            ("clip", Span(3, 400), 1.0),
            ("aaaa", Span(1, 2.5), 0.75),
        ]
    told = [
        (5, "no file or clip 'none.mp4'"),
        (6, "a range has a start and an end, got '1' and ''"),
        (7, "a range lies within its media of 4.000 s, got Span(1.0, 99.0)"),
        (8, "a time must read like 12.5"),
        (9, "a span must not end before it starts"),
        (10, "a priority must be a number, got 'high'"),
        (11, "a priority must be a finite number, got nan"),
        (12, "a task names its file, got an empty cell"),
        (13, "it has more cells than there are columns"),
    ]
    assert len(done.skipped) == len(told)
    for line, (number, words) in zip(done.skipped, told, strict=True):
        assert line.startswith(f"chosen.csv, line {number}: ")
        assert words in line


def test_names_of_a_table_may_become_clips(library, pets, tmp_path):
    path = tmp_path / "clips.csv"
    path.write_text("clip\nhttps://example.org/xmas/vid_xmas_3-36-of-79.mp4\nb.mp4\n")
    done = insert_table(library, pets, path, priority=3, make_clips=True)
    assert (done.new, done.skipped) == (2, ())
    with library.answers() as book:
        made = next(clip for clip in book.clips() if "xmas_3" in clip.name)
        assert made.groups == {"source": "vid_xmas_3"}
        assert [task.priority for task in book.tasks(pets)] == [3.0, 3.0]
    assert insert_table(library, pets, path, make_clips=True).known == 2


@pytest.mark.parametrize(
    ("data", "priority", "error", "told"),
    [
        (b"start,end\n1,2\n", 0.0, FormatError, "has a column 'file', and may have start, end .* has: start, end"),
        (b"", 0.0, FormatError, "has: none"),
        (b"file\ncaf\xe9\n", 0.0, FormatError, "CSV in UTF-8"),
        (b"file,margin\na,1\n", "margins", OptionError, "no column 'margins' for the priority.*Did you mean 'margin'"),
    ],
)
def test_what_is_no_table_is_refused(library, pets, tmp_path, data, priority, error, told):
    (tmp_path / "t.csv").write_bytes(data)
    with pytest.raises(error, match=told):
        insert_table(library, pets, tmp_path / "t.csv", priority=priority)
    with pytest.raises(StoreError, match="cannot read the table"):
        insert_table(library, pets, tmp_path / "none.csv")


def test_a_task_is_labelled_when_every_class_is_answered(library, pets):
    insert_tasks(library, pets, files=["a", "b"])
    insert_tasks(library, pets, files=["a"], cut=Cut(over="shots"))
    answer(library, "a", "dog", "yes", who="ann", campaign=pets)
    answer(library, "a", "cat", "unsure", who="ann", campaign=pets)
    answer(library, "b", "dog", "no", who="ann", campaign=pets)
    answer(library, "b", "cat", "skipped", who="ann", campaign=pets)
    answer(library, "a", "dog", "no", who="bob", campaign=pets, span=Span(0, 1))
    answer(library, "a", "cat", "no", who="ann", campaign=pets, span=Span(0, 1))
    answer(library, "a", "cat", "no", who="ann", span=Span(1, 3))  # of no campaign
    labelled = campaign_tasks(library, pets, state="labelled")
    assert [(facts.task.asset[:1], facts.task.span, facts.people) for facts in labelled] == [
        ("a", None, ("ann",)),
        ("a", Span(0, 1), ()),
    ]
    assert len(campaign_tasks(library, pets, state="unlabelled")) == 2
    assert [facts.task.span for facts in campaign_tasks(library, pets, state="labelled", who="ann")] == [None]
    assert campaign_tasks(library, pets, state="labelled", who="bob") == []
    facts = campaign_facts(library, pets)
    assert (facts.tasks, facts.labelled, facts.people, facts.answers) == (4, 2, {"ann": 1, "bob": 0}, 6)
    with pytest.raises(OptionError, match="got 'labeled'. Did you mean 'labelled'"):
        campaign_tasks(library, pets, state="labeled")


def test_an_answer_knows_the_version_that_people_saw(library, pets):
    (first,) = answer(library, "a", "dog", "yes", who="ann", campaign=pets)
    edit_class(library, "dog", definition="it barks")
    (second,) = answer(library, "a", "dog", "yes", who="bob", campaign=pets)
    assert (first.label_version, second.label_version) == (1, 2)
    assert campaign_facts(library, pets).older == {"dog": 1}


def test_an_answer_that_cannot_be_is_refused(library, pets):
    with pytest.raises(StoreError, match="no class 'dgo'; there are: cat, dog. Did you mean 'dog'"):
        answer(library, "a", "dgo", "yes", who="ann")
    add_class(library, "cow")
    with pytest.raises(OptionError, match="the campaign 'pets' asks about dog, cat, got 'cow'"):
        answer(library, "a", "cow", "yes", who="ann", campaign=pets)
    with pytest.raises(StoreError, match="no campaign 'pest'"):
        answer(library, "a", "dog", "yes", who="ann", campaign="pest")
    with pytest.raises(TimelineError, match="a verdict is one of"):
        answer(library, "a", "dog", "maybe", who="ann")
    with pytest.raises(TimelineError, match="names its person"):
        answer(library, "a", "dog", "yes", who=" ")
    with pytest.raises(StoreError, match="lies within its media of 4.000 s"):
        answer(library, "b", "dog", "yes", who="ann", span=Span(5, 7))
    with pytest.raises(StoreError, match="knows no file or clip 'gone.mp4'"):
        answer(library, "gone.mp4", "dog", "yes", who="ann")
    with library.answers() as book:
        assert book.answers() == []


def test_an_answer_is_taken_back_and_brought_back(library, pets):
    (said,) = answer(library, "a", "dog", "yes", who="ann", campaign=pets)
    (back,) = undo(library, said.id)
    assert (back.who, back.undoes) == ("ann", said.id)
    with pytest.raises(OptionError, match=f"is taken back already; to bring it back, undo {back.id}"):
        undo(library, said.id)
    undo(library, back.id, who="bob")
    with library.answers() as book:
        assert standing(book.answers()) == [said]
    with pytest.raises(StoreError, match="holds no answer with the id 'none'"):
        undo(library, "none")


def test_where_one_class_is_right_a_yes_decides_the_others_and_an_undo_frees_them(library):
    create_campaign(library, "which", ["dog", "cat"], exclusive=True)
    insert_tasks(library, "which", files=["a"])
    first = answer(library, "a", "dog", "yes", who="ann", campaign="which")
    assert [(each.label, each.verdict) for each in first] == [("dog", "yes"), ("cat", "no")]
    assert campaign_facts(library, "which").people == {"ann": 1}
    second = answer(library, "a", "cat", "yes", who="ann", campaign="which")
    back = undo(library, second[0].id)
    assert [each.undoes for each in back] == [each.id for each in second]
    with library.answers() as book:
        assert standing(book.answers()) == list(first)
    undo(library, back[0].id)
    with library.answers() as book:
        assert standing(book.answers()) == list(second)


def test_clips_without_media_disturb_nothing_else(library, pets, tmp_path):
    insert_tasks(library, pets)
    assert (library.status().assets, library.status().files) == (2, 2)
    assert [source.name for source in library.sources()] == ["a.mp4", "b.mp4"]
    assert library.groups().total == 2
    assert library.search("xmas") == []
    assert len(library.stats()) == 1
    assert ADDRESS not in library.report(tmp_path / "report").read_text()
    assert not list((tmp_path / "report").rglob("*636c6970*"))  # "clip" in hexadecimal
    assert library.export("csv", tmp_path / "out").files
    assert library.preview(wanted=["shots"]).new == []
    assert library.sql("select count(*) as n from tasks").n[0] == 3
