"""What mpg123 writes on the screen has a file's name."""

import io

import numpy as np
import soundfile

from earshot.reading.sounds import read_sound


def _mp3(*, damaged):
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, 88200).astype(np.float32)
    soundfile.write(buffer, noise, 44100, format="MP3")
    content = bytearray(buffer.getvalue())
    if damaged:
        content[9000:9100] = bytes(100)
    return bytes(content)


def test_notes_of_the_decoder_are_told_with_the_files_name(capfd, caplog):
    read_sound(_mp3(damaged=True), name="data/dog/7.mp3")
    assert capfd.readouterr().err == ""
    (told,) = caplog.messages
    assert told.startswith("data/dog/7.mp3: the decoder notes: ")


def test_a_file_that_is_well_is_told_nothing_of(capfd, caplog):
    read_sound(_mp3(damaged=False), name="data/dog/7.mp3")
    assert capfd.readouterr().err == ""
    assert caplog.messages == []
