"""DVC with a quick way to read YAML, and to write dvc.lock: what `scripts/quick/dvc` runs.

DVC parses all of dvc.lock when it starts, and when a stage has ended once more, to write all of it anew. It does so by
YAML in Python: of the default study's 11,000 lines that takes six seconds of a core a stage, more than most stages
work. Here what was read is kept as JSON, by a hash of the text, and of what is written only the stage's own lines are
made. dvc.lock has the same bytes, and is written whole or not at all. `dvc status` besides looks a path up once, though
a hundred cells depend on it.
"""

import hashlib
import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import dvc.dvcfile
from dvc.cli import main as dvc_main
from dvc.dvcfile import Lockfile
from dvc.output import Output
from dvc.stage.serialize import to_lockfile
from dvc.utils import strictyaml
from dvc.utils.serialize import _yaml, dumps_yaml

from earshot.core.io import write_bytes

KEPT = Path(".dvc/tmp/parsed")  # what each of these held at last, behind a hash of its text
FILES = ("dvc.lock", "dvc.yaml")
WHOLE = re.compile(r"(schema: .*\nstages:\n)((?:  .*\n)*)")
BLOCK = re.compile(r"^  (\S.*):\n(?:   .*\n)*", re.M)  # of one stage

parse_slowly: Callable[..., Any] = _yaml.parse_yaml
dump_slowly: Callable[..., None] = Lockfile.dump_stages
parsed: dict[
    str, str | None
] = {}  # JSON by the hash of a text; None where JSON does not hold all that YAML says


def main() -> None:
    _yaml.parse_yaml = strictyaml.parse_yaml = parse
    Lockfile.dump_stages = dump_stages
    if sys.argv[1:2] == ["status"]:  # a command that changes nothing: what a path holds, it holds to the end
        Output._get_hash_meta = look_up_once(Output._get_hash_meta)
    sys.exit(dvc_main(sys.argv[1:]))


def look_up_once(look_up: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """DVC's own way to hash the path of an output or a dependency, of each path the first time alone."""
    known: dict[tuple[Any, ...], Any] = {}

    def hash_of_path(output: Any) -> Any:
        key = (output.fs.protocol, output.fs_path, output.hash_name)
        if key not in known:
            known[key] = look_up(output)
        return known[key]

    return hash_of_path


def parse(text: str, path: Any, typ: str = "safe") -> Any:
    """What a text of YAML holds, as DVC's own `parse_yaml` gives it.

    typ : "rt" asks for comments besides, and is left to DVC
    """
    if typ != "safe":
        return parse_slowly(text, path, typ)
    file, name = Path(path).name, hash_of(text)
    if name not in parsed:
        parsed[name] = read_kept(file, name)
    if content := parsed[name]:
        return json.loads(content)
    content = parse_slowly(text, path)
    parsed[name] = as_json(content)
    keep(file, name)
    return content


def dump_stages(lockfile: Any, stages: Sequence[Any], **options: Any) -> None:
    """Write stages into dvc.lock, in place of DVC's own `Lockfile.dump_stages`.

    A file that is not laid out as DVC lays it out, as after a merge by hand, is left to DVC.
    """
    path = Path(lockfile.path)
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    whole = WHOLE.fullmatch(text)
    blocks = {match[1]: match[0] for match in BLOCK.finditer(whole[2])} if whole else {}
    content = parse(text, path) if whole else {}
    if not whole or "".join(blocks.values()) != whole[2] or list(blocks) != list(content["stages"]):
        dump_slowly(lockfile, stages, **options)
        return
    for stage in stages:
        alone = dumps_yaml({"stages": to_lockfile(stage, **options)})
        blocks[stage.name] = alone.removeprefix("stages:\n")
        content["stages"] |= parse_slowly(alone, path)["stages"]
    written = whole[1] + "".join(blocks.values())
    if written == text:
        return
    dvc.dvcfile.logger.info("Updating lock file '%s'", lockfile.relpath)
    write_bytes(path, written.encode())
    parsed[hash_of(written)] = as_json(content)
    keep(path.name, hash_of(written))
    lockfile.repo.scm_context.track_file(lockfile.relpath)


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def as_json(content: Any) -> str | None:
    """The content as JSON; None where JSON would give back something else, as of dates."""
    try:
        text = json.dumps(content)
    except (TypeError, ValueError):
        return None
    return text if json.loads(text) == content else None


def keep(file: str, name: str) -> None:
    """Keep what a text held for the next process."""
    if file in FILES and (content := parsed[name]):
        write_bytes(KEPT / f"{file}.json", f"{name}\n{content}".encode())


def read_kept(file: str, name: str) -> str | None:
    """What an earlier process has kept of this text; None where it was another one, or nothing."""
    if file not in FILES:
        return None
    try:
        kept, _, content = (KEPT / f"{file}.json").read_text(encoding="utf-8").partition("\n")
    except OSError:
        return None
    return content if kept == name else None


if __name__ == "__main__":
    main()
