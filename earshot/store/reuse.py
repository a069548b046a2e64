"""Elements, of which shards are put together, and where those of a stage's previous output lie.

An element is one item's part of a shard, or one variant's. It is the same as before where its id, its copy and its
source are, the source being a hash of what it is made from.
"""

import csv
import io
import itertools
from functools import lru_cache
from typing import NamedTuple

from earshot.core import paths
from earshot.store import dvc_cache
from earshot.store.cores import THREADS, each_on_threads
from earshot.store.formats import crc32

ELEMENT = ["id", "copy", "source"]
WRITTEN = ["shard", "row", *ELEMENT]


class Place(NamedTuple):
    """Where rows of the previous run lie that belong together: an element's, or those of several in a row."""

    shard: int
    row: int  # the first one in the shard
    line: int  # the first one in rows.csv
    count: int


class Part(NamedTuple):
    """What was made of an element."""

    rows: list
    packed: object  # as shards.Form.pack gives it

    @property
    def count(self):
        return len(self.rows)


class Old:
    """The elements of a stage's previous output."""

    def __init__(self, files, *, form, columns, beside):
        self.files, self.form, self.found = files, form, {}
        # a shard moved by one element needs two of the old ones, of which its neighbour needs one
        self.shard = lru_cache(maxsize=THREADS + 1)(self._shard)
        header, *lines = self._table("rows.csv")
        if header != [*WRITTEN, *columns] or any(self._read(name) != beside[name] for name in beside):
            return
        self.checksums = {int(shard): int(checksum) for shard, checksum in self._table("shards.csv")[1:]}
        self.values = [line[len(WRITTEN) :] for line in lines]
        for number, (shard, row, name, copy, source, *_) in enumerate(lines):
            key = name, int(copy), source
            first = self.found.setdefault(key, Place(int(shard), int(row), number, 1))
            if first.line != number:
                self.found[key] = first._replace(count=first.count + 1)

    def places(self, keys, wanted):
        """Where each of the wanted elements lies, None for one that is not there or whose shard is damaged.

        keys : list of (id, copy, source)
        """
        places = [self.found.get(key) if want else None for key, want in zip(keys, wanted, strict=True)]
        shards = sorted({place.shard for place in places if place})
        sound = set(itertools.compress(shards, each_on_threads(self._intact, shards)))
        return [place if place and place.shard in sound else None for place in places]

    def part(self, place):
        """What was made of an element, or of several that follow each other."""
        rows = self.values[place.line : place.line + place.count]
        return Part(rows, self.shard(place.shard)(place.row, place.row + place.count))

    def _intact(self, shard):
        try:
            return crc32(self._file(shard).read_bytes()) == self.checksums[shard]
        except (OSError, KeyError):
            return False

    def _shard(self, shard):
        return self.form.split(self._file(shard).read_bytes())

    def _file(self, shard):
        return self.files[paths.shard_file("", shard, self.form.ending).name].path

    def _table(self, name):
        return list(csv.reader(io.StringIO((self._read(name) or b"").decode()))) or [[]]

    def _read(self, name):
        return dvc_cache.read(self.files[name]) if name in self.files else None


def runs(parts):
    """Parts and Places, with Places that follow each other made one: to copy them at once costs what one costs."""
    merged = []
    for part in parts:
        last = merged[-1] if merged else None
        if (
            isinstance(part, Place)
            and isinstance(last, Place)
            and part[:3] == (last.shard, last.row + last.count, last.line + last.count)
        ):
            merged[-1] = last._replace(count=last.count + part.count)
        else:
            merged.append(part)
    return merged
