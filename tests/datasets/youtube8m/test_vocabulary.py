"""What classes are called."""

import pytest

from cueline.datasets.youtube8m.vocabulary import COLUMNS, read_vocabulary
from cueline.errors import FormatError, OptionError

HEAD = ",".join(COLUMNS) + "\n"
ROWS = (
    '1,20,/m/b,Guitar,https://b,Arts,,,"Strings, plucked"\n',
    "0,30,/m/a, Game ,https://a,Games,Toys,,Play\n",
    "2,10,/m/c,,,Arts,,,\n",
)


def written(tmp_path, *rows, head=HEAD):
    path = tmp_path / "v.csv"
    path.write_text("\ufeff" + head + "".join(rows), encoding="utf-8")
    return path


def test_classes_are_in_the_order_of_their_numbers_whatever_the_order_of_rows(tmp_path):
    vocabulary = read_vocabulary(written(tmp_path, *ROWS))
    assert len(vocabulary) == 3
    assert vocabulary.names == ("Game", "Guitar", "/m/c")
    assert [entry.index for entry in vocabulary] == [0, 1, 2]
    assert vocabulary[0].verticals == ("Games", "Toys")
    guitar = vocabulary[1]
    assert (guitar.description, guitar.url, guitar.train_videos) == ("Strings, plucked", "https://b", 20)
    assert repr(vocabulary).startswith("Vocabulary(3 classes, '")


def test_a_name_that_stands_twice_gets_its_id(tmp_path):
    rows = ["0,1,/m/a,Drum,,,,,\n", "1,1,/m/b,Drum,,,,,\n", "2,1,/m/c,/m/d,,,,,\n", "3,1,/m/d,,,,,,\n", "4,1,,,,,,,\n"]
    names = read_vocabulary(written(tmp_path, *rows)).names
    assert names == ("Drum (/m/a)", "Drum (/m/b)", "/m/d", "/m/d #3", "class 4")


def test_classes_are_found_by_name_and_id(tmp_path):
    vocabulary = read_vocabulary(written(tmp_path, *ROWS))
    assert [vocabulary.find(name).index for name in ("guitar", "Game", "/m/c")] == [1, 0, 2]
    with pytest.raises(OptionError, match="no class is called 'Gitar'. Did you mean 'Guitar'?"):
        vocabulary.find("Gitar")


def test_a_vocabulary_of_another_size_does_not_match(tmp_path):
    vocabulary = read_vocabulary(written(tmp_path, *ROWS))
    assert vocabulary.matching(3) is vocabulary
    with pytest.raises(FormatError, match="must have the 4 classes of the labels, got 3"):
        vocabulary.matching(4)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ((), "one class or more"),
        ((ROWS[0], ROWS[2]), "indexes must be 0 to 1, got no 0"),
        ((*ROWS, ROWS[0]), "indexes must be 0 to 3, got no 2"),
        (("x,20,/m/b,Guitar,,,,,\n",), "Index must be a whole number, got 'x' in line 2"),
        (("0,,/m/b,Guitar,,,,,\n",), "TrainVideoCount must be a whole number, got '' in line 2"),
        (("0,1,/m/b,Guitar\n",), "must have 9 fields, got another number in line 2"),
        (("0,1,/m/b,Guitar,,,,,,more\n",), "must have 9 fields"),
    ],
)
def test_what_is_no_vocabulary_is_refused(tmp_path, rows, message):
    path = written(tmp_path, *rows)
    with pytest.raises(FormatError, match=message) as caught:
        read_vocabulary(path)
    assert caught.value.path == path


def test_missing_columns_are_told(tmp_path):
    with pytest.raises(FormatError, match="needs the columns Name, WikiUrl too in"):
        read_vocabulary(written(tmp_path, *ROWS, head=HEAD.replace("Name,WikiUrl", "Title,Url")))


def test_what_is_no_text_is_refused(tmp_path):
    path = tmp_path / "v.csv"
    path.write_bytes(HEAD.encode() + b"\xff\xfe")
    with pytest.raises(FormatError, match="can't decode"):
        read_vocabulary(path)


def test_the_real_vocabulary(real_data):
    vocabulary = read_vocabulary(real_data / "youtube8m" / "vocabulary.csv").matching(3862)
    assert vocabulary[0].name == "Game"
    assert len(set(vocabulary.names)) == 3862
    assert sum(name.startswith("/m/") for name in vocabulary.names) == 56
    assert vocabulary.find("Nova").name == "Nova"  # " Nova" in the file
    assert all(entry.verticals for entry in vocabulary)
