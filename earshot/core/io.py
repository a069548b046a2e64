"""Reading and writing files: tables, JSON, bytes. The same content gives the same bytes, whole or not at all."""

import io
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd

from earshot.core.errors import EarshotError

TEXT = frozenset(
    {"id", "path", "label", "group", "fold", "hash", "mode", "split", "predicted", "actual", "class", "sheet"}
    | {"view", "model", "first_view", "first_model", "second_view", "second_model", "settings"}
    | {"question", "test", "setting", "step", "source", "kind", "text", "series", "part"}
)


@contextmanager
def write_whole(path: str | Path, *, sync: bool = False) -> Iterator[BinaryIO]:
    """Open a file to be written whole or not at all: a writer that is killed or fails leaves the file as it was.

    sync : whether to wait until the disk holds the content, so that it outlives a power cut
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            yield file
            if sync:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: str | Path, *contents: bytes | memoryview, sync: bool = False) -> None:
    """Write a file of buffers, one after the other, whole or not at all."""
    with write_whole(path, sync=sync) as file:
        file.writelines(contents)


def link_file(source: Path, target: Path) -> None:
    """Let the target be the same file, or a copy where the file system has no links. Neither may be written into."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def remove(*paths: Path) -> None:
    """Remove files and folders, those that are there."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def write_table(path: str | Path, table: pd.DataFrame) -> None:
    """Write a CSV without the table's index."""
    write_bytes(path, table.to_csv(index=False, lineterminator="\n").encode())


def read_table(path: str | Path, *, columns: list[str] | None = None) -> pd.DataFrame:
    """A CSV as a DataFrame: the columns of `TEXT` as strings ("" where empty), all others as numbers.

    columns : those to read; None reads all
    Columns `grid.<key>` hold settings, as strings too.
    """
    if not Path(path).is_file():
        raise EarshotError(f"{path} is missing: `dvc repro` makes it, `dvc pull` fetches it from a remote")
    return parse_table(Path(path).read_bytes(), columns=columns)


def parse_table(content: bytes, *, columns: list[str] | None = None) -> pd.DataFrame:
    """`read_table` of a CSV's bytes."""
    table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, usecols=columns)
    numbers = [column for column in table.columns if column not in TEXT and not column.startswith("grid.")]
    return table.assign(**{column: pd.to_numeric(table[column]) for column in numbers})


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
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
