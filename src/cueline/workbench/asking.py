"""Asking a library for moments: by track and time, by words, by example, in SQL."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cueline.errors import StoreError
from cueline.ports import Engine, Placed
from cueline.stores.questions import Wanted
from cueline.stores.rows import Tag, Tally
from cueline.stores.vectors import Metric
from cueline.timeline.spans import Span
from cueline.workbench.intake import homes
from cueline.workbench.likeness import Example, Index, moments_like
from cueline.workbench.matching import Places
from cueline.workbench.opened import AnyPath, OpenedLibrary
from cueline.workbench.search import Hit, search

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


class AskedLibrary(OpenedLibrary):
    """The half of a `Library` that finds."""

    def tags(
        self,
        name: str | None = None,
        *,
        file: AnyPath | None = None,
        classes: Sequence[str] | None = None,
        within: Span | None = None,
        least_score: float | None = None,
        groups: Mapping[str, str] | None = None,
        limit: int | None = None,
    ) -> list[Tag]:
        """Rows of label tracks, by file and time; those of content that no file holds any more are left out.

        Args:
            name: Of the track, such as "shots"; all tracks where none is given.
            file: One file only, by path or by name.
            classes: Only these names.
            within: Only rows that overlap this span.
            least_score: Only rows with at least this score.
            groups: Only of assets in all these groups, such as {"show": "Cosmos"}.
            limit: At most so many.
        """
        with self._reading() as store:
            asset = self._asset(store, file) if file is not None else None
            names = None if name is None else (name,)
            rows = store.tags(
                names=names, classes=classes, within=within, asset=asset, least_score=least_score, groups=groups
            )
            somewhere = homes(store.places())
            return list(itertools.islice((row for row in rows if row.asset in somewhere), limit))

    def search(
        self,
        words: str = "",
        *,
        track: str | None = None,
        classes: Sequence[str] | None = None,
        file: AnyPath | None = None,
        within: Span | None = None,
        least_score: float | None = None,
        groups: Mapping[str, str] | None = None,
        limit: int = 100,
    ) -> list[Hit]:
        """Files and labels that fit words, the best first; see `cueline.stores.wording` for what words may be.

        Args:
            words: Looked for in names of labels, lines of subtitles and notes, and names of files.
            track: Only labels of this track.
            classes: Only labels of these names.
            file: One file only.
            within: Only labels that overlap this span.
            least_score: Only labels with at least this score.
            groups: Only assets in all these groups.
            limit: At most so many.

        Raises:
            OptionError: If the words cannot be read; shows where.
        """
        with self._reading() as store:
            asset = None if file is None else self._asset(store, file)
            names = None if track is None else (track,)
            return search(store, words, Wanted(names, classes, within, asset, least_score, groups), limit=limit)

    def like(
        self,
        example: AnyPath,
        track: str,
        *,
        span: Span | None = None,
        per: str | float | None = None,
        columns: Sequence[str] = (),
        metric: Metric = "cosine",
        within: Span | None = None,
        groups: Mapping[str, str] | None = None,
        limit: int = 20,
        index: Index = "auto",
        engine: Engine | None = None,
        told: Callable[[str], None] | None = None,
    ) -> list[Hit]:
        """Moments like an example, the most alike first; see `likeness.moments_like`.

        Args:
            example: A file of the library, by path or by name, or any film, sound or picture from outside.
            track: What is compared: a feature track, such as "color" or "sound".
            span: The part of the example that is meant; all of it where none is given.
            per: What one moment is: a label track such as "shots", so many seconds, or "" for a row of the track.
            columns: Only these columns, by name or pattern, such as "luma_*".
            metric: "cosine" or "euclidean".
            within: Only moments that overlap this window of their file.
            groups: Only in assets of all these groups.
            limit: At most so many.
            index: "exact", "lance", or "auto".
            engine: Where a file from outside is analysed; workers on this machine where none is given.
            told: Hears what is built on the way, in a line.
        """
        with self._reading() as store:
            places = store.places()
            somewhere = homes(places)
            known = {asset.id for asset in store.assets() if (groups or {}).items() <= asset.groups.items()}
            moments = moments_like(
                store,
                Example(_source(places, example), span),
                track,
                per=per,
                columns=columns,
                metric=metric,
                assets=known & somewhere.keys(),
                within=within,
                count=limit,
                index=index,
                engine=engine,
                told=told,
            )
            return [
                Hit(each.asset, somewhere[each.asset].location.path, track, each.span, "", each.score)
                for each in moments
            ]

    def stats(
        self,
        track: str | None = None,
        *,
        file: AnyPath | None = None,
        within: Span | None = None,
        groups: Mapping[str, str] | None = None,
    ) -> list[Tally]:
        """How often, in how many assets and how long each name of each label track holds, the commonest first."""
        with self._reading() as store:
            asset = None if file is None else self._asset(store, file)
            names = None if track is None else (track,)
            return store.tallies(Wanted(names=names, asset=asset, within=within, groups=groups))

    def sql(self, query: str, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        """Ask the library's database; it cannot be changed this way.

        Args:
            query: SQL over the views answers, assets, campaigns, classes, clips, groups, history, locations, outcomes,
                runs, tags, tasks and tracks.
            parameters: Values for the question marks in it.

        Raises:
            StoreError: If it cannot be answered; shows where it goes wrong.
        """
        import pandas as pd

        with self._reading() as store:
            columns, rows = store.sql(query, parameters)
            return pd.DataFrame(rows, columns=columns)

    def arrow(self, query: str, parameters: Sequence[Any] = ()) -> pa.Table:
        """The same as an Arrow table, for Parquet and whatever else reads Arrow.

        Raises:
            StoreError: If it cannot be answered, or a column holds values of several kinds.
        """
        import pyarrow as pa

        with self._reading() as store:
            columns, rows = store.sql(query, parameters)
            values = zip(*rows, strict=True) if rows else ((),) * len(columns)
            try:
                return pa.table([pa.array(column) for column in values], names=columns)
            except pa.ArrowInvalid as error:
                raise StoreError(f"a column holds values of several kinds: {error}. Make them one with CAST") from error


def _source(places: Iterable[Placed], example: AnyPath) -> str | Path:
    """The asset that is called so, or else a file from outside."""
    try:
        return Places(places).asset(str(example))
    except LookupError:
        if os.path.lexists(example):
            return Path(example)
        raise StoreError(f"there is neither a file of the library nor any other at {str(example)!r}") from None
