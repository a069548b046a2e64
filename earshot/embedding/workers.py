"""The library that runs a pretrained model, which is to be the same wherever a sound is heard."""

from earshot.config.inputs import EmbeddingInput, ModelInput
from earshot.core.errors import EarshotError
from earshot.embedding.model_file import PretrainedModel, open_model


def as_run_here(model_input: ModelInput) -> ModelInput:
    """The input with the runtime of this process, which whoever works for it is to have.

    Raises EarshotError as `open_model` does.
    """
    if not isinstance(model_input, EmbeddingInput):
        return model_input
    return model_input.model_copy(update={"runtime": _opened(model_input).runtime})


def check_runtime(model_input: ModelInput) -> None:
    """Raise EarshotError where this process would run the pretrained model by another library than is asked for."""
    if (
        isinstance(model_input, EmbeddingInput)
        and (own := _opened(model_input).runtime) != model_input.runtime
    ):
        raise EarshotError(
            f"embedding.model: {model_input.embedding.model} is run by {model_input.runtime}, and a worker of the "
            f"cluster has {own}, which may give other numbers: install the same version there"
        )


def _opened(model_input: EmbeddingInput) -> PretrainedModel:
    about = model_input.embedding
    return open_model(about.model, sha256=model_input.sha256, output=about.output)
