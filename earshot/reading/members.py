"""Files that lie in a folder, a tar shard or a big array, by one path: `shards/00000.tar/name.wav` is a member."""

import hashlib
import posixpath
import tarfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Self

from earshot.core.errors import EarshotError, list_problems
from earshot.reading.big_arrays import big_item, item_bytes


def source_of(path: str | Path | bytes) -> str | Path | bytes:
    """What the readers take: the path of a plain file, the bytes of a tar's member or of a big array's item.

    path : path, or bytes, which stay what they are
    """
    if isinstance(path, bytes):
        return path
    inner = _inner(path)
    return path if inner is None else inner


def bytes_of(path: str | Path) -> bytes:
    """The bytes of a file or of a member. Raises EarshotError that names it where it cannot be read."""
    try:
        inner = _inner(path)
        return Path(path).read_bytes() if inner is None else inner
    except OSError as error:
        raise EarshotError(
            f"{path}: cannot be read ({error.strerror}). Correct the path or its permissions, or leave it out."
        ) from None


def content_hash(path: str | Path) -> str:
    """The SHA-256 of a file's or a member's bytes, in hexadecimal."""
    inner = _inner(path)
    if inner is not None:
        return hashlib.sha256(inner).hexdigest()
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def member_names(tar: str | Path) -> list[str]:
    """The names of the files in a tar, in its order; hidden ones are left out.

    Raises EarshotError for what is no tar, is compressed or damaged, or holds names that lead out of it.
    """
    names = [name for name in _members(tar) if not PurePosixPath(name).name.startswith(".")]
    for name in names:
        if name.startswith("/") or ".." in PurePosixPath(name).parts:
            raise EarshotError(f"{tar}: holds {name!r}, a name that leads out of it. Pack it again.")
    return names


def _inner(path: str | Path) -> bytes | None:
    """The bytes of a tar's member or of a big array's item; None where the path is a plain file's."""
    if (member := _shard_of(path)) is not None:
        return _read(*member)
    item = big_item(path)
    return None if item is None else item_bytes(*item)


def _shard_of(path: str | Path) -> tuple[str, str] | None:
    """The tar and the member's name, or None where the path is a plain file's."""
    shard, inside, name = str(path).partition(".tar/")
    while inside:
        if Path(f"{shard}.tar").is_file():
            return f"{shard}.tar", name
        more, inside, name = name.partition(".tar/")
        shard = f"{shard}.tar/{more}"
    return None


def _read(tar: str, name: str) -> bytes:
    members = _members(tar)
    if name not in members:
        raise EarshotError(f"{tar}/{name}: the tar has no such member")
    offset, size = members[name]
    with Path(tar).open("rb") as file:
        file.seek(offset)
        content = file.read(size)
    if len(content) < size:
        raise EarshotError(f"{tar}/{name}: cut short, {len(content)} of {size} bytes are there")
    return content


def _members(tar: str | Path) -> dict[str, tuple[int, int]]:
    """Name to (offset, size) of every file in a tar, read once for each state that the tar is in."""
    about = Path(tar).stat()
    return _scan(str(tar), about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=256)
def _scan(tar: str, mtime_ns: int, size: int) -> dict[str, tuple[int, int]]:
    """Names that two members have, links that lead to no member and sparse files are one EarshotError."""
    members: dict[str, tuple[int, int]] = {}
    links: dict[str, str] = {}  # name to the member that it stands for
    problems = []
    for entry in _entries(tar, size):
        name = _plain(entry.name)
        if entry.isdir():
            continue
        if name in members or name in links:
            problems.append(f"{name} is there twice")
        if entry.isreg() and not entry.issparse():
            members[name] = entry.offset_data, entry.size
        elif entry.islnk():
            links[name] = _plain(entry.linkname)
        elif entry.issym():
            links[name] = posixpath.normpath(posixpath.join(posixpath.dirname(name), entry.linkname))
        else:
            problems.append(f"{name} is no plain file, but sparse or a device")
    for name in links:
        target, steps = name, 0
        while target in links and steps <= len(links):
            target, steps = links[target], steps + 1
        if target in members:
            members[name] = members[target]
        elif not PurePosixPath(name).name.startswith("."):
            problems.append(f"{name} is a link to {links[name]}, which the tar does not hold")
    if problems:
        raise list_problems(f"{tar} cannot be used; pack it again:", problems)
    return members


def _plain(name: str) -> str:
    return name.removeprefix("./")


def _entries(tar: str, size: int) -> Iterator[tarfile.TarInfo]:
    """The entries of a tar of so many bytes. None claims more than that, which `tarfile` would try to read."""

    def check(entry: tarfile.TarInfo) -> None:
        if not 0 <= entry.size <= size:
            raise EarshotError(
                f"{tar}: cannot be read as a plain tar ({entry.name!r} claims {entry.size} bytes, the tar has {size}). "
                "It is damaged: fetch it or pack it again."
            )

    class Checked(tarfile.TarInfo):
        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
            entry = super().frombuf(buf, encoding, errors)
            check(entry)
            return entry

    try:
        with tarfile.open(tar, mode="r:", tarinfo=Checked) as file:
            for entry in file:
                check(entry)  # an extended header may have changed its size
                yield entry
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise EarshotError(
            f"{tar}: cannot be read as a plain tar ({error}). Pack it again without compression."
        ) from error
