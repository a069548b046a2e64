"""Tables of segments as Raven and Audacity write them, as the rows of a table of labels.

Raven's selection tables have a header, with a row for each selection and view. Audacity's label tracks have none:
start, end and label in each line, and below it a line that begins with a backslash where the label has frequencies.
"""

from collections.abc import Mapping
from pathlib import Path, PureWindowsPath

from earshot.config.dataset import Column
from earshot.dataset.label_columns import own_columns
from earshot.dataset.label_table import KEPT, Table, lines_of, read_table, text_of

BEGIN, END, OFFSET = "begin time (s)", "end time (s)", "file offset (s)"
# Columns that hold the classes, the likeliest first; which ones there are is up to who made the selections.
LABELS = (
    "annotation",
    "annotations",
    "label",
    "class",
    "species",
    "common name",
    "species code",
    "call type",
    "tags",
)


def program_of(path: Path) -> str | None:
    """The program that wrote a table of segments, "Raven" or "Audacity"; None for any other table."""
    text = path.read_bytes()[:4096].decode("utf-8-sig", errors="replace")
    first = text.partition("\n")[0].rstrip("\r").split("\t")
    if {BEGIN, END} <= {name.strip().lower() for name in first}:
        return "Raven"
    return "Audacity" if len(first) in (2, 3) and _is_number(first[0]) and _is_number(first[1]) else None


def read_segments(path: Path, *, columns: Mapping[Column, str | None] | None = None) -> Table:
    """A table of labels of any program: a selection table, a label track, or what `read_table` takes.

    columns : as `read_table` takes them
    """
    program = program_of(path)
    if program == "Audacity":
        return _label_track(path)
    return _selections(path, columns or {}) if program == "Raven" else read_table(path, columns=columns)


def _label_track(path: Path) -> Table:
    rows, problems = [], []
    for number, line in enumerate(text_of(path).splitlines(), start=1):
        if not line.strip() or line.startswith("\\"):
            continue
        start, end, label = (*line.split("\t", 2), "", "")[:3]
        if start == end:
            problems.append(
                f"line {number}: a label at one moment, {start} s; give it a length, or remove it"
            )
        rows.append((number, [start.strip(), end.strip(), label.strip()]))
    return Table(["start_s", "end_s", "label"], rows, problems)


def _selections(path: Path, columns: Mapping[Column, str | None]) -> Table:
    """The first row of each selection; of a table over several files, from the start of its own file on."""
    (_, names), *lines = lines_of(path)
    given = [name.lower() for name in names]
    label = columns.get("label") or next((name for name in LABELS if name in given), None)
    if label is None or label.lower() not in given:
        asked = f"no column {label}" if label else f"none of the columns {', '.join(LABELS)}"
        return Table([], [], [f"{asked}; dataset.columns: {{label: NAME}} says which of {', '.join(names)}"])
    known: dict[Column, str | None] = {"path": None, "start_s": BEGIN, "end_s": END}
    own = own_columns(given, columns={**known, **columns, "label": label})
    others = [place for place in range(len(given)) if place not in own.values()]
    file = next((given.index(name) for name in ("begin file", "begin path") if name in given), None)
    file = None if "path" in own else file
    for _, line in lines:
        line += [""] * (len(given) - len(line))
    if file is not None and OFFSET not in given and len({line[file] for _, line in lines}) > 1:
        problem = (
            f"{names[file]} names several files, and without the column File Offset (s) it is not told where in each "
            "of them a selection begins; export it too, or, if the times are each file's own, say so: "
            f"dataset.columns: {{path: {names[file]}}}"
        )
        return Table([], [], [problem])
    header = [*own, *(["path"] if file is not None else []), *(KEPT + given[place] for place in others)]
    rows: list[tuple[int, list[str]]] = []
    seen: set[tuple[str, ...]] = set()
    for number, line in lines:
        values = dict(zip(given, line, strict=False))
        begin, end, offset = values[BEGIN], values[END], values.get(OFFSET, "")
        if file is not None and all(map(_is_number, (begin, end, offset))):
            last = repr(round(float(offset) + float(end) - float(begin), 9))
            for name, moment in (("start_s", offset), ("end_s", last)):
                if name in own:
                    line[own[name]] = moment
        in_file = [] if file is None else [PureWindowsPath(line[file]).name]
        read = [line[place] for place in own.values()] + in_file
        # Tables that were joined count from 1 again: the same number is the same selection where all that is read is.
        selection = (values.get("selection") or str(number), *read)
        if selection in seen:
            continue  # the same in another view
        seen.add(selection)
        rows.append((number, read + [line[n] for n in others]))
    return Table(header, rows, [])


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
