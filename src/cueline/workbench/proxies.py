"""Proxies: copies for browsers of what browsers do not play, made when somebody asks, kept until somebody deletes them.

A proxy lies in the folder `derived` of the library, under the id of its asset, so that it follows the content wherever
the file goes. It is made in a worker process, as everything is that decodes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cueline.errors import MediaError, StoreError
from cueline.media.playable import why_no_browser
from cueline.media.proxies import make_proxy
from cueline.ports import Engine, Progress, Task, Watch
from cueline.stores.faults import told_plainly
from cueline.timeline.assets import Asset

_ENDINGS = (".mp4", ".webm", ".m4a")


@dataclass(frozen=True, slots=True)
class Proxy:
    """What a browser can be given for one file.

    Attributes:
        file: The file itself.
        why: Why browsers do not play it; empty where they do, and it needs no proxy.
        proxy: The copy that they play, or None.
        reason: Why there is none though it is needed; else empty.
    """

    file: Path
    why: str
    proxy: Path | None = None
    reason: str = ""

    @property
    def playable(self) -> Path | None:
        """What to give to a browser: the file, its proxy, or nothing."""
        return self.proxy if self.why else self.file


@dataclass(frozen=True, slots=True)
class ProxyJob:
    """A file, what was measured of it, and where its proxy belongs."""

    path: Path
    asset: Asset
    folder: Path
    height: int
    always: bool


def proxies(
    library: Path,
    files: Mapping[Path, Asset],
    engine: Engine,
    *,
    height: int = 480,
    always: bool = False,
    watch: Watch | None = None,
) -> Iterator[Proxy]:
    """Make what is missing, and tell what there is.

    Args:
        library: Folder of the library.
        files: Files, and what was measured of each.
        engine: Where proxies are made.
        height: Pixels of their pictures at most.
        always: Also for files that browsers play, such as films too large to send.
        watch: Hears how it goes.

    Yields:
        One answer a file, as they come.
    """
    jobs = [ProxyJob(path, asset, _folder(library.absolute(), asset), height, always) for path, asset in files.items()]
    for end in engine.run((Task(str(job.path), prepare, job) for job in jobs), watch=watch):
        path = end.task.payload.path
        yield end.result if end.kind == "done" else Proxy(path, "it could not be looked at", None, end.reason)


def prepare(job: ProxyJob, progress: Progress) -> Proxy:
    """The proxy of one file, made if it is needed and not there; runs in a worker process."""
    progress.at("decode")
    try:
        why = why_no_browser(job.path, job.asset) or ("a proxy was asked for all the same" if job.always else "")
        if not why:
            return Proxy(job.path, "")
        target = job.folder / f"proxy-{job.height}"
        there = (target.with_suffix(ending) for ending in _ENDINGS)
        made = next((path for path in there if path.exists()), None)
        if made is None:
            with told_plainly("write to the library", job.folder):
                job.folder.mkdir(parents=True, exist_ok=True)
            made = make_proxy(job.path, job.asset, target, height=job.height, progress=progress)
    except (MediaError, StoreError) as error:
        return Proxy(job.path, "browsers may not play it", None, str(error))
    return Proxy(job.path, why, made)


def _folder(library: Path, asset: Asset) -> Path:
    return library / "derived" / asset.id[:2] / asset.id
