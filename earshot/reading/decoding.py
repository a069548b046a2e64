"""Decoding a sound file a block at a time, whatever its header claims."""

import io
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import soundfile
from numpy.typing import NDArray

from earshot.config.base import MOST_SAMPLES, Channel
from earshot.core.errors import EarshotError
from earshot.reading.ffmpeg import decode, is_for_ffmpeg
from earshot.reading.streams import SLACK_FRAMES, closed_wav, mp3_parts, ogg_parts, with_count

LOWEST_RATE, HIGHEST_RATE = 100, 1_536_000  # Hz; a header outside of them is damaged
LOUDEST = 1e9  # its power spectrum still fits float32
BLOCK_VALUES = 2**22  # decoded at once, over all channels: what a header claims never sizes a buffer
UNKNOWN_BYTES = 0x7FFF0000  # what writes to a pipe puts 2 or 4 GiB in the header for "until the end"
SLACK_BYTES = 44  # some recorders count the header in the data's length
UNKNOWN_FRAMES = 2**62  # more than this is what libsndfile says of a FLAC that leaves its length open
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


class _Unseekable(soundfile.SoundFile):  # type: ignore[misc]  # soundfile has no types
    """A file that is read from its beginning to its end, however long it is."""

    def seekable(self) -> bool:
        return False


class Sound:
    """The parts of a sound file, read as one: a file has several where others were joined to it."""

    def __init__(self, parts: Sequence[soundfile.SoundFile], name: str) -> None:
        self.parts = list(parts)
        self.samplerate, self.channels, self.format = parts[0].samplerate, parts[0].channels, parts[0].format
        for part in parts:
            if (part.samplerate, part.channels) != (self.samplerate, self.channels):
                raise EarshotError(
                    f"{name}: joined of parts that differ, {self.samplerate} Hz with {self.channels} channel(s) and "
                    f"{part.samplerate} Hz with {part.channels}. Cut it into files of one kind each."
                )
        self.dtype = "int16" if all(part.subtype in _INT16_SUBTYPES for part in parts) else "float32"
        self.frames: int = sum(part.frames for part in parts)
        self._left = self.parts  # those that are not read to their end

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        for part in self.parts:
            part.close()

    def read(self, count: int) -> NDArray[Any]:
        """Up to `count` samples, at least one unless the end is reached. (samples, channels)"""
        while True:
            block: NDArray[Any] = self._left[0].read(count, dtype=self.dtype, always_2d=True)
            if len(block) or len(self._left) == 1:
                return block
            self._left = self._left[1:]

    def skip(self, count: int) -> None:
        """Go on so many samples behind the beginning."""
        while len(self._left) > 1 and count >= self._left[0].frames:
            count -= self._left[0].frames
            self._left = self._left[1:]
        if self._left[0].seekable():
            self._left[0].seek(count)
            return
        while count and len(block := self.read(min(count, BLOCK_VALUES // self.channels))):
            count -= len(block)


def open_sound(source: str | Path | bytes, name: str) -> Sound:
    """Open a sound, and check that its header makes sense and that its data is all there.

    source : path of a file, or the bytes of one
    name : what errors call it
    """
    if isinstance(source, bytes):
        size = len(source)
    else:
        path = Path(source)
        if not path.is_file():
            instead = "a folder" if path.is_dir() else "nothing there"
            raise EarshotError(f"{name}: expected a sound file, found {instead}. Correct the path.")
        size = path.stat().st_size
    if size == 0:
        raise EarshotError(f"{name}: the file is empty (0 bytes). Replace it or leave it out.")
    try:
        return Sound(_opened(source, name), name)
    except (soundfile.LibsndfileError, TypeError, ValueError, OSError) as error:
        reason = getattr(error, "error_string", None) or "format not recognised"
        raise EarshotError(
            f"{name}: cannot be decoded as sound ({reason.rstrip('.')}){_beginning(source)}. "
            f"Expected WAV, FLAC, OGG, MP3 or AIFF: convert it, or leave it out."
        ) from error


def _opened(source: str | Path | bytes, name: str) -> list[soundfile.SoundFile]:
    """The parts of a file, opened, each to its true end."""
    if is_for_ffmpeg(name if isinstance(source, bytes) else source):
        return [soundfile.SoundFile(decode(source, name))]
    first = _soundfile(source)
    try:
        _check_header(first, name)
        if first.frames > UNKNOWN_FRAMES and first.format == "FLAC":
            first.close()
            return [_soundfile(source, _Unseekable)]
        if first.frames == 0 and first.format in {"WAV", "WAVEX"}:
            closed = closed_wav(_bytes(source))
            return [first] if closed is None else [_soundfile(closed)]
        if first.format == "OGG":
            parts = ogg_parts(_bytes(source))
            return [first] if len(parts) == 1 else [_soundfile(part) for part in parts]
        if first.format == "MP3" and first.subtype == "MPEG_LAYER_III":
            return _mp3(first, _bytes(source))
    except EarshotError:
        first.close()
        raise
    return [first]


def _mp3(first: soundfile.SoundFile, content: bytes) -> list[soundfile.SoundFile]:
    parts = mp3_parts(content)
    files = [first] if len(parts) == 1 else [_soundfile(part) for part, _ in parts]
    slack = SLACK_FRAMES * 1152
    return [
        file if samples is None or abs(file.frames - samples) <= slack else _soundfile(with_count(part))
        for file, (part, samples) in zip(files, parts, strict=True)
    ]


def _soundfile(
    source: str | Path | bytes, kind: Callable[..., soundfile.SoundFile] = soundfile.SoundFile
) -> soundfile.SoundFile:
    return kind(_Bytes(source) if isinstance(source, bytes) else str(source))


def _bytes(source: str | Path | bytes) -> bytes:
    return source if isinstance(source, bytes) else Path(source).read_bytes()


def _beginning(source: str | Path | bytes) -> str:
    """What a file begins with, for a message; nothing of a link's, which may lead to what is not to be shown."""
    if not isinstance(source, bytes) and Path(source).resolve() != Path(source).absolute():
        return ""
    start = source[:12] if isinstance(source, bytes) else _first_bytes(Path(source))
    return f"; it begins with {start!r}"


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
    file: Sound,
    name: str,
    start_s: float | None,
    end_s: float | None,
    channel: Channel = "mix",
    *,
    most: float | None = None,
    block_values: int | None = None,
) -> Iterator[tuple[NDArray[np.float32], NDArray[Any]]]:
    """Decode a file, or the stretch of it from start_s to end_s, and check its samples.

    most : samples that are decoded before the file counts as too long; None takes MOST_SAMPLES
    block_values : decoded at once, over all channels; None takes BLOCK_VALUES

    Yields blocks: the mean of the channels, or the one asked for, shape (samples,), and the channels as decoded, int16
    or float32, shape (samples, channels).
    """
    most = MOST_SAMPLES if most is None else most
    place = _place_of(channel, file.channels, name)
    start, stop = _sample_range(file, name, start_s, end_s)
    wanted = stop - start
    step = max(1, (block_values or BLOCK_VALUES) // file.channels)
    done = 0
    try:
        if start:
            file.skip(start)
        while done < wanted:
            block = file.read(min(step, wanted - done))  # (samples, channels)
            if not len(block):
                break
            done += len(block)
            if done > most:
                raise EarshotError(
                    f"{name}: longer than {most} samples. Cut it into shorter files, or name parts of it "
                    "in a labels CSV with start_s and end_s."
                )
            mono = _mono(block if place is None else block[:, place : place + 1])
            if file.dtype == "float32":
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
    if file.frames > UNKNOWN_FRAMES and done < wanted - SLACK_S * file.samplerate and end_s is not None:
        ends_s = (start + done) / file.samplerate
        raise EarshotError(f"{name}: end_s is {end_s} and the sound ends at {ends_s:.3f} s. Correct end_s.")
    if file.frames <= UNKNOWN_FRAMES and done < enough and wanted <= most:
        raise EarshotError(
            f"{name}: cut short, {wanted} samples announced and {done} there. Fetch it again, or leave it out."
        )


def _sample_range(file: Sound, name: str, start_s: float | None, end_s: float | None) -> tuple[int, int]:
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


def _place_of(channel: Channel, channels: int, name: str) -> int | None:
    """Which of so many channels is asked for; None for the mean of all. A file of one channel has it left and right."""
    if channel == "mix" or (channels == 1 and isinstance(channel, str)):
        return None
    number = {"left": 1, "right": 2}.get(channel, channel) if isinstance(channel, str) else channel
    assert isinstance(number, int)
    if number > channels:
        raise EarshotError(
            f"{name}: features.channel: {channel}, and it has {channels} channel(s). Use mix or a lower number."
        )
    return number - 1


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
