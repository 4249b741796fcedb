import pytest

from cueline.stores.library import LibraryStore
from tests.stores.made import asset, done, features, same

ODD = ["../../shots", "..", ".", "a/b\\c", "x" * 300, "Schnitt äöü 日本", "a:b*c?", "shots.v2"]


@pytest.mark.parametrize("name", ODD)
def test_a_track_of_any_name_lies_inside_the_library(folder, name):
    with LibraryStore(folder / "films.cue", create=True) as store:
        store.put_asset(asset(name[:60]))
        store.commit(store.begin_run({}), [done(of=name[:60], tracks={name: features()})])
        assert same(store.track(name[:60], name), features())
        (file,) = folder.rglob("*.arrow")
        assert file.relative_to(folder).parts[:2] == ("films.cue", "features")
        assert len(file.relative_to(folder).parts) == 5


def test_tracks_whose_names_begin_alike_do_not_meet(store):
    names = ["x" * 200 + letter for letter in "abc"]
    store.put_asset(asset())
    tracks = {name: features(value=number) for number, name in enumerate(names)}
    store.commit(store.begin_run({}), [done(tracks=tracks)])
    assert [store.track("a1", name).values[0, 0] for name in names] == [0.0, 1.0, 2.0]
