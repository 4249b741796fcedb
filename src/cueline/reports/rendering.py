"""Templates, styles and scripts made into one page, and the policy that allows it these and nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from cueline.reports.words import duration_words, media_words, short_clock, size_words, stream_words
from cueline.timeline.timecode import clock

# A page opened from a disk has no origin: browsers disagree whether 'self' holds there, so `file:` is named as well.
# It opens nothing: the page's own script, the only one that runs, names the pictures, and nothing can be sent away.
PICTURES_BESIDE = "img-src data: 'self' file:"
PICTURES_INSIDE = "img-src data:"


def render(
    template: str,
    *,
    scripts: tuple[str, ...],
    styles: tuple[str, ...] = ("page.css",),
    images: str = PICTURES_INSIDE,
    **values: Any,
) -> str:
    """One page, with its style and its scripts inside.

    Args:
        template: Name of the template.
        scripts: Names of the scripts, in order; together they are one element.
        styles: Names of the style sheets, likewise.
        images: Where pictures may come from, as a rule of the policy.
        values: What the template is filled with.
    """
    style, script = ("\n".join(_static(name) for name in names) for names in (styles, scripts))
    policy = (
        f"default-src 'none'; {images}; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    # All are files of this package, without a mark that could end their element.
    inlined = {"style": Markup(style), "script": Markup(script)}  # noqa: S704
    return _templates().get_template(template).render(policy=policy, **inlined, **values)


def embedded(data: Any) -> Markup:
    """Data for a script as JSON in which nothing can end the element that holds it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - "<" is the only mark that could end the element


def numbers(schema: str, version: int, values: Mapping[str, Any]) -> bytes:
    """What a page shows as a file of JSON for programs, with the name and the version of its schema."""
    text = json.dumps({"schema": schema, "version": version, **values}, ensure_ascii=False, allow_nan=False, indent=1)
    return text.encode("utf-8", "backslashreplace")


def write_whole(path: Path, content: bytes, *, settled: bool = False) -> None:
    """Write a file whole or not at all; `settled` waits until it would outlive a power cut.

    Thousands of pages do not wait for the disk one by one: each can be made again, and its last line tells that it
    is whole.
    """
    aside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with aside.open("xb") as file:
            file.write(content)
            if settled:
                file.flush()
                os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


@cache
def look() -> str:
    """A hash of every template, style and script: what a page looks like, whatever it tells."""
    digest = hashlib.blake2b(digest_size=16)
    for folder in ("static", "templates"):
        files = resources.files("cueline.reports").joinpath(folder).iterdir()
        for file in sorted(files, key=lambda file: file.name):
            digest.update(file.read_bytes())
    return digest.hexdigest()


@cache
def _static(name: str) -> str:
    return resources.files("cueline.reports").joinpath("static", name).read_text("utf-8")


@cache
def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _templates() -> jinja2.Environment:
    folder = resources.files("cueline.reports").joinpath("templates")
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: folder.joinpath(name).read_text("utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "clock": lambda time: clock(max(0.0, time)),
        "duration": duration_words,
        "short_clock": short_clock,
        "size": size_words,
        "stream": stream_words,
        "media": media_words,
    }
    return environment
