"""What files are called."""

import pytest

from cueline.workbench.matching import Places


@pytest.fixture
def places(shelf, put):
    ids = {name: put(name) for name in ("a/one.mp4", "a/two.mp4", "b/two.mp4", "c/two.avi", "übung 1.mp4")}
    return Places(shelf.places()), ids


@pytest.mark.parametrize(
    ("called", "name"),
    [
        ("one.mp4", "a/one.mp4"),
        ("one", "a/one.mp4"),
        ("a/two.mp4", "a/two.mp4"),
        ("b/two", "b/two.mp4"),
        ("two.avi", "c/two.avi"),
        ("/mnt/elsewhere/b/two.mp4", "b/two.mp4"),
        ("/mnt/elsewhere/one.mp4", "a/one.mp4"),
        ("file:///mnt/%C3%BCbung%201.mp4", "übung 1.mp4"),
    ],
)
def test_a_file_is_known_by_name_and_by_the_end_of_its_path(places, called, name):
    known, ids = places
    assert known.asset(called) == ids[name]


def test_a_file_is_known_by_path_and_by_id(places, films):
    known, ids = places
    assert known.asset(str(films / "b/two.mp4")) == ids["b/two.mp4"]
    assert known.asset(ids["a/one.mp4"]) == ids["a/one.mp4"]


@pytest.mark.parametrize(
    ("called", "told"),
    [
        ("two.mp4", "2 files are called 'two.mp4'; give the whole path"),
        ("/mnt/x/two.mp4", "2 files are called 'two.mp4'"),
        ("z/one.mp4", "no file is called 'z/one.mp4'"),
        ("onne.mp4", "no file is called 'onne.mp4'. Did you mean 'one.mp4'"),
        ("", "no file is called ''"),
        ("file://[", r"a file: address must have a path, got 'file://\['"),
    ],
)
def test_what_is_not_meant_clearly_is_refused(places, called, told):
    with pytest.raises(LookupError, match=told):
        places[0].asset(called)


def test_a_name_that_an_exporter_made_safe_is_known_again(shelf, put):
    asset = put("night train: 1.mp4")
    assert Places(shelf.places()).asset("night_train_1") == asset
