"""Runs of a simulation, in processes, each kept as soon as it is done: the same command goes on where one was ended.

A game is one strategy with one seed: it studies the pool once and then plays all contests. Games are given to
supervised processes, with one thread each, so that a run gives the same numbers however many there are. What they need
is written once and mapped into the memory of all. A contest that fails is an outcome with its reason, a process that
dies costs its own game alone.

    write_arena   what all processes map into memory
    play          one game -> a record for each contest
    play_all      games -> records, those that were kept before and those that end now

A line of `runs.jsonl` is a record with the key of everything that it hangs on: data, plan, strategy, seed, class, and
the code of `cueline.learning`.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it has no types

from cueline import learning
from cueline.errors import CuelineError, FormatError
from cueline.learning.active.asking import Strategy
from cueline.learning.runs import Plan, Run, Truth
from cueline.learning.simulation import simulated
from cueline.media.worker import in_words
from cueline.media.workers import Limits, Workers
from cueline.ports import Progress, Task, TaskEnd

RUNS = "runs.jsonl"
_PARTS = ("pool", "pool_answers", "test", "test_answers")
_LIMITS = Limits(stall_seconds=3600.0, plugin_seconds=3600.0, memory_gigabytes=math.inf)

Record = dict[str, Any]
Told = Callable[[int, int], object]


@dataclass(frozen=True, slots=True)
class Contested:
    """What is asked in one run.

    Attributes:
        columns: Which columns of the answers one question is about.
        classes: Their numbers, for records.
        key: Of everything that the run hangs on.
    """

    columns: tuple[int, ...]
    classes: tuple[int, ...]
    key: str


@dataclass(frozen=True, slots=True)
class Game:
    """One strategy with one seed.

    Attributes:
        folder: With the arrays.
        name: What the strategy is called.
        strategy: The strategy.
        seed: Of the run.
        plan: The same for all.
        contests: What is to be played.
    """

    folder: Path
    name: str
    strategy: Strategy
    seed: int
    plan: Plan
    contests: tuple[Contested, ...]


def write_arena(folder: Path, pool: Truth, test: Truth) -> None:
    """Write what all processes map."""
    arrays: Sequence[npt.NDArray[Any]] = (pool.values, pool.answers, test.values, test.answers)
    for name, array in zip(_PARTS, arrays, strict=True):
        np.save(folder / f"{name}.npy", array)


def key_of(settings: Mapping[str, Any]) -> str:
    """A name for everything that a run hangs on."""
    text = json.dumps(settings, sort_keys=True)
    return blake2b(text.encode(), digest_size=12).hexdigest()


def program_key() -> str:
    """A name for the code that runs are played with: strategies that were changed are played anew."""
    digest = blake2b(digest_size=12)
    for path in sorted(Path(learning.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def play(game: Game, progress: Progress) -> list[Record]:
    """Play one game; runs in a process of its own.

    Returns:
        A record for each contest, with "reason" where it failed.
    """
    progress.at(f"{game.name}, seed {game.seed}")
    with threadpool_limits(1):
        values, answers, test_values, test_answers = (
            np.asarray(np.load(game.folder / f"{name}.npy", mmap_mode="r")) for name in _PARTS
        )
        begun = time.perf_counter()
        try:
            asker = game.strategy.study(values, seed=game.seed)
        except Exception as error:  # noqa: BLE001  # a strategy may raise anything; it becomes the reason of its failure
            return [_failed(game, contest, in_words(error)) for contest in game.contests]
        studied = time.perf_counter() - begun
        records = []
        for contest in game.contests:
            columns = list(contest.columns)
            pool = Truth(values, np.ascontiguousarray(answers[:, columns]))
            test = Truth(test_values, np.ascontiguousarray(test_answers[:, columns]))
            told = partial(_tell, progress, f"{game.name}, seed {game.seed}, class {contest.classes[0]}")
            try:
                run = simulated(asker, pool, test, game.plan, seed=game.seed, told=told)
            except Exception as error:  # noqa: BLE001  # as above
                records.append(_failed(game, contest, in_words(error)))
            else:
                records.append(_record(game, contest, run, studied))
    return records


def _tell(progress: Progress, place: str, labels: int) -> None:
    progress.at(f"{place}, {labels} labels")


def play_all(games: Sequence[Game], *, out: Path | None, jobs: int, told: Told) -> Iterator[Record]:
    """Play what was not played before.

    Args:
        games: All there are.
        out: Folder of the records; None to keep none.
        jobs: Processes; 1 to play in this one.
        told: Hears how many runs are done, of how many.

    Yields:
        A record for each contest of each game; those kept before come first.

    Raises:
        FormatError: If the records cannot be read.
    """
    total = sum(len(game.contests) for game in games)
    kept = {} if out is None else _kept(out / RUNS)
    done, left = 0, []
    for game in games:
        before = [kept[contest.key] for contest in game.contests if contest.key in kept]
        yield from before
        done += len(before)
        open_ones = tuple(contest for contest in game.contests if contest.key not in kept)
        if open_ones:
            left.append(replace(game, contests=open_ones))
    told(done, total)
    for records in _played(left, jobs):
        if out is not None:
            _keep(out / RUNS, [record for record in records if "reason" not in record])
        yield from records
        done += len(records)
        told(done, total)


def _played(games: Sequence[Game], jobs: int) -> Iterator[list[Record]]:
    if jobs == 1:
        for game in games:
            yield play(game, _Silent())
        return
    with Workers(max(1, min(jobs, len(games))), limits=_LIMITS) as workers:
        tasks = (Task(f"{game.name}, seed {game.seed}", play, game) for game in games)
        for end in workers.run(tasks):
            yield _ended(end)


def _ended(end: TaskEnd) -> list[Record]:
    if end.kind == "done":
        records: list[Record] = end.result
        return records
    return [_failed(end.task.payload, contest, end.reason) for contest in end.task.payload.contests]


def unheard(done: int, total: int) -> None:
    """For those who do not ask how many runs are done."""


class _Silent:
    """Nobody watches what runs in this process."""

    def at(self, phase: str, seconds: float = 0.0) -> None:
        """Nothing to be told."""


def _failed(game: Game, contest: Contested, reason: str) -> Record:
    return {"strategy": game.name, "seed": game.seed, "classes": list(contest.classes), "reason": reason}


def _record(game: Game, contest: Contested, run: Run, studied: float) -> Record:
    arrays = {name: _plain(getattr(run, name).tolist()) for name in Run.__slots__}
    return {
        "key": contest.key,
        "strategy": game.name,
        "seed": game.seed,
        "classes": list(contest.classes),
        "study_seconds": studied,
        **arrays,
    }


def _plain(values: Any) -> Any:
    """Lists without NaN, which JSON lacks."""
    if isinstance(values, list):
        return [_plain(value) for value in values]
    return None if isinstance(values, float) and math.isnan(values) else values


def _keep(path: Path, records: Sequence[Record]) -> None:
    text = "".join(json.dumps(record, allow_nan=False) + "\n" for record in records)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(text)


def _kept(path: Path) -> dict[str, Record]:
    """Records by key; a last line that was cut off is taken away, so that the next one stands alone."""
    if not path.is_file():
        return {}
    text = path.read_bytes()
    whole = text.rfind(b"\n") + 1
    if whole < len(text):
        with path.open("r+b") as stream:
            stream.truncate(whole)
    kept = {}
    for number, line in enumerate(text[:whole].splitlines(), start=1):
        try:
            record = json.loads(line)
            kept[record["key"]] = record
        except (ValueError, KeyError, TypeError) as error:
            raise FormatError(
                f"a line of '{path}' must be a run with its key, got another thing in line {number}. Remove the line, "
                "or name another folder.",
                path=path,
            ) from error
    return kept


def refuse_other_use(out: Path) -> None:
    """Refuse a folder that cannot hold records, before anything is played for it.

    Raises:
        CuelineError: If it cannot be made.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CuelineError(f"runs are kept in a folder, got '{out}': {error.strerror}", path=out) from error
