"""A trained model as the bytes of an ONNX file, which onnxruntime answers from as `earshot predict` does."""

import importlib.util
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from earshot.config.inputs import EmbeddingInput, PicturesInput, SoundsInput
from earshot.core.errors import EarshotError
from earshot.export.front_ends import front_end_of
from earshot.export.made_up import made_up_files
from earshot.export.network import Exported
from earshot.export.to_onnx import to_onnx
from earshot.features.extract import arrays_of
from earshot.models.card import ModelCard
from earshot.models.normalization import Normalized
from earshot.training.batches import clips_of
from earshot.training.predict import predict_item

EXTRA = ("onnx", "onnxruntime", "onnxscript")
OUTPUTS = ["probabilities", "window_probabilities"]
LARGEST = 2**31 - 2**24  # bytes of weights: a file of more than 2 GiB cannot be written as one
SAME = 1e-5  # a probability's distance from the one of `earshot predict`


def need_extra() -> None:
    """Raise EarshotError where a library of the extra `onnx` is not installed."""
    missing = [name for name in EXTRA if importlib.util.find_spec(name) is None]
    if missing:
        raise EarshotError(
            f"`earshot export` needs {', '.join(missing)}, which this environment does not have: "
            "`pip install '.[onnx]'` in a clone installs what it needs"
        )


def onnx_bytes(
    models: Sequence[Normalized], card: ModelCard, *, temperature: float, commit: str = ""
) -> bytes:
    """The file of a model, front end and temperature inside.

    models : the runs whose probabilities are averaged, from `saved.load`
    temperature : what the averages are calibrated by
    commit : what the file says that the model comes from

    Raises EarshotError for a model that torch cannot export, or that is too large.
    """
    ears = Path(card.input.embedding.model) if isinstance(card.input, EmbeddingInput) else None
    inside = ears.stat().st_size if ears is not None and ears.exists() else 0
    if 4 * card.parameters * len(models) + inside > LARGEST:
        raise EarshotError(
            f"{len(models)} runs of {card.parameters:,} parameters{f' and {ears}' if inside else ''} are more than the "
            "2 GiB of an ONNX file: export one of them, `--run 1`"
        )
    example = torch.from_numpy(np.stack([made_up_files(card)[0].decoded] * 2))
    if isinstance(card.input, EmbeddingInput):
        from earshot.export.chained import chain  # imports onnx, which `need_extra` asks for

        model = chain(
            card.input, models, example, temperature=temperature, outputs=OUTPUTS, name=card.architecture
        )
    else:
        front_end = front_end_of(card.input, bands=card.input_shape[-2])
        network = Exported(front_end, models, temperature=temperature)
        model = to_onnx(network, front_end.signature, example, outputs=OUTPUTS, name=card.architecture)
    known = metadata(card, runs=len(models), temperature=temperature) | {"commit": commit}
    for key, value in known.items():
        model.metadata_props.add(key=key, value=value)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def metadata(card: ModelCard, *, runs: int, temperature: float) -> dict[str, str]:
    """What the file says of itself, each value as text, `classes` as a list in JSON."""
    known: dict[str, Any] = {
        "classes": json.dumps(card.classes, ensure_ascii=False),
        "architecture": card.architecture,
        "runs": runs,
        "temperature": temperature,
    }
    if isinstance(card.input, PicturesInput):
        size = card.input.sonify
        known |= {"rows": size.rows, "columns": size.columns}
        if card.input.view == "sound":
            known |= {"sample_rate": size.sample_rate}
    elif isinstance(card.input, SoundsInput | EmbeddingInput):
        features = card.input.features
        known |= {"sample_rate": card.input.sample_rate}
        if features.clip_s is not None:
            known |= {"clip_s": features.clip_s, "clip_hop_s": features.clip_hop_s or features.clip_s}
    if isinstance(card.input, EmbeddingInput):
        settings = card.input.embedding
        known |= {"pretrained": Path(settings.model).name, "pretrained_sha256": card.input.sha256}
        known |= {"window_s": settings.window_s, "hop_s": settings.hop_s, "pooling": settings.pooling}
    return {key: str(value) for key, value in known.items()}


def commit_of(folder: Path) -> str:
    """The commit of the Git repository that holds a folder, with `-dirty` where files differ from it; else empty."""
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:  # there is no Git
        return ""


def greatest_difference(
    content: bytes, models: Sequence[Normalized], card: ModelCard, *, temperature: float
) -> float:
    """How far onnxruntime's probabilities lie from those of `earshot predict`, on files that are made up.

    content : what `onnx_bytes` gives for the other arguments

    Returns NaN where either gives no number.
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (entry,) = session.get_inputs()
    differences = []
    for file in made_up_files(card):
        arrays, _ = arrays_of(file.content, name=file.name, model_input=card.input)
        clips = clips_of(arrays, np.zeros(len(arrays)))
        answer = predict_item(models, clips, temperature=temperature, device="cpu")
        output = session.run(OUTPUTS[:1], {entry.name: file.decoded[np.newaxis]})[0][0]
        differences.append(np.nan if answer is None else np.abs(output - answer).max())
    return float(np.max(differences))  # unlike Python's, it keeps a NaN
