"""Files that Git tracks as a revision has them, or as they lie in the workspace; DVC's remotes of today."""

import configparser
import contextlib
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from earshot.config.unfit import UNFIT
from earshot.core import paths
from earshot.core.errors import EarshotError

WORKSPACE = "workspace"
_ANSWERS = re.compile(r"[0-9]+/[a-z]+/[A-Za-z][A-Za-z0-9_]*\.csv")  # subset, view, model
Key = tuple[int, str, str]  # subset, view, model


class Revision:
    """One side of a comparison: what Git has of it, without DVC's cache or a remote.

    name : as it was asked for
    commit : the full hash; None for the workspace, whose files are read as they lie there
    """

    def __init__(self, name: str, commit: str | None) -> None:
        self.name, self.commit = name, commit

    def answers(self) -> dict[Key, bytes]:
        """The files of answers of the models that this revision has scored, by (subset, view, model)."""
        contents = {
            key: self._read(path) for path in self._files(paths.ANSWERS) if (key := _model(path)) is not None
        }
        return {key: content for key, content in contents.items() if content != UNFIT}

    def has_metrics(self) -> bool:
        return any(path.suffix == ".json" for path in self._files(paths.METRICS))

    def _files(self, folder: Path) -> list[Path]:
        if self.commit is None:
            return sorted(path for path in folder.rglob("*") if path.is_file())
        listed = _git("ls-tree", "-r", "-z", "--name-only", self.commit, "--", f"{folder}/").stdout
        return sorted(Path(name) for name in listed.split("\0") if name)

    def _read(self, path: Path) -> bytes:
        if self.commit is None:
            return path.read_bytes()
        command = ["git", "show", f"{self.commit}:./{path.as_posix()}"]
        return subprocess.run(command, capture_output=True, check=True).stdout


def _model(path: Path) -> Key | None:
    """Which model's answers a file holds; None of what else lies there."""
    parts = path.relative_to(paths.ANSWERS).parts
    if not _ANSWERS.fullmatch("/".join(parts)):
        return None
    return int(parts[0]), parts[1], path.stem


def open_revision(name: str | None = None) -> Revision:
    """The revision of that name, or the workspace; EarshotError says how to name one that exists.

    name : a branch, a tag or a commit
    """
    if _git("rev-parse", "--git-dir").returncode:
        raise EarshotError(
            "This is no Git repository, so it has no revisions: run it in a clone of the study"
        )
    if not Path(".dvc").is_dir():
        raise EarshotError("This folder is no DVC project (.dvc is missing): run it in the root of the study")
    return Revision(WORKSPACE, None) if name is None else Revision(name, commit_of(name))


def commit_of(name: str) -> str:
    """The full hash of the commit that a name stands for."""
    if name.startswith("-"):
        raise EarshotError(
            f"{name!r} looks like an option; name a branch, a tag or a commit, as in: diff main"
        )
    if commit := _commit(name):
        return commit
    if _git("rev-parse", "--is-shallow-repository").stdout.strip() == "true":
        raise EarshotError(
            f"{name} is not in this clone, which is shallow: `git fetch --unshallow origin` gets the history; "
            "in a GitHub workflow, set `fetch-depth: 0` for actions/checkout"
        )
    problem = f"{name} is no commit in this repository"
    if _commit(f"origin/{name}"):
        raise EarshotError(f"{problem}; did you mean origin/{name}?")
    raise EarshotError(f"{problem}; `git branch --all` and `git tag` list names, `git fetch` gets new ones")


def _commit(name: str) -> str:
    return _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").stdout.strip()


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)


@contextlib.contextmanager
def todays_remotes() -> Iterator[dict[str, str]]:
    """Variables under which DVC's commands ask the remotes of today for the files of any revision.

    DVC takes each revision's remotes from that revision; they may have moved since, or come later.
    """
    from dvc.config import Config

    config = dict(Config.from_cwd())
    ini = configparser.ConfigParser(interpolation=None)
    if default := config["core"].get("remote"):
        ini["core"] = {"remote": default}
    for name, remote in config["remote"].items():
        ini[f"'remote \"{name}\"'"] = {key: str(value) for key, value in remote.items()}
    with tempfile.TemporaryDirectory() as folder:  # for this user alone: remotes may name keys
        with (Path(folder) / "config").open("w", encoding="utf-8") as file:
            ini.write(file)
        yield {"DVC_SYSTEM_CONFIG_DIR": folder}
