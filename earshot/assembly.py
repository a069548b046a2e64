"""A stage's shards, put together from elements: what the previous run made is taken over, the rest is made.

An element is one item's part of a shard, or one variant's. It is the same as before where its id, its copy and its
source are, the source being a hash of what it is made from. Shards that are finished wait in `.checkpoints`, so
that a run that was stopped goes on after them.
"""

import csv
import hashlib
import io
import itertools
import json
import shutil
import zlib
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from earshot import paths, previous
from earshot.parallel import each_shard
from earshot.shards import member_name
from earshot.software import software
from earshot.tables import read_table, write_bytes

ELEMENT = ["id", "copy", "source"]
WRITTEN = ["shard", "row", *ELEMENT]


def assemble(
    stage, folder, elements, *, make, task, form, columns, settings, beside=None, description, unit="item"
):
    """Write a stage's output: shards, `rows.csv` and the files beside them.

    stage : str, its name in dvc.lock
    folder : path of the output
    elements : DataFrame, one row an element in the order of the output: shard, id, copy (0 is the item itself),
        source (str), and what `task` needs
    make : importable callable, gives for a task a list of (rows, content), one an element; rows holds the values of
        `columns` for each row that the content has in its shard
    task : callable, gives for some of the elements what `make` takes
    form : shards.TAR or shards.NPY
    columns : list of str, the columns of rows.csv after shard, row, id, copy, source
    settings : what JSON holds, all settings that the output depends on
    beside : {name: bytes}, further files; elements are taken over only where these are as before

    Returns rows.csv as a DataFrame. The bytes do not depend on what was taken over.
    """
    beside = beside or {}
    work = _work_folder(stage, elements, [settings, columns])
    done = {
        shard: text
        for shard in elements["shard"].unique()
        if (text := _finished(work, shard, form)) is not None
    }
    old = _Old(previous.output(stage, folder), form=form, columns=columns, beside=beside)
    wanted = ~elements["shard"].isin(done).to_numpy()
    places = old.places(elements, wanted)
    missing = elements[wanted & np.array([place is None for place in places], dtype=bool)]
    if taken := int(wanted.sum()) - len(missing):
        print(f"{description}: {taken} of {len(elements)} as before, taken from DVC's cache")
    size = int(elements.groupby("shard").size().max()) if len(elements) else 1
    made = _made(make, task, missing, size=size, description=description, unit=unit)
    for shard, rows in elements.groupby("shard").indices.items():
        if shard not in done:
            keys = list(elements[ELEMENT].iloc[rows].itertuples(index=False))
            parts = [
                old.part(places[row]) if places[row] else _packed(form, key, next(made))
                for row, key in zip(rows, keys, strict=True)
            ]
            done[shard] = _finish(work, shard, keys, parts, form)
    next(made, None)  # the bar is at its end
    shutil.rmtree(folder, ignore_errors=True)  # DVC has removed it; a stage that is run by hand has not
    folder.mkdir(parents=True)
    for shard in done:
        shutil.move(paths.shard_file(work, shard, form.ending), paths.shard_file(folder, shard, form.ending))
    header = ",".join([*WRITTEN, *columns])
    write_bytes(
        folder / "rows.csv", "".join([f"{header}\n", *(done[shard] for shard in sorted(done))]).encode()
    )
    for name, content in beside.items():
        write_bytes(folder / name, content)
    for left in paths.CHECKPOINTS.glob(f"{stage}-*"):
        shutil.rmtree(left)
    return read_table(folder / "rows.csv")


def _made(make, task, missing, *, size, description, unit):
    """The parts of the elements that are missing, in their order, made a shard's worth at a time."""
    tables = [missing.iloc[first : first + size] for first in range(0, len(missing), size)]
    options = {"sizes": [len(table) for table in tables], "description": description, "unit": unit}
    return itertools.chain.from_iterable(each_shard(make, map(task, tables), **options))


class _Place(NamedTuple):
    """Where an element of the previous run lies."""

    shard: str
    row: int  # its first one in the shard
    line: int  # its first one in rows.csv
    count: int


class _Old:
    """The elements of a stage's previous output."""

    def __init__(self, files, *, form, columns, beside):
        self.files, self.form, self.found = files, form, {}
        self.shard = lru_cache(maxsize=4)(self._shard)  # neighbours mostly lie in one
        if any(self._read(name) != content for name, content in beside.items()):
            return
        lines = list(csv.reader(io.StringIO((self._read("rows.csv") or b"").decode())))
        if not lines or lines[0] != [*WRITTEN, *columns]:
            return
        self.values = [line[len(WRITTEN) :] for line in lines[1:]]
        for number, (shard, row, *element) in enumerate(line[: len(WRITTEN)] for line in lines[1:]):
            first = self.found.get(tuple(element), _Place(shard, int(row), number, 0))
            self.found[tuple(element)] = first._replace(count=first.count + 1)

    def places(self, elements, wanted):
        """Where each of the wanted elements lies, None for one that is not there or whose shard is damaged."""
        keys = zip(elements["id"], elements["copy"].astype(str), elements["source"], strict=True)
        places = [self.found.get(key) if want else None for key, want in zip(keys, wanted, strict=True)]
        shards = {place.shard for place in places if place}
        sound = {shard for shard in shards if (kept := self._file(shard)) and previous.intact(kept)}
        return [place if place and place.shard in sound else None for place in places]

    def part(self, place):
        """The rows and the packed content of an element."""
        rows = self.values[place.line : place.line + place.count]
        return rows, self.form.pick(self.shard(place.shard), place.row, place.row + place.count)

    def _shard(self, shard):
        return self.form.split(self._file(shard).path.read_bytes())

    def _file(self, shard):
        return self.files.get(f"{int(shard):05d}.{self.form.ending}")

    def _read(self, name):
        return previous.read(self.files[name]) if name in self.files else None


def _work_folder(stage, elements, settings):
    """Where finished shards wait: the name holds a hash of all that they depend on."""
    about = json.dumps([settings, software()], sort_keys=True)
    content = hashlib.sha256(about.encode())
    content.update(elements[["shard", *ELEMENT]].to_csv(index=False).encode())
    return paths.CHECKPOINTS / f"{stage}-{content.hexdigest()[:24]}"


def _packed(form, key, part):
    name, copy, _ = key
    rows, content = part
    return rows, form.pack(member_name(name, copy), content)


def _finish(folder, shard, keys, parts, form):
    """Write one shard and beside it its lines of rows.csv, which it returns."""
    content = form.join([packed for _, packed in parts])
    text = io.StringIO()
    writer, row = csv.writer(text, lineterminator="\n"), itertools.count()
    for key, (rows, _) in zip(keys, parts, strict=True):
        writer.writerows([shard, next(row), *key, *values] for values in rows)
    write_bytes(paths.shard_file(folder, shard, form.ending), content)
    about = {"crc32": zlib.crc32(content), "rows": text.getvalue()}
    write_bytes(paths.shard_file(folder, shard, "json"), json.dumps(about).encode())
    return about["rows"]


def _finished(folder, shard, form):
    """The lines of rows.csv of a shard that an earlier run finished, None where it did not, or the disk lost it."""
    try:
        about = json.loads(paths.shard_file(folder, shard, "json").read_bytes())
        whole = zlib.crc32(paths.shard_file(folder, shard, form.ending).read_bytes()) == about["crc32"]
    except (OSError, ValueError):
        return None
    return about["rows"] if whole else None
