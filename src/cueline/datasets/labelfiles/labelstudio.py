"""Label Studio's choices about whole clips: what each annotator said, and tasks with predictions for them to correct.

An annotation with choices says yes to those and no to the rest; one without any result says no to all; one that was
cancelled is an answer that somebody skipped. Predictions are what a model says, not people, and are never taken for
answers. Ranges on video and sound have an importer of their own; tasks with ranges are handed on to it, sorted by who
drew them.

References:
    Label Studio documentation: tag Choices, format of exported annotations, import of pre-annotated data.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote
from xml.sax.saxutils import quoteattr

from cueline.datasets.labelfiles.items import LabelFile, LabelItem, Skip
from cueline.datasets.labelfiles.texts import shown
from cueline.errors import FormatError
from cueline.timeline.answers import Verdict

RANGES = ("timelinelabels", "labels")
_SAID = ("annotations", "completions")
_KEPT_THERE = re.compile(r"/data/(?:upload/\d+/[0-9a-f]{8}-|local-files/\?d=)(.+)")  # how it stores what people give it
_MEDIA = ("video", "audio", "image", "url", "text", "file", "data")


@dataclass(frozen=True, slots=True)
class Guess:
    """What is proposed for one clip.

    Attributes:
        clip: Its name.
        key: Its id in a label file, or empty.
        asset: Id of the asset.
        url: Where its media is found.
        choices: The classes that are said to be there.
        score: How sure that is, in [0, 1].
    """

    clip: str
    key: str
    asset: str
    url: str
    choices: Sequence[str] | None
    score: float = 1.0


def fits(value: Any) -> bool:
    """Whether a value of JSON looks like tasks of Label Studio."""
    tasks = value if isinstance(value, list) else [value]
    return any(isinstance(task, dict) and isinstance(task.get("data"), dict) for task in tasks)


def read(path: Path, value: Any) -> LabelFile:
    """Read tasks with annotations.

    Args:
        path: The file, for messages.
        value: What it holds: a list of tasks, or one.

    Raises:
        FormatError: If it is something else.
    """
    if not fits(value):
        raise FormatError(
            f"{str(path)!r} must be tasks of Label Studio, each with an object 'data', got {shown(value)}. Export from "
            "Label Studio as JSON, not as JSON-MIN.",
            path=path,
        )
    items, skipped = list[LabelItem](), list[Skip]()
    ranges: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for number, task in enumerate(value if isinstance(value, list) else [value], start=1):
        where = f"task {task.get('id', number)}" if isinstance(task, dict) else f"task {number}"
        try:
            for who, said in _annotations(task, where):
                types = {str(region.get("type")) for region in said["result"]}
                if said.get("was_cancelled") or not types or "choices" in types:
                    items.append(_item(task, said, who, where))
                if types & set(RANGES) and not said.get("was_cancelled"):
                    ranges[who].append(_of_one(task, said))
                other = sorted(types - {"choices", *RANGES})
                if other:
                    skipped.append(Skip(where, _named(task), "", f"regions of type {', '.join(other)} are not read"))
        except FormatError as error:
            skipped.append(Skip(where, _named(task), "", str(error)))
    return LabelFile("labelstudio", items, skipped, ranges=dict(ranges))


def written(guesses: Iterable[Guess], *, kind: str, model: str) -> str:
    """Tasks as text, each with one prediction, or none where nothing is proposed.

    Args:
        guesses: What is proposed.
        kind: What is shown: "video", "audio", "image" or "text".
        model: Who proposes it.
    """
    return "[\n" + ",\n".join(json.dumps(_task(each, kind, model), ensure_ascii=False) for each in guesses) + "\n]\n"


def configuration(classes: Sequence[str], *, kind: str, question: str, exclusive: bool) -> str:
    """The labelling configuration (XML) that a project needs for such tasks."""
    shows = {"video": "Video", "audio": "Audio", "image": "Image", "text": "Text"}[kind]
    choices = "".join(f"    <Choice value={quoteattr(name)}/>\n" for name in classes)
    number = "single" if exclusive else "multiple"
    return (
        f'<View>\n  <{shows} name="{kind}" value="${kind}"/>\n  <Header value={quoteattr(question)}/>\n'
        f'  <Choices name="classes" toName="{kind}" choice="{number}">\n{choices}  </Choices>\n</View>\n'
    )


def _task(guess: Guess, kind: str, model: str) -> dict[str, Any]:
    about = {"asset": guess.asset, "clip": guess.clip, "key": guess.key}
    predictions = []
    if guess.choices is not None:
        value = {"choices": list(guess.choices)}
        region = {"from_name": "classes", "to_name": kind, "type": "choices", "value": value}
        predictions.append({"model_version": model, "score": guess.score, "result": [region] if guess.choices else []})
    return {"data": {kind: guess.url, "cueline": about}, "predictions": predictions}


def _annotations(task: Any, where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Who said what of a task."""
    if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
        raise FormatError(f"{where} must be an object with its 'data', got {shown(task)}")
    said: Any = next((task[name] for name in _SAID if task.get(name)), [])
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        raise FormatError(f"{where} must have its annotations in full, got {shown(said)}")
    if not said:
        found = "predictions of a model alone" if task.get("predictions") else "none"
        raise FormatError(f"{where} must have annotations of people, got {found}")
    for one in said:
        result = one.get("result")
        if not isinstance(result, list) or not all(isinstance(region, dict) for region in result):
            raise FormatError(f"{where} must have annotations with a list 'result', got {shown(result)}")
        yield _who(one.get("completed_by")), one


def _who(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("email") or value.get("username") or value.get("id")
    if value is None or isinstance(value, bool) or value == "":
        return ""
    return f"annotator {value}" if isinstance(value, int) else str(value)


def _of_one(task: Mapping[str, Any], said: Mapping[str, Any]) -> Mapping[str, Any]:
    """A task with what one person said of it in ranges, and nothing else."""
    regions = [region for region in said["result"] if region.get("type") in RANGES]
    rest = {name: value for name, value in task.items() if name not in (*_SAID, "predictions")}
    return {**rest, "annotations": [{**said, "result": regions}]}


def _item(task: Mapping[str, Any], said: Mapping[str, Any], who: str, where: str) -> LabelItem:
    about = task["data"].get("cueline")
    about = about if isinstance(about, dict) else {}
    key = str(about.get("key") or task["data"].get("etag") or "")
    asset = str(about.get("asset") or "")
    clip = str(about.get("clip") or about.get("file") or _media(task["data"], said["result"], where))
    if said.get("was_cancelled"):
        return LabelItem(clip, {}, "skipped", key=key, asset=asset, who=who, where=where)
    named = dict.fromkeys(_choices(said["result"], where), "yes")
    return LabelItem(clip, cast("Mapping[str, Verdict]", named), "no", key=key, asset=asset, who=who, where=where)


def _choices(result: Sequence[Mapping[str, Any]], where: str) -> Iterator[str]:
    for region in result:
        if region.get("type") != "choices":
            continue
        value = region.get("value")
        names = value.get("choices") if isinstance(value, dict) else None
        if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
            raise FormatError(f"{where} must have choices that are a list of texts, got {shown(value)}")
        yield from (name.strip() for name in names)


def _media(data: Mapping[str, Any], result: Sequence[Mapping[str, Any]], where: str) -> str:
    """What a task calls its media: the text that its choices are about, the only one, or the one with a plain name."""
    texts = {key: value for key, value in data.items() if isinstance(value, str) and value.strip() and key != "etag"}
    wanted = [region.get("to_name") for region in result] + list(_MEDIA)
    key = next(iter(texts)) if len(texts) == 1 else next((name for name in wanted if name in texts), None)
    if key is None:
        raise FormatError(f"{where} must name its media in its data, got the keys {', '.join(data) or 'none'}")
    kept = _KEPT_THERE.fullmatch(texts[key])
    return unquote(kept[1]) if kept else texts[key]


def _named(task: Any) -> str:
    data = task.get("data") if isinstance(task, dict) else None
    if not isinstance(data, dict):
        return ""
    return next((value for key, value in data.items() if key != "etag" and isinstance(value, str)), "")
