"""Pictures: every common mode becomes brightness, and what is no picture is refused by name."""

import numpy as np
import pytest
from PIL import Image

from earshot.core.errors import EarshotError
from earshot.reading.pictures import brightness_of, read_picture, resize

RAMP = np.linspace(0, 1, 24, dtype=np.float32).reshape(4, 6)
BYTES = np.round(RAMP * 255).astype(np.uint8)


@pytest.mark.parametrize("ending", ["png", "BMP", "tif", "TIFF", "webp", "jpg", "JPEG"])
def test_every_format_is_read(tmp_path, ending):
    path = tmp_path / f"ramp.{ending}"
    smooth = np.tile(np.linspace(0, 255, 32).astype(np.uint8), (32, 1))
    Image.fromarray(smooth).save(
        path, **({"quality": 95} if ending.lower() in {"jpg", "jpeg", "webp"} else {})
    )
    assert np.abs(read_picture(path) - smooth / 255).max() < 0.02


@pytest.mark.parametrize(
    ("picture", "expected", "tolerance"),
    [
        (Image.fromarray(BYTES), RAMP, 1 / 255),
        (Image.fromarray(np.round(RAMP * 65535).astype(np.uint16)), RAMP, 1 / 65535),
        (Image.fromarray(RAMP), RAMP, 0),
        (Image.fromarray(BYTES > 127), BYTES > 127, 0),
        (Image.fromarray(np.stack([BYTES] * 3, axis=-1)), RAMP, 1 / 255),
        (Image.fromarray(np.stack([BYTES] * 3 + [np.full_like(BYTES, 255)], axis=-1)), RAMP, 1 / 255),
        (Image.fromarray(np.stack([BYTES] * 3 + [np.zeros_like(BYTES)], axis=-1)), np.ones_like(RAMP), 0),
        (Image.fromarray(np.stack([BYTES] * 3, axis=-1)).convert("CMYK"), RAMP, 2 / 255),
        (Image.fromarray(BYTES).convert("LA"), RAMP, 1 / 255),
        (Image.fromarray(BYTES).convert("P"), RAMP, 1 / 255),
    ],
    ids=[
        "8 bit",
        "16 bit",
        "float",
        "1 bit",
        "RGB",
        "opaque RGBA",
        "transparent RGBA",
        "CMYK",
        "LA",
        "palette",
    ],
)
def test_every_mode_becomes_brightness(picture, expected, tolerance):
    brightness = brightness_of(picture, name="ramp")
    assert brightness.dtype == np.float32
    assert np.abs(brightness - expected).max() <= tolerance + 1e-6


def test_luminance_weighs_green_most():
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], dtype=np.uint8)
    np.testing.assert_allclose(
        brightness_of(Image.fromarray(colours), name="colours")[0], [0.299, 0.587, 0.114], atol=3e-3
    )


def test_exif_orientation_turns_the_picture_upright(tmp_path):
    picture = Image.fromarray(BYTES)
    exif = picture.getexif()
    exif[0x0112] = 3  # turned by 180 degrees
    picture.save(tmp_path / "turned.png", exif=exif)
    np.testing.assert_allclose(read_picture(tmp_path / "turned.png"), BYTES[::-1, ::-1] / 255, atol=1e-6)


def broken_files(folder):
    whole = folder / "whole.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40), dtype=np.uint8)).save(whole)
    content = whole.read_bytes()
    (folder / "cut.png").write_bytes(content[: len(content) // 2])
    (folder / "text.png").write_text("not a picture")
    (folder / "empty.png").write_bytes(b"")
    Image.new("L", (1, 1)).save(folder / "dot.png")
    Image.fromarray(np.full((4, 4), np.nan, np.float32)).save(folder / "nan.tif")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cut.png", "damaged picture"),
        ("text.png", "not a picture"),
        ("empty.png", "empty file"),
        ("dot.png", "1×1 pixels, at least 2×2"),
        ("nan.tif", "pixel values outside 0..1"),
    ],
)
def test_a_bad_file_is_refused_by_name(tmp_path, name, message):
    broken_files(tmp_path)
    with pytest.raises(EarshotError, match=message) as error:
        read_picture(tmp_path / name)
    assert str(tmp_path / name) in str(error.value)


@pytest.mark.parametrize("form", ["EPS", "GIF", "PPM"])
def test_only_the_formats_that_are_named_are_opened(tmp_path, form):
    """An EPS would be handed to Ghostscript."""
    Image.fromarray(BYTES).save(tmp_path / "ramp.png", format=form)
    for source in (tmp_path / "ramp.png", (tmp_path / "ramp.png").read_bytes()):
        with pytest.raises(
            EarshotError, match="not a picture, whatever its name says; PNG, JPEG, BMP, TIFF and WEBP"
        ):
            read_picture(source, name="ramp.png")


def test_colours_that_are_no_light_are_refused_by_name(tmp_path):
    Image.new("LAB", (8, 8)).save(tmp_path / "lab.tif")
    with pytest.raises(EarshotError, match=r"lab\.tif: pixels of mode LAB, save them as grey or RGB"):
        read_picture(tmp_path / "lab.tif")


def test_too_many_pixels_are_refused(tmp_path, monkeypatch):
    Image.fromarray(BYTES).save(tmp_path / "large.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(EarshotError, match="more than 10 pixels"):
        read_picture(tmp_path / "large.png")


def test_resizing_keeps_the_whole_picture_and_its_mean():
    picture = np.random.default_rng(0).random((40, 60), dtype=np.float32)
    small = resize(picture, rows=10, columns=15)
    blocks = picture.reshape(10, 4, 15, 4).mean(axis=(1, 3))
    assert small.shape == (10, 15)
    assert np.corrcoef(small.ravel(), blocks.ravel())[0, 1] > 0.85
    assert resize(picture, rows=40, columns=60) is picture


def test_resizing_stays_within_bounds():
    edges = np.kron([[0, 1], [1, 0]], np.ones((4, 4))).astype(np.float32)
    assert 0 <= resize(edges, rows=31, columns=17).min() <= resize(edges, rows=31, columns=17).max() <= 1


TWELVE = np.array([[0, 1000], [2048, 4095]])


@pytest.mark.parametrize("kind", [np.uint16, np.int32, np.float32])
@pytest.mark.parametrize(("white", "brightest"), [("data", 1), (4095, 1), (8190.0, 0.5)])
def test_white_of_a_deep_picture_may_be_its_brightest_value_or_a_number(tmp_path, kind, white, brightest):
    path = tmp_path / "twelve.tif"
    Image.fromarray(TWELVE.astype(kind)).save(path)
    np.testing.assert_allclose(read_picture(path, white=white), TWELVE * brightest / 4095, atol=1e-6)
    with pytest.raises(EarshotError, match=r"outside 0\.\.4000 .* or set sonify\.white"):
        read_picture(path, white=4000)


def test_white_of_a_picture_of_8_bits_is_255_whatever_is_set(tmp_path):
    Image.fromarray(np.full((4, 4), 51, np.uint8)).save(tmp_path / "a.png")
    for white in ("file", "data", 4095):
        np.testing.assert_allclose(read_picture(tmp_path / "a.png", white=white), 0.2)


def test_a_black_deep_picture_is_black():
    black = Image.fromarray(np.zeros((4, 4), np.uint16))
    assert brightness_of(black, name="black", white="data").max() == 0


@pytest.mark.parametrize("mode", ["L", "LA", "1", "I;16"])
def test_a_grey_picture_in_colour_is_three_times_its_brightness(tmp_path, mode):
    pixels = np.random.default_rng(0).integers(0, 256, (9, 7), dtype=np.uint8)
    picture = Image.fromarray(pixels.astype(np.uint16) * 257) if mode == "I;16" else Image.fromarray(pixels)
    picture.convert(picture.mode if mode == "I;16" else mode).save(tmp_path / "grey.png")
    grey = read_picture(tmp_path / "grey.png")
    colours = read_picture(tmp_path / "grey.png", colour=True)
    np.testing.assert_array_equal(colours, np.stack([grey] * 3))


def test_a_picture_in_colour_is_red_green_and_blue_at_another_size_too(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "colour.png")
    colours = read_picture(tmp_path / "colour.png", colour=True)
    np.testing.assert_array_equal(colours, pixels.transpose(2, 0, 1) / np.float32(255))
    resized = resize(colours, rows=5, columns=6)
    np.testing.assert_array_equal(resized[1], resize(colours[1], rows=5, columns=6))
