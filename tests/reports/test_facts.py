"""What is told of each file."""

from cueline.reports.facts import library_facts, page_name
from cueline.timeline.assets import Asset


def test_every_file_is_an_asset_or_has_a_reason(store):
    facts = library_facts(store)
    names = ["part 0.mp4", "part 1.mp4", "part 2.mp4", "song.flac", "torn.mkv", "lost.mov"]
    assert [file.name for file in facts.files] == names
    assert [(p.file, p.reason) for p in facts.unreadable] == [("broken.mp4", "the file ends before its index")]
    assert [(p.file, p.what, p.reason) for p in facts.failures] == [
        ("torn.mkv", "sound failed", "no sample after 12.5 s: invalid data")
    ]
    assert [(p.file, p.reason) for p in facts.missing] == [("lost.mov", "what was found in it is kept")]


def test_a_file_knows_its_folder_whether_it_was_analysed_and_whether_it_is_there(store):
    facts = {file.name: file for file in library_facts(store).files}
    assert (facts["part 0.mp4"].folder, facts["song.flac"].folder) == ("season 1", "")
    assert (facts["part 0.mp4"].analysed, facts["song.flac"].analysed) == (True, False)
    assert (facts["lost.mov"].missing, facts["torn.mkv"].missing) == (True, False)


def test_a_copy_that_is_gone_says_where_the_other_lies(store):
    store.place("season 1/copy.mp4", "0" * 32, missing=True)
    facts = library_facts(store)
    assert facts.missing[-1].reason == "the same content still lies at season 1/part 0.mp4"
    assert not next(file for file in facts.files if file.name == "part 0.mp4").missing


def test_a_broken_file_that_is_gone_is_still_told_of(store):
    store.place("gone.mp4", reason="0 bytes", missing=True)
    problem = library_facts(store).missing[-1]
    assert (problem.file, problem.reason, problem.page) == ("gone.mp4", "it could not be read while it was there", "")


def test_an_asset_without_a_place_is_called_by_its_id(empty):
    empty._assets.append(Asset("ab12", 1.0))
    (file,) = library_facts(empty).files
    assert (file.name, file.paths, file.missing) == ("asset ab12", (), True)


def test_what_has_a_name_alone_is_no_file(empty):
    empty._assets.append(Asset("clip-1", 0.0))
    assert library_facts(empty).files == ()


def test_a_page_has_a_name_that_is_safe_for_any_id():
    assert page_name("ab12") == "asset-ab12.html"
    assert page_name("../x") == "asset-2e2e2f78.html"


def test_a_file_that_could_not_be_read_is_named_once_whatever_failed_with_it(empty):
    failed = dict.fromkeys(("decode", "color", "shots"), "no picture could be decoded")
    empty.add("dark.mp4", Asset("f" * 32, 1.0), failed=failed)
    facts = library_facts(empty)
    assert [(p.file, p.what, p.reason) for p in facts.unreadable] == [("dark.mp4", "", "no picture could be decoded")]
    assert facts.failures == ()


def test_a_file_that_could_not_be_read_is_named_at_every_path_where_it_lies(empty):
    empty.add("a.mp4", Asset("f" * 32, 0.0), failed={"probe": "not a media file"})
    empty.place("b/a copy.mp4", "f" * 32)
    empty.place("gone.mp4", "f" * 32, missing=True)
    facts = library_facts(empty)
    assert [(p.file, p.reason) for p in facts.unreadable] == [
        ("a.mp4", "not a media file"),
        ("b/a copy.mp4", "not a media file"),
    ]
    assert [p.file for p in facts.missing] == ["gone.mp4"]
    assert facts.files[0].copies == ("b/a copy.mp4",)


def test_a_plug_in_that_failed_on_a_file_with_copies_is_told_of_once(empty):
    empty.add("a.mp4", Asset("a", 4.0), failed={"shots": "no memory"})
    empty.place("b.mp4", "a")
    assert [(p.file, p.what) for p in library_facts(empty).failures] == [("a.mp4", "shots failed")]


def test_a_broken_file_has_no_length(empty):
    empty.add("broken.mp4", Asset("a", 3.0), failed={"decode": "no picture could be decoded"})
    empty.add("empty.mp4", Asset("b", 0.0))
    empty.add("part.mp4", Asset("c", 3.0), failed={"shots": "no memory"})
    assert [(file.broken, file.seconds) for file in library_facts(empty).files] == [
        (True, None),
        (False, None),
        (False, 3.0),
    ]


def test_what_plug_ins_say_of_work_that_was_done_is_worth_knowing(empty):
    said = {"probe": "its pictures measure 1 x 1 pixels", "decode": "42 damaged places", "shots": "few pictures"}
    empty.add("a.mp4", Asset("a", 3.0), said=said, failed={"black": "no memory"}, idle=("speech", "music"))
    (file,) = library_facts(empty).files
    assert file.remarks == ("its pictures measure 1 x 1 pixels", "42 damaged places", "shots: few pictures")
    assert file.idle == ("music", "speech")
