"""Every form gives the same values by name, and what is damaged or lies is refused."""

import io
import json
import pickle  # noqa: TID251  # what strangers write is made here, never read
import zipfile

import numpy as np
import pytest
from safetensors.numpy import save_file

from cueline.datasets.movienet.forms import values_of
from cueline.datasets.movienet.pickles import DataFault
from tests.datasets.movienet.made import PREDICTION, in_torch, values, write_json


def packed(path, data):
    path.write_bytes(data)
    return path


def same(found, wanted):
    assert set(found) == set(wanted)
    for key, value in wanted.items():
        np.testing.assert_array_equal(found[key](), value)


class TestPickled:
    def test_a_pickle_of_arrays_gives_them(self, tmp_path):
        same(values_of(packed(tmp_path / "a.pkl", pickle.dumps(values()))), values())

    @pytest.mark.extra("torch")
    def test_every_way_in_which_torch_writes_gives_the_same(self, tmp_path):
        torch = pytest.importorskip("torch", reason="the extra `torch` is not installed")
        path = packed(tmp_path / "a.pkl", pickle.dumps(in_torch(values())))
        same(values_of(path), values())
        for archive in (True, False):
            torch.save(in_torch(values()), tmp_path / "a.PT", _use_new_zipfile_serialization=archive)
            same(values_of(tmp_path / "a.PT"), values())

    @pytest.mark.parametrize(
        ("data", "why"),
        [
            (b"", "it is empty"),
            (b"\x80\x04", "cut off"),
            (pickle.dumps([1]), "it must hold a dict of arrays by name, got a list"),
            (b"not a pickle", "not data"),
            (b"PK\x03\x04", "damaged"),
        ],
    )
    def test_other_files_are_refused(self, data, why, tmp_path):
        with pytest.raises(DataFault, match=why):
            values_of(packed(tmp_path / "a.pkl", data))


@pytest.mark.extra("torch")
class TestArchives:
    @pytest.fixture
    def entries(self):
        torch, file = pytest.importorskip("torch", reason="the extra `torch` is not installed"), io.BytesIO()
        torch.save(in_torch(values()), file)
        with zipfile.ZipFile(file) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def write(self, path, entries, how=zipfile.ZIP_STORED):
        with zipfile.ZipFile(path, "w", how) as archive:
            for name, data in entries.items():
                archive.writestr(name, data)
        return path

    def test_an_archive_that_was_packed_anew_is_read(self, tmp_path, entries):
        same(values_of(self.write(tmp_path / "a.pkl", entries)), values())

    def test_packed_entries_are_refused_since_they_may_claim_any_size(self, tmp_path, entries):
        with pytest.raises(DataFault, match="is packed, encrypted or larger than the file"):
            values_of(self.write(tmp_path / "a.pkl", entries, zipfile.ZIP_DEFLATED))

    def test_what_is_missing_is_told(self, tmp_path, entries):
        fewer = {name: data for name, data in entries.items() if "/data/" not in name}
        with pytest.raises(DataFault, match=r"not in the file: no entry '\w+/data/\d'"):
            values_of(self.write(tmp_path / "a.pkl", fewer))[PREDICTION]()
        fewer = {name: data for name, data in entries.items() if "data.pkl" not in name}
        with pytest.raises(DataFault, match=r"an archive without a data\.pkl"):
            values_of(self.write(tmp_path / "a.pkl", fewer))

    def test_the_order_of_bytes_must_be_ours(self, tmp_path, entries):
        other = {name: b"big" if name.endswith("byteorder") else data for name, data in entries.items()}
        with pytest.raises(DataFault, match="puts the highest byte first"):
            values_of(self.write(tmp_path / "a.pkl", other))

    def test_an_archive_cannot_run_code_either(self, tmp_path, entries):
        other = {name: b"cos\nsystem\n." if name.endswith("data.pkl") else data for name, data in entries.items()}
        with pytest.raises(DataFault, match=r"it names 'os\.system'"):
            values_of(self.write(tmp_path / "a.pkl", other))

    def test_a_damaged_entry_is_told(self, tmp_path, entries):
        path = self.write(tmp_path / "a.pkl", entries)
        path.write_bytes(path.read_bytes().replace(values()[PREDICTION].tobytes(), b"x" * 20))
        with pytest.raises(DataFault, match="it is damaged: BadZipFile Bad CRC-32"):
            values_of(path)[PREDICTION]()


class TestNpz:
    @pytest.mark.parametrize("write", [np.savez, np.savez_compressed])
    def test_arrays_and_texts_come_back(self, write, tmp_path):
        write(tmp_path / "a.npz", **values())
        same(values_of(tmp_path / "a.npz"), values())

    def test_objects_are_refused(self, tmp_path):
        np.savez(tmp_path / "a.npz", x=np.array([None]))
        with pytest.raises(DataFault, match="the array 'x.npy' must hold numbers"):
            values_of(tmp_path / "a.npz")["x"]()

    def test_a_shape_that_is_claimed_is_held_against_the_bytes(self, tmp_path):
        file = io.BytesIO()
        np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": (2**50,)})
        with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
            archive.writestr("x.npy", file.getvalue() + b"\0" * 80)
            archive.writestr("y.npy", b"nonsense")
        found = values_of(tmp_path / "a.npz")
        with pytest.raises(DataFault, match="must hold numbers, and as many as it says"):
            found["x"]()
        with pytest.raises(DataFault, match="the array 'y.npy' is damaged"):
            found["y"]()

    def test_another_file_is_refused(self, tmp_path):
        with pytest.raises(DataFault, match="it is damaged"):
            values_of(packed(tmp_path / "a.npz", b"nonsense"))


class TestSafetensors:
    def test_arrays_come_back_with_texts_of_the_head(self, tmp_path):
        wanted = values()
        name = wanted.pop("imdb_id")
        save_file(wanted, tmp_path / "a.safetensors", {"imdb_id": name})
        same(values_of(tmp_path / "a.safetensors"), values())

    def test_numbers_that_numpy_has_not_are_refused_when_they_are_asked_for(self, tmp_path):
        head = json.dumps({"x": {"dtype": "F8_E4M3", "shape": [2], "data_offsets": [0, 2]}}).encode()
        path = packed(tmp_path / "a.safetensors", len(head).to_bytes(8, "little") + head + b"ab")
        with pytest.raises(DataFault, match="the array 'x' cannot be read"):
            values_of(path)["x"]()

    def test_another_file_is_refused(self, tmp_path):
        with pytest.raises(DataFault, match="it is no safetensors file"):
            values_of(packed(tmp_path / "a.safetensors", b"nonsense"))


class TestJson:
    def test_lists_come_back(self, tmp_path):
        same(values_of(write_json(tmp_path / "a.json", values())), values())

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("[1]", "got a list"),
            ("{", "it is no JSON"),
            ("[" * 100_000, "nested too deep"),
            (json.dumps("x"), "got a str"),
        ],
    )
    def test_other_files_are_refused(self, text, why, tmp_path):
        with pytest.raises(DataFault, match=why):
            values_of(packed(tmp_path / "a.json", text.encode()))
