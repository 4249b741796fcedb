"""Files of a data set."""

import gzip
import io

import pytest

from cueline.datasets.youtube8m.files import at_most, files_of, kind_of, opened, placed_whole
from cueline.errors import FormatError


def test_shards_of_a_folder_come_in_natural_order(tmp_path):
    for name in ("train_10.csv", "train_2.csv", "train_0.csv.gz", "notes.txt"):
        (tmp_path / name).touch()
    names = ["train_0.csv.gz", "train_2.csv", "train_10.csv"]
    assert [path.name for path in files_of(tmp_path)] == names
    assert [path.name for path in files_of(str(tmp_path / "train_?*.csv*"))] == names
    assert [path.name for path in files_of([tmp_path / "train_2.csv", tmp_path / "notes.txt"])] == [
        "train_2.csv",
        "notes.txt",
    ]


def test_what_names_no_file_is_refused(tmp_path):
    with pytest.raises(FormatError, match="a file, a folder or a pattern that files match is needed") as caught:
        files_of(tmp_path / "missing.csv")
    assert caught.value.path == tmp_path / "missing.csv"
    with pytest.raises(FormatError, match="that files match"):
        files_of(tmp_path / "*.csv")
    with pytest.raises(FormatError, match="a folder of shards holds .tfrecord"):
        files_of(tmp_path)


def test_the_kind_is_told_by_the_name(tmp_path):
    kinds = [kind_of(tmp_path / name) for name in ("a.tfrecord", "A.CSV.gz", "a.parquet", "a.npy", "a.txt")]
    assert kinds == ["tfrecord", "csv", "parquet", "npy", None]


def test_gzip_is_seen_by_content(tmp_path):
    (tmp_path / "a").write_bytes(gzip.compress(b"hello"))
    (tmp_path / "b").write_bytes(b"hello")
    for name in "ab":
        with opened(tmp_path / name) as stream:
            assert stream.read() == b"hello"


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(FormatError, match="cannot be read: No such file"), opened(tmp_path / "a"):
        pass


def test_no_more_is_read_than_there_is():
    assert at_most(io.BytesIO(b"abc"), 1 << 60) == b"abc"
    assert at_most(io.BytesIO(b"abc"), 2) == b"ab"


def test_what_fails_midway_leaves_nothing(tmp_path):
    def write():
        with placed_whole(tmp_path / "a") as aside:
            aside.write_text("half")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write()
    assert list(tmp_path.iterdir()) == []
