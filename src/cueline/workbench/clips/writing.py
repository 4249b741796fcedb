"""The folder of a model of clips: the model, what it learned from, its report, and the clips most worth relabelling.

model.json, weights.safetensors    the model
rows.json, rows.safetensors        what it learned from, for an update
report.html, report.json           what it reached
relabel.csv, relabel.m3u8          labels worth a second look, the most doubtful first, as a table and to listen to
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cueline.datasets.labelfiles.texts import defused, table_of
from cueline.evaluation.reliability import reliability_curve
from cueline.evaluation.summaries import ClassRow, Evaluation, Interval, Measured, Mistake
from cueline.exporters.naming import one_line
from cueline.learning.clips.relabelling import Relabel
from cueline.models.checkpoints import write_text
from cueline.models.clip_models import save_clip_model
from cueline.reports.evaluations import drawn, evaluation_html
from cueline.reports.rendering import numbers, write_whole
from cueline.workbench.clips.material import Clip
from cueline.workbench.clips.memory import Memory, keep_memory

if TYPE_CHECKING:
    from cueline.workbench.training_sound import SoundModel

REPORT, NUMBERS = "report.html", "report.json"
TABLE, PLAYLIST = "relabel.csv", "relabel.m3u8"
SCHEMA, VERSION = "cueline.clips.report", 1
COLUMNS = ("clip", "start", "end", "said", "suggested", "chance_said", "chance_suggested", "doubt", "group", "file")
MOST_LISTENED = 200
_MOST_MISTAKES = 50


def write_model(ended: SoundModel, memory: Memory) -> None:
    """Write all of it; the model comes last, so that a folder with a model is whole."""
    folder = ended.folder
    folder.mkdir(parents=True, exist_ok=True)
    found, clips = ended.relabels.found, ended.material.clips
    write_text(folder / TABLE, relabel_table(found, clips))
    listened = [(clips[one.row], f"{one.said}? {one.suggested}") for one in found[:MOST_LISTENED]]
    write_text(folder / PLAYLIST, playlist("relabel", listened))
    evaluation = evaluation_of(ended)
    write_whole(folder / NUMBERS, numbers(SCHEMA, VERSION, report_of(ended)))
    page = evaluation_html(evaluation, list(drawn(evaluation)), numbers_in=NUMBERS, plots_in="")
    write_whole(folder / REPORT, page.encode())
    keep_memory(memory, folder)
    save_clip_model(ended.model, folder)


def relabel_table(found: Iterable[Relabel], clips: Sequence[Clip]) -> str:
    """Labels worth a second look, as CSV."""
    rows = []
    for one in found:
        clip = clips[one.row]
        shares = (f"{value:.3f}" for value in (one.chance_said, one.chance_suggested, one.doubt))
        times = (f"{clip.span.start:.3f}", f"{clip.span.end:.3f}")
        words = (defused(one.said), defused(one.suggested))
        rows.append((defused(clip.name), *times, *words, *shares, defused(clip.group), defused(clip.file)))
    return table_of(COLUMNS, iter(rows))


def playlist(title: str, entries: Iterable[tuple[Clip, str]]) -> str:
    """Clips to listen to, each with a word about it; a part of a file has its times as a media fragment."""
    lines = ["#EXTM3U", f"#PLAYLIST:{one_line(title)}"]
    for clip, word in entries:
        lines += entry(Path(clip.file) if clip.file else None, clip.name, clip.span, word, whole=clip.whole)
    return "\n".join([*lines, ""])


def entry(path: Path | None, name: str, span: Any, word: str, *, whole: bool) -> list[str]:
    """The two lines of one clip in a playlist."""
    media = path.absolute().as_uri() if path else name
    fragment = "" if whole else f"#t={span.start:.6g},{span.end:.6g}"
    said = f"{word}: {name}" if word else name
    return [f"#EXTINF:{span.duration:.3f},{one_line(said)}", media + fragment]


def report_of(ended: SoundModel) -> dict[str, Any]:
    """What a model reached, as plain values."""
    claim = ended.claim if isinstance(ended.claim, str) else str(ended.claim)
    return {
        "model": str(ended.card.recipe.get("name")),
        "recipe": dict(ended.card.recipe),
        "classes": list(ended.card.classes),
        "clips": len(ended.material.clips),
        "judged": ended.card.measures.get("judged", ""),
        "models": [figures.to_json() for figures in ended.figures],
        "new_groups": [figures.to_json() for figures in ended.fresh],
        "differences": [
            {
                "from": one.second,
                "macro_f1": _number(one.difference.value),
                "low": _number(one.difference.low),
                "high": _number(one.difference.high),
            }
            for one in ended.differences
        ],
        "random_split": claim,
        "tried": [
            {"candidate": str(one.candidate), "loss": one.loss, "accuracy": one.accuracy}
            for one in ended.trained.chosen.tried
        ],
        "labels": dict(ended.material.data),
        "relabel": len(ended.relabels.found),
        "notes": list(ended.notes),
        "written": ended.written,
    }


def evaluation_of(ended: SoundModel) -> Evaluation:
    """The same for a page."""
    rows, labels = ended.trained.judged, ended.material.problem(ended.card.classes).labels
    chances, said = ended.trained.chances[rows], ended.trained.chances[rows].argmax(axis=1)
    right = labels[rows] == said
    measures = [
        Measured(f"{name}, {figures.name}", value, meaning=meaning)
        for figures in ended.figures
        for name, value, meaning in (
            ("Macro F1", figures.macro_f1, "Mean F1 of the classes: a rare one weighs as much as a common one."),
            ("Accuracy", figures.accuracy, "Share of clips whose likeliest class is right."),
        )
    ]
    total = ended.figures[0].clips
    classes = tuple(
        ClassRow(
            row.name, row.support, total, Interval(float("nan")), precision=row.precision, recall=row.recall, f1=row.f1
        )
        for row in ended.figures[0].classes
    )
    facts = {
        "Recipe": str(ended.trained.chosen.candidate),
        "Judged": str(ended.card.measures.get("judged", "")),
        "Seed": str(ended.card.seed),
        "Random split": ended.claim if isinstance(ended.claim, str) else str(ended.claim),
    }
    return Evaluation(
        title="A model of clips",
        items=total,
        groups=ended.figures[0].groups,
        measures=tuple(measures),
        classes=classes,
        curves=(reliability_curve(right, chances.max(axis=1).clip(0, 1), name="likeliest class", binning="mass"),),
        confusions=(ended.figures[0].confusion,),
        mistakes=_mistakes(ended, labels),
        facts=facts,
        notes=ended.notes,
        comparisons=ended.differences,
    )


def _mistakes(ended: SoundModel, labels: Any) -> tuple[Mistake, ...]:
    """Clips that were taken for something else, the surest first."""
    chances, names = ended.trained.chances, ended.card.classes
    wrong = [row for row in ended.trained.judged.tolist() if chances[row].argmax() != labels[row]]
    wrong.sort(key=lambda row: -float(chances[row].max()))
    found = []
    for row in wrong[:_MOST_MISTAKES]:
        clip = ended.material.clips[row]
        best = int(chances[row].argmax())
        found.append(Mistake(clip.name, names[labels[row]], names[best], float(chances[row, best])))
    return tuple(found)


def _number(value: float) -> float | None:
    return value if value == value and abs(value) != float("inf") else None  # NaN is not itself
