"""The files below a folder. Links are followed where they stay inside it, and refused by name where they do not."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

# Where git-annex and DVC keep the content that their links in a data set stand for.
STORES = (f"{os.sep}annex{os.sep}objects{os.sep}", f"{os.sep}files{os.sep}md5{os.sep}")


def files_below(root: str | Path, *, named: Sequence[str] = ()) -> tuple[list[Path], list[str]]:
    """Every file below a folder, hidden files and folders left out, and what cannot be followed, a line each.

    named : folders outside of it that links may lead to

    A link to a file that is not there counts as a file: whoever opens it tells. What cannot be followed are links to
    folders that are not there, that lie elsewhere, or that the link itself lies in, and folders that cannot be read.
    """
    problems: list[str] = []
    files = list(_files(Path(root), (os.path.realpath(root),), homes_of(root, named), problems))
    return files, problems


def homes_of(root: str | Path, named: Sequence[str]) -> list[str]:
    """The real paths of the folders that links may lead to."""
    return [os.path.realpath(folder) for folder in (root, *named)]


def leads_out(path: str | Path, homes: Sequence[str]) -> bool:
    """Whether a path, all its links followed, lies neither below one of the folders nor in a store of contents.

    homes : real paths of folders
    """
    real = os.path.realpath(path)
    inside = any(real == home or real.startswith(home.rstrip(os.sep) + os.sep) for home in homes)
    return not inside and not any(store in real for store in STORES)


def is_broken_link(path: str | Path) -> bool:
    """Whether a path is a link to what is not there."""
    return Path(path).is_symlink() and not Path(path).exists()


def broken_link(path: str | Path) -> str:
    """What is wrong with a link to what is not there, and what to do."""
    return (
        f"a link to {Path(path).readlink()}, which is not there. Fetch it (`git annex get`, `datalad get`, "
        "`dvc pull`), or remove the link"
    )


def _files(folder: Path, trail: tuple[str, ...], homes: Sequence[str], problems: list[str]) -> Iterator[Path]:
    """trail : the real paths of the folders on the way here, by which a link that leads back is known"""
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        problems.append(f"{folder.as_posix()} cannot be read ({error.strerror})")
        return
    for path in paths:
        if path.name.startswith("."):
            continue
        if is_broken_link(path):
            if path.suffix:
                yield path
            else:
                problems.append(f"{path.as_posix()} is a link to {path.readlink()}, which is not there")
        elif path.is_symlink() and leads_out(path, homes):
            problems.append(
                f"{path.as_posix()} is a link to {path.readlink()}, outside of the data set; name the folder in "
                "dataset.links, or put the files there"
            )
        elif path.is_dir():
            real = os.path.realpath(path)
            if real in trail:
                problems.append(f"{path.as_posix()} is a link back to a folder that it lies in")
            else:
                yield from _files(path, (*trail, real), homes, problems)
        elif path.is_file():
            yield path
