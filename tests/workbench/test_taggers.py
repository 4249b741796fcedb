"""Multi-label models from files, and predictions of them."""

import fcntl
import json
import sys
from dataclasses import replace

import numpy as np
import pytest

from cueline.datasets.youtube8m import convert, dequantised, read_predictions
from cueline.datasets.youtube8m.arrays import read_npz
from cueline.errors import FormatError, MissingExtraError, OptionError, TimelineError
from cueline.evaluation.ranking import global_average_precision, hit_at_k, precision_at_equal_recall_rate
from cueline.learning.recipes import TAGGER
from cueline.models.cards import Input
from cueline.models.checkpoints import CARD, LAST, WEIGHTS, load_model, save_model
from cueline.timeline.examples import Examples, LabelLists
from cueline.timeline.toplists import top_classes
from cueline.workbench.taggers import (
    UINT8,
    material_of_files,
    measures_on,
    predict_multilabel,
    ranking_measures,
    split_apart,
    train_multilabel,
    uint8_of,
)
from tests.models.made import made_model, made_rows

ROWS, WIDTH, CLASSES = 120, 8, 5
QUICK = replace(TAGGER, hidden=(16, 16), members=2, epochs=2, least_steps=8, batch_rows=32)
COLUMNS = "Index,TrainVideoCount,KnowledgeGraphId,Name,WikiUrl,Vertical1,Vertical2,Vertical3,WikiDescription"


def flags_of(seed=0):
    return np.random.default_rng(seed).random((ROWS, CLASSES)) < 0.3


@pytest.fixture
def data(tmp_path):
    """F.npy of floats, L.npz of lists, vocabulary.csv."""
    lists = LabelLists.of_flags(flags_of())
    np.save(tmp_path / "F.npy", made_rows(ROWS))
    np.savez(tmp_path / "L.npz", label_offsets=lists.offsets, label_ids=lists.ids)
    lines = [f'{i},9,/m/{i},"Class {i}, the one",https://example.org/{i},Games,,,about' for i in range(CLASSES)]
    (tmp_path / "vocabulary.csv").write_text("\n".join([COLUMNS, *lines]) + "\n")
    return tmp_path


def material(data, **more):
    return material_of_files(data / "F.npy", data / "L.npz", **more)


class TestMaterial:
    def test_arrays_are_rows_whose_classes_go_by_their_numbers(self, data):
        found = material(data)
        assert found.inputs == (Input("features", WIDTH),)
        assert [entry.name for entry in found.classes] == ["0", "1", "2", "3", "4"]
        assert len(found.examples) == ROWS
        assert found.notes == ()

    def test_a_vocabulary_names_the_classes(self, data):
        entry = material(data, vocabulary=data / "vocabulary.csv").classes[3]
        assert (entry.name, entry.id, entry.link, entry.verticals) == (
            "Class 3, the one",
            "/m/3",
            "https://example.org/3",
            ("Games",),
        )

    def test_rows_of_1152_numbers_are_pictures_and_sound(self, data):
        np.save(data / "F.npy", np.zeros((ROWS, 1152), np.uint8))
        found = material(data)
        assert found.inputs == (Input("mean_rgb", 1024), Input("mean_audio", 128))
        assert len(found.classes) == 3862
        (note,) = found.notes
        assert "3,862 classes are learned, those of YouTube-8M, though labels go up to class 4 alone" in note
        np.save(data / "L.npy", flags_of())
        assert material_of_files(data / "F.npy", data / "L.npy").notes == ()

    def test_a_compact_form_says_what_its_numbers_are(self, data):
        parts = {"rgb": 5, "audio": 3}
        convert(data / "F.npy", data / "form", labels=data / "L.npz", parts=parts, classes=CLASSES)
        found = material_of_files(data / "form", None)
        assert found.inputs == (Input("rgb", 5), Input("audio", 3))
        assert len(found.classes) == CLASSES

    def test_a_vocabulary_of_other_classes_is_refused(self, data):
        short = (data / "vocabulary.csv").read_text().splitlines()[:-1]
        (data / "short.csv").write_text("\n".join(short) + "\n")
        with pytest.raises(FormatError, match=r"classes must lie in 0 to 3, got 4 in row \d+ in .*L.npz"):
            material(data, vocabulary=data / "short.csv")
        convert(data / "F.npy", data / "form", labels=data / "L.npz", parts={"all": WIDTH}, classes=CLASSES)
        with pytest.raises(FormatError, match=r"5 classes in .*form|the classes of the labels, 5, got 4"):
            material_of_files(data / "form", None, vocabulary=data / "short.csv")

    def test_features_without_labels_are_refused(self, data):
        with pytest.raises(OptionError, match=r"learning needs labels, got none beside .*F\.npy.*--labels"):
            material_of_files(data / "F.npy", None)

    def test_labels_out_of_range_are_refused_by_file_and_row(self, data):
        np.savez(data / "L.npz", label_offsets=np.arange(ROWS + 1), label_ids=np.full(ROWS, -1))
        with pytest.raises(FormatError, match=r"got -1 in row 0 in .*L\.npz"):
            material(data)

    def test_features_that_are_no_numbers_are_refused_by_file_and_row(self, data):
        rows = made_rows(ROWS)
        rows[11, 3] = np.nan
        np.save(data / "F.npy", rows)
        with pytest.raises(FormatError, match=r"features must be finite, got nan in row 11, column 3 of .*F\.npy"):
            material(data)

    def test_features_and_labels_of_different_length_are_refused(self, data):
        np.save(data / "F.npy", made_rows(ROWS - 1))
        with pytest.raises(FormatError, match="must have as many rows, got 119 in .* and 120"):
            material(data)


@pytest.mark.extra("torch")
class TestTraining:
    @pytest.fixture(autouse=True)
    def torch(self):
        torch = pytest.importorskip("torch", reason="the extra `torch` is not installed")
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        yield torch
        torch.set_num_threads(before)

    def test_two_trainings_do_not_write_to_one_folder(self, data):
        (data / "m" / "training").mkdir(parents=True)
        with (data / "m" / "training" / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with pytest.raises(OptionError, match="another training writes to"):
                train_multilabel(material(data), data / "m", recipe=QUICK)
        assert train_multilabel(material(data), data / "m", recipe=QUICK).epochs

    def test_a_model_that_is_a_file_is_refused(self, data):
        (data / "m").write_text("mine")
        with pytest.raises(OptionError, match="a model is a folder, but .* is a file"):
            train_multilabel(material(data), data / "m", recipe=QUICK)
        assert (data / "m").read_text() == "mine"

    def test_a_model_lies_in_its_folder_alone(self, data):
        trained = train_multilabel(material(data), data / "m", recipe=QUICK)
        assert sorted(path.name for path in (data / "m").iterdir()) == [WEIGHTS, LAST, CARD]
        assert trained.card == load_model(data / "m").card
        assert (trained.rows, len(trained.epochs), dict(trained.test)) == (ROWS, 4, {})
        assert trained.seconds > 0

    def test_the_second_call_does_nothing(self, data):
        train_multilabel(material(data), data / "m", recipe=QUICK)
        before = (data / "m" / CARD).stat().st_mtime_ns
        heard = []
        again = train_multilabel(material(data), data / "m", recipe=QUICK, told=heard.append)
        assert (heard, list(again.epochs), again.seconds) == ([], [], 0.0)
        assert (data / "m" / CARD).stat().st_mtime_ns == before

    @pytest.mark.parametrize("change", ["seed", "recipe", "labels", "rows", "classes"])
    def test_another_model_is_not_written_over(self, data, change):
        train_multilabel(material(data), data / "m", recipe=QUICK)
        before = (data / "m" / WEIGHTS).read_bytes()
        how = {"recipe": replace(QUICK, dropout=0.1) if change == "recipe" else QUICK, "seed": int(change == "seed")}
        if change == "labels":
            lists = LabelLists.of_flags(flags_of(1))
            np.savez(data / "L.npz", label_offsets=lists.offsets, label_ids=lists.ids)
        if change == "rows":
            np.save(data / "F.npy", made_rows(ROWS, seed=1))
        words = data / "vocabulary.csv" if change == "classes" else None
        with pytest.raises(OptionError, match="holds a model that was made from other rows, with another recipe or an"):
            train_multilabel(material(data, vocabulary=words), data / "m", **how)
        assert (data / "m" / WEIGHTS).read_bytes() == before

    def test_rows_that_take_no_part_are_measured_at_the_end(self, data):
        trained = train_multilabel(material(data), data / "m", recipe=QUICK, test_rows=30)
        assert trained.rows == ROWS - 30
        assert list(trained.test) == ["GAP@20", "Hit@1", "Hit@5", "Hit@20", "PERR"]
        again = train_multilabel(material(data), data / "m", recipe=QUICK, test_rows=30)
        assert again.test == trained.test

    def test_the_share_of_rows_without_a_label_is_told(self, data):
        flags = flags_of()
        flags[:60] = False
        np.save(data / "L.npy", flags)
        found = material_of_files(data / "F.npy", data / "L.npy")
        trained = train_multilabel(found, data / "m", recipe=QUICK, test_rows=30)
        split = split_apart(found.examples, 30)
        wanted = [1 - flags[rows].any(axis=1).mean() for rows in (split.learn, split.apart)]
        assert trained.bare == pytest.approx(wanted)
        assert train_multilabel(found, data / "all", recipe=QUICK).bare[1] == 0

    def test_the_rows_that_measure_do_not_hang_on_the_seed(self, data):
        cards = [
            train_multilabel(material(data), data / str(seed), recipe=QUICK, seed=seed, test_rows=30).card
            for seed in (0, 1)
        ]
        assert cards[0].data["sha256"] == cards[1].data["sha256"]

    def test_noise_in_the_labels_that_measure_leaves_the_model_byte_for_byte_the_same(self, data):
        from cueline.learning.splits import split_groups
        from cueline.workbench.taggers import TEST_SEED

        first = train_multilabel(material(data), data / "a", recipe=QUICK, test_rows=30)
        flags = flags_of()
        test = split_groups(np.arange(ROWS), apart=30, seed=TEST_SEED).apart
        flags[test] = np.random.default_rng(7).random((30, CLASSES)) < 0.5
        np.save(data / "noise.npy", flags)
        noisy = material_of_files(data / "F.npy", data / "noise.npy")
        second = train_multilabel(noisy, data / "b", recipe=QUICK, test_rows=30)
        for name in (WEIGHTS, CARD):
            assert (data / "a" / name).read_bytes() == (data / "b" / name).read_bytes()
        assert first.test != second.test

    def test_a_training_that_was_ended_goes_on(self, data):
        through = train_multilabel(material(data), data / "through", recipe=QUICK)

        def stop(sign):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train_multilabel(material(data), data / "ended", recipe=QUICK, told=stop)
        assert not (data / "ended" / CARD).exists()
        heard = []
        ended = train_multilabel(material(data), data / "ended", recipe=QUICK, told=heard.append)
        assert len(heard) == len(through.epochs) - 1
        assert ended.epochs == through.epochs
        assert (data / "ended" / WEIGHTS).read_bytes() == (data / "through" / WEIGHTS).read_bytes()

    def test_bytes_are_understood_by_a_model_that_learned_from_floats(self, data):
        values = np.random.default_rng(0).integers(0, 256, (ROWS, WIDTH), dtype=np.uint8)
        np.save(data / "F.npy", (values * UINT8[0] + UINT8[1]).astype(np.float32))
        np.save(data / "Q.npy", values)
        train_multilabel(material(data), data / "m", recipe=QUICK)
        for name in "FQ":
            predict_multilabel(data / "m", data / f"{name}.npy", data / f"{name}.npz")
        floats, quantised = (read_npz(data / f"{name}.npz")["scores"] for name in "FQ")
        np.testing.assert_allclose(floats, quantised, atol=1e-4)

    def test_more_rows_apart_than_there_are_are_refused(self, data):
        with pytest.raises(OptionError, match="of 120 rows, 1 to 119 can be kept apart, got 500"):
            train_multilabel(material(data), data / "m", recipe=QUICK, test_rows=500)


def test_training_without_torch_prints_the_pip_command(data, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(
        MissingExtraError, match=r"training needs torch\. Install it with: pip install 'cueline\[torch\]'"
    ):
        train_multilabel(material(data), data / "m", recipe=QUICK)
    assert not (data / "m").exists()


class TestMeasures:
    def test_they_are_those_of_dense_scores(self):
        model, flags = made_model(), np.random.default_rng(1).random((30, CLASSES)) < 0.4
        rows = made_rows()
        scores = np.concatenate(list(model.chances(rows)))
        found = measures_on(model, Examples(rows, LabelLists.of_flags(flags)))
        assert found == {
            "GAP@20": pytest.approx(global_average_precision(flags, scores, k=20)),
            "Hit@1": pytest.approx(hit_at_k(flags, scores, k=1)),
            "Hit@5": pytest.approx(hit_at_k(flags, scores, k=5)),
            "Hit@20": pytest.approx(hit_at_k(flags, scores, k=20)),
            "PERR": pytest.approx(precision_at_equal_recall_rate(flags, scores)),
        }
        assert ranking_measures(LabelLists.of_flags(flags), model.top(rows)) == found

    def test_what_nobody_judged_takes_no_part(self):
        model, rows = made_model(), made_rows()
        flags = np.random.default_rng(1).random((30, CLASSES)) < 0.4
        unknown = ~flags & (np.arange(CLASSES) == 2)
        found = measures_on(model, Examples(rows, LabelLists.of_flags(flags), LabelLists.of_flags(unknown)))
        scores = np.concatenate(list(model.chances(rows)))
        scores[unknown] = 0
        assert found == ranking_measures(LabelLists.of_flags(flags), top_classes(scores, 20))
        assert found["GAP@20"] > measures_on(model, Examples(rows, LabelLists.of_flags(flags)))["GAP@20"]


class TestPrediction:
    @pytest.fixture
    def model(self, tmp_path):
        save_model(made_model(classes=30), tmp_path / "m")
        return tmp_path / "m"

    def test_arrays_have_the_shapes_that_were_promised(self, model, data):
        assert predict_multilabel(model, data / "F.npy", data / "P.npz") == ROWS
        found = read_npz(data / "P.npz")
        assert sorted(found) == ["classes", "scores"]
        assert found["classes"].shape == found["scores"].shape == (ROWS, 20)
        assert np.issubdtype(found["classes"].dtype, np.integer)
        assert np.issubdtype(found["scores"].dtype, np.floating)
        assert (np.diff(found["scores"], axis=1) <= 0).all()
        dense = np.concatenate(list(load_model(model).chances(made_rows(ROWS))))
        np.testing.assert_array_equal(np.take_along_axis(dense, found["classes"], axis=1), found["scores"])

    @pytest.mark.parametrize("ending", [".csv", ".npz", ".parquet"])
    def test_every_form_says_the_same(self, model, data, ending):
        predict_multilabel(model, data / "F.npy", data / f"P{ending}", k=3)
        found = read_predictions(data / f"P{ending}", width=30).top
        wanted = load_model(model).top(made_rows(ROWS), 3)
        np.testing.assert_array_equal(found.classes, wanted.classes)
        np.testing.assert_allclose(found.scores, wanted.scores, rtol=1e-5)

    def test_ids_of_the_videos_are_kept(self, model, data):
        lines = "".join(f"video {row},{row % CLASSES}\n" for row in range(ROWS))
        (data / "L.csv").write_text("id,labels\n" + lines)
        convert(data / "F.npy", data / "form", labels=data / "L.csv", parts={"all": WIDTH}, classes=CLASSES)
        predict_multilabel(model, data / "form", data / "P.csv")
        assert list(read_predictions(data / "P.csv", width=30).ids)[:2] == ["video 0", "video 1"]

    def test_rows_of_another_width_are_refused(self, model, data):
        np.save(data / "F.npy", made_rows(3, width=WIDTH + 1))
        with pytest.raises(TimelineError, match=r"rows must have 8 numbers \(8 of features\), got shape \(3, 9\)"):
            predict_multilabel(model, data / "F.npy", data / "P.npz")
        assert not (data / "P.npz").exists()

    def test_another_ending_is_refused(self, model, data):
        with pytest.raises(FormatError, match=r"predictions are \.csv, \.npz, \.parquet, got '.*P\.txt'"):
            predict_multilabel(model, data / "F.npy", data / "P.txt")

    def test_a_model_of_another_schema_is_refused(self, model, data):
        card = json.loads((model / CARD).read_text())
        (model / CARD).write_text(json.dumps({**card, "version": 99}))
        with pytest.raises(FormatError, match="must be of schema 'cueline.multilabel', version 1, got .*version 99"):
            predict_multilabel(model, data / "F.npy", data / "P.npz")


def test_eight_bits_stand_for_what_youtube_8m_keeps_in_them():
    every = np.arange(256, dtype=np.uint8)[:, None]
    assert uint8_of(Examples(every, LabelLists.none(256, width=1))) == UINT8
    np.testing.assert_allclose(every * UINT8[0] + UINT8[1], dequantised(every), atol=1e-6)
