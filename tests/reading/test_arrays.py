import io
import struct
import zlib

import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from earshot.core.errors import EarshotError
from earshot.reading.arrays import ARRAY_ENDINGS, read_array
from tests.reading.damaged import damaged, refusal

ARRAY = np.arange(12, dtype=np.float32).reshape(3, 4)
RAMP = np.tile(np.arange(256, dtype=np.uint8), (4, 1))  # (4, 256)


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def npy_with_header(text):
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


def png(picture):
    buffer = io.BytesIO()
    picture.save(buffer, "png")
    return buffer.getvalue()


@pytest.fixture
def written(tmp_path):
    def write(data, ending=".npy"):
        path = tmp_path / f"a{ending}"
        path.write_bytes(data)
        return path

    return write


def refused(path, *words, **options):
    with pytest.raises(EarshotError) as error:
        read_array(path, name=str(path), **options)
    for word in (str(path), *words):
        assert word in str(error.value)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int16", "uint8", ">f4", ">i8", "bool"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_of_numbers_are_read(written, dtype, order):
    array = ARRAY.astype(dtype)
    read = read_array(written(npy(np.asarray(array, order=order))), name="a")
    assert read.dtype == np.float32
    assert read.flags.c_contiguous
    np.testing.assert_array_equal(read, array.astype(np.float32))


def test_a_leading_axis_of_one_is_dropped(written):
    np.testing.assert_array_equal(read_array(written(npy(ARRAY[np.newaxis])), name="a"), ARRAY)


@pytest.mark.parametrize(
    ("frames", "pad", "row"),
    [(2, "silence", [4, 5]), (6, "silence", [4, 5, 6, 7, 0, 0]), (6, "repeat", [4, 5, 6, 7, 4, 5])],
)
def test_frames_are_cropped_or_padded(written, frames, pad, row):
    assert read_array(written(npy(ARRAY)), name="a", frames=frames, pad=pad)[1].tolist() == row


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros(5), ["shape (5,)", "(bands, frames)"]),
        (np.zeros((2, 3, 4)), ["shape (2, 3, 4)"]),
        (np.zeros((0, 4)), ["shape (0, 4)"]),
        (np.zeros((2, 2), complex), ["complex128", "magnitudes"]),
        (np.array([["a", "b"]]), ["<U1"]),
        (np.array([[{}]]), ["pickled objects"]),
        (np.zeros((2, 2), [("x", "f4")]), ["values of type"]),
        (np.array([[1, 2], [np.nan, 3]]), ["1 values", "band 1, frame 0 (nan)"]),
        (np.array([[1, np.inf]]), ["band 0, frame 1 (inf)"]),
        (np.array([[1e300]]), ["beyond"]),
    ],
)
def test_arrays_that_are_no_spectrogram_are_refused(written, array, words):
    refused(written(npy(array)), *words)


def test_other_bands_than_asked_for_are_refused(written):
    refused(written(npy(ARRAY)), "3 bands, expected 64", bands=64)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", ["empty (0 bytes)"]),
        (b"1,2,3\n", ["not a .npy array"]),
        (npy(ARRAY)[:-1], ["48 bytes, and 47 are there"]),
        (npy(ARRAY) + b"0", ["49 are there"]),
        (npy(ARRAY)[:40], ["not a .npy array"]),
        (
            npy_with_header(
                "{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999, 9999999999), }\n"
            ),
            ["more than"],
        ),
        (
            npy_with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 4), }\n"),
            ["shape (-1, 4)"],
        ),
        (
            npy_with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (60000, 1000), }\n"),
            ["0 are there"],
        ),
        (npy_with_header("[" * 5000), ["not a .npy array"]),
    ],
)
def test_damaged_arrays_are_refused(written, data, words):
    refused(written(data), *words)


def test_missing_file_and_folder_are_refused(tmp_path):
    refused(tmp_path / "b.npy", "nothing there")
    refused(tmp_path / "b.png", "nothing there")
    refused(tmp_path, "a folder")


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P"])
def test_the_lowest_row_of_a_picture_is_the_first_band(written, mode):
    picture = Image.fromarray(np.array([[0, 255, 0], [51, 102, 153]], np.uint8)).convert(mode)
    read = read_array(written(png(picture), ".png"), name="a")
    np.testing.assert_allclose(read, [[0.2, 0.4, 0.6], [0, 1, 0]], atol=1e-6)


EXACT = [
    "viridis",
    "viridis_r",
    "magma",
    "inferno",
    "plasma",
    "cividis",
    "turbo",
    "hot",
    "gray",
    "Greys",
    "coolwarm",
]


@pytest.mark.parametrize(("name", "most"), [*((name, 1) for name in EXACT), ("jet", 1.5)])
def test_colour_maps_are_turned_back_into_values(written, name, most):
    drawn = matplotlib.colormaps[name](RAMP / 255, bytes=True)  # (4, 256, 4), RGBA
    read = read_array(written(png(Image.fromarray(drawn)), ".png"), name="a", colormap=name)
    np.testing.assert_allclose(read, RAMP / 255, rtol=0, atol=most / 255 + 1e-6)


def test_every_map_is_turned_back_or_refused(written):
    for name in matplotlib.colormaps:
        colours = matplotlib.colormaps[name].N
        values = np.tile(np.arange(colours) / (colours - 1), (2, 1))
        path = written(png(Image.fromarray(matplotlib.colormaps[name](values, bytes=True))), ".png")
        if name.removesuffix("_r") in ("flag", "prism"):  # they repeat their colours
            with pytest.raises(EarshotError, match="several distant values"):
                read_array(path, name="a", colormap=name)
        else:
            np.testing.assert_allclose(
                read_array(path, name="a", colormap=name), values, rtol=0, atol=1.5 / 255 + 1e-6, err_msg=name
            )


def test_a_colour_a_little_off_gives_the_nearest_value(written):
    drawn = matplotlib.colormaps["viridis"](RAMP / 255, bytes=True)[..., :3].astype(int)
    drawn += np.random.default_rng(0).integers(-1, 2, drawn.shape)
    picture = Image.fromarray(np.clip(drawn, 0, 255).astype(np.uint8))
    read = read_array(written(png(picture), ".png"), name="a", colormap="viridis")
    np.testing.assert_allclose(read, RAMP / 255, rtol=0, atol=3 / 255 + 1e-6)


def test_a_grey_picture_ignores_the_colour_map(written):
    path = written(png(Image.fromarray(RAMP)), ".png")
    np.testing.assert_allclose(read_array(path, name="a", colormap="viridis"), RAMP / 255, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "words"), [("viridiss", "viridis"), ("Magma", "magma"), ("?", "Examples: viridis")]
)
def test_an_unknown_colour_map_names_the_nearest(written, name, words):
    path = written(png(Image.fromarray(RAMP).convert("RGB")), ".png")
    with pytest.raises(EarshotError, match=rf"features\.colormap: .*{words}"):
        read_array(path, name="a", colormap=name)


@pytest.mark.parametrize(("bands", "frames"), [(8, 64), (4, 1000), (None, 32), (2, None)])
def test_pictures_are_resized_whole(written, bands, frames):
    read = read_array(written(png(Image.fromarray(RAMP)), ".png"), name="a", bands=bands, frames=frames)
    assert read.shape == (bands or 4, frames or 256)
    assert np.ptp(read, axis=0).max() < 1e-6  # a ramp in time stays one, from black to white
    assert (np.diff(read[0]) > -1e-6).all()
    assert read.min() < 0.03
    assert read.max() > 0.97


def test_sixteen_bit_grey_keeps_its_depth(written):
    values = np.array([[0, 1000, 65535]], np.uint16).repeat(2, axis=0)
    read = read_array(written(png(Image.fromarray(values)), ".png"), name="a")
    np.testing.assert_allclose(read, values / 65535, atol=1e-6)


def test_a_picture_of_ten_billion_pixels_is_refused(written):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes(10_000))
    refused(
        written(
            b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b""), ".png"
        ),
        "pixels",
    )


NPY = [npy(ARRAY), npy(np.asfortranarray(ARRAY.astype(np.float64))), npy(ARRAY.astype(np.int16)[np.newaxis])]
PNG = [
    png(Image.fromarray(RAMP)),
    png(Image.fromarray(matplotlib.colormaps["magma"](RAMP, bytes=True))),
    png(Image.fromarray(RAMP).convert("P")),
    png(Image.fromarray(RAMP.astype(np.uint16))),
]


@pytest.mark.filterwarnings("ignore::UserWarning")
@given(st.one_of(damaged(NPY, header=80), damaged(PNG, header=60)), st.sampled_from(ARRAY_ENDINGS))
def test_damaged_file_is_read_or_refused_by_name(tmp_path_factory, data, ending):
    path = tmp_path_factory.getbasetemp() / f"damaged{ending}"
    path.write_bytes(data)
    options = {"name": str(path), "colormap": "magma", "frames": 40}
    message = refusal(lambda: read_array(path, **options))
    if message is not None:
        assert str(path) in message
        return
    array = read_array(path, **options)
    assert array.dtype == np.float32
    assert array.shape[1] == 40
    assert np.isfinite(array).all()
