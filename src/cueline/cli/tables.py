"""Verbs that show numbers and answers: features, stats, sql."""

from __future__ import annotations

import json as json_text
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cueline.cli.arguments import (
    AsJson,
    FileOption,
    FromOption,
    GroupOption,
    LibraryPath,
    Limit,
    ToOption,
    TrackOption,
    read_groups,
    read_window,
)
from cueline.cli.output import clock, say, short, show_json, table
from cueline.errors import OptionError

if TYPE_CHECKING:
    from cueline.workbench.library import Library


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    for verb in (features, stats, sql):
        app.command()(verb)


def features(
    library: LibraryPath,
    file: Annotated[str, typer.Argument(help="Which file, by path or name.", show_default=False)],
    track: Annotated[str, typer.Argument(help="Which track of numbers, such as loudness.", show_default=False)],
    start: FromOption = None,
    end: ToOption = None,
    limit: Limit = 20,
    json: AsJson = False,
) -> None:
    """Show the numbers of one track of one file, row by row."""
    from cueline.workbench.library import Library

    found = Library(library).features(file, track)
    within = read_window(start, end)
    found = found if within is None else found.crop(within)
    names = found.columns or tuple(str(number) for number in range(found.values.shape[1]))
    rows = list(zip(found.spans[:limit].tolist(), found.values[:limit].tolist(), strict=True))
    if json:
        show_json(
            [
                {"start": span[0], "end": span[1], **{name: _plain(v) for name, v in zip(names, values, strict=True)}}
                for span, values in rows
            ]
        )
        return
    cells = [(clock(span[0]), clock(span[1]), *(f"{value:.4g}" for value in values)) for span, values in rows]
    table(("start", "end", *names), cells)
    if len(found) > limit:
        say(f"{limit} of {len(found)} rows; --limit shows more")


def stats(
    library: LibraryPath,
    track: TrackOption = None,
    file: FileOption = None,
    start: FromOption = None,
    end: ToOption = None,
    group: GroupOption = None,
    json: AsJson = False,
) -> None:
    """Count: how often, in how many files and how long each name of each track holds."""
    from cueline.workbench.library import Library

    found = Library(library).stats(track, file=file, within=read_window(start, end), groups=read_groups(group))
    if json:
        show_json(
            [{"track": t.track, "name": t.name, "rows": t.rows, "files": t.assets, "seconds": t.seconds} for t in found]
        )
        return
    rows = [(t.track, short(t.name), str(t.rows), str(t.assets), clock(t.seconds)) for t in found]
    table(("track", "name", "rows", "files", "duration"), rows)
    if not rows:
        say(f"nothing to count; `cueline status {library}` tells which tracks there are")


def sql(
    library: LibraryPath,
    query: Annotated[str, typer.Argument(help="One SELECT over the views; see docs/reference/sql.md.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write .parquet, .arrow, .csv or .json instead.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Ask the library's database in SQL; nothing is changed this way."""
    from cueline.workbench.library import Library

    target = Library(library)
    if out is not None:
        _write(target, query, out)
        say(f"written to {out}")
        return
    found = target.sql(query)
    if json:
        show_json([{name: _plain(value) for name, value in row.items()} for row in found.to_dict("records")])
    else:
        table(list(found.columns), [[short(_cell(value)) for value in row] for row in found.itertuples(index=False)])


def _write(target: Library, query: str, out: Path) -> None:
    """The answer to a query as a file, in the format that its ending tells."""
    ways = {".parquet": _write_parquet, ".arrow": _write_arrow, ".csv": _write_csv, ".json": _write_json}
    if out.suffix not in ways:
        raise OptionError(f"--out must end in {', '.join(ways)}, got {str(out)!r}")
    ways[out.suffix](target, query, out)


def _write_parquet(target: Library, query: str, out: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(target.arrow(query), out)


def _write_arrow(target: Library, query: str, out: Path) -> None:
    import pyarrow as pa

    table = target.arrow(query)
    with pa.OSFile(str(out), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def _write_csv(target: Library, query: str, out: Path) -> None:
    target.sql(query).to_csv(out, index=False)


def _write_json(target: Library, query: str, out: Path) -> None:
    rows = [{name: _plain(value) for name, value in row.items()} for row in target.sql(query).to_dict("records")]
    out.write_text(json_text.dumps(rows, indent=1))


def _plain(value: Any) -> Any:
    """A value that JSON can hold: bytes in hexadecimal, null for what is no finite number."""
    if isinstance(value, bytes):
        return value.hex()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _cell(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
