"""Pictures come upright, in RGB of full range, in the shape asked for."""

from fractions import Fraction

import av
import numpy as np
import pytest
from av.video.reformatter import Colorspace

from cueline.errors import MediaError
from cueline.media.pictures import Converter, Layout, Size, layout, matrix
from cueline.timeline.requests import Picture

WEIGHTS = {"601": (0.299, 0.114), "709": (0.2126, 0.0722), "2020": (0.2627, 0.0593)}
TAGS = {"601": 6, "709": 1, "2020": 9}
COLOURS = [(200, 40, 40), (128, 128, 128), (255, 255, 255), (0, 0, 0), (20, 200, 60), (30, 60, 220)]


def flat(rgb, weights, *, full, size=(128, 96), bits=8, chroma="420"):
    """A YUV frame of one colour, made by the definition of the matrix and the range."""
    red, blue = WEIGHTS[weights]
    r, g, b = (part / 255 for part in rgb)
    luma = red * r + (1 - red - blue) * g + blue * b
    cb, cr = (b - luma) / (2 * (1 - blue)), (r - luma) / (2 * (1 - red))
    top = (1 << bits) - 1
    unit = 1 << (bits - 8)
    if full:
        values = [luma * top, cb * top + 128 * unit, cr * top + 128 * unit]
    else:
        values = [(16 + 219 * luma) * unit, (128 + 224 * cb) * unit, (128 + 224 * cr) * unit]
    frame = av.VideoFrame(*size, f"yuv{chroma}p" + ("" if bits == 8 else f"{bits}le"))
    for plane, value in zip(frame.planes, values, strict=True):
        dtype = np.uint8 if bits == 8 else np.uint16
        samples = np.full(plane.buffer_size // np.dtype(dtype).itemsize, round(value), dtype=dtype)
        plane.update(samples.tobytes().ljust(plane.buffer_size, b"\0"))
    frame.color_range = 2 if full else 1
    frame.colorspace = TAGS[weights]
    return frame


@pytest.mark.parametrize("scaling", ["fast", "area", "bilinear", "bicubic"])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("weights", list(WEIGHTS))
def test_a_colour_comes_back_whatever_matrix_and_range_carry_it(weights, full, scaling):
    convert = Converter(Picture(32, 24, scaling=scaling))
    for colour in COLOURS:
        picture = convert(flat(colour, weights, full=full))
        assert picture.dtype == np.uint8
        assert np.abs(picture.astype(int) - colour).max() <= 2


@pytest.mark.parametrize(("bits", "chroma"), [(8, "444"), (10, "420"), (10, "422"), (12, "444")])
def test_a_colour_comes_back_whatever_depth_and_chroma_carry_it(bits, chroma):
    for colour in COLOURS:
        picture = Converter(Picture(32, 24))(flat(colour, "709", full=False, bits=bits, chroma=chroma))
        assert np.abs(picture.astype(int) - colour).max() <= 2


def test_an_untagged_file_has_the_matrix_that_is_usual_for_its_height():
    for size, weights in (((320, 180), "601"), ((1280, 720), "709")):
        frame = flat((200, 40, 40), weights, full=False, size=size)
        frame.colorspace = 2
        assert np.abs(Converter(Picture(32, 18, scaling="fast"))(frame).astype(int) - (200, 40, 40)).max() <= 2
    assert matrix(flat((0, 0, 0), "2020", full=False)) == Colorspace.BT2020


def test_frames_without_a_range_are_taken_for_limited_and_yuvj_for_full():
    frame = flat((255, 255, 255), "601", full=False)
    frame.color_range = 0
    assert Converter(Picture(8, 6))(frame).min() >= 253
    planes = np.full((144, 128), 128, np.uint8)
    planes[:96] = 255
    full = av.VideoFrame.from_ndarray(planes, format="yuvj420p")
    assert Converter(Picture(8, 6))(full).min() >= 253


def test_what_is_transparent_is_shown_over_black():
    samples = np.full((40, 40, 4), (200, 100, 50, 255), dtype=np.uint8)
    samples[:, 20:, 3] = 0
    samples[:20, :20, 3] = 128
    picture = Converter(Picture(40, 40))(av.VideoFrame.from_ndarray(samples, format="rgba"))
    assert picture[30, 5].tolist() == [200, 100, 50]
    assert picture[5, 5].tolist() == [100, 50, 25]
    assert picture[5, 30].tolist() == [0, 0, 0]


def test_grey_and_rgb_frames_come_through():
    grey = av.VideoFrame.from_ndarray(np.full((16, 16), 235, np.uint8), format="gray")
    assert (Converter(Picture(8, 8))(grey) == 235).all()
    grey.color_range = 1
    assert (Converter(Picture(8, 8))(grey) == 255).all()
    samples = np.arange(16 * 16 * 3, dtype=np.uint8).reshape(16, 16, 3)
    frame = av.VideoFrame.from_ndarray(samples, format="rgb24")
    assert (Converter(Picture(16, 16))(frame) == samples).all()


def corners(size=(128, 96)):
    """Red above left, green above right, blue below left, white below right."""
    width, height = size
    samples = np.zeros((height, width, 3), dtype=np.uint8)
    samples[: height // 2, : width // 2, 0] = 255
    samples[: height // 2, width // 2 :, 1] = 255
    samples[height // 2 :, : width // 2, 2] = 255
    samples[height // 2 :, width // 2 :] = 255
    return av.VideoFrame.from_ndarray(samples, format="rgb24")


def seen(picture):
    """Which corner is where: above left, above right, below left, below right."""
    height, width = picture.shape[:2]
    names = {(255, 0, 0): "r", (0, 255, 0): "g", (0, 0, 255): "b", (255, 255, 255): "w", (0, 0, 0): "."}
    places = [(y, x) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    return "".join(names[tuple(picture[y, x].tolist())] for y, x in places)


@pytest.mark.parametrize(("rotation", "order"), [(0, "rgbw"), (90, "brwg"), (180, "wbgr"), (270, "gwrb")])
def test_a_turned_camera_gives_upright_pictures(rotation, order):
    picture = Converter(Picture(48, 1, "short"), rotation=rotation)(corners())
    assert seen(picture) == order
    assert picture.shape[:2] == ((48, 64) if rotation % 180 == 0 else (64, 48))


@pytest.mark.parametrize(
    ("picture", "shape"),
    [
        (Picture(60, 60, "stretch"), (60, 60)),
        (Picture(60, 60, "pad"), (60, 60)),
        (Picture(60, 60, "crop"), (60, 60)),
        (Picture(60, 60, "inside"), (45, 60)),
        (Picture(60, 1, "short"), (60, 80)),
        (Picture(200, 30, "inside"), (30, 40)),
    ],
)
def test_each_fit_gives_its_shape(picture, shape):
    pixels = Converter(picture)(corners())
    assert pixels.shape == (*shape, 3)
    assert seen(pixels) == "rgbw" or picture.fit == "pad"


def test_padding_is_black_and_in_the_middle():
    pixels = Converter(Picture(60, 60, "pad"))(corners())
    assert not pixels[:7].any()
    assert not pixels[53:].any()
    assert pixels[9:51].any(axis=(1, 2)).all()


def test_pixels_that_are_not_square_are_made_square():
    wide = layout(Picture(64, 64, "inside"), (96 * Fraction(16, 9), Fraction(96)))
    assert wide == Layout(Size(64, 36), Size(64, 36))
    assert Converter(Picture(90, 90, "inside"), pixel_aspect=Fraction(2))(corners()).shape == (34, 90, 3)


def test_the_shape_of_a_turned_picture_with_wide_pixels_is_turned_too():
    assert Converter(Picture(90, 90, "inside"), rotation=90, pixel_aspect=Fraction(2))(corners()).shape == (90, 34, 3)


def test_a_very_long_picture_keeps_at_least_one_pixel():
    assert Converter(Picture(8, 8, "inside"))(corners((512, 4))).shape == (1, 8, 3)


def test_a_stream_that_changes_its_shape_keeps_the_size_of_its_first_picture():
    convert = Converter(Picture(64, 64, "inside"))
    assert convert(corners((128, 96))).shape == (48, 64, 3)
    later = convert(corners((96, 128)))
    assert later.shape == (48, 64, 3)
    assert not later[:, :13].any()
    assert seen(later[:, 14:50]) == "rgbw"


def test_fine_stripes_do_not_alias_when_pictures_get_small():
    stripes = np.zeros((720, 1280), np.uint8)
    stripes[:, ::2] = 255
    frame = av.VideoFrame.from_ndarray(stripes, format="gray")
    frame.color_range = 2
    assert np.ptp(Converter(Picture(64, 36, scaling="area"))(frame)) <= 2


@pytest.mark.parametrize("scaling", ["fast", "area"])
@pytest.mark.parametrize(
    "name", ["nv12", "yuyv422", "uyyvyy411", "yuv410p", "p010le", "yuva420p", "gbrp10le", "pal8", "monow"]
)
def test_unusual_pixel_formats_become_pictures(name, scaling):
    frame = av.VideoFrame(64, 64, name)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    assert Converter(Picture(4, 4, scaling=scaling))(frame).shape == (4, 4, 3)


def test_a_pixel_format_that_cannot_be_converted_is_told():
    frame = av.VideoFrame(32, 16, "rgbaf32le")
    with pytest.raises(MediaError, match="frames of 32 x 16 in rgbaf32le cannot be made RGB"):
        Converter(Picture(4, 4))(frame)
