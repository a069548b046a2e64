"""The one reader and the one writer of tables and metrics: same content, same bytes."""

import io
import json
from pathlib import Path

import pandas as pd

from earshot.core.errors import EarshotError

TEXT = frozenset(
    {"id", "path", "label", "group", "fold", "hash", "mode", "split", "predicted", "actual", "class", "sheet"}
    | {"view", "model", "first_view", "first_model", "second_view", "second_model", "settings"}
    | {"ladder", "step", "source"}
)


def write_bytes(path, *contents):
    """Write a file whole or not at all, of what is given: a killed writer leaves no half of it."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    with temporary.open("wb") as file:
        file.writelines(contents)
    temporary.replace(path)


def write_table(path, table):
    write_bytes(path, table.to_csv(index=False, lineterminator="\n").encode())


def read_table(path, *, columns=None):
    """A CSV as a DataFrame: the columns of `TEXT` as strings ("" where empty), all others as numbers.

    columns : list of str, those to read; None reads all
    Columns `grid.<key>` hold settings, as strings too.
    """
    if not Path(path).is_file():
        raise EarshotError(f"{path} is missing: `dvc repro` makes it, `dvc pull` fetches it from a remote")
    return parse_table(Path(path).read_bytes(), columns=columns)


def parse_table(content, *, columns=None):
    """`read_table` of a CSV's bytes."""
    table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, usecols=columns)
    numbers = [column for column in table.columns if column not in TEXT and not column.startswith("grid.")]
    return table.assign(**{column: pd.to_numeric(table[column]) for column in numbers})


def json_bytes(content):
    return (json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False) + "\n").encode()


def write_json(path, content):
    write_bytes(path, json_bytes(content))


def read_json(path):
    if not Path(path).is_file():
        raise EarshotError(f"{path} is missing: `dvc repro` makes it")
    return json.loads(Path(path).read_text(encoding="utf-8"))
