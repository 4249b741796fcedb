"""Pages that people look at: one for a library, one for each asset, without a server.

A page holds its style and its script, asks no server for anything, and forbids the browser to: its content security
policy names the hashes of both and nothing else. An asset's page and that of a small library hold their pictures too;
those of a large one lie beside it, in `pictures/`. Without scripts a page shows the same facts; with them it can be
searched and filtered, and its timeline can be zoomed and walked through.
"""

from __future__ import annotations

import os
from pathlib import Path

from cueline.ports import Store
from cueline.reports.asset_pages import asset_html, fingerprint
from cueline.reports.cards import Card, card
from cueline.reports.facts import FileFacts, library_facts
from cueline.reports.findings import Findings, findings
from cueline.reports.library_pages import is_complete, library_html, word_bytes
from cueline.reports.pictures import Album, inside, pictures_at, strip_times
from cueline.reports.rendering import write_whole

LIBRARY_PAGE = "index.html"
STRIP = 4  # pictures of each file on the library's page
LIBRARY_BYTES = 16_000_000  # of pictures inside the library's page, before encoding


def write_report(store: Store, folder: Path, *, title: str) -> Path:
    """Write the page of a library, and one page for each asset beside it.

    What has not changed is not written again. A track or a picture that cannot be read is told of as a problem of its
    file, and stops no other. One asset is in memory at a time.

    Args:
        store: What to report on.
        folder: Where; made if it is missing. Pages there of the same names are replaced, no other file is touched.
        title: What the library is called.

    Returns:
        The library's page, `index.html`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    library = library_facts(store)
    cards = []
    for file in library.files:
        found, album = findings(store, file), Album(store, file)
        made_from = fingerprint(file, found, album, title=title)
        if _made_from(folder / file.page) != made_from:
            page = asset_html(file, found, album, title=title, made_from=made_from)
            write_whole(folder / file.page, page.encode())
        cards.append(_card(file, found, album, len(library.files), folder))
    library = library.with_problems(problem for each in cards for problem in each.problems)
    write_whole(folder / LIBRARY_PAGE, library_html(library, cards, title=title).encode(), settled=True)
    return folder / LIBRARY_PAGE


def library_page(store: Store, *, title: str) -> str:
    """The page of a library: every file with its key frames and facts, every problem with its reason.

    Args:
        store: What to report on.
        title: What the library is called.

    Returns:
        HTML; it links to the pages of the assets by relative names. Up to 200 files it is complete in itself, beyond
        it shows the pictures that `write_report` puts beside it.
    """
    library = library_facts(store)
    cards = [_card(file, findings(store, file), Album(store, file), len(library.files), None) for file in library.files]
    library = library.with_problems(problem for each in cards for problem in each.problems)
    return library_html(library, cards, title=title)


def asset_page(store: Store, asset: str, *, title: str) -> str:
    """The page of one asset: a timeline of its tracks, a key frame of each shot, and tables of the same.

    Args:
        store: What to report on.
        asset: Id of the asset.
        title: What the library is called.

    Returns:
        HTML, complete in itself; it links back to the library's page.

    Raises:
        KeyError: If the store has no such asset.
    """
    files = {file.asset.id: file for file in library_facts(store).files}
    if asset not in files:
        raise KeyError(f"no asset has the id {asset!r}; the store holds {len(files)}")
    file = files[asset]
    found, album = findings(store, file), Album(store, file)
    return asset_html(file, found, album, title=title, made_from=fingerprint(file, found, album, title=title))


def _card(file: FileFacts, found: Findings, album: Album, files: int, folder: Path | None) -> Card:
    """The card of a file; the pictures of many files go into a folder, if there is one."""
    times = strip_times(found.tracks, STRIP)
    most_bytes = LIBRARY_BYTES / files if is_complete(files) else LIBRARY_BYTES
    pictures = [picture for _, picture in pictures_at(album, times, most_bytes=most_bytes)]
    if is_complete(files):
        addresses = [inside(picture) for picture in pictures]
    else:
        addresses = [f"pictures/{file.key[:2]}/{file.key}-{number}.webp" for number in range(len(pictures))]
        if folder is not None:
            for address, picture in zip(addresses, pictures, strict=True):
                _keep(folder / address, picture)
    problems = (*found.problems, *album.problems)
    return card(file, found, tuple(addresses), problems=problems, word_bytes=word_bytes(files))


def _made_from(path: Path) -> str:
    """What an earlier page was made from, by its last line; empty if there is none or it is cut off."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 64))
            last = file.read().decode("ascii", "replace")
    except FileNotFoundError:
        return ""
    return last.rpartition("<!-- made from ")[2].partition(" -->")[0]


def _keep(path: Path, picture: bytes) -> None:
    try:
        if path.read_bytes() == picture:
            return
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, picture)
