"""Files that ffmpeg decodes: with a program of that name that plays its part, and with the true one where it is."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from earshot.core.errors import EarshotError
from earshot.dataset.files import from_files
from earshot.dataset.groups import contents
from earshot.dataset.probe import probe
from earshot.reading import ffmpeg
from earshot.reading.sounds import probe_sound, read_sound, write_wav

TONE = 0.3 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Writes a Python script that is the only program on the PATH, and is called ffmpeg."""

    def write(body):
        path = tmp_path / "bin" / "ffmpeg"
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            f"#!{sys.executable}\nimport sys\n"
            "if '-version' in sys.argv: sys.exit(print('ffmpeg version 7.1 Copyright (c)'))\n" + body
        )
        path.chmod(0o755)
        monkeypatch.setenv("PATH", str(path.parent))

    ffmpeg.ffmpeg_version.cache_clear()
    yield write
    ffmpeg.ffmpeg_version.cache_clear()


@pytest.fixture
def no_program(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))


def test_a_file_is_what_ffmpeg_makes_of_it(tmp_path, program):
    (tmp_path / "tone.wav").write_bytes(write_wav(TONE, 8000))
    program(
        f"open({str(tmp_path / 'asked')!r}, 'w').write(__import__('json').dumps(sys.argv[1:]))\n"
        f"sys.stdout.buffer.write(open({str(tmp_path / 'tone.wav')!r}, 'rb').read())"
    )
    path = tmp_path / "-i; touch x.m4a"
    path.write_bytes(b"as a telephone writes it")
    for source in (path, path.read_bytes()):
        signal, rate = read_sound(source, name=str(path))
        assert rate == 8000
        np.testing.assert_allclose(signal, TONE, atol=1e-4)
    assert probe_sound(path, name=str(path))["decoder"] == "ffmpeg 7.1"
    asked = json.loads((tmp_path / "asked").read_text())
    assert asked[asked.index("-i") + 1] == f"file:{path}"
    assert asked[asked.index("-protocol_whitelist") + 1] == "file,pipe"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "sys.exit('[mov @ 0x55] moov atom not found\\nmore')",
            r"decode all of it \(moov atom not found\)\. Replace",
        ),
        ("sys.exit(69)", r"decode all of it \(status 69\)"),
        ("", "cannot be decoded as sound"),
    ],
)
def test_what_ffmpeg_cannot_decode_is_refused_with_its_words(tmp_path, program, body, message):
    program(body)
    (tmp_path / "a.wma").write_bytes(b"x")
    with pytest.raises(EarshotError, match=r"^a\.wma: .*" + message):
        read_sound(tmp_path / "a.wma", name="a.wma")


def test_ffmpeg_has_a_bounded_time(tmp_path, program, monkeypatch):
    monkeypatch.setattr(ffmpeg, "TIME_LIMIT_S", 0.1)
    program("import signal; signal.pause()")
    with pytest.raises(EarshotError, match=r"a\.aac: ffmpeg has not decoded it within 0\.1 s"):
        read_sound(b"x", name="a.aac")


@pytest.mark.skipif(sys.platform != "linux", reason="bounds of a process that runs are Linux's")
def test_ffmpeg_has_a_bounded_output(program, monkeypatch):
    monkeypatch.setattr(ffmpeg, "MOST_BYTES", 100_000)
    program("while True: sys.stdout.buffer.write(bytes(10_000))")
    with pytest.raises(EarshotError, match=r"a\.webm: more than 100000 bytes"):
        read_sound(b"x", name="a.webm")


def test_without_ffmpeg_its_files_are_named(no_program):
    with pytest.raises(
        EarshotError, match=r"^a\.m4a: is read by the program ffmpeg, which is not on the PATH"
    ):
        read_sound(b"x", name="a.m4a")


def test_without_ffmpeg_a_class_of_its_files_is_an_error_unless_it_is_left_out(tmp_path, no_program, caplog):
    for name in ("dog/1.wav", "dog/2.m4a", "rain/1.wav", "cat/1.m4a", "cat/2.m4a"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(EarshotError, match=r"not on the PATH.*\n.*'cat' has 2 \.m4a .*\n.*'dog' has 1 \.m4a"):
        from_files(tmp_path, kind="sounds")
    (tmp_path / "dog" / "2.m4a").unlink()
    items = from_files(tmp_path, kind="sounds", classes=["dog", "rain"])
    assert [item["id"] for item in items] == ["dog/1", "rain/1"]
    assert "2 file(s) of other kinds left out: 2 .m4a (cat/1.m4a)" in caplog.text


def test_the_decoder_is_part_of_what_an_item_is_made_of(tmp_path, program):
    program(f"sys.stdout.buffer.write({write_wav([0.1, -0.1], 8000)!r})")
    (tmp_path / "a.m4a").write_bytes(b"x")
    (tmp_path / "a.wav").write_bytes(write_wav(TONE, 8000))
    items = probe(pd.DataFrame({"path": [f"{tmp_path}/a.m4a", f"{tmp_path}/a.wav"]}), kind="sounds")
    assert list(items["decoder"]) == ["ffmpeg 7.1", "libsndfile"]
    assert contents(items) == [f"{items['hash'][0]} ffmpeg 7.1", items["hash"][1]]


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
@pytest.mark.parametrize("ending", sorted(ffmpeg.FFMPEG_ENDINGS))
def test_what_the_true_ffmpeg_writes_is_read_back(tmp_path, ending):
    signal = np.tile(TONE, 3) * np.hanning(24000)
    (tmp_path / "a.wav").write_bytes(write_wav(signal, 8000))
    path = tmp_path / f"a{ending}"
    subprocess.run(["ffmpeg", "-v", "error", "-i", tmp_path / "a.wav", "-ar", "48000", path], check=True)
    found, _ = read_sound(path, name=path.name, sample_rate=8000)
    assert len(found) == pytest.approx(24000, abs=1200)
    spectra = [np.abs(np.fft.rfft(sound, 24000)) for sound in (found, signal)]
    assert np.corrcoef(*spectra)[0, 1] > 0.99
    if ending == ".m4a":  # others end between any two of their packets
        path.write_bytes(path.read_bytes()[:-1000])
        with pytest.raises(EarshotError, match="ffmpeg cannot decode all of it"):
            read_sound(path, name=path.name)
