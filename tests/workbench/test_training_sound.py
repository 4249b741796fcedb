"""Models of people's own clips: written whole, continued with new labels, never replaced by a worse one."""

import json
from dataclasses import replace

import numpy as np
import pytest

from cueline.datasets.labelfiles import read_labels
from cueline.errors import FormatError, OptionError
from cueline.learning.clips.choosing import Search
from cueline.models.clip_models import clip_model_hash, load_clip_model
from cueline.workbench.clips.memory import read_memory
from cueline.workbench.training_sound import BEFORE, SHIPPED, THIS, train_sound, update_sound
from tests.workbench.clips.made import made_material

QUICK = Search(("logistic",))


@pytest.fixture
def first(tmp_path):
    return train_sound(made_material(groups=42), tmp_path / "M", search=QUICK)


def test_a_folder_holds_the_model_its_rows_its_report_and_its_doubts(first):
    names = {path.name for path in first.folder.iterdir()}
    assert names == {
        *("model.json", "weights.safetensors", "rows.json", "rows.safetensors"),
        *("report.html", "report.json", "relabel.csv", "relabel.m3u8"),
    }
    assert load_clip_model(first.folder).card == first.card
    assert first.card.data["clips"] == 84
    assert first.card.data["groups_by"] == "made up"
    report = json.loads((first.folder / "report.json").read_text())
    assert [row["model"] for row in report["models"]] == [THIS, SHIPPED]
    assert report["models"][0]["macro_f1"]["value"] == first.figures[0].macro_f1.value
    page = (first.folder / "report.html").read_text()
    assert 'href="report.json"' in page
    assert "evaluation.json" not in page
    assert "Average precision of each class" not in page  # there is none of clips that have one class each


def test_the_card_holds_no_path_so_that_the_same_training_gives_the_same_bytes(first, tmp_path):
    again = train_sound(made_material(groups=42), tmp_path / "elsewhere", search=QUICK)
    assert (again.folder / "model.json").read_bytes() == (first.folder / "model.json").read_bytes()
    assert "/media" not in (first.folder / "model.json").read_text()


def test_the_shipped_model_stands_beside_it_on_the_same_clips(first):
    assert [one.name for one in first.figures] == [THIS, SHIPPED]
    assert len({one.clips for one in first.figures}) == 1
    assert first.differences[0].difference.value == pytest.approx(
        first.figures[0].macro_f1.value - first.figures[1].macro_f1.value
    )
    assert [one.name for one in _alone(made_material(curve=False)).figures] == [THIS]


def test_a_model_that_is_there_is_not_replaced_unless_somebody_insists(first):
    with pytest.raises(OptionError, match="a model lies in .* already. Continue it with --update"):
        train_sound(made_material(), first.folder, search=QUICK)
    assert train_sound(made_material(), first.folder, search=QUICK, force=True).written


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "M").write_text("x")
    with pytest.raises(OptionError, match="a model is a folder, got a file"):
        train_sound(made_material(), tmp_path / "M", search=QUICK)


def test_an_update_is_judged_on_the_groups_that_judged_before(first):
    ended = update_sound(first.folder, made_material(42, 12), search=QUICK, force=True)
    assert ended.card.test_groups == first.card.test_groups
    assert [one.name for one in ended.figures] == [THIS, SHIPPED, BEFORE] or [one.name for one in ended.figures] == [
        THIS,
        BEFORE,
        SHIPPED,
    ]
    before = next(one for one in ended.figures if one.name == BEFORE)
    assert before.macro_f1.value == first.figures[0].macro_f1.value
    assert len(ended.material.clips) == 108
    assert ended.fresh[0].groups == 12
    assert load_clip_model(first.folder).card == ended.card


def test_clips_that_come_to_a_group_that_judges_are_never_learned_from(first):
    group = first.card.test_groups[0]
    more = made_material(42, 2)
    clips = (replace(more.clips[0], group=group), *more.clips[1:])
    ended = update_sound(first.folder, replace(more, clips=clips), search=QUICK, force=True)
    judged = {ended.material.clips[row].key for row in ended.trained.judged.tolist()}
    assert clips[0].key in judged
    assert group in ended.card.test_groups


def test_a_worse_model_does_not_replace_a_better_one(first):
    before = clip_model_hash(first.folder)
    wrong = made_material(42, 60, seed=3)
    names = ("Dialogue", "Music", "Both")
    clips = tuple(replace(one, label=names[(names.index(one.label) + 1) % 3]) for one in wrong.clips)
    wrong = replace(wrong, clips=clips)
    ended = update_sound(first.folder, wrong, search=QUICK)
    assert not ended.written
    assert ended.differences[0].difference.value < 0
    assert clip_model_hash(first.folder) == before
    assert update_sound(first.folder, wrong, search=QUICK, force=True).written
    assert clip_model_hash(first.folder) != before


def test_an_update_may_go_elsewhere(first, tmp_path):
    before = clip_model_hash(first.folder)
    ended = update_sound(first.folder, made_material(42, 3), folder=tmp_path / "N", search=QUICK)
    assert ended.folder == tmp_path / "N"
    assert clip_model_hash(first.folder) == before


def test_a_clip_that_was_there_takes_its_new_label(first):
    old = made_material(0, 1)
    clips = (replace(old.clips[0], label="music"), old.clips[1])
    ended = update_sound(first.folder, replace(old, clips=clips), search=QUICK, force=True)
    labels = {clip.key: clip.label for clip in ended.material.clips}
    assert len(labels) == 84
    assert labels[clips[0].key] == "Music"
    assert any("2 clips were there before, 1 of them have another label now" in note for note in ended.notes)


def test_an_update_may_bring_a_new_class(first):
    more = made_material(42, 12)
    clips = tuple(replace(clip, label="jingle") if row % 2 else clip for row, clip in enumerate(more.clips))
    ended = update_sound(first.folder, replace(more, clips=clips), search=QUICK, force=True)
    assert ended.card.classes == ("Both", "Dialogue", "Music", "jingle")


def test_a_model_without_its_rows_cannot_be_continued(first):
    (first.folder / "rows.json").unlink()
    with pytest.raises(FormatError, match="a model that is continued has rows.safetensors and rows.json"):
        update_sound(first.folder, made_material(42, 3))


def test_rows_of_other_inputs_are_refused(first):
    with pytest.raises(OptionError, match="must be made of the inputs"):
        update_sound(first.folder, made_material(42, 3, curve=False))


def test_few_groups_are_judged_by_turns_and_updated_the_same(tmp_path):
    ended = train_sound(made_material(groups=6), tmp_path / "M", search=QUICK)
    assert ended.trained.by_turns
    assert not read_memory(ended.folder).tested.any()
    more = update_sound(ended.folder, made_material(6, 6), search=QUICK, force=True)
    assert more.trained.by_turns
    assert {one.name for one in more.figures} == {THIS, BEFORE, SHIPPED}


def test_the_same_sound_under_two_names_is_one_group(tmp_path):
    material = made_material(groups=6)
    values = material.values.copy()
    values[2] = values[0]
    ended = train_sound(replace(material, values=values), tmp_path / "M", search=QUICK)
    assert ended.material.clips[2].group == ended.material.clips[0].group == "g0"
    assert any("1 of them were joined to others" in note for note in ended.notes)


def test_the_playlist_of_doubts_can_be_read_back_and_its_table_names_label_and_suggestion(tmp_path):
    material = made_material(groups=24, spread=0.3)
    names = ("Dialogue", "Music", "Both")
    clips = list(material.clips)
    clips[5] = replace(clips[5], label=names[(names.index(clips[5].label) + 1) % 3])
    ended = train_sound(replace(material, clips=tuple(clips)), tmp_path / "M", search=QUICK, test_share=0.0)
    first = ended.relabels.found[0]
    assert (first.row, first.suggested) == (5, material.clips[5].label)
    items = read_labels(ended.folder / "relabel.m3u8").items
    assert items[0].clip.endswith(clips[5].name)
    lines = (ended.folder / "relabel.csv").read_text().splitlines()
    assert lines[0].startswith("clip,start,end,said,suggested")
    assert lines[1].startswith(f"{clips[5].name},0.000,10.000,{clips[5].label},{material.clips[5].label}")


def test_classes_under_two_names_and_classes_of_few_clips_are_told(tmp_path):
    material = made_material(groups=8)
    clips = tuple(
        replace(clip, label="speech") if clip.label == "Dialogue" and clip.group == "g0" else clip
        for clip in material.clips
    )
    ended = train_sound(replace(material, clips=clips), tmp_path / "M", search=QUICK)
    assert any("'Dialogue' and 'speech' sound like one class under two names" in note for note in ended.notes)
    assert any("fewer than 5 clips" in note for note in ended.notes)


def test_what_is_kept_comes_back_as_it_was(first):
    memory = read_memory(first.folder)
    np.testing.assert_array_equal(memory.material.values, first.material.values)
    assert memory.material.clips == first.material.clips
    assert memory.classes == first.card.classes
    np.testing.assert_allclose(memory.chances, first.trained.chances, atol=1e-6)


def _alone(material):
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        return train_sound(material, Path(folder) / "M", search=QUICK)
