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
    raise no_model(folder, "is no trained model")


def no_model(folder: str | Path, fault: str) -> EarshotError:
    """The error for a folder without a model: how it comes here, or the models that are there.

    fault : what is wrong with the folder, the words after its name
    """
    path = Path(folder)
    lock = LOCK.read_text(encoding="utf-8") if LOCK.is_file() else ""
    if f"path: {path.as_posix()}\n" in lock:
        return EarshotError(f"{folder} is not here: `dvc pull {folder}` fetches it, `make repro` trains it")
    models = next((place for place in (path, *path.parents) if place.name == "models"), Path("models"))
    there = models_below(models)
    if there:
        return list_problems(f"{folder} {fault}. Those that are there:", there)
    holds_none = "" if models == path else f", and {models} holds none"
    return EarshotError(
        f"{folder} {fault}{holds_none}: `make repro` trains them, `dvc pull` fetches those that a colleague has pushed"
    )


def models_below(folder: Path) -> list[str]:
    """The folders of trained models below a folder, or itself, in natural order."""
    return sorted((card.parent.as_posix() for card in folder.rglob(CARD)), key=natural_key)
