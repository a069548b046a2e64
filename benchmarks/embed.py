"""Sounds through a pretrained model: what `featurize` does for the view `embedding` against the bare runtime in a loop.

    python -m benchmarks.embed MODEL [RATE [FILES]]

MODEL is an ONNX or TFLite file of one input and one output, RATE what it hears at, in Hz. Both sides read the same
made-up WAV files, each as long as the model's window, on one thread of one core, and their runs alternate.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from benchmarks.timing import alternate
from earshot.config.embedding import CompleteEmbedding, Embedding
from earshot.config.features import Features
from earshot.config.inputs import EmbeddingInput
from earshot.core.rng import generator
from earshot.embedding.model_file import sha256_of
from earshot.embedding.settings import resolved
from earshot.features.extract import arrays_of
from earshot.reading.sounds import write_wav

REPEATS = 5


def bare(path: str) -> Callable[[Any], Any]:
    """The model in its own runtime: from a batch of one window to what it gives."""
    if path.endswith(".onnx"):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name
        return lambda window: session.run(None, {name: window})[0]
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(path, num_threads=1)
    interpreter.allocate_tensors()
    (takes,), (gives,) = interpreter.get_input_details(), interpreter.get_output_details()

    def run(window: Any) -> Any:
        interpreter.set_tensor(takes["index"], window)
        interpreter.invoke()
        return interpreter.get_tensor(gives["index"])

    return run


def write_sounds(folder: Path, settings: CompleteEmbedding, files: int) -> list[str]:
    rng, paths = generator(0), []
    for number in range(files):
        path = folder / f"{number}.wav"
        samples = round(settings.window_s * settings.sample_rate)
        path.write_bytes(write_wav(rng.normal(0, 0.1, samples), settings.sample_rate))
        paths.append(str(path))
    return paths


def main(model: str, rate: int | None = None, files: int = 100) -> None:
    sha256 = sha256_of(model)
    settings = resolved(Embedding(model=model, sample_rate=rate), sha256=sha256)
    heard = EmbeddingInput(embedding=settings, sha256=sha256, runtime="", features=Features())
    run = bare(model)
    with tempfile.TemporaryDirectory() as folder:
        paths = write_sounds(Path(folder), settings, files)

        def with_earshot() -> None:
            for path in paths:
                arrays_of(path, name=path, model_input=heard)

        def with_runtime() -> None:
            for path in paths:
                signal, _ = soundfile.read(path, dtype="float32")
                run(np.ascontiguousarray(signal[np.newaxis])).mean(axis=0)

        own_s, bare_s = alternate([with_earshot, with_runtime], REPEATS)
    print(
        f"{Path(model).name}, {files} clips: {1e3 * own_s / files:.2f} ms a clip, the bare runtime "
        f"{1e3 * bare_s / files:.2f}: {own_s / bare_s:.3f} × its time (target 1.1)"
    )


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
