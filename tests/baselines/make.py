"""Makes the stored library of this schema version; run once for each version, and keep what it made for ever.

    python tests/baselines/make.py

The library is made up: two films that lie nowhere, a file that could not be read, tracks of both kinds, pictures, and a
failure; from version 3 on, what people said of it too. `tests/stores/test_migrations.py` opens the library of every
version and finds the same things in each.
"""

import os
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from cueline.ports import Outcome, Placed  # noqa: E402
from cueline.stores import schema  # noqa: E402
from cueline.stores.answers import AnswerBook  # noqa: E402
from cueline.stores.library import LibraryStore  # noqa: E402
from cueline.timeline.answers import Answer, Campaign, Clip, LabelClass, LabelTask  # noqa: E402
from cueline.timeline.assets import Location  # noqa: E402
from cueline.timeline.spans import Span  # noqa: E402
from tests.stores.made import asset, done, features, labels, made_by, pictures, placed  # noqa: E402


def make(folder: Path) -> None:
    """One small library with something of everything."""
    with LibraryStore(folder, create=True) as store:
        run = store.begin_run({"wanted": ["shots"]})
        store.put_asset(asset("a1", film="Sintel"))
        store.put_asset(asset("b2"))
        store.put_place(placed("/films/one.mp4"))
        store.put_place(placed("/films/copy.mp4"))
        store.put_place(Placed(Location(Path(os.fsdecode(b"/films/caf\xe9.mp4")), 7, 8), "b2", missing=True))
        store.put_place(placed("/films/broken.mp4", None, reason="it is empty"))
        store.commit(run, [done("color", tracks={"color": features(4)})])
        store.commit(run, [done("thumbnails", pictures=pictures(store.spool_folder() / "p"))])
        store.commit(run, [done("shots", tracks={"shots": labels("shot", "shot"), "cuts": features(2, width=1)})])
        store.commit(run, [Outcome("b2", "shots", "failed", made_by("shots"), "it has no frames", 0.1)])
        store.end_run(run)
        store.begin_run({"wanted": ["black"]})
    with AnswerBook(folder) as book:
        label(book)
    with closing(sqlite3.connect(folder / schema.FILE)) as database:
        database.execute("PRAGMA journal_mode = DELETE")
    for left in ("lease", "spool"):
        path = folder / left
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def label(book: AnswerBook) -> None:
    """What two people said of a film, and of a clip whose media nobody has."""
    book.put_all([LabelClass("dog"), LabelClass("cat", "an animal", primary=False, excluded=("lion",))])
    book.put(LabelClass("dog", "it barks"))
    book.put(Campaign("pets", ("dog", "cat"), "Which pets?", source="clips of a web page"))
    book.put(Campaign("old", ("dog",)))
    book.retire("old")
    book.put_clips(Clip("clip-1", "https://example.org/pets/1.mp4", "e7a9", {"show": "pets"}))
    book.add_tasks("pets", [LabelTask("a1", Span(0.0, 1.0)), LabelTask("clip-1", priority=2.0)])
    said = [("a1", "dog", "yes", "ann", Span(0.0, 1.0)), ("clip-1", "cat", "no", "bob", None)]
    time = "2026-01-01T10:00:00.000+00:00"
    for number, (of, name, verdict, who, span) in enumerate(said, start=1):
        book.add(Answer(of, name, verdict, who, span, "pets", number, made=time, id=f"answer {number}"))
    book.add(Answer("clip-1", "cat", "skipped", "bob", undoes="answer 2", made=time, id="answer 3"))


if __name__ == "__main__":
    make(HERE / f"library-{schema.VERSION}")
