"""A stage's shards, put together from elements: what the previous run made is taken over, the rest is made.

Shards that are finished wait in `.checkpoints`, so that a run that was stopped goes on after them.
"""

import csv
import hashlib
import io
import itertools
import json
import shutil
from functools import partial

import numpy as np

from earshot.core import paths
from earshot.core.fingerprint import fingerprint
from earshot.core.io import write_bytes
from earshot.store import dvc_cache
from earshot.store.cores import each_on_threads
from earshot.store.executor import each_shard
from earshot.store.formats import crc32, member_name
from earshot.store.reuse import ELEMENT, WRITTEN, Old, Part, Place, runs


def assemble(
    stage, folder, elements, *, make, task, form, columns, settings, beside=None, description, unit="item"
):
    """Write a stage's output: shards, `rows.csv`, `shards.csv` with a checksum of each, and the files beside them.

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

    The bytes do not depend on what was taken over.
    """
    beside = beside or {}
    shards = elements.groupby("shard").indices
    keys = list(zip(*(elements[column].tolist() for column in ELEMENT), strict=True))
    work = _work_folder(stage, [settings, columns, elements["shard"].tolist(), keys])
    done = {shard: about for shard in shards if (about := _finished(work, shard, form))}
    old = Old(dvc_cache.output(stage, folder), form=form, columns=columns, beside=beside)
    wanted = ~elements["shard"].isin(done).to_numpy()
    places = old.places(keys, wanted)
    missing = elements[wanted & np.array([place is None for place in places], dtype=bool)]
    if taken := int(wanted.sum()) - len(missing):
        print(f"{description}: {taken} of {len(elements)} as before, taken from DVC's cache")
    size = max(map(len, shards.values()), default=1)
    made = _made(make, task, missing, size=size, description=description, unit=unit)
    plans = (
        (shard, [(keys[row], places[row] or _packed(form, keys[row], next(made))) for row in rows])
        for shard, rows in shards.items()
        if shard not in done
    )
    done |= each_on_threads(partial(_finish, work, old, form), plans)
    next(made, None)  # the bar is at its end
    shutil.rmtree(folder, ignore_errors=True)  # DVC has removed it; a stage that is run by hand has not
    folder.mkdir(parents=True)
    for shard in done:
        shutil.move(paths.shard_file(work, shard, form.ending), paths.shard_file(folder, shard, form.ending))
    rows = [",".join([*WRITTEN, *columns]), "\n", *(done[shard]["rows"] for shard in sorted(done))]
    write_bytes(folder / "rows.csv", "".join(rows).encode())
    checksums = ["shard,crc32\n", *(f"{shard},{done[shard]['crc32']}\n" for shard in sorted(done))]
    write_bytes(folder / "shards.csv", "".join(checksums).encode())
    for name, content in beside.items():
        write_bytes(folder / name, content)
    for left in paths.CHECKPOINTS.glob(f"{stage}-*"):
        shutil.rmtree(left)


def _made(make, task, missing, *, size, description, unit):
    """The parts of the elements that are missing, in their order, made a shard's worth at a time."""
    tables = [missing.iloc[first : first + size] for first in range(0, len(missing), size)]
    options = {"sizes": [len(table) for table in tables], "description": description, "unit": unit}
    return itertools.chain.from_iterable(each_shard(make, map(task, tables), **options))


def _work_folder(stage, about):
    """Where finished shards wait: the name holds a hash of all that they depend on."""
    content = json.dumps([about, fingerprint()], sort_keys=True).encode()
    return paths.CHECKPOINTS / f"{stage}-{hashlib.sha256(content).hexdigest()[:24]}"


def _packed(form, key, made):
    name, copy, _ = key
    rows, content = made
    return Part(rows, form.pack(member_name(name, copy), content))


def _finish(folder, old, form, plan):
    """Write one shard and beside it what tells about it: its checksum and its lines of rows.csv. Returns both.

    plan : the shard, and its elements: the key, and the Part or the Place of what was made, one pair each
    """
    shard, elements = plan
    keys = [key for key, part in elements for _ in range(part.count)]
    parts = [
        old.part(part) if isinstance(part, Place) else part for part in runs(part for _, part in elements)
    ]
    content = form.join([part.packed for part in parts])
    values = itertools.chain.from_iterable(part.rows for part in parts)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [shard, row, *key, *value] for row, (key, value) in enumerate(zip(keys, values, strict=True))
    )
    write_bytes(paths.shard_file(folder, shard, form.ending), *content)
    about = {"crc32": crc32(*content), "rows": text.getvalue()}
    write_bytes(paths.shard_file(folder, shard, "json"), json.dumps(about).encode())
    return shard, about


def _finished(folder, shard, form):
    """What tells about a shard that an earlier run finished, None where it did not, or the disk lost it."""
    try:
        about = json.loads(paths.shard_file(folder, shard, "json").read_bytes())
        whole = crc32(paths.shard_file(folder, shard, form.ending).read_bytes()) == about["crc32"]
    except (OSError, ValueError, KeyError):
        return None
    return about if whole else None
