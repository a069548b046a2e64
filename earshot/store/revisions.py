"""Files as a Git revision has them, or the workspace: from Git, from DVC's cache, from its remote."""

import configparser
import contextlib
import hashlib
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from earshot.core import paths
from earshot.core.errors import EarshotError, first_line

WORKSPACE = "workspace"


class Missing(EarshotError):
    """A file that a revision names and that cannot be had here."""


class Revision:
    """One side of a comparison.

    name : as it was asked for
    commit : the full hash; None for the workspace, whose files are read as they lie there
    """

    def __init__(self, name: str, commit: str | None) -> None:
        from dvc.api import DVCFileSystem  # a quarter of a second that other commands need not wait for
        from dvc.config import Config

        self.name, self.commit = name, commit
        # The remotes are today's: those of an old revision may have moved since, or come later.
        self.files = DVCFileSystem(rev=commit, config=dict(Config.from_cwd()))

    def read(self, path: str | Path) -> bytes:
        """The bytes of a file, from the workspace, the cache or the remote; raises Missing."""
        content: bytes = self._had(path, self.files.read_bytes)
        return content

    def predictions(self) -> dict[tuple[int, str, str], str]:
        """{(subset, view, model): MD5 of its predictions} of the models that this revision has scored."""
        hashes = {}
        folder = paths.PREDICTIONS
        outputs = (
            self.files.find(str(folder), detail=True, dvc_only=True) if self.files.exists(str(folder)) else {}
        )
        for path, entry in sorted(outputs.items()):
            if md5 := self._md5(path, entry):
                subset, view, name = Path(path).relative_to(folder).parts
                hashes[int(subset), view, Path(name).stem] = md5
        return hashes

    def has_metrics(self) -> bool:
        if self.commit is None:
            return any(paths.METRICS.rglob("*.json"))
        return bool(_git("ls-tree", "-r", "--name-only", self.commit, "--", f"{paths.METRICS}/").stdout)

    def _had(self, path: str | Path, read: Callable[[str], Any]) -> Any:
        try:
            return read(str(path))
        except FileNotFoundError:
            raise Missing(f"{self.name}: {path} is neither in the cache nor on a remote") from None
        except Exception as error:  # each kind of remote has errors of its own: no credentials, no network
            raise Missing(f"{self.name}: {path} cannot be had: {first_line(error)}") from None

    def _md5(self, path: str, entry: dict[str, Any]) -> str | None:
        """None for an output that the pipeline names and nobody has made."""
        if self.commit is None and Path(path).is_file():  # which may be newer than dvc.lock
            return hashlib.md5(Path(path).read_bytes()).hexdigest()
        return entry.get("md5")


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
