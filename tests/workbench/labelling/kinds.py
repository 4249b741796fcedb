"""A library of clips of two kinds that their numbers tell apart, with a campaign about them."""

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

import numpy as np

from cueline import Library
from cueline.stores.answers import AnswerBook
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Answer, Campaign, LabelClass, LabelTask
from cueline.timeline.assets import Asset
from cueline.timeline.spans import as_spans
from cueline.timeline.tracks import FeatureTrack, LabelTrack
from tests.workbench.library_of_looks import keep

CLIPS, SHOWS = 60, 12


def is_red(number):
    """Every fifth clip is."""
    return number % 5 == 0


def library_of_kinds(folder):
    """Sixty films of twelve shows; those that are red have a greater first number. A copy, for one test to change."""
    shutil.copytree(_made(), folder / "kinds.cue")
    return Library(folder / "kinds.cue")


@functools.cache
def _made():
    folder = Path(tempfile.mkdtemp(prefix="cueline-kinds-")) / "kinds.cue"
    atexit.register(shutil.rmtree, folder.parent)
    rng = np.random.default_rng(0)
    store = LibraryStore(folder, create=True)
    for number in range(CLIPS):
        values = rng.normal([3.0 * is_red(number), 0, 0], 0.5, (4, 3)).astype(np.float32)
        edges = np.arange(5.0)
        track = FeatureTrack(np.column_stack((edges[:-1], edges[1:])), values, ("a", "b", "c"), "video:0")
        keep(store, f"film{number:02}", track)
        store.put_asset(Asset(f"film{number:02}", 9.0, groups={"show": str(number % SHOWS)}))
    store.close()
    with AnswerBook(folder) as book:
        book.put(LabelClass("red"))
        book.put(LabelClass("loud"))
        book.put(Campaign("kinds", ("red", "loud")))
        book.add_tasks("kinds", [LabelTask(f"film{number:02}") for number in range(CLIPS)])
    return folder


def say(library, numbers, *, wrong=(), who="ann"):
    """Answer for some clips whether they are red, and that none is loud; some answers are wrong."""
    red = {f"film{number:02}": is_red(number) != (number in wrong) for number in numbers}
    with library.answers() as book:
        book.add(*(Answer(film, "red", "yes" if yes else "no", who, campaign="kinds") for film, yes in red.items()))
        book.add(*(Answer(film, "loud", "no", who, campaign="kinds") for film in red))


def scores_of_names(library, name):
    """A label track that calls every red film by a name."""
    store = LibraryStore(library.path, create=False)
    for number in range(CLIPS):
        told = ((0.0, 9.0),) if is_red(number) else ()
        labels = LabelTrack(as_spans(list(told)) if told else np.empty((0, 2)), (name,) * len(told), classes=(name,))
        keep(store, f"film{number:02}", labels, name="said")
    store.close()
