"""Sounds that libsndfile does not read, decoded by the program ffmpeg where one is on the PATH.

The samples are those of the ffmpeg that is there: another version may round others. It gets a file of a kind that is
named here, no network, no other file, and bounded time and memory. A WMA or AAC that ends early between two packets is
not told from a whole one.
"""

import contextlib
import os
import resource
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path, PurePath

from earshot.core.errors import EarshotError

FFMPEG_ENDINGS = frozenset({".m4a", ".aac", ".wma", ".webm"})
TIME_LIMIT_S = 600.0  # of one file: it decodes an hour of sound in about 20 s
MOST_BYTES = 2**31  # of decoded sound: 2^28 samples of two channels as float32
MEMORY_BYTES = 2**32
HOW_TO_GET_IT = "Install ffmpeg (its package has that name), or convert the file to WAV or FLAC."

# What such files hold: no playlists, which name other files.
_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,aac,asf,matroska,webm"
_HEADER_BYTES = 2**12  # of the WAV that it writes, at most


def is_for_ffmpeg(name: str | Path) -> bool:
    """Whether a file is of a kind that ffmpeg decodes here."""
    return PurePath(name).suffix.lower() in FFMPEG_ENDINGS


def has_ffmpeg() -> bool:
    return shutil.which("ffmpeg") is not None


@lru_cache
def ffmpeg_version() -> str:
    """`ffmpeg` and its version, as index.csv names the decoder of a file."""
    printed = subprocess.run(
        [_program("it"), "-version"], capture_output=True, text=True, timeout=60, check=False
    )
    return " ".join(printed.stdout.split()[:3:2]) or "ffmpeg"


def decode(source: str | Path | bytes, name: str) -> int:
    """A file as WAV in float32, all of its channels, at its own sample rate.

    source : path of a file, or the bytes of one
    name : what errors call it

    Returns the descriptor of an open file without a name, which is gone when it is closed.
    """
    program = _program(name)
    if not isinstance(source, bytes):
        return _decode(program, Path(source), name)
    # a file, not a pipe: the index of an M4A may stand at its end
    with tempfile.NamedTemporaryFile(suffix=PurePath(name).suffix) as file:
        file.write(source)
        file.flush()
        return _decode(program, Path(file.name), name)


def _program(name: str) -> str:
    program = shutil.which("ffmpeg")
    if program is None:
        raise EarshotError(
            f"{name}: is read by the program ffmpeg, which is not on the PATH. {HOW_TO_GET_IT}"
        )
    return program


def _decode(program: str, path: Path, name: str) -> int:
    command = [program, "-nostdin", "-hide_banner", "-nostats", "-v", "error", "-xerror", "-threads", "1"]
    command += ["-protocol_whitelist", "file,pipe", "-format_whitelist", _FORMATS, "-i", f"file:{path}"]
    command += ["-map", "0:a:0", "-c:a", "pcm_f32le", "-f", "wav", "-fs", str(MOST_BYTES), "pipe:1"]
    with tempfile.TemporaryFile() as sound, tempfile.TemporaryFile() as notes:
        status = _run(command, sound=sound.fileno(), notes=notes.fileno(), name=name)
        if os.fstat(sound.fileno()).st_size >= MOST_BYTES - _HEADER_BYTES:
            raise EarshotError(f"{name}: more than {MOST_BYTES} bytes as samples. Cut it into shorter files.")
        notes.seek(0)
        errors = notes.read(2**12).decode(errors="replace").strip()
        if status or errors:  # of files that are whole it says nothing
            reason = _reason(errors) or f"status {status}"
            raise EarshotError(
                f"{name}: ffmpeg cannot decode all of it ({reason}). Replace it or leave it out."
            )
        sound.seek(0)
        return os.dup(sound.fileno())


def _run(command: list[str], *, sound: int, notes: int, name: str) -> int:
    """Run ffmpeg within bounds, and return its status."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sound, stderr=notes) as process:
        try:
            _limit(process.pid)
            return process.wait(TIME_LIMIT_S)
        except subprocess.TimeoutExpired:
            raise EarshotError(
                f"{name}: ffmpeg has not decoded it within {TIME_LIMIT_S:g} s. Convert it, or leave it out."
            ) from None
        finally:
            process.kill()  # nothing, where it has ended


def _limit(pid: int) -> None:
    """Bound what the process may take, where the system can do that to a process that runs."""
    if not hasattr(resource, "prlimit"):
        return
    with contextlib.suppress(ProcessLookupError):  # it has ended
        resource.prlimit(pid, resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (MOST_BYTES, MOST_BYTES))


def _reason(errors: str) -> str:
    """The first line that ffmpeg writes, without the names and addresses in front."""
    return errors.partition("\n")[0].rpartition("] ")[2].rstrip(". ")
