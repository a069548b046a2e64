"""Whether a folder is a trained model's, and which ones are there where it is not."""

from pathlib import Path

from earshot.config.unfit import MARK
from earshot.core.errors import EarshotError, list_problems
from earshot.core.kept_lock import LOCK
from earshot.core.ordering import natural_key
from earshot.models.card import CARD


def check_model_folder(folder: str | Path) -> None:
    """Raise EarshotError where a folder holds no model: it lists those that are there.

    folder : as the user names it, `models/<number of classes>/<view>/<model>`
    """
    path = Path(folder)
    if (path / CARD).exists() or (path / MARK).exists():
        return
    lock = LOCK.read_text(encoding="utf-8") if LOCK.is_file() else ""
    if f"path: {path.as_posix()}\n" in lock:
        raise EarshotError(f"{folder} is not here: `dvc pull {folder}` fetches it, `make repro` trains it")
    models = next((parent for parent in path.parents if parent.name == "models"), Path("models"))
    there = sorted((card.parent.as_posix() for card in models.glob(f"*/*/*/{CARD}")), key=natural_key)
    if not there:
        raise EarshotError(
            f"{folder} is no trained model, and {models} holds none: `make repro` trains them, `dvc pull` fetches "
            "those that a colleague has pushed"
        )
    raise list_problems(f"{folder} is no trained model. Those that are there:", there)
