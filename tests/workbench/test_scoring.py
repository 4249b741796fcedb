"""Multi-label answers measured: the numbers of the measures themselves, whatever files they come from."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.datasets.youtube8m import Builder, VideoRows, read_examples, write_predictions
from cueline.errors import FormatError, MediaError, OptionError, TimelineError
from cueline.evaluation.classification import average_scores, class_scores
from cueline.evaluation.curves import precision_recall_curve, roc_curve
from cueline.evaluation.intervals import bootstrap_of_weights, by_rows
from cueline.evaluation.ranking import (
    RankingTotals,
    average_precision,
    global_average_precision,
    hit_at_k,
    mean_average_precision,
    precision_at_equal_recall_rate,
    reciprocal_rank,
    roc_auc,
)
from cueline.evaluation.reliability import brier_score, expected_calibration_error, reliability_curve
from cueline.evaluation.weighted import average_precision_intervals
from cueline.evaluation.weighted_lists import weighted_global_average_precision
from cueline.models.checkpoints import save_model
from cueline.reports.evaluations import write_evaluation
from cueline.timeline.examples import Examples, LabelLists, data_hash
from cueline.timeline.toplists import TopLists, top_classes
from cueline.workbench import scoring_answers
from cueline.workbench.scoring import compared, measured
from cueline.workbench.scoring_answers import Answers, Match, ReferenceFiles, matched
from cueline.workbench.scoring_examples import link_of
from cueline.workbench.scoring_parts import part_of
from cueline.workbench.taggers import split_apart
from tests.models.made import CLASSES, made_model, made_rows

ROWS = 60
NAMES = tuple(f"class {number}" for number in range(CLASSES))


@pytest.fixture
def flags():
    return np.random.default_rng(5).random((ROWS, CLASSES)) < (0.6, 0.4, 0.3, 0.2, 0.1)


@pytest.fixture
def files(tmp_path, flags):
    """A model, features and labels."""
    save_model(made_model(members=1), tmp_path / "model")
    np.save(tmp_path / "f.npy", made_rows(ROWS))
    np.save(tmp_path / "l.npy", flags)
    return tmp_path


@pytest.fixture
def reference(files):
    return ReferenceFiles(files / "f.npy", files / "l.npy")


@pytest.fixture
def chances():
    return np.concatenate([*made_model(members=1).chances(made_rows(ROWS))])


def match_of(flags, scores, *, unknown=None, policy="judged", limits=0.5, groups=None, chances=True, classes=NAMES):
    """Answers to made-up rows, without files."""
    flags = np.asarray(flags)
    yes = LabelLists.of_flags(flags)
    unknown = None if unknown is None else LabelLists.of_flags(unknown)
    names = classes if len(classes) == flags.shape[1] else ()
    examples = Examples(np.empty((len(flags), 0)), yes, unknown, names, groups=groups)
    limits = None if limits is None else np.full(flags.shape[1], limits)
    if isinstance(scores, TopLists):
        answers = Answers("lists", top=scores, limits=limits, chances=chances)
    else:
        answers = Answers("made", scores, limits=limits, chances=chances)
    return Match(examples, (answers,), policy)


def values_of(evaluation):
    return {each.name: each.result.value for each in evaluation.measures}


def bases_of(evaluation):
    return {each.name: each.base for each in evaluation.measures}


def expected(flags, scores, *, limits=0.5):
    """The same by the measures themselves, for scores of all pairs."""
    seen = flags.any(axis=0) | (scores >= limits).any(axis=0)
    ratios = class_scores(flags[:, seen], scores[:, seen], threshold=limits, undefined=0.0)
    means = {name: average_scores(ratios, name) for name in ("micro", "macro", "weighted")}
    return {
        "GAP@20": global_average_precision(flags, scores, k=20),
        "Hit@1": hit_at_k(flags, scores, k=1),
        "Hit@5": hit_at_k(flags, scores, k=5),
        "Hit@20": hit_at_k(flags, scores, k=20),
        "PERR": precision_at_equal_recall_rate(flags, scores),
        "mAP": mean_average_precision(flags, scores),
        "mAP@20": mean_average_precision(flags, scores, k=20),
        "Reciprocal rank": reciprocal_rank(flags, scores),
        **{f"{name.title()} precision": mean.precision for name, mean in means.items()},
        **{f"{name.title()} recall": mean.recall for name, mean in means.items()},
        **{f"{name.title()} F1": mean.f1 for name, mean in means.items()},
        "ECE": expected_calibration_error(flags, scores),
        "Brier": brier_score(flags, scores).score,
    }


class TestFiles:
    def test_a_model_brings_chances_names_and_thresholds(self, files, reference, chances):
        match = matched([files / "model"], reference)
        (answers,) = match.answers
        np.testing.assert_array_equal(answers.scores, chances)
        assert match.reference.classes == NAMES
        assert answers.limits.tolist() == [0.5] * CLASSES
        assert (answers.name, answers.notes, match.notes) == ("model", (), ())
        assert match.facts["answers"] == str(files / "model")

    @pytest.mark.parametrize("form", ["p.csv", "p.npz", "p.parquet"])
    def test_predictions_need_no_features(self, form, files, flags, chances):
        write_predictions(files / form, [], top_classes(chances, 3))
        match = matched([files / form], ReferenceFiles(labels=files / "l.npy"))
        (answers,) = match.answers
        assert answers.scores is None
        np.testing.assert_array_equal(answers.top.classes, top_classes(chances, 3).classes)
        assert "lists at most 3 of 5 classes" in answers.notes[0]
        np.testing.assert_array_equal(match.reference.yes.dense(), flags)

    def test_lists_of_all_classes_are_scores_of_all_pairs(self, files, reference, chances):
        write_predictions(files / "p.npz", [], top_classes(chances, CLASSES))
        (answers,) = matched([files / "p.npz"], reference).answers
        np.testing.assert_array_equal(answers.scores, chances)
        assert not answers.notes

    def test_ids_pair_predictions_with_rows_and_what_is_missing_ranks_last(self, tmp_path):
        (tmp_path / "l.csv").write_text("id,labels\na,0\nb,1\nc,0 1\n")
        (tmp_path / "p.csv").write_text("VideoId,LabelConfidencePairs\nx,0 0.9\nc,1 0.8 0 0.2\na,0 0.7\n")
        match = matched([tmp_path / "p.csv"], ReferenceFiles(labels=tmp_path / "l.csv"))
        (answers,) = match.answers
        assert answers.top.classes.tolist() == [[0, -1], [-1, -1], [1, 0]]
        assert "1 of 3 items have no prediction and rank last (b)" in answers.notes[0]
        assert "1 predictions are of no item of the reference (x)" in answers.notes[0]
        found = values_of(measured(match, resamples=0))
        assert found["Hit@1"] == pytest.approx(2 / 3)
        assert found["Micro recall"] == pytest.approx(2 / 4)

    def test_numbers_of_rows_pair_where_the_reference_has_no_ids(self, files, reference, chances):
        order = np.random.default_rng(0).permutation(ROWS)
        write_predictions(files / "p.csv", [str(row) for row in order], top_classes(chances[order], 2))
        (answers,) = matched([files / "p.csv"], reference).answers
        np.testing.assert_array_equal(answers.top.classes, top_classes(chances, 2).classes)

    def test_other_ids_go_row_by_row_and_that_is_told(self, files, reference, chances):
        write_predictions(files / "p.csv", [f"v{row}" for row in range(ROWS)], top_classes(chances, 2))
        (answers,) = matched([files / "p.csv"], reference).answers
        assert "row by row" in answers.notes[0]
        write_predictions(files / "p.csv", [f"v{row}" for row in range(9)], top_classes(chances[:9], 2))
        with pytest.raises(FormatError, match="must be as many as its rows, 60, got 9"):
            matched([files / "p.csv"], reference)

    def test_classes_that_only_predictions_name_exist_too(self, tmp_path):
        (tmp_path / "l.csv").write_text("id,labels\na,0\nb,1\n")
        (tmp_path / "p.csv").write_text("VideoId,LabelConfidencePairs\na,7 0.9\nb,1 0.8\n")
        match = matched([tmp_path / "p.csv"], ReferenceFiles(labels=tmp_path / "l.csv"))
        assert match.reference.yes.width == 8

    def test_a_vocabulary_names_the_classes(self, tmp_path):
        head = "Index,TrainVideoCount,KnowledgeGraphId,Name,WikiUrl,Vertical1,Vertical2,Vertical3,WikiDescription"
        words = "".join(f"{number},1,/m/{number},{name},,Games,,,\n" for number, name in enumerate(("rain", "snow")))
        (tmp_path / "v.csv").write_text(f"{head}\n{words}")
        (tmp_path / "l.csv").write_text("id,labels\nhttps://example.org/a,0\nb,1\n")
        (tmp_path / "p.csv").write_text("VideoId,LabelConfidencePairs\nhttps://example.org/a,1 0.9\nb,1 0.8\n")
        match = matched([tmp_path / "p.csv"], ReferenceFiles(None, tmp_path / "l.csv", tmp_path / "v.csv"))
        found = measured(match, resamples=0)
        assert [row.name for row in found.classes] == ["rain", "snow"]
        assert (found.mistakes[0].estimated, found.mistakes[0].link) == ("snow", "https://example.org/a")
        made = made_model(members=1, classes=2)
        save_model(made, tmp_path / "named")
        numbered = tuple(type(entry)(str(number)) for number, entry in enumerate(made.card.classes))
        card = type(made.card)(made.card.inputs, numbered, recipe=made.card.recipe)
        save_model(type(made)(card, made.arrays), tmp_path / "numbered")
        np.save(tmp_path / "f.npy", made_rows(2))
        pair = [tmp_path / "numbered", tmp_path / "named"]
        wanted = ReferenceFiles(tmp_path / "f.npy", tmp_path / "l.csv")
        assert matched(pair, wanted).reference.classes == ("class 0", "class 1")

    def test_segments_that_share_a_video_are_one_group(self, tmp_path, chances):
        yes, rated = LabelLists.of([[0], [], [1], []], width=CLASSES), LabelLists.of([[0, 1], [0], [1], []], width=5)
        spans = np.array([[0.0, 5], [5, 10], [0, 5], [5, 10]])
        rows = VideoRows(made_rows(4), yes, ["a:0", "a:5", "b:0", "b:5"], rated, spans, ["a", "a", "b", "b"])
        with Builder(tmp_path / "c", parts={"features": 8}, classes=CLASSES) as builder:
            builder.put(rows)
        save_model(made_model(members=1), tmp_path / "model")
        match = matched([tmp_path / "model"], ReferenceFiles(tmp_path / "c"))
        assert list(match.reference.assets) == ["a:0", "a:5", "b:0"]
        assert "1 rows were left out: nobody judged any of their classes" in match.notes[0]
        found = measured(match, resamples=9)
        assert (found.items, found.groups) == (3, 2)
        assert "0 to 5 s" in found.mistakes[0].item or "5 to 10 s" in found.mistakes[0].item
        assert measured(matched([tmp_path / "model"], ReferenceFiles(tmp_path / "c"), policy="closed")).items == 4

    def test_scores_that_do_not_fit_lie_in_a_file(self, files, reference, chances, monkeypatch):
        monkeypatch.setattr(scoring_answers, "_IN_MEMORY", 0)
        (answers,) = matched([files / "model"], reference).answers
        assert isinstance(answers.scores, np.memmap)
        np.testing.assert_array_equal(answers.scores, chances)

    def test_a_prediction_that_is_missing_leaves_complete_lists_complete(self, tmp_path, flags, chances):
        ids, kept = [f"v{row}" for row in range(ROWS)], np.arange(ROWS) % 6 != 0
        lists = [" ".join(map(str, np.flatnonzero(row))) for row in flags]
        table = "".join(f"{name},{labels}\n" for name, labels in zip(ids, lists, strict=True))
        (tmp_path / "l.csv").write_text(f"id,labels\n{table}")
        write_predictions(
            tmp_path / "p.npz", [ids[row] for row in np.flatnonzero(kept)], top_classes(chances[kept], CLASSES)
        )
        match = matched([tmp_path / "p.npz"], ReferenceFiles(labels=tmp_path / "l.csv"), threshold=0.0)
        (answers,) = match.answers
        assert answers.silent.tolist() == np.flatnonzero(~kept).tolist()
        assert answers.notes == ("p.npz: 10 of 60 items have no prediction and rank last (v0, v6, v12, ...).",)
        found = measured(match, resamples=0)
        values, scores = values_of(found), np.where(kept[:, None], chances, 0)
        assert values["mAP"] == mean_average_precision(flags, scores)
        assert [row.roc_auc for row in found.classes] == roc_auc(flags, scores).tolist()
        shares = kept.mean()
        assert values["Hit@1"] == pytest.approx(shares * hit_at_k(flags[kept], chances[kept], k=1))
        assert values["Hit@20"] == pytest.approx(shares * hit_at_k(flags[kept], chances[kept], k=CLASSES))
        assert values["Reciprocal rank"] == pytest.approx(shares * reciprocal_rank(flags[kept], chances[kept]))
        assert values["Micro recall"] == pytest.approx(flags[kept].sum() / flags.sum())
        assert values["Brier"] == pytest.approx(brier_score(flags, scores).score)

    def test_classes_that_nobody_judged_may_be_told_in_a_table(self, tmp_path):
        (tmp_path / "l.csv").write_text("id,labels,judged\na,0,0 2\nb,1,\n")
        (tmp_path / "p.csv").write_text("VideoId,LabelConfidencePairs\na,1 0.9 0 0.8\nb,1 0.8\n")
        wanted = ReferenceFiles(labels=tmp_path / "l.csv")
        for policy, hit in (("judged", 1), ("closed", 0.5)):
            found = measured(matched([tmp_path / "p.csv"], wanted, policy=policy), resamples=0)
            assert values_of(found)["Hit@1"] == hit


class TestParts:
    @pytest.fixture
    def examples(self, reference):
        return read_examples(reference.features, reference.labels)

    def saved(self, files, **data):
        save_model(made_model(members=1, data=data), files / "model")
        return [files / "model"]

    def test_rows_that_training_kept_apart_are_measured_alone(self, files, reference, flags, chances, examples):
        split = split_apart(examples, 20)
        paths = self.saved(files, rows=40, sha256=data_hash(examples, split.learn))
        match = matched(paths, reference, test_rows=20)
        np.testing.assert_array_equal(match.reference.yes.dense(), flags[split.apart])
        np.testing.assert_allclose(match.answers[0].scores, chances[split.apart], rtol=1e-6)
        assert list(match.reference.assets) == [f"row {row}" for row in split.apart]
        assert match.notes == ()
        assert match.facts["rows"] == "those of 60 that `train multilabel --test-rows 20` keeps apart"
        assert "was not trained with --test-rows 21 on these" in matched(paths, reference, test_rows=21).notes[0]

    def test_predictions_of_rows_that_are_not_measured_do_not_matter(self, files, reference, chances, examples):
        apart = split_apart(examples, 20).apart
        write_predictions(files / "p.csv", [str(row) for row in apart[1:]], top_classes(chances[apart[1:]], 2))
        match = matched([files / "p.csv"], reference, test_rows=20)
        assert match.answers[0].top.classes[0].tolist() == [-1, -1]
        assert f"1 of 20 items have no prediction and rank last ({apart[0]})" in match.answers[0].notes[0]

    def test_rows_that_a_model_learned_from_are_told(self, files, reference, examples):
        paths = self.saved(files, rows=ROWS, sha256=data_hash(examples))
        (note,) = matched(paths, reference).notes
        assert note == "The model model learned from exactly these 60 rows: all numbers here flatter."
        assert matched(self.saved(files, rows=ROWS, sha256="of other rows"), reference).notes == ()
        (note,) = matched(self.saved(files, rows=ROWS), reference).notes
        assert "learned from 60 rows, and as many are measured. If they are the same" in note

    def test_a_model_of_fewer_rows_is_a_doubt(self, files, reference, examples):
        known = data_hash(examples, split_apart(examples, 20).learn)
        (note,) = matched(self.saved(files, rows=40, sha256=known), reference).notes
        assert "learned from 40 of these 60 rows, so that all numbers here flatter. `--test-rows 20` measures" in note
        (note,) = matched(self.saved(files, rows=40, sha256="of other rows"), reference).notes
        assert "learned from 40 rows, and 60 are measured. If the former are among the latter, all numbers" in note
        assert matched(self.saved(files, rows=90, sha256="of other rows"), reference).notes == ()

    def test_groups_that_intervals_draw_do_not_move_the_rows(self, files, reference, examples):
        np.save(files / "g.npy", np.arange(ROWS) // 30)
        wanted = replace(reference, groups=files / "g.npy")
        match = matched(self.saved(files, rows=ROWS, sha256=data_hash(examples)), wanted)
        assert "exactly these" in match.notes[0]
        rows = split_apart(examples, 20).apart
        assert matched([files / "model"], wanted, test_rows=20).reference.groups.tolist() == (rows // 30).tolist()

    def test_of_rows_kept_apart_those_that_nobody_judged_are_left_out(self, files, examples):
        apart = split_apart(examples, 20).apart
        flags = examples.yes.dense()
        flags[apart[:3]] = False
        unknown = np.zeros_like(flags)
        unknown[apart[:3]] = True
        partly = Examples(examples.values, LabelLists.of_flags(flags), LabelLists.of_flags(unknown))
        part = part_of(partly, "judged", 20)
        assert part.rows.tolist() == apart[3:].tolist()
        assert part.notes == ("3 rows were left out: nobody judged any of their classes.",)
        assert part_of(partly, "closed", 20).rows.tolist() == apart.tolist()
        assert part_of(examples, "judged").of(examples) is examples

    def test_more_rows_apart_than_there_are_are_refused(self, files, reference):
        with pytest.raises(OptionError, match="of 60 rows, 1 to 59 can be kept apart"):
            matched([files / "model"], reference, test_rows=60)


class TestGroups:
    def test_groups_come_from_an_array_or_a_table(self, files, reference):
        labels = [f"film {row // 6}" for row in range(ROWS)]
        np.save(files / "g.npy", np.array(labels))
        (files / "g.csv").write_text("group\n" + "\n".join(labels) + "\n")
        for name in ("g.npy", "g.csv"):
            match = matched([files / "model"], ReferenceFiles(reference.features, reference.labels, None, files / name))
            np.testing.assert_array_equal(np.bincount(match.reference.groups), np.full(10, 6))

    def test_a_table_with_ids_may_come_in_any_order(self, tmp_path):
        (tmp_path / "l.csv").write_text("id,labels\na,0\nb,1\n")
        (tmp_path / "p.csv").write_text("VideoId,LabelConfidencePairs\na,0 0.9\nb,1 0.8\n")
        (tmp_path / "g.csv").write_text("id,group\nb,x\nc,y\na,z\n")
        wanted = ReferenceFiles(labels=tmp_path / "l.csv", groups=tmp_path / "g.csv")
        assert matched([tmp_path / "p.csv"], wanted).reference.groups.tolist() == [1, 0]
        (tmp_path / "g.csv").write_text("id,group\nb,x\n")
        with pytest.raises(FormatError, match="1 rows of the reference have no group"):
            matched([tmp_path / "p.csv"], wanted)

    def test_what_are_no_groups_is_refused(self, files, reference):
        def read(name):
            matched([files / "model"], ReferenceFiles(reference.features, reference.labels, None, files / name))

        np.save(files / "g.npy", np.arange(3))
        with pytest.raises(FormatError, match=r"one label for each of 60 rows, got shape \(3,\)"):
            read("g.npy")
        (files / "bad.npy").write_bytes(b"no")
        with pytest.raises(FormatError, match="groups must be a .npy"):
            read("bad.npy")
        (files / "g.csv").write_text("film\na\n")
        with pytest.raises(FormatError, match="need a column group"):
            read("g.csv")
        (files / "g.txt").write_text("a\n")
        with pytest.raises(FormatError, match=r"groups are .npy or .csv"):
            read("g.txt")


class TestRefusal:
    def test_features_of_another_width_are_refused(self, files, reference):
        np.save(files / "f.npy", made_rows(ROWS, width=9))
        with pytest.raises(FormatError, match=r"must have the 8 columns .* \(8 of features\), got 9"):
            matched([files / "model"], reference)

    def test_labels_of_other_classes_are_refused(self, files, reference, flags):
        np.save(files / "l.npy", flags[:, :4])
        with pytest.raises(FormatError, match="must have 5 columns, one a class, got 4"):
            matched([files / "model"], reference)
        np.savez(files / "l.npz", label_offsets=np.arange(ROWS + 1), label_ids=np.full(ROWS, 7))
        with pytest.raises(FormatError, match="classes must lie in 0 to 4, got 7"):
            matched([files / "model"], ReferenceFiles(reference.features, files / "l.npz"))

    def test_what_is_no_model_and_no_file_is_refused(self, files, reference):
        (files / "empty").mkdir()
        with pytest.raises(FormatError, match=r"a model is a folder with a file model.json"):
            matched([files / "empty"], reference)
        with pytest.raises(MediaError, match="there is no file or folder"):
            matched([files / "nowhere"], reference)
        (files / "p.csv").write_text("")
        with pytest.raises(FormatError, match="predictions begin with VideoId"):
            matched([files / "p.csv"], reference)
        (files / "p.csv").write_text("VideoId,LabelConfidencePairs\n")
        with pytest.raises(FormatError, match="one prediction or more"):
            matched([files / "p.csv"], reference)
        (files / "p.txt").write_text("x")
        with pytest.raises(FormatError, match=r"predictions are .csv, .npz, .parquet"):
            matched([files / "p.txt"], reference)

    def test_a_reference_needs_labels_and_a_model_features(self, files, chances):
        with pytest.raises(OptionError, match="needs rows of numbers: --features"):
            matched([files / "model"], ReferenceFiles(labels=files / "l.npy"))
        with pytest.raises(OptionError, match="say with --labels L"):
            matched([files / "model"], ReferenceFiles(files / "f.npy"))
        write_predictions(files / "p.npz", [], top_classes(chances, 2))
        with pytest.raises(OptionError, match="say what is there"):
            matched([files / "p.npz"], ReferenceFiles())

    def test_no_rows_are_nothing_to_measure(self, files):
        np.save(files / "l.npy", np.empty((0, 5), bool))
        write_predictions(files / "p.npz", [], top_classes(np.full((1, 5), 0.5), 2))
        with pytest.raises(FormatError, match="there must be one row or more, got none"):
            matched([files / "p.npz"], ReferenceFiles(labels=files / "l.npy"))

    def test_a_threshold_must_be_a_number(self, files, reference):
        with pytest.raises(OptionError, match="a threshold must be a number"):
            matched([files / "model"], reference, threshold=math.nan)

    def test_models_of_other_classes_cannot_be_compared(self, files, reference):
        other = made_model(members=1)
        renamed = type(other.card.classes[0])("something else")
        card = type(other.card)(other.card.inputs, (renamed, *other.card.classes[1:]), recipe=other.card.recipe)
        save_model(type(other)(card, other.arrays), files / "other")
        with pytest.raises(FormatError, match="'class 0' of .* and 'something else' of .* as class 0"):
            matched([files / "model", files / "other"], reference)
        save_model(made_model(members=1, classes=4), files / "other")
        with pytest.raises(FormatError, match="same classes, got 5 of .* and 4 of"):
            matched([files / "model", files / "other"], reference)

    def test_rows_that_nobody_judged_are_nothing_to_measure(self, tmp_path):
        nobody = LabelLists.none(1, width=CLASSES)
        rows = VideoRows(made_rows(1), nobody, ["a:0"], nobody, np.array([[0.0, 5]]), ["a"])
        with Builder(tmp_path / "c", parts={"features": 8}, classes=CLASSES) as builder:
            builder.put(rows)
        save_model(made_model(members=1), tmp_path / "model")
        with pytest.raises(OptionError, match="nobody judged any class of any row"):
            matched([tmp_path / "model"], ReferenceFiles(tmp_path / "c"))

    def test_scores_that_are_no_numbers_are_refused(self, flags):
        with pytest.raises(TimelineError, match="scores must be finite"):
            measured(match_of(flags, np.full(flags.shape, np.nan)), resamples=0)


class TestNumbers:
    def test_the_reference_itself_scores_one(self, flags):
        rows = flags[flags.any(axis=1)]
        found = measured(match_of(rows, rows.astype(np.float64)), resamples=50)
        values = values_of(found)
        for name in ("GAP@20", "Hit@1", "PERR", "mAP", "mAP@20", "Micro F1", "Macro F1", "Weighted F1"):
            assert values[name] == 1
        assert (values["ECE"], values["Brier"]) == (0, 0)
        assert all(each.average_precision.low == each.average_precision.high == 1 for each in found.classes)

    def test_every_number_is_that_of_its_measure(self, files, reference, flags, chances):
        found = measured(matched([files / "model"], reference), resamples=0)
        values = values_of(found)
        for name, value in expected(flags, chances).items():
            assert values[name] == pytest.approx(value, abs=1e-12), name
        top = top_classes(chances, 20)
        hits = np.take_along_axis(flags, top.classes.astype(int), axis=1)
        assert values["ECE@20"] == pytest.approx(expected_calibration_error(hits, top.scores), abs=1e-12)
        assert set(values) == {*expected(flags, chances), "ECE@20"}

    def test_guessing_says_how_common_each_class_is(self, flags, chances):
        found = bases_of(measured(match_of(flags, chances, limits=0.3), resamples=0))
        prior = np.broadcast_to(flags.mean(axis=0), flags.shape).astype(np.float32)
        wanted = expected(flags, prior, limits=0.3)
        for name in wanted.keys() - {"ECE", "Brier"}:
            assert found[name] == pytest.approx(wanted[name], abs=1e-7, nan_ok=True), name
        assert found["Brier"] == pytest.approx(brier_score(flags, chances).base)
        assert math.isnan(found["ECE"])

    def test_classes_have_the_numbers_of_their_measures(self, flags, chances):
        found = measured(match_of(flags, chances), resamples=0).classes
        ratios = class_scores(flags, chances, threshold=0.5)
        assert [row.name for row in found] == list(NAMES)
        assert [row.positives for row in found] == flags.sum(axis=0).tolist()
        assert [row.base_rate for row in found] == pytest.approx(flags.mean(axis=0).tolist())
        assert [row.average_precision.value for row in found] == average_precision(flags, chances).tolist()
        assert [row.roc_auc for row in found] == roc_auc(flags, chances).tolist()
        for name in ("precision", "recall", "f1"):
            assert [getattr(row, name) for row in found] == pytest.approx(getattr(ratios, name).tolist(), nan_ok=True)
        assert {row.threshold for row in found} == {0.5}

    @settings(max_examples=40)
    @given(st.data())
    def test_any_scores_have_the_numbers_of_the_measures(self, data):
        rows, classes = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 25))
        rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
        flags = rng.random((rows, classes)) < 0.3
        scores = np.round(rng.random((rows, classes)), 1).astype(np.float32)  # with many ties
        found = measured(match_of(flags, scores, classes=()), resamples=0)
        values = values_of(found)
        for name, value in expected(flags, scores).items():
            assert values[name] == pytest.approx(value, abs=1e-9, nan_ok=True), name
        assert [row.name for row in found.classes] == [str(number) for number in np.flatnonzero(flags.any(axis=0))]

    def test_rows_without_any_label_give_nothing_to_rank(self):
        found = measured(match_of(np.zeros((4, 3), bool), np.full((4, 3), 0.25)), resamples=9)
        values = values_of(found)
        assert (values["GAP@20"], values["Hit@1"], found.classes) == (0, 0, ())
        assert math.isnan(values["mAP"])
        assert "4 rows have no label" in found.notes[0]
        assert json.loads(json.dumps(found.to_json(), allow_nan=False))["measures"]

    def test_scores_that_are_no_chances_have_no_calibration(self, flags, chances):
        match = match_of(flags, 8 * chances - 4, chances=False, limits=None)
        found = measured(match, resamples=0)
        assert not {"ECE", "Brier", "Micro F1"} & values_of(found).keys()
        assert not [curve for curve in found.curves if curve.kind == "reliability"]
        assert "no chances" in " ".join(found.notes)
        assert values_of(found)["mAP"] == mean_average_precision(flags, chances)


class TestLists:
    @pytest.fixture
    def top(self, chances):
        return top_classes(chances, 3)

    def test_what_needs_all_pairs_is_left_out_or_named(self, flags, top):
        found = measured(match_of(flags, top), resamples=0)
        names = values_of(found).keys()
        assert {"Reciprocal rank@3", "mAP@20", "ECE@20", "Brier@20"} <= names
        assert not {"mAP", "ECE", "Brier", "Reciprocal rank"} & names
        assert all(math.isnan(row.roc_auc) for row in found.classes)
        assert {curve.kind for curve in found.curves} == {"pr", "reliability"}
        assert max(found.curves[0].x) < 1

    def test_numbers_are_those_of_lists(self, flags, top):
        values = values_of(measured(match_of(flags, top), resamples=0))
        totals = RankingTotals(k=3)
        totals.add(LabelLists.of_flags(flags), top)
        assert values["GAP@20"] == pytest.approx(totals.global_average_precision)
        assert (values["Hit@1"], values["Hit@5"]) == (totals.hit_at(1), totals.hit_at(3))
        listed = np.full(flags.shape, -1.0)
        np.put_along_axis(listed, top.classes.astype(int), top.scores.astype(float), axis=1)
        ratios = average_scores(class_scores(flags, listed, threshold=0.5), "micro")
        assert values["Micro F1"] == pytest.approx(ratios.f1)
        hits = np.take_along_axis(flags, top.classes.astype(int), axis=1)
        assert values["Brier@20"] == pytest.approx(brier_score(hits.ravel(), top.scores.ravel()).score)
        assert values["mAP@20"] == pytest.approx(mean_average_precision(flags, listed, k=3))

    def test_guessing_lists_as_many(self, flags, top):
        bases = bases_of(measured(match_of(flags, top), resamples=0))
        prior = np.broadcast_to(flags.mean(axis=0), flags.shape)
        assert bases["GAP@20"] == pytest.approx(global_average_precision(flags, prior, k=3))
        assert bases["Hit@5"] == hit_at_k(flags, prior, k=3)

    def test_empty_lists_find_nothing(self, flags):
        top = TopLists(np.empty((ROWS, 0), int), np.empty((ROWS, 0)), CLASSES)
        values = values_of(measured(match_of(flags, top), resamples=5))
        assert (values["GAP@20"], values["Hit@20"], values["mAP@20"], values["PERR"]) == (0, 0, 0, 0)


class TestPolicies:
    @pytest.fixture
    def unknown(self, flags):
        return ~flags & (np.random.default_rng(8).random(flags.shape) < 0.4)

    def test_what_nobody_judged_takes_no_part(self, flags, chances, unknown):
        first = measured(match_of(flags, chances, unknown=unknown), resamples=20)
        other = measured(match_of(flags, np.where(unknown, 1 - chances, chances), unknown=unknown), resamples=20)
        assert values_of(first) == values_of(other)
        assert first.classes == other.classes
        assert first.mistakes == other.mistakes
        assert values_of(first)["mAP"] == pytest.approx(mean_average_precision(flags, chances, judged=~unknown))
        assert values_of(first)["Brier"] == pytest.approx(brier_score(flags, chances, judged=~unknown).score)
        gap = global_average_precision(flags, np.where(unknown, -1, chances), k=20)
        assert values_of(first)["GAP@20"] == pytest.approx(gap)

    def test_lists_lose_what_nobody_judged(self, flags, chances, unknown):
        whole = values_of(measured(match_of(flags, chances, unknown=unknown), resamples=0))
        lists = values_of(measured(match_of(flags, top_classes(chances, CLASSES), unknown=unknown), resamples=0))
        for name in ("GAP@20", "Hit@1", "Hit@5", "PERR", "mAP@20", "Micro F1", "ECE@20"):
            assert lists[name] == pytest.approx(whole[name]), name

    def test_closed_takes_it_for_no(self, flags, chances, unknown):
        closed = measured(match_of(flags, chances, unknown=unknown, policy="closed"), resamples=0)
        values, wanted = values_of(closed), expected(flags, chances)
        assert {name: values[name] for name in wanted} == pytest.approx(wanted)
        assert "not judged and taken for no" in closed.facts["answers that count"]


class TestIntervals:
    def test_intervals_are_those_of_the_measures(self, flags, chances):
        groups = np.arange(ROWS) // 3
        found = measured(match_of(flags, chances, groups=groups), resamples=200, seed=3)
        results = {each.name: each.result for each in found.measures}
        settings = {"resamples": 200, "seed": 3}
        yes, top = LabelLists.of_flags(flags), top_classes(chances, 20)
        gap = bootstrap_of_weights(lambda w: weighted_global_average_precision(yes, top, w), groups, **settings)
        assert (results["GAP@20"].low, results["GAP@20"].high) == pytest.approx((gap.low, gap.high))
        each = average_precision_intervals(flags, chances, groups, **settings)
        assert (results["mAP"].low, results["mAP"].high) == pytest.approx((each.mean.low, each.mean.high), abs=1e-6)
        assert [row.average_precision.low for row in found.classes] == pytest.approx(
            [own.low for own in each.classes], abs=1e-6
        )
        for name, measure in (
            ("PERR", precision_at_equal_recall_rate),
            ("ECE", expected_calibration_error),
            ("Macro F1", lambda f, s: average_scores(class_scores(f, s, threshold=0.5)).f1),
        ):
            rows = by_rows(lambda rows, measure=measure: measure(flags[rows], chances[rows]))
            wanted = bootstrap_of_weights(rows, groups, **settings)
            assert (results[name].low, results[name].high) == pytest.approx((wanted.low, wanted.high)), name

    def test_the_same_seed_gives_the_same_and_progress_is_told(self, flags, chances):
        told = []
        first, again = (
            measured(match_of(flags, chances), resamples=30, told=lambda *done: told.append(done)) for _ in range(2)
        )
        assert first.to_json() == again.to_json()
        assert told[0] == (30, 30)

    def test_without_resamples_there_is_no_interval(self, flags, chances):
        found = measured(match_of(flags, chances), resamples=0)
        assert all(math.isnan(each.result.low) and not each.result.note for each in found.measures)
        assert "intervals" not in found.facts

    def test_one_group_has_no_interval(self, flags, chances):
        found = measured(match_of(flags, chances, groups=np.zeros(ROWS, int)), resamples=10)
        assert "an interval needs two or more" in found.measures[0].result.note


class TestExamples:
    def test_curves_are_those_of_all_pairs(self, flags, chances):
        found = {(curve.kind, curve.name): curve for curve in measured(match_of(flags, chances), resamples=0).curves}
        for kind, wanted in (
            ("pr", precision_recall_curve(flags.ravel(), chances.ravel(), name="")),
            ("roc", roc_curve(flags.ravel(), chances.ravel(), name="")),
        ):
            mine = found[kind, "all classes"]
            grid = np.linspace(wanted.x[0], 1, 50)
            np.testing.assert_allclose(np.interp(grid, mine.x, mine.y), np.interp(grid, wanted.x, wanted.y), atol=0.03)
        mine = found["reliability", "all pairs"]
        wanted = reliability_curve(flags, chances)
        np.testing.assert_allclose((mine.x, mine.y, mine.weights), (wanted.x, wanted.y, wanted.weights))
        assert {name for kind, name in found if kind == "pr"} == {"all classes", *NAMES}

    def test_negative_scores_keep_their_order_in_curves(self, flags, chances):
        plain, moved = (
            measured(match_of(flags, scores, chances=False), resamples=0).curves[0]
            for scores in (chances, 8 * chances - 4)
        )
        assert np.interp(0.5, moved.x, moved.y) == pytest.approx(np.interp(0.5, plain.x, plain.y), abs=0.03)

    def test_a_confusion_is_of_rows_with_one_label(self, flags, chances):
        single = flags.sum(axis=1) == 1
        found = measured(match_of(flags[single], chances[single]), resamples=0).confusions
        assert found == () or found[0].amounts.sum() == np.count_nonzero(single)
        flags = np.eye(CLASSES, dtype=bool)[np.arange(40) % CLASSES]
        (confusion,) = measured(match_of(flags, np.roll(flags, 1, axis=1) * 1.0), resamples=0).confusions
        assert confusion.classes == (*NAMES, "any other")
        assert confusion.amounts[0].tolist() == [0, 8, 0, 0, 0, 0]
        unknown = np.zeros_like(flags)
        unknown[:, 1] = ~flags[:, 1]
        assert not measured(match_of(flags, flags * 1.0, unknown=unknown), resamples=0).confusions

    def test_the_worst_errors_are_sure_and_wrong_or_missed(self):
        flags = np.array([[True, False, False], [False, True, False], [True, False, False]])
        scores = np.array([[0.9, 0.2, 0.1], [0.95, 0.01, 0.2], [0.3, 0.6, 0.1]])
        wrong, *others = measured(match_of(flags, scores, classes=("rain", "snow", "hail")), resamples=0).mistakes
        assert (wrong.item, wrong.reference, wrong.estimated, wrong.score) == ("row 1", "snow", "rain", 0.95)
        missed = [each for each in others if each.reference.startswith("missed")]
        assert [(each.item, each.reference) for each in missed] == [
            ("row 1", "missed: snow"),
            ("row 2", "missed: rain"),
        ]
        assert missed[0].estimated == "rain, hail, snow"

    def test_items_link_to_where_they_are_known(self):
        assert link_of("https://example.org/a", 5) == "https://example.org/a"
        assert link_of("javascript:x", 5) == ""

    def test_a_report_is_written(self, files, reference):
        found = measured(matched([files / "model"], reference), resamples=20)
        page = write_evaluation(found, files / "report")
        assert "GAP@20" in page.read_text()
        assert json.loads((files / "report" / "evaluation.json").read_text())["items"] == ROWS


class TestCompared:
    def test_a_run_against_itself_differs_in_nothing(self, files, reference):
        found = compared(matched([files / "model", files / "model"], reference), resamples=20)
        assert [each.measure for each in found.comparisons] == ["GAP@20", "Hit@1", "PERR", "mAP"]
        for each in found.comparisons:
            assert (each.difference.value, each.difference.low, each.difference.high, each.p_value) == (0, 0, 0, 1)

    def test_differences_are_of_the_same_rows(self, files, reference, flags, chances):
        other = made_model(members=1, seed=9)
        save_model(other, files / "other")
        found = compared(matched([files / "model", files / "other"], reference), resamples=50)
        second = np.concatenate([*other.chances(made_rows(ROWS))])
        gap, hit, perr, mean = found.comparisons
        assert (gap.first, gap.second) == ("model", "other")
        assert gap.first_value == pytest.approx(global_average_precision(flags, chances, k=20))
        assert hit.second_value == pytest.approx(hit_at_k(flags, second, k=1))
        assert perr.difference.value == pytest.approx(perr.first_value - perr.second_value)
        assert mean.second_value == pytest.approx(mean_average_precision(flags, second), abs=1e-6)
        assert mean.difference.low <= mean.difference.value <= mean.difference.high

    def test_beside_lists_the_mean_is_over_lists(self, files, reference, chances):
        write_predictions(files / "model.npz", [], top_classes(chances, 3))
        found = compared(matched([files / "model", files / "model.npz"], reference), resamples=20)
        assert [each.measure for each in found.comparisons][-1] == "mAP@20"
        assert "lists at most 3" in found.notes[0]

    def test_files_of_one_name_are_told_apart_by_their_paths(self, files, reference):
        (files / "new").mkdir()
        save_model(made_model(members=1), files / "new" / "model")
        found = compared(matched([files / "model", files / "new" / "model"], reference), resamples=2)
        assert found.comparisons[0].second == str(files / "new" / "model")
