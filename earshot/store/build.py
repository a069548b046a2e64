"""A stage's output of shards: what is as before is taken over, the rest is made on all cores."""

import csv
import io
import itertools
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd
from pydantic import BaseModel

from earshot.core import instructions, paths
from earshot.core.fingerprint import code_hash, library_versions
from earshot.core.io import link_file, remove, write_bytes
from earshot.store.cores import each_on_threads
from earshot.store.elements import Element, elements_of
from earshot.store.executor import each_shard
from earshot.store.finished import FinishedShards, Key, Piece, Row, Shard, name_of
from earshot.store.formats import Form

log = logging.getLogger(__name__)


Made: TypeAlias = tuple[list[Row], Any]  # the rows of rows.csv, from its own columns on, and a Form's content


def build_shards(
    name: str,
    folder: Path,
    elements: pd.DataFrame,
    *,
    make: Callable[..., list[Made]],
    settings: Mapping[str, Any],
    form: Form,
    columns: Sequence[str],
    beside: Mapping[str, bytes] | None = None,
    description: str,
    unit: str = "item",
    here: bool = False,
) -> None:
    """Write a stage's output: shards, `rows.csv`, `shards.csv` with a checksum of each, and the files beside them.

    name : of what is made. Stages that make the same of the same share it, and take over from each other
    elements : one row an element in the order of the output: shard, id, copy (0 is the item itself), source (a hash
        of what it is made from), path, start_s, end_s
    make : importable function, gives what is made of each in a list of Elements. It is called with the settings, and
        hangs on nothing else
    settings : its keyword arguments, what JSON holds and blocks of params.yaml
    columns : of rows.csv after shard, row, id, copy, source
    beside : further files of the output
    here : on this machine also where there is a cluster

    The bytes do not depend on what was taken over. What a killed run has finished is not made again.
    """
    keys = [Key(*key) for key in zip(*(elements[column].tolist() for column in Key._fields), strict=True)]
    shards: dict[int, list[Key]] = {}
    for number, key in zip(elements["shard"].tolist(), keys, strict=True):
        shards.setdefault(number, []).append(key)
    names = {shard: name_of(own) for shard, own in shards.items()}
    hangs_on = [*_function(make), _plain(settings), _hardware(settings), columns, form.ending]
    with FinishedShards.opened(name, hangs_on, form=form) as finished:
        pieces = finished.pieces()
        unfinished = {shard: own for shard, own in shards.items() if names[shard] not in finished.shards}
        missing = {key for own in unfinished.values() for key in own if key not in pieces}
        if as_before := len(keys) - len(missing):
            log.info("%s: %d of %d as before, not made again", description, as_before, len(keys))
        table = elements.loc[[key in missing for key in keys]]
        size = max(map(len, shards.values()), default=1)
        made = _made(partial(make, **settings), table, size, description, unit, here)
        plans = (
            (names[shard], {key: pieces.get(key) or _piece(form, key, next(made)) for key in own})
            for shard, own in unfinished.items()
        )
        written = each_on_threads(lambda plan: finished.write(*plan), plans)
        finished.shards |= {shard.path.stem: shard for shard in written}
        next(made, None)  # the bar is at its end
        _write_output(folder, {shard: finished.shards[names[shard]] for shard in names}, columns)
        for file, content in (beside or {}).items():
            write_bytes(folder / file, content)
        finished.keep_only(names.values())


def _function(make: Callable[..., Any]) -> list[Any]:
    """What a function's results hang on beside its arguments: its code, with that which it can run, and libraries."""
    package, *rooms = make.__module__.split(".")
    room = rooms[0] if package == "earshot" else None
    return [make.__module__, make.__qualname__, code_hash(room), library_versions()]


def _plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as JSON holds them."""
    return {
        key: value.model_dump(mode="json") if isinstance(value, BaseModel) else value
        for key, value in settings.items()
    }


def _hardware(settings: Mapping[str, Any]) -> list[str]:
    """The names of the hardware that results hang on, the GPUs' where a setting `device` asks for one, and of what a
    pretrained model gives, which has a `runtime`, this processor's: the runtime chooses instructions by it.
    """
    plain = _plain(settings)
    blocks = [plain, *(block for block in plain.values() if isinstance(block, dict))]
    on_gpu = any(block.get("device", "cpu") != "cpu" for block in blocks)
    own = any("runtime" in block for block in blocks)
    return [
        instructions.of_arrays(),
        *([instructions.processor()] if own else ()),
        *(instructions.gpus() if on_gpu else ()),
    ]


def _made(
    make: Callable[[list[Element]], list[Made]],
    missing: pd.DataFrame,
    size: int,
    description: str,
    unit: str,
    here: bool,
) -> Iterator[Made]:
    """What is made of the elements that are missing, in their order, a shard's worth at a time."""
    tables = [missing.iloc[first : first + size] for first in range(0, len(missing), size)]
    sizes = [len(table) for table in tables]
    return itertools.chain.from_iterable(
        each_shard(make, map(elements_of, tables), sizes=sizes, description=description, unit=unit, here=here)
    )


def _piece(form: Form, key: Key, made: Made) -> Piece:
    rows, content = made
    packed = form.pack(key.id, key.copy, content)
    return Piece(rows, len(packed), packed)


def _write_output(folder: Path, shards: Mapping[int, Shard], columns: Sequence[str]) -> None:
    """Link the shards into a stage's folder, and write the tables beside them."""
    remove(folder)  # DVC has removed it; a stage that is run by hand has not
    folder.mkdir(parents=True)
    rows, checksums = io.StringIO(), ["shard,crc32\n"]
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow(["shard", "row", "id", "copy", "source", *columns])
    for number, shard in sorted(shards.items()):
        link_file(shard.path, paths.shard_file(folder, number, shard.path.suffix[1:]))
        values = [(key, value) for key, piece in shard.elements.items() for value in piece.rows]
        writer.writerows([number, row, *key, *value] for row, (key, value) in enumerate(values))
        checksums.append(f"{number},{shard.crc32}\n")
    write_bytes(folder / "rows.csv", rows.getvalue().encode())
    write_bytes(folder / "shards.csv", "".join(checksums).encode())
