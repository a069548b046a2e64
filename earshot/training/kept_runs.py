"""The runs of a model that are trained, kept where DVC does not delete them before the stage runs again.

A run lies in `.checkpoints/runs/<cell>/<hash>/run_<number>`, the hash of all that the cell's runs depend on: its
weights, those of every epoch where `keep_epochs` asks for them, and `run.json` with its history and a checksum of
each file. The checkpoint of the run in hand lies beside them. More runs then train the new ones alone, and a stage
that was killed before DVC recorded it trains none.

A frozen backbone that all runs share lies in `.checkpoints/backbones`, once for all cells of a model.
"""

import hashlib
import json
import logging
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from earshot.core.io import link_file, remove, write_bytes
from earshot.models.card import BACKBONE, weights_file

WEIGHTS, FACTS = "weights.safetensors", "run.json"
FOLDER, BACKBONES = "runs", "backbones"  # in `.checkpoints`

EpochRow = dict[str, float]  # epoch, lr, and {train, val, test}/{loss, accuracy, macro_f1}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainedRun:
    """What one training came to, beside its weights.

    epoch : the epoch whose weights are kept, from 1
    history : one row an epoch, as `fit` gives them
    parameters : how many numbers the model holds
    """

    epoch: int
    history: list[EpochRow]
    parameters: int


class KeptRuns:
    """The kept runs of one model of the study.

    checkpoints : `.checkpoints`
    cell : the model's name in the study, `10-sound-cnn`
    identity : a hash of all that its runs depend on but for their numbers
    """

    def __init__(self, checkpoints: Path, cell: str, identity: str) -> None:
        self.folder = checkpoints / FOLDER / cell / identity

    def remove_where_asked(self) -> None:
        """Remove them where EARSHOT_AFRESH in the environment asks for it."""
        if os.environ.get("EARSHOT_AFRESH"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def of(self, run: int) -> Path:
        """The folder of one run."""
        return self.folder / f"run_{run}"

    def read(self, run: int) -> TrainedRun | None:
        """A run that is kept, None where there is none. What is damaged is removed, with a warning."""
        folder = self.of(run)
        if not (folder / FACTS).is_file():
            return None
        try:
            digest, _, text = (folder / FACTS).read_bytes().partition(b"\n")
            facts = json.loads(text)
            sums = facts.pop("sha256")
            whole = _sha256(text) == digest.decode()
            if whole and all(_sha256((folder / name).read_bytes()) == sums[name] for name in sums):
                return TrainedRun(**facts)
        except (OSError, ValueError, KeyError, TypeError):
            pass
        log.warning(f"{folder} is damaged and discarded; run {run} is trained again")
        shutil.rmtree(folder)
        return None

    def write(self, run: int, trained: TrainedRun, weights: bytes, *, finished: bool = True) -> None:
        """Keep a run whose epochs, where they are kept too, lie in its folder already.

        weights : as a safetensors file has them
        finished : a run that was interrupted keeps its weights, which `publish` wants, and is not found again
        """
        folder = self.of(run)
        write_bytes(folder / WEIGHTS, weights, sync=True)
        if finished:
            sums = {path.name: _sha256(path.read_bytes()) for path in sorted(folder.glob("*.safetensors"))}
            text = json.dumps(asdict(trained) | {"sha256": sums}).encode()
            write_bytes(folder / FACTS, _sha256(text).encode(), b"\n", text, sync=True)

    def publish(self, run: int, target: Path) -> None:
        """Put a run's weights into the model's folder, and those of every epoch into `run_<number>/` in it."""
        for path in sorted(self.of(run).glob("*.safetensors")):
            name = weights_file(run) if path.name == WEIGHTS else f"run_{run}/{path.name}"
            link_file(path, target / name)

    def forget_others(self) -> None:
        """Remove the model's runs of other settings, data or code."""
        for folder in self.folder.parent.iterdir():
            if folder != self.folder:
                shutil.rmtree(folder)


def publish_backbone(content: bytes, target: Path, *, checkpoints: Path, model: str) -> None:
    """Put the backbone that all runs share into the model's folder.

    content : as a safetensors file has it; nothing where each run has its own
    target : the model's folder
    checkpoints : `.checkpoints`
    model : its name in the zoo

    The folders of all cells link one file. DVC then links all of them to the one in its cache: a file without another
    name it would leave as a copy.
    """
    kept = checkpoints / BACKBONES / f"{model}.safetensors"
    if not content:
        remove(kept)
        return
    if not kept.is_file() or kept.read_bytes() != content:
        write_bytes(kept, content, sync=True)
    link_file(kept, target / BACKBONE)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
