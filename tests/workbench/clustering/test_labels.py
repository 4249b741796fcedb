"""What is known of clips: by file, by folder, by campaign; halves, doubts and strangers."""

import json

import pytest

from cueline.errors import OptionError
from cueline.workbench.clustering.labels import labels_of_file, labels_of_folders, no_labels
from tests.workbench.clustering.made import table

TABLE, KINDS = table()


def write(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    return path


def test_folders_name_the_class():
    found = labels_of_folders(TABLE)
    assert list(found.names) == KINDS
    assert found.classes == ("hiss", "hum", "hush")
    assert repr(found) == "KnownLabels(90 of 90 clips, classes hiss, hum, hush)"


def test_nothing_may_be_known():
    assert no_labels(TABLE).classes == ()


def test_a_label_on_a_file_is_on_all_its_clips_and_others_stay_unknown(tmp_path):
    path = write(tmp_path, "labels.json", json.dumps({"hum 0.wav": "Music", "hush 8.wav": "D", "else.wav": "B"}))
    found = labels_of_file(TABLE, path)
    assert found.names[:10] == ("Music",) * 10
    assert found.names[80:] == ("Dialogue",) * 10
    assert set(found.names[10:80]) == {""}
    assert found.notes == ("1 labels of labels.json are of no clip here, such as that of 'else.wav'.",)


def test_a_label_on_a_part_is_on_clips_that_it_covers_by_half(tmp_path):
    text = "file,start,end,name\nhum 0.wav,0,14,rain\nhum 0.wav,15,20,rain\nhum 0.wav,20,24.9,wind\n"
    found = labels_of_file(TABLE, write(tmp_path, "parts.csv", text))
    assert found.names[:3] == ("rain", "rain", "")


def test_several_classes_go_together_unless_one_alone_is_right(tmp_path):
    text = "file,start,end,name\nhum 0.wav,0,10,speech\nhum 0.wav,0,10,music\n"
    assert labels_of_file(TABLE, write(tmp_path, "parts.csv", text)).names[0] == "music + speech"
    twice = write(tmp_path, "player.json", '{"hum 0.wav": "M", "hum 0.wav": "D", "hum 1.wav": "M"}')
    found = labels_of_file(TABLE, twice)
    assert found.names[0] == ""
    assert found.names[10] == "Music"
    assert "10 clips have two classes or more" in found.notes[-1]


def test_labels_of_no_clip_are_refused(tmp_path):
    with pytest.raises(OptionError, match=r"far\.json must name a class of one of the 90 clips, got none\. 1 labels"):
        labels_of_file(TABLE, write(tmp_path, "far.json", '{"far.wav": "M"}'))
