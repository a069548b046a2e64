"""Reading and writing files: tables, JSON, bytes. The same content gives the same bytes, whole or not at all."""

import fcntl
import io
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from earshot.core.errors import EarshotError
from earshot.core.file_faults import write_fault

if TYPE_CHECKING:  # half a second, which what writes bytes alone is not to wait for
    import pandas as pd

# the columns that are text, whatever their values look like
TEXT = frozenset(
    {
        "actual",
        "by",
        "claim",
        "class",
        "correct",
        "decoder",
        "encoding",
        "fact",
        "first",
        "first_model",
        "first_view",
        "fold",
        "found",
        "group",
        "hash",
        "id",
        "kind",
        "label",
        "mend",
        "method",
        "mode",
        "model",
        "part",
        "path",
        "predicted",
        "question",
        "second",
        "second_model",
        "second_view",
        "series",
        "setting",
        "settings",
        "sheet",
        "source",
        "split",
        "step",
        "suggested",
        "test",
        "text",
        "value",
        "view",
        "where",
    }
)


def write_bytes(path: str | Path, *contents: bytes | memoryview, sync: bool = False) -> None:
    """Write a file of buffers, one after the other, whole or not at all: a writer that is killed or fails leaves the
    file as it was.

    sync : whether to wait until the disk holds the file, so that it outlives a power cut

    Raises EarshotError where the disk is full, or the folder may not be written into.
    """
    size = sum(content.nbytes if isinstance(content, memoryview) else len(content) for content in contents)
    with writing(path, size=size, sync=sync) as file:
        file.writelines(contents)


@contextmanager
def writing(path: str | Path, *, size: int = 0, sync: bool = False) -> Iterator[BinaryIO]:
    """A file to write into a piece at a time, which is at its path when the block has ended, and not where it fails.

    size : of the whole file in bytes, where it is known
    sync : as for `write_bytes`, which raises as this does
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _part_of(path) as (part, file):
            yield file
            file.flush()
            if sync:
                os.fsync(file.fileno())
            part.replace(path)
        if sync:
            _sync_folder(path.parent)
    except OSError as error:
        raise write_fault(error, path, size=size) from None


@contextmanager
def _part_of(path: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """The file that becomes `path`, empty and for this writer alone: another one waits.

    Its name is always the same, so that what a killed writer has left is used again and nothing piles up.
    """
    part = path.with_name(f".{path.name}.part")
    while True:
        file = part.open("ab")  # which leaves alone what another writer has written
        fcntl.flock(file, fcntl.LOCK_EX)
        if lies_at(part, file):
            break
        file.close()  # the writer before has renamed or removed it
    with file:
        try:
            file.truncate(0)
            yield part, file
        except BaseException:
            part.unlink(missing_ok=True)  # before the file is closed and the next writer takes it up
            raise


def lies_at(path: Path, file: BinaryIO) -> bool:
    """Whether an open file is the one at this path."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    """Wait until the disk holds the names of a folder's files."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def link_file(source: Path, target: Path) -> None:
    """Let the target be the same file, or a copy where the file system has no links. Neither may be written into."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        write_bytes(target, source.read_bytes())


def remove(*paths: Path) -> None:
    """Remove files and folders, those that are there."""
    for path in paths:
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise write_fault(error, path) from None


def write_table(path: str | Path, table: "pd.DataFrame") -> None:
    """Write a CSV without the table's index."""
    write_bytes(path, table.to_csv(index=False, lineterminator="\n").encode())


def read_table(path: str | Path, *, columns: list[str] | None = None) -> "pd.DataFrame":
    """A CSV as a DataFrame: the columns of `TEXT` as strings ("" where empty), all others as numbers.

    columns : those to read; None reads all
    Columns `grid.<key>` hold settings and `given.<column>` what a table of labels says, as strings too.
    """
    if not Path(path).is_file():
        raise EarshotError(f"{path} is missing: `dvc repro` makes it, `dvc pull` fetches it from a remote")
    return parse_table(Path(path).read_bytes(), columns=columns)


def parse_table(content: bytes, *, columns: list[str] | None = None) -> "pd.DataFrame":
    """`read_table` of a CSV's bytes."""
    import pandas as pd

    table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, usecols=columns)
    numbers = [
        column
        for column in table.columns
        if column not in TEXT and not column.startswith(("grid.", "given."))
    ]
    return table.assign(**{column: pd.to_numeric(table[column]) for column in numbers})


def records(table: "pd.DataFrame") -> list[dict[str, Any]]:
    """The rows of a table, each as a dict from a column's name to its value."""
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def json_bytes(content: Any) -> bytes:
    """JSON as the project writes it: indented, with a newline at the end."""
    return (json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False) + "\n").encode()


def write_json(path: str | Path, content: Any) -> None:
    write_bytes(path, json_bytes(content))


def read_json(path: str | Path) -> Any:
    if not Path(path).is_file():
        raise EarshotError(f"{path} is missing: `dvc repro` makes it")
    return json.loads(Path(path).read_text(encoding="utf-8"))
