import io
import struct
from itertools import product

import librosa
import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from earshot.core.errors import EarshotError
from earshot.reading.ffmpeg import FFMPEG_ENDINGS
from earshot.reading.sounds import SOUND_ENDINGS, probe_sound, read_sound, write_wav
from tests.reading.damaged import damaged, refusal


def sine(samples=2000, rate=8000, hz=440):
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(samples) / rate)).astype(np.float32)


def encoded(signal, rate=8000, kind="WAV", subtype=None):
    buffer = io.BytesIO()
    soundfile.write(buffer, signal, rate, format=kind, subtype=subtype)
    return buffer.getvalue()


def refused(source, *words, **options):
    """The message of both readers, which name the file and hold the words."""
    for reader in (read_sound, probe_sound):
        with pytest.raises(EarshotError) as error:
            reader(source, name="a.wav", **options)
        for word in ("a.wav", *words):
            assert word in str(error.value)


@pytest.mark.parametrize(
    ("kind", "subtype", "rounding"),
    [
        ("WAV", "PCM_16", 2**-15),
        ("WAV", "PCM_U8", 2**-7),
        ("WAV", "PCM_24", 2**-23),
        ("WAV", "PCM_32", 1e-7),
        ("WAV", "FLOAT", 0),
        ("WAV", "DOUBLE", 0),
        ("WAV", "ULAW", 0.03),
        ("FLAC", "PCM_16", 2**-15),
        ("FLAC", "PCM_24", 2**-23),
        ("AIFF", "PCM_16", 2**-15),
        ("AU", "PCM_16", 2**-15),
        ("OGG", "VORBIS", 0.05),
        ("MP3", "MPEG_LAYER_III", 0.1),
    ],
)
def test_every_format_gives_the_signal_back(kind, subtype, rounding):
    signal = sine()
    read, rate = read_sound(encoded(signal, kind=kind, subtype=subtype), name="a")
    assert (rate, read.dtype, read.shape) == (8000, np.float32, signal.shape)
    np.testing.assert_allclose(read, signal, atol=rounding)


@pytest.mark.parametrize(
    ("ending", "kind"),
    [
        (".aifc", "AIFF"),
        (".rf64", "RF64"),
        (".snd", "AU"),
        (".sph", "NIST"),
        (".wave", "WAV"),
        (".w64", "W64"),
        (".caf", "CAF"),
    ],
)
def test_every_ending_is_read(tmp_path, ending, kind):
    assert ending in SOUND_ENDINGS
    (tmp_path / f"a{ending}").write_bytes(encoded(sine(), kind=kind, subtype="PCM_16"))
    np.testing.assert_allclose(read_sound(tmp_path / f"a{ending}", name="a")[0], sine(), atol=2**-15)


def test_mp2_is_read(tmp_path):
    assert ".mp2" in SOUND_ENDINGS
    frame = bytes([0xFF, 0xFD, 0xA0, 0xC4]).ljust(144 * 192_000 // 44_100, b"\0")  # 1152 samples of silence
    (tmp_path / "a.mp2").write_bytes(40 * frame)
    assert probe_sound(tmp_path / "a.mp2", name="a")["samples"] == 40 * 1152


def test_path_and_bytes_give_the_same(tmp_path):
    data = encoded(sine())
    (tmp_path / "a.wav").write_bytes(data)
    for source in (tmp_path / "a.wav", str(tmp_path / "a.wav")):
        np.testing.assert_array_equal(read_sound(source, name="a")[0], read_sound(data, name="a")[0])


@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT"])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_channels_are_averaged(channels, subtype):
    signal = np.stack([sine(hz=200 * (n + 1)) for n in range(channels)], axis=1)
    read, _ = read_sound(encoded(signal, subtype=subtype), name="a")
    np.testing.assert_allclose(read, signal.mean(axis=1), atol=2**-15)


@pytest.mark.parametrize(("file_rate", "target_rate"), [(44100, 16000), (8000, 16000), (22050, 8000)])
def test_resampling_equals_librosa(file_rate, target_rate):
    data = encoded(sine(samples=9001, rate=file_rate), rate=file_rate)
    read, rate = read_sound(data, name="a", sample_rate=target_rate)
    expected, _ = librosa.load(io.BytesIO(data), sr=target_rate)
    assert rate == target_rate
    np.testing.assert_allclose(read, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("start_s", "end_s", "first", "last"),
    [(0.5, None, 4000, 8000), (None, 0.25, 0, 2000), (0.25, 0.5, 2000, 4000), (0.5, 1.01, 4000, 8000)],
)
@pytest.mark.parametrize("kind", ["WAV", "FLAC"])
def test_part_of_a_sound(kind, start_s, end_s, first, last):
    data = encoded(sine(samples=8000), kind=kind)
    whole, _ = read_sound(data, name="a")
    part, _ = read_sound(data, name="a", start_s=start_s, end_s=end_s)
    np.testing.assert_array_equal(part, whole[first:last])
    assert probe_sound(data, name="a", start_s=start_s, end_s=end_s)["samples"] == last - first


@pytest.mark.parametrize(
    ("start_s", "end_s"), [(2, None), (0.5, 0.5), (0.5, 0.2), (-1, 0.5), (0, 1.2), (-2, -1)]
)
def test_part_outside_of_the_sound_is_refused(start_s, end_s):
    refused(encoded(sine(samples=8000)), "1.000 s", start_s=start_s, end_s=end_s)


@pytest.mark.parametrize("sample_rate", [None, 8000, 100, 48000])
@pytest.mark.parametrize("samples", [1, 2])
def test_very_short_sounds_are_read(samples, sample_rate):
    read, _ = read_sound(encoded(sine(samples=samples), rate=44100), name="a", sample_rate=sample_rate)
    assert len(read) >= 1


def test_probe_of_a_silent_sound():
    assert probe_sound(encoded(np.zeros((4000, 2))), name="a") == {
        "duration_s": 0.5,
        "sample_rate": 8000,
        "channels": 2,
        "samples": 4000,
        "decoder": "libsndfile",
        "silent": True,
        "cancels": False,
    }


@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT"])
@pytest.mark.parametrize(
    ("left", "right", "cancels"),
    [(1, -1, True), (1, -0.97, True), (1, 1, False), (1, 0, False), (1, -0.5, False)],
)
def test_channels_that_cancel_are_told(left, right, cancels, subtype):
    data = encoded(np.stack([left * sine(), right * sine()], axis=1), subtype=subtype)
    assert probe_sound(data, name="a")["cancels"] == cancels
    assert not probe_sound(data, name="a", channel="left")["cancels"]


def test_silence_is_that_of_what_is_read():
    data = encoded(np.stack([sine(), 0 * sine()], axis=1))
    assert [probe_sound(data, name="a", channel=channel)["silent"] for channel in ("mix", "left", 2)] == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(("channel", "number"), [("left", 1), ("right", 2), (1, 1), (3, 3)])
def test_one_channel_is_read_where_it_is_asked_for(channel, number):
    signal = np.stack([sine(hz=200 * (n + 1)) for n in range(3)], axis=1)
    read, _ = read_sound(encoded(signal, subtype="FLOAT"), name="a", channel=channel)
    np.testing.assert_array_equal(read, signal[:, number - 1])


def test_a_sound_of_one_channel_has_it_left_and_right_and_no_second():
    for channel in ("left", "right", 1):
        np.testing.assert_array_equal(
            read_sound(encoded(sine(), subtype="FLOAT"), name="a", channel=channel)[0], sine()
        )
    refused(encoded(sine()), "features.channel: 2, and it has 1 channel", channel=2)


def test_what_a_link_outside_begins_with_is_not_told(tmp_path):
    (tmp_path / "secret").write_text("password")
    (tmp_path / "a.wav").symlink_to(tmp_path / "secret")
    with pytest.raises(EarshotError) as error:
        read_sound(tmp_path / "a.wav", name="a.wav")
    assert "pass" not in str(error.value)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
def test_values_that_are_no_sound_are_refused(bad):
    signal = sine().astype(np.float64)
    signal[800] = bad
    refused(encoded(signal, subtype="DOUBLE"), "1 samples", "0.100 s")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", ["empty (0 bytes)"]),
        (b"id,label\n1,cat\n", ["cannot be decoded", "id,label"]),
        (encoded(np.zeros(0)), ["no samples"]),
        (encoded(np.zeros(0), kind="FLAC"), ["a.wav"]),
    ],
)
def test_no_sound_at_all_is_refused(data, words, tmp_path):
    (tmp_path / "a.wav").write_bytes(data)
    for source in (data, tmp_path / "a.wav"):
        refused(source, *words)


def test_missing_file_and_folder_are_refused(tmp_path):
    refused(tmp_path / "b.wav", "nothing there")
    refused(tmp_path, "a folder")


KINDS = ["WAV", "FLAC", "AIFF", "AU", "W64", "RF64", "OGG"]


# An MP3's length is an estimate: its last tenth is not missed.
@pytest.mark.parametrize(("kind", "share"), [*product(KINDS, [0.95, 0.5, 0.1]), ("MP3", 0.8), ("MP3", 0.5)])
def test_truncated_file_is_refused(kind, share):
    noise = np.random.default_rng(0).normal(scale=0.1, size=8000)
    data = encoded(noise, kind=kind)
    refused(data[: int(share * len(data))])


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFFFFF, 0x80000000])
def test_wav_from_a_pipe_is_read_to_its_end(size):
    data = encoded(sine())
    streamed = data[:40] + struct.pack("<I", size) + data[44:]
    np.testing.assert_array_equal(read_sound(streamed, name="a")[0], read_sound(data, name="a")[0])


def flac_of_unknown_length(signal):
    data = bytearray(encoded(signal, kind="FLAC"))
    word = int.from_bytes(data[18:26], "big")
    data[18:26] = (word >> 36 << 36).to_bytes(8, "big")  # no samples in STREAMINFO's 36 bits: unknown
    return bytes(data)


def test_flac_of_unknown_length_is_read_to_its_end(monkeypatch):
    signal = sine(samples=9000)
    whole, _ = read_sound(encoded(signal, kind="FLAC"), name="a")
    for block in (2**22, 700):
        monkeypatch.setattr("earshot.reading.decoding.BLOCK_VALUES", block)
        data = flac_of_unknown_length(signal)
        np.testing.assert_array_equal(read_sound(data, name="a")[0], whole)
        part, _ = read_sound(data, name="a", start_s=0.5, end_s=1.0)
        np.testing.assert_array_equal(part, whole[4000:8000])
    refused(flac_of_unknown_length(signal), "ends", start_s=0.5, end_s=3)
    refused(flac_of_unknown_length(signal), "no samples", start_s=2, end_s=3)


@pytest.mark.parametrize("zeroed", [[(4, 8), (40, 44)], [(40, 44)]])
@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT"])
def test_wav_that_was_never_closed_is_read_to_its_end(zeroed, subtype, tmp_path):
    data = bytearray(encoded(sine(), subtype=subtype))
    at = data.index(b"data") + 4
    for start, stop in zeroed:
        start, stop = (start, stop) if start == 4 else (at, at + 4)
        data[start:stop] = bytes(4)
    (tmp_path / "a.wav").write_bytes(data)
    for source in (bytes(data), tmp_path / "a.wav"):
        read, _ = read_sound(source, name="a")
        np.testing.assert_allclose(read[: len(sine())], sine(), atol=2**-15)


def test_wav_without_samples_before_other_chunks_stays_empty():
    refused(encoded(np.zeros(0)) + b"LIST" + struct.pack("<I", 4) + b"INFO", "no samples")


def noise(samples=16000, loud=8000):
    """Loud noise, then quiet: a variable bitrate varies, and its first frames mislead."""
    signal = np.random.default_rng(0).normal(scale=0.3, size=samples)
    signal[loud:] *= 0.001
    return signal


def mp3(signal, mode="VARIABLE"):
    buffer = io.BytesIO()
    soundfile.write(buffer, signal, 16000, format="MP3", bitrate_mode=mode, compression_level=0.3)
    return buffer.getvalue()


def without_count(data):
    """An MP3 without its first frame, which counts the others. MPEG version 2: 72 × bitrate / rate bytes a frame."""
    kbps = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160][data[2] >> 4]
    return data[72 * kbps * 1000 // 16000 + (data[2] >> 1 & 1) :]


@pytest.mark.parametrize("signal", [noise(), noise()[::-1]], ids=["loud first", "quiet first"])
@pytest.mark.parametrize("mode", ["VARIABLE", "CONSTANT"])
def test_mp3_without_a_count_is_read_to_its_end(signal, mode):
    data = mp3(signal, mode)
    whole, _ = read_sound(data, name="a")
    read, _ = read_sound(without_count(data), name="a")
    assert len(whole) == len(signal)
    assert 0 <= len(read) - len(signal) < 4 * 576  # with what the encoder pads
    delay = int(np.argmax(np.correlate(read, whole, "full"))) - len(whole) + 1
    shared = slice(576, len(signal) - 2 * 576)
    np.testing.assert_allclose(read[delay:][: len(whole)][shared], whole[shared], atol=1e-4)


def test_joined_mp3s_are_read_to_the_end():
    first, second = mp3(noise()), mp3(noise()[::-1])
    expected = [read_sound(data, name="a")[0] for data in (first, second, first)]
    np.testing.assert_array_equal(read_sound(first + second + first, name="a")[0], np.concatenate(expected))
    tag = b"ID3\x04\x00\x00\x00\x00\x02\x00" + b"\xff\xfb\x90\x00" * 64  # 256 bytes that look like frames
    np.testing.assert_array_equal(
        read_sound(tag + first + tag + second, name="a")[0], np.concatenate(expected[:2])
    )
    uncounted, _ = read_sound(without_count(second), name="a")
    assert (
        abs(len(read_sound(first + without_count(second), name="a")[0]) - len(expected[0]) - len(uncounted))
        < 1200
    )


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_chained_ogg_is_read_to_its_end(subtype, tmp_path):
    parts = [encoded(sine(hz=hz, samples=3000 + hz), kind="OGG", subtype=subtype) for hz in (200, 900)]
    expected = np.concatenate([read_sound(part, name="a")[0] for part in parts])
    (tmp_path / "a.ogg").write_bytes(b"".join(parts))
    read, _ = read_sound(tmp_path / "a.ogg", name="a")
    np.testing.assert_array_equal(read, expected)
    middle, _ = read_sound(tmp_path / "a.ogg", name="a", start_s=0.5, end_s=0.8)
    np.testing.assert_array_equal(middle, expected[4000:6400])


def test_parts_of_different_rates_are_refused():
    parts = [encoded(sine(), rate=rate, kind="OGG", subtype="VORBIS") for rate in (8000, 16000)]
    refused(b"".join(parts), "8000 Hz", "16000 Hz", "Cut it")


def test_flac_that_claims_2_to_the_36_samples_is_refused():
    data = bytearray(encoded(sine(), kind="FLAC"))
    assert struct.unpack(">I", data[22:26])[0] == 2000  # the low 32 of STREAMINFO's 36 bits
    data[21] |= 0x0F
    data[22:26] = b"\xff\xff\xff\xff"
    refused(bytes(data))


@pytest.mark.parametrize("rate", [1, 99, 2**31 - 1])
def test_absurd_sample_rate_is_refused(rate):
    data = encoded(sine())
    refused(data[:24] + struct.pack("<I", rate) + data[28:])


def test_more_samples_than_memory_holds_are_refused(monkeypatch):
    monkeypatch.setattr("earshot.reading.decoding.MOST_SAMPLES", 1000)
    refused(encoded(sine()), "longer than 1000 samples", "start_s")


def test_blocks_join_without_a_seam(monkeypatch):
    data = encoded(np.stack([sine(), sine(hz=100)], axis=1))
    whole, _ = read_sound(data, name="a")
    monkeypatch.setattr("earshot.reading.decoding.BLOCK_VALUES", 14)
    np.testing.assert_array_equal(read_sound(data, name="a")[0], whole)


@given(arrays.arrays(np.float32, st.integers(1, 50), elements=st.floats(-1.5, 1.5, width=32)))
def test_written_wav_reads_back_rounded(signal):
    data = write_wav(signal, 11025)
    read, rate = read_sound(data, name="a")
    assert rate == 11025
    np.testing.assert_array_equal(read, np.clip(np.round(signal * 32768.0), -32768, 32767) / 32768)
    assert write_wav(read, rate) == data


def test_written_wav_is_the_canonical_header_and_the_samples():
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", 40, b"WAVE", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16, b"data", 4
    )
    assert write_wav(np.array([0.5, -1.0]), 8000) == header + struct.pack("<hh", 16384, -32768)


VALID = [
    encoded(np.stack([sine(400), sine(400, hz=900)], axis=1), kind=kind, subtype=subtype)
    for kind, subtype in [
        ("WAV", "PCM_16"),
        ("WAV", "FLOAT"),
        ("WAV", "IMA_ADPCM"),
        ("RF64", "PCM_24"),
        ("W64", "PCM_16"),
        ("FLAC", "PCM_16"),
        ("OGG", "VORBIS"),
        ("OGG", "OPUS"),
        ("MP3", "MPEG_LAYER_III"),
        ("AIFF", "PCM_16"),
        ("AIFF", "FLOAT"),
        ("CAF", "PCM_16"),
        ("AU", "PCM_16"),
    ]
]

VALID += [
    mp3(noise(4000, 2000)) + mp3(noise(4000, 2000)),
    without_count(mp3(noise(4000, 2000))),
    VALID[6] + VALID[6],  # chained Ogg
    flac_of_unknown_length(sine(400)),
]


@given(damaged(VALID))
def test_damaged_file_is_read_or_refused_by_name(data):
    message = refusal(lambda: read_sound(data, name="bad/file.wav", sample_rate=8000))
    if message is not None:
        assert "bad/file.wav" in message
        return
    signal, _ = read_sound(data, name="a", sample_rate=8000)
    assert signal.dtype == np.float32
    assert signal.ndim == 1
    assert len(signal) >= 1
    assert np.isfinite(signal).all()


@given(damaged(VALID), st.sampled_from(sorted(SOUND_ENDINGS - FFMPEG_ENDINGS)))
def test_damaged_file_on_disk_is_probed_or_refused_by_name(tmp_path_factory, data, ending):
    path = tmp_path_factory.getbasetemp() / f"damaged{ending}"
    path.write_bytes(data)
    message = refusal(lambda: probe_sound(path, name="bad/file"))
    assert message is None or "bad/file" in message
