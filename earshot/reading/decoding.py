"""Decoding a sound file a block at a time, whatever its header claims."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from earshot.core.errors import EarshotError

LOWEST_RATE, HIGHEST_RATE = 100, 1_536_000  # Hz; a header outside of them is damaged
MOST_SAMPLES = 2**28  # of one sound in mono: 1 GiB, 4.6 hours at 16 kHz
LOUDEST = 1e9  # its power spectrum still fits float32
BLOCK_VALUES = 2**22  # decoded at once, over all channels: what a header claims never sizes a buffer
UNKNOWN_BYTES = 0x7FFF0000  # what writes to a pipe puts 2 or 4 GiB in the header for "until the end"
SLACK_BYTES = 44  # some recorders count the header in the data's length
SLACK_S = 0.05  # labels are often rounded

# Sixteen bits or fewer: decoding to int16 loses nothing and is faster than to float32.
_INT16_SUBTYPES = {"PCM_16", "PCM_S8", "PCM_U8"}
# Lines of libsndfile's log on a data chunk that the file is too short for.
_TOO_SHORT = re.compile(
    r"^\s*(?:data|SSND|Data Size|riff|Riff size)\s*:\s*(\d+) \(should be (\d+)\)", re.MULTILINE
)


class _Bytes(io.BytesIO):
    """Bytes that a damaged header can seek anywhere in: libsndfile then meets the end, not an exception."""

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        try:
            return super().seek(offset, whence)
        except (ValueError, OverflowError):
            return super().seek(0, io.SEEK_END)


def open_sound(source: str | Path | bytes, name: str) -> soundfile.SoundFile:
    """Open a sound, and check that its header makes sense and that its data is all there.

    source : path of a file, or the bytes of one
    name : what errors call it
    """
    file_or_path: _Bytes | str
    if isinstance(source, bytes):
        size, file_or_path = len(source), _Bytes(source)
    else:
        path = Path(source)
        if not path.is_file():
            instead = "a folder" if path.is_dir() else "nothing there"
            raise EarshotError(f"{name}: expected a sound file, found {instead}. Correct the path.")
        size, file_or_path = path.stat().st_size, str(path)
    if size == 0:
        raise EarshotError(f"{name}: the file is empty (0 bytes). Replace it or leave it out.")
    try:
        file = soundfile.SoundFile(file_or_path)
    except (soundfile.LibsndfileError, TypeError, ValueError, OSError) as error:
        reason = getattr(error, "error_string", None) or "format not recognised"
        start = source[:12] if isinstance(source, bytes) else _first_bytes(Path(source))
        raise EarshotError(
            f"{name}: cannot be decoded as sound ({reason.rstrip('.')}); it begins with {start!r}. "
            f"Expected WAV, FLAC, OGG, MP3 or AIFF: convert it, or leave it out."
        ) from error
    try:
        _check_header(file, name)
    except EarshotError:
        file.close()
        raise
    return file


def _first_bytes(path: Path) -> bytes | str | None:
    """The first 12 bytes of a file, or why it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(12)
    except OSError as error:
        return error.strerror


def _check_header(file: soundfile.SoundFile, name: str) -> None:
    if not LOWEST_RATE <= file.samplerate <= HIGHEST_RATE:
        raise EarshotError(
            f"{name}: its header says {file.samplerate} Hz, expected {LOWEST_RATE} to {HIGHEST_RATE} Hz. "
            "It is damaged: replace it or leave it out."
        )
    for claimed, present in _TOO_SHORT.findall(file.extra_info):
        if int(present) + SLACK_BYTES < int(claimed) < UNKNOWN_BYTES:
            raise EarshotError(
                f"{name}: cut short, its header says {claimed} bytes and {present} are there. "
                "Fetch it again, or leave it out."
            )


def mono_blocks(
    file: soundfile.SoundFile, name: str, start_s: float | None, end_s: float | None
) -> Iterator[tuple[NDArray[np.float32], NDArray[Any]]]:
    """Decode a file, or the stretch of it from start_s to end_s, and check its samples.

    Yields blocks: the mean of the channels, shape (samples,), and the channels as decoded, int16 or float32, shape
    (samples, channels).
    """
    start, stop = _sample_range(file, name, start_s, end_s)
    wanted = stop - start
    dtype = "int16" if file.subtype in _INT16_SUBTYPES else "float32"
    step = max(1, BLOCK_VALUES // file.channels)
    done = 0
    try:
        if start:
            file.seek(start)
        while done < wanted:
            block = file.read(min(step, wanted - done), dtype=dtype, always_2d=True)  # (samples, channels)
            if not len(block):
                break
            done += len(block)
            if done > MOST_SAMPLES:
                raise EarshotError(
                    f"{name}: longer than {MOST_SAMPLES} samples. Cut it into shorter files, or name parts of it "
                    "in a labels CSV with start_s and end_s."
                )
            mono = _mono(block)
            if dtype == "float32":
                _check_values(mono, name, file.samplerate, start + done - len(block))
            yield mono, block
    except (soundfile.LibsndfileError, ValueError, OverflowError) as error:
        at = (start + done) / file.samplerate
        raise EarshotError(
            f"{name}: damaged, decoding stops after {at:.3f} s ({error}). Replace it or leave it out."
        ) from error
    if not done:
        raise EarshotError(f"{name}: holds no samples. Replace it or leave it out.")
    # MP3 headers may only estimate the length, and a file of unknown length claims the largest number.
    enough = 0.9 * wanted if file.format == "MP3" else wanted
    if done < enough and wanted <= MOST_SAMPLES:
        raise EarshotError(
            f"{name}: cut short, {wanted} samples announced and {done} there. Fetch it again, or leave it out."
        )


def _sample_range(
    file: soundfile.SoundFile, name: str, start_s: float | None, end_s: float | None
) -> tuple[int, int]:
    """The first sample of the stretch from start_s to end_s, and the one after its last."""
    frames, rate = file.frames, file.samplerate
    start = 0 if start_s is None else round(start_s * rate)
    stop = frames if end_s is None else round(end_s * rate)
    whole = start_s is None and end_s is None
    if not whole and not 0 <= start < min(stop, frames):
        raise EarshotError(
            f"{name}: asked for {start_s} to {end_s} s of a sound of {frames / rate:.3f} s. "
            "Expected start_s below end_s, both inside the sound."
        )
    if stop > frames + SLACK_S * rate:
        raise EarshotError(
            f"{name}: end_s is {end_s} and the sound ends at {frames / rate:.3f} s. Correct end_s."
        )
    return start, min(stop, frames)


def _mono(block: NDArray[Any]) -> NDArray[np.float32]:
    """Mean over channels, float32; integers scaled to -1 to 1. (samples, channels) -> (samples,)"""
    if block.shape[1] == 1:
        mono: NDArray[np.float32] = block[:, 0].astype(np.float32)
    else:
        with np.errstate(over="ignore", invalid="ignore"):
            mono = block.mean(axis=1, dtype=np.float32)
    if block.dtype == np.int16:
        mono *= np.float32(1 / 32768)
    return mono


def _check_values(mono: NDArray[np.float32], name: str, rate: int, offset: int) -> None:
    """Raise EarshotError for samples that no sound has; `offset` is the first one's number in the file."""
    bad = ~(np.abs(mono) <= LOUDEST)  # NaN compares False
    if bad.any():
        first = int(bad.argmax())
        raise EarshotError(
            f"{name}: {int(bad.sum())} samples are NaN, infinite or beyond ±{LOUDEST:g}, the first at "
            f"{(offset + first) / rate:.3f} s ({mono[first]}). Repair the file, or leave it out."
        )
