"""What a stage's previous run left: DVC removes the outputs, and its cache still holds what dvc.lock names.

It counts where the params and the code that dvc.lock names are as they were. What each item was made from is told
by the output itself.
"""

import configparser
import hashlib
import json
import os
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML

from earshot.config.load import load
from earshot.core import paths

CODE = ("earshot/", "stages/", "requirements.txt")
IGNORED = frozenset({"__pycache__"})  # as .dvcignore says


class Kept(NamedTuple):
    """A file in DVC's cache, and the MD5 that it has there if nothing has happened to it."""

    path: Path
    md5: str


def output(stage, folder):
    """The files of a stage's previous output, as far as they may be used again.

    stage : str, its name in dvc.lock, `featurize@sound`
    folder : path, one of its outputs

    Returns {name in the folder: Kept}: empty where there was no run, where its params or its code were others, and
    where EARSHOT_AFRESH is set.
    """
    entry = {} if os.environ.get("EARSHOT_AFRESH") else _locked(stage)
    found = [out for out in entry.get("outs", []) if out["path"] == Path(folder).as_posix()]
    if not found or not _as_before(entry):
        return {}
    listing = read(_kept(found[0]["md5"]))
    if listing is None:
        return {}
    return {file["relpath"]: _kept(file["md5"]) for file in json.loads(listing)}


def read(kept):
    """The bytes of a kept file, None where it is gone or damaged."""
    try:
        content = kept.path.read_bytes()
    except OSError:
        return None
    return content if hashlib.md5(content, usedforsecurity=False).hexdigest() == kept.md5 else None


def _locked(stage):
    """The entry of one stage in dvc.lock, {} where it has none. Parsing all of the file takes a second."""
    if not paths.LOCK.is_file():
        return {}
    lines = paths.LOCK.read_text(encoding="utf-8").splitlines()
    if f"  {stage}:" not in lines:
        return {}
    first = lines.index(f"  {stage}:")
    inside = range(first + 1, len(lines))
    last = next((number for number in inside if not lines[number].startswith("   ")), len(lines))
    return YAML(typ="safe", pure=True).load("\n".join(lines[first:last]))[stage]


def _as_before(entry):
    """Whether the params and the code of a locked run are those of today."""
    locked = entry.get("params", {}).get(paths.PARAMS.name, {})
    params = load()
    if any(_value(params, key) != value for key, value in locked.items()):
        return False
    return all(
        _hash(Path(dep["path"])) == dep["md5"] for dep in entry["deps"] if dep["path"].startswith(CODE)
    )


def _value(params, key):
    for part in key.split("."):
        params = params.get(part) if isinstance(params, dict) else None
    return params


def _hash(path):
    """The MD5 of a file, or of a folder's listing, as DVC has it in dvc.lock."""
    if path.is_file():
        return _md5_of(path.read_bytes())
    files = [
        {"md5": _md5_of(file.read_bytes()), "relpath": file.relative_to(path).as_posix()}
        for file in path.rglob("*")
        if file.is_file() and not IGNORED & set(file.parts) and file.suffix != ".pyc"
    ]
    listing = sorted(files, key=itemgetter("relpath"))
    return _md5_of(json.dumps(listing, sort_keys=True).encode()) + ".dir"


def _md5_of(content):
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _kept(md5):
    return Kept(_cache() / md5[:2] / md5[2:], md5.removesuffix(".dir"))


def _cache():
    """DVC's cache: `.dvc/cache`, or where its settings put it. Asking DVC itself takes half a second."""
    settings = configparser.ConfigParser(interpolation=None, strict=False)
    home = Path(os.environ.get("XDG_CONFIG_HOME", "~/.config")).expanduser()
    settings.read([home / "dvc/config", ".dvc/config", ".dvc/config.local"], encoding="utf-8")
    folder = settings.get("cache", "dir", fallback="cache")
    return Path(".dvc") / Path(folder).expanduser() / "files" / "md5"
