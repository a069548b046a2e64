"""Which tables a setting `dataset.labels` means: one, one for each part, or one beside each recording."""

import fnmatch
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from earshot.config.dataset import Part
from earshot.core.errors import EarshotError
from earshot.dataset.files import File
from earshot.dataset.label_files import inside
from earshot.dataset.links import files_below

log = logging.getLogger(__name__)


class Source(NamedTuple):
    """A table of labels.

    part : that its rows are of, where each part has a table
    recording : that its rows are segments of, where it lies beside one
    """

    path: Path
    part: Part | None = None
    recording: File | None = None


def sources_of(
    root: str | Path, labels: str | Mapping[Part, str], files: Sequence[File], *, links: Sequence[str]
) -> list[Source]:
    """The tables that hold a data set's labels.

    labels : a path below the root, one for each part, or a pattern like `*.txt`, for tables named as the recordings
    files : of the data set
    links : folders outside of the root that links may lead to
    """
    if not isinstance(labels, str):
        return [Source(_table_path(root, name, links), part) for part, name in labels.items()]
    if "*" not in labels:
        return [Source(_table_path(root, labels, links))]
    paths = [path for path in files_below(root, named=links)[0] if fnmatch.fnmatch(path.name, labels)]
    by_stem: dict[str, list[File]] = {}
    for file in files:
        by_stem.setdefault(PurePosixPath(file.name).stem, []).append(file)
    pairs = [(path, _recording_of(path.relative_to(root).as_posix(), by_stem)) for path in paths]
    sources = [Source(path, recording=recording) for path, recording in pairs if recording is not None]
    if not sources:
        raise EarshotError(
            f"dataset.labels: {root} holds no {labels} that is called as one of its {len(files)} recordings, as "
            "field1.wav and field1.txt, or field1.Table.1.selections.txt"
        )
    if alone := [path for path, recording in pairs if recording is None]:
        log.warning("%d %s left out that no recording is called as, %s for one", len(alone), labels, alone[0])
    return sources


def _table_path(root: str | Path, name: str, links: Sequence[str]) -> Path:
    try:
        return inside(root, name, links)
    except EarshotError as error:
        raise EarshotError(f"dataset.labels: {error}") from None


def _recording_of(table: str, by_stem: Mapping[str, Sequence[File]]) -> File | None:
    """The file whose name, without its ending, a table's name begins with: in its folder, else the only one anywhere.

    table : its path below the root
    """
    folder, _, name = table.rpartition("/")
    ends = [end for end in range(len(name), 0, -1) if name[end : end + 1] in ("", ".")]
    named = [file for end in ends for file in by_stem.get(name[:end], ())]  # the longest name first
    beside = [file for file in named if file.name.rpartition("/")[0] == folder]
    if beside or len(named) == 1:
        return (beside or named)[0]
    return None
