"""What each view hears through: of a pretrained model the block `embedding` and the hash of its file.

The stage `check` writes it, a file a view, and `featurize` reads its own: another model, or another setting of it,
makes the arrays of the view `embedding` again and no others.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from earshot.config.base import View
from earshot.config.embedding import Embedding
from earshot.config.inputs import EmbeddingInput, ModelInput
from earshot.config.views import is_embedded
from earshot.core import cluster, paths
from earshot.core.errors import EarshotError
from earshot.core.io import read_json
from earshot.embedding.model_file import open_model, sha256_of
from earshot.embedding.settings import resolved, try_out


def views_of(settings: Embedding, views: Sequence[View]) -> dict[View, dict[str, Any]]:
    """What the file of each view of a study holds: nothing, or `embedding` and `sha256`.

    Raises EarshotError for a model that cannot be used, or lies where no stage depends on it.
    """
    embedded = [view for view in views if is_embedded(view, views)]
    content: dict[str, Any] = {}
    if embedded:
        assert settings.model is not None
        if not _is_weight(settings.model):
            raise EarshotError(
                f"embedding.model: {settings.model} does not lie in {paths.WEIGHTS}/; put it there, so that another "
                "content of the file makes the arrays again"
            )
        sha256 = sha256_of(settings.model)
        try_out(resolved(settings, sha256=sha256), sha256=sha256)
        content = {"embedding": settings.model_dump(), "sha256": sha256}
    return {view: content if view in embedded else {} for view in views}


def read_view(view: View) -> EmbeddingInput | None:
    """What a view hears through, completed from the model's file; None where it is no pretrained model.

    The features or the settings of sonified pictures are left to whoever knows the data set.
    """
    path = paths.pretrained_view(view)
    if view != "embedding" and not path.is_file():  # by hand, without the stage check
        return None
    content = read_json(path)
    if not content:
        return None
    settings = Embedding.model_validate(content["embedding"])
    complete = resolved(settings, sha256=content["sha256"])
    model = open_model(complete.model, sha256=content["sha256"], output=complete.output)
    return EmbeddingInput(embedding=complete, sha256=content["sha256"], runtime=model.runtime)


def stays_here(model_input: ModelInput) -> bool:
    """Whether only this machine can hear: workers that do not share this folder do not have the model's file."""
    return isinstance(model_input, EmbeddingInput) and not cluster.sees_this_folder()


def _is_weight(path: str) -> bool:
    return Path(path).parent.resolve().is_relative_to(paths.WEIGHTS.resolve())
