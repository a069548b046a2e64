"""Where the sound in a file ends, when its header does not tell.

An Ogg or MP3 file may be several joined one behind another, of which decoders read the first. An MP3 of variable
bitrate without a frame that counts the others has its length guessed from the first ones. A WAV that its recorder
never closed says 0 bytes. The functions take a file's bytes and give the bytes of files that decoders read whole.
"""

import re
import struct
from typing import NamedTuple

SLACK_FRAMES = 2  # by which an encoder may miscount its frames
_V1_KBPS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_V2_KBPS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_START = re.compile(rb"\xff[\xe0-\xff]|ID3")  # of a frame, of a tag
_KIND = 0xFFFE0C00  # the bits of a frame's header that tell version, layer and sample rate
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}  # by MPEG version


class Frame(NamedTuple):
    """One frame of MPEG layer III."""

    at: int
    size: int  # bytes
    samples: int
    counts: int | None  # how many frames follow, where it is one that tells it and holds no sound


def ogg_parts(content: bytes) -> list[bytes]:
    """The chained streams of an Ogg file, each a file of its own.

    A stream begins with a page that says so, behind one that does not.
    """
    at, starts, was_first = 0, [0], True
    while content[at : at + 4] == b"OggS" and at + 27 <= len(content):
        is_first = bool(content[at + 5] & 2)
        if is_first and not was_first:
            starts.append(at)
        was_first = is_first
        segments = content[at + 26]
        at += 27 + segments + sum(content[at + 27 : at + 27 + segments])
    return [content[start:stop] for start, stop in zip(starts, [*starts[1:], len(content)], strict=True)]


def mp3_parts(content: bytes) -> list[tuple[bytes, int | None]]:
    """The joined files of an MP3, and the samples of each whose frames no frame counts."""
    runs: list[list[Frame]] = []
    for frame in _frames(content):
        if not runs or frame.counts is not None:
            runs.append([])
        runs[-1].append(frame)
    runs = [part for run in runs for part in _as_counted(run)]
    if not runs:
        return [(content, None)]
    starts = [0, *(run[0].at for run in runs[1:]), len(content)]
    return [
        (content[start:stop], None if run[0].counts else sum(frame.samples for frame in run))
        for run, start, stop in zip(runs, starts, starts[1:], strict=False)
    ]


def _as_counted(run: list[Frame]) -> list[list[Frame]]:
    """Frames behind those that are counted belong to another file."""
    counted = run[0].counts
    if counted is None or len(run) - 1 <= counted + SLACK_FRAMES:
        return [run]
    return [run[: counted + 1], run[counted + 1 :]]


def with_count(part: bytes) -> bytes:
    """An MP3 with a frame in front that counts the others."""
    frames = _frames(part)
    if not frames:
        return part
    first = frames[0].at
    header = int.from_bytes(part[first : first + 4], "big")
    # no checksum, no padding, a bitrate at which the count has room
    header = header & 0xFFFF0DFF | 0x00019000
    fields = _fields(header)
    assert fields is not None
    tag = b"Xing" + struct.pack(">II", 1, len(frames))
    frame = (header.to_bytes(4, "big") + bytes(_side_bytes(header)) + tag).ljust(fields[0], b"\0")
    return frame + part[first:]


def closed_wav(content: bytes) -> bytes | None:
    """A WAV whose data is said to have 0 bytes, with the bytes that are there; None where none are."""
    at = 12
    while at + 8 <= len(content):
        (size,) = struct.unpack("<I", content[at + 4 : at + 8])
        if content[at : at + 4] == b"data":
            rest = len(content) - at - 8
            if size or rest <= 0 or _are_chunks(content, at + 8):
                return None
            return content[: at + 4] + struct.pack("<I", min(rest, 0xFFFFFFFF)) + content[at + 8 :]
        at += 8 + size + size % 2
    return None


def _are_chunks(content: bytes, at: int) -> bool:
    """Whether the rest of a WAV is chunks to its end, and no samples."""
    while at + 8 <= len(content) and content[at : at + 4].isalpha():
        (size,) = struct.unpack("<I", content[at + 4 : at + 8])
        at += 8 + size + size % 2
    return at in {len(content), len(content) + 1}


def _frames(content: bytes) -> list[Frame]:
    """The frames of MPEG layer III. Tags, and what else stands between them, are passed over."""
    at = 0  # where a frame may begin
    end, kind = -1, -1  # where the last frame ends, its version and sample rate
    frames = []
    while (match := _START.search(content, at)) is not None:
        at = match.start()
        if match[0] == b"ID3":
            at += 10 + _syncsafe(content[at + 6 : at + 10])
            continue
        header = int.from_bytes(content[at : at + 4], "big")
        fields = _fields(header)
        follows = fields is not None and at == end and header & _KIND == kind
        if (
            fields is None
            or at + fields[0] > len(content)
            or not (follows or _leads(content, at, header, fields[0]))
        ):
            at += 1
            continue
        frames.append(Frame(at, *fields, _count(content, at, header)))
        kind = header & _KIND
        at = end = at + fields[0]
    return frames


def _syncsafe(four: bytes) -> int:
    return sum((byte & 0x7F) << shift for byte, shift in zip(four, (21, 14, 7, 0), strict=False))


def _leads(content: bytes, at: int, header: int, size: int) -> bool:
    """Whether the frame has one like it behind it, which what only looks like a frame has not."""
    behind = int.from_bytes(content[at + size : at + size + 4], "big")
    return _fields(behind) is not None and behind & _KIND == header & _KIND


def _fields(header: int) -> tuple[int, int] | None:
    """The bytes and the samples of a frame with this header; None where it is none of layer III."""
    version, kbps, rate = header >> 19 & 3, header >> 12 & 15, header >> 10 & 3
    if header >> 21 != 0x7FF or version == 1 or header >> 17 & 3 != 1 or kbps in {0, 15} or rate == 3:
        return None
    table, factor = (_V1_KBPS, 144) if version == 3 else (_V2_KBPS, 72)
    return factor * 1000 * table[kbps] // _RATES[version][rate] + (header >> 9 & 1), factor * 8


def _side_bytes(header: int) -> int:
    """The bytes between a frame's header and its sound."""
    one_channel = header >> 6 & 3 == 3
    if header >> 19 & 3 == 3:
        return 17 if one_channel else 32
    return 9 if one_channel else 17


def _count(content: bytes, at: int, header: int) -> int | None:
    tag = at + 4 + _side_bytes(header)
    if content[tag : tag + 4] in {b"Xing", b"Info"} and int.from_bytes(content[tag + 4 : tag + 8], "big") & 1:
        return int.from_bytes(content[tag + 8 : tag + 12], "big") or None
    if content[at + 36 : at + 40] == b"VBRI":
        return int.from_bytes(content[at + 50 : at + 54], "big") or None
    return None
