"""Arrays as torch and numpy pickle them come back, and what they claim is held against their bytes."""

import io
import pickle  # noqa: TID251  # what strangers write is made here, never read

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cueline.datasets.movienet.pickles import DataFault, PickleReader, Steps
from cueline.datasets.movienet.tensors import Array, DType, Kind, Storage, Tensor, archived, constructors, read_legacy

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
NUMERIC = ["?", "<i1", "<u2", "<i4", "<i8", "<u8", "<f2", "<f4", "<f8", ">f4", ">i8"]


def read(data):
    return reader(data).read()


def reader(data):
    steps = Steps()
    return PickleReader(memoryview(data), constructors(steps, len(data)), steps=steps)


def storage(*values):
    data = np.array(values, np.float32).tobytes()
    return Storage(Kind("<f4"), len(values), lambda: data)


class TestNumpy:
    @given(
        st.sampled_from(NUMERIC).flatmap(
            lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, max_side=4, min_side=0))
        ),
        st.sampled_from(PROTOCOLS),
        st.booleans(),
    )
    def test_arrays_come_back(self, array, protocol, fortran):
        array = np.asfortranarray(array) if fortran else array
        found = read(pickle.dumps(array, protocol)).array()
        assert (found.dtype.kind, found.dtype.itemsize) == (array.dtype.kind, array.dtype.itemsize)
        np.testing.assert_array_equal(found, array)

    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_scalars_come_back(self, protocol):
        assert read(pickle.dumps(np.float32(1.5), protocol)).array() == 1.5

    def test_names_of_older_and_newer_numpy_are_known(self):
        data = pickle.dumps(np.arange(3.0), 2)
        for core in (b"numpy.core.", b"numpy._core."):
            assert read(data.replace(b"numpy._core.", core)).array().tolist() == [0, 1, 2]

    @pytest.mark.parametrize("array", [np.array([None]), np.array(["a"]), np.zeros(1, "f4,i4"), np.zeros(1, "M8[s]")])
    def test_arrays_of_anything_but_numbers_are_refused(self, array):
        with pytest.raises(DataFault, match="arrays must hold bool, integers or floats"):
            read(pickle.dumps(array, 2))

    @pytest.mark.parametrize("shape", [(2**39, 2**39), (4,), (-1,), "3", [[1]], (3, True, 1.0)])
    def test_a_shape_that_does_not_fit_its_bytes_is_refused(self, shape):
        array = Array()
        array.with_state((1, shape, DType("f8"), False, b"\0" * 24))
        with pytest.raises(DataFault, match="size"):
            array.array()

    def test_states_that_are_none_are_refused(self):
        with pytest.raises(DataFault, match="shape, dtype, order and bytes"):
            Array().with_state((1, 2))
        with pytest.raises(DataFault, match="a byte order"):
            DType("f8").with_state((3, "x"))
        objects = Array()
        objects.with_state((1, (1,), DType("f8"), False, [None]))
        with pytest.raises(DataFault, match="Python objects"):
            objects.array()

    def test_text_does_not_become_bytes_again_and_again(self):
        text = b"X\x64\x00\x00\x00" + b"a" * 100 + b"q\x01"
        again = b"c_codecs\nencode\nh\x01X\x06\x00\x00\x00latin1\x86R"
        assert bytes(read(text + again + b".")) == b"a" * 100
        with pytest.raises(DataFault, match="texts become bytes once"):
            read(text + again * 3 + b".")


@pytest.mark.extra("torch")
class TestTorch:
    @pytest.fixture(autouse=True)
    def torch(self):
        return pytest.importorskip("torch", reason="the extra `torch` is not installed")

    @pytest.mark.parametrize("protocol", PROTOCOLS)
    @pytest.mark.parametrize(
        "name", ["float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]
    )
    def test_tensors_come_back(self, torch, name, protocol):
        tensor = torch.tensor([[1, 0, 3], [0, 5, 6]]).to(getattr(torch, name))
        found = read(pickle.dumps(tensor, protocol)).array()
        wanted = tensor.float().numpy() if name == "bfloat16" else tensor.numpy()
        assert found.dtype == wanted.dtype
        np.testing.assert_array_equal(found, wanted)

    def test_views_come_back_as_they_look(self, torch):
        whole = torch.arange(24).reshape(4, 6)
        for tensor in (
            whole.T,
            whole[1:, ::2],
            whole[2],
            whole[:, :0],
            torch.tensor(3.5),
            torch.nn.Parameter(torch.ones(2)),
        ):
            np.testing.assert_array_equal(read(pickle.dumps(tensor)).array(), tensor.detach().numpy())

    def test_the_legacy_layout_comes_back_with_shared_storages(self, torch):
        whole, file = torch.arange(6.0), io.BytesIO()
        torch.save({"a": whole, "b": whole[2:]}, file, _use_new_zipfile_serialization=False)
        found = read_legacy(reader(file.getvalue()))
        assert found["b"].array().tolist() == [2, 3, 4, 5]
        assert found["a"].storage is found["b"].storage

    def test_a_legacy_file_that_is_cut_off_or_lies_is_refused(self, torch):
        file = io.BytesIO()
        torch.save(torch.arange(6.0), file, _use_new_zipfile_serialization=False)
        whole = file.getvalue()
        for cut in (10, 60, len(whole) - 30, len(whole) - 1):
            with pytest.raises(DataFault):
                read_legacy(reader(whole[:cut]))
        count = (6).to_bytes(8, "little")
        with pytest.raises(DataFault, match="not those that its tensors ask for"):
            read_legacy(reader(whole.replace(count, (2**40).to_bytes(8, "little"))))
        with pytest.raises(DataFault, match="puts the highest byte first"):
            read_legacy(reader(whole.replace(b"q\x02\x88", b"q\x02\x89")))  # little_endian: False
        with pytest.raises(DataFault, match="no file of torch that is known"):
            read_legacy(reader(pickle.dumps(1)))

    def test_a_storage_in_a_storage_is_refused(self, torch):
        inner = torch.tensor([1.0]).__reduce_ex__(2)[1][0].__reduce__()[1][0]
        hidden = pickle.dumps(Hidden(inner), 3)
        with pytest.raises(DataFault, match=r"it names 'torch\.storage\._load_from_bytes'"):
            read(pickle.dumps(Hidden(hidden), 3))


class Hidden:
    """Pickles as a storage with any bytes."""

    def __init__(self, data):
        self.data = data

    def __reduce__(self):
        import torch

        return torch.storage._load_from_bytes, (self.data,)


class TestDamage:
    @pytest.mark.parametrize(
        ("data", "why"),
        [
            (b"ctorch._utils\n_rebuild_tensor\n(I1\nI0\n))tR.", "a storage and an offset"),
            (b"cnumpy.core.numeric\n_frombuffer\n(NNNNtR.", "a dtype and an order"),
            (b"ctorch\nFloatStorage\n)R.", "damaged"),
            (b"cnumpy\ndtype\n(X\x02\x00\x00\x00O8I0\nI1\ntR.", "bool, integers or floats"),
        ],
    )
    def test_constructors_refuse_what_they_cannot_make(self, data, why):
        with pytest.raises(DataFault, match=why):
            read(data)

    @pytest.mark.parametrize(
        ("key", "why"),
        [
            (b"(I1\nI2\nt", "named by kind, key, place and count"),
            (b"(NNX\x01\x00\x00\x000NI1\nt", "a whole one, of numbers, with their count"),
            (b"(Nctorch\nFloatStorage\nX\x01\x00\x00\x000NI-1\nt", "a whole one, of numbers, with their count"),
            (b"(Nctorch\nFloatStorage\nX\x01\x00\x00\x000NI1\nI7\nt", "a whole one, of numbers, with their count"),
        ],
    )
    def test_storages_are_named_in_full(self, key, why):
        found = reader(key + b"Q.")
        found.persistent = archived(lambda _: b"")
        with pytest.raises(DataFault, match=why):
            found.read()


class TestTensor:
    def test_sizes_and_strides_choose_numbers(self):
        assert Tensor(storage(0, 1, 2, 3), 1, (2,), (2,)).array().tolist() == [1, 3]

    @pytest.mark.parametrize(
        ("offset", "size", "stride"),
        [
            (0, (5,), (1,)),
            (1, (4,), (1,)),
            (-1, (2,), (1,)),
            (9, (0,), (1,)),
            (0, (2**30, 2**30), (0, 0)),  # an expanded tensor: small in the file, huge when it is copied
            (0, (2,), (4,)),
        ],
    )
    def test_what_reaches_beyond_its_storage_is_refused(self, offset, size, stride):
        with pytest.raises(DataFault, match="reaches beyond its 4 numbers"):
            Tensor(storage(0, 1, 2, 3), offset, size, stride).array()

    @pytest.mark.parametrize(("size", "stride"), [((2,), (-1,)), ((-2,), (1,)), ("ab", (1,)), ((1,) * 33, (1,) * 33)])
    def test_sizes_that_are_none_are_refused(self, size, stride):
        with pytest.raises(DataFault, match="a few sizes, whole numbers from 0 up"):
            Tensor(storage(0, 1, 2, 3), 0, size, stride).array()

    def test_each_size_has_a_stride(self):
        with pytest.raises(DataFault, match="a stride a size"):
            Tensor(storage(0, 1), 0, (1, 1), (1,)).array()

    def test_numbers_that_are_not_there_are_refused(self):
        with pytest.raises(DataFault, match="not in the file"):
            Tensor(Storage(Kind("<f4"), 1), 0, (1,), (1,)).array()
        with pytest.raises(DataFault, match="a tensor of 99 numbers needs as many, got 8 bytes"):
            Tensor(Storage(Kind("<f4"), 99, lambda: b"\0" * 8), 0, (1,), (1,)).array()
