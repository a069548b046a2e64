"""A trained model, and what it answers."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.api.folders import check_model_folder
from earshot.api.sounds import Sound, reconstructed, sonified
from earshot.config.inputs import PicturesInput, is_heard
from earshot.config.sonify import Sonify
from earshot.core.errors import EarshotError
from earshot.detection.events import THRESHOLD, thresholds_of
from earshot.detection.results import Results
from earshot.detection.windows import Scores, grid_of, scores_of
from earshot.features.extract import arrays_of, check_shape
from earshot.models import saved
from earshot.training.batches import clips_of
from earshot.training.predict import predict_item


@dataclass(frozen=True)
class Answer:
    """What a model takes a file for.

    label : the likeliest class
    probability : of it, calibrated
    probabilities : of each class
    """

    label: str
    probability: float
    probabilities: dict[str, float]


class Model:
    """A trained model with all its runs, as `earshot.load` gives it.

    card : what is known of it, as `model.json` holds it
    classes : in the order of its probabilities
    runs : the network of each of its runs, which takes arrays of `spectrogram`
    """

    def __init__(self, folder: str | Path) -> None:
        check_model_folder(folder)
        self.runs, self.card, _, self._temperature = saved.load_runs(folder)
        self.classes = self.card.classes
        self._folder = str(folder)

    def __repr__(self) -> str:
        runs = f"{len(self.runs)} run{'s' if len(self.runs) > 1 else ''}"
        return f"<{self.card.architecture} of {len(self.classes)} classes, {runs}, from {self._folder}>"

    def predict(self, source: str | Path | Sound) -> Answer:
        """What the model takes a file for: what `earshot predict` answers. Of a long sound it is the mean over clips.

        source : what the model was trained on, a sound, a picture or a ready spectrogram; of pictures their sounds too
        """
        return self.answer(self.spectrogram(source))

    def answer(self, arrays: NDArray[np.float32]) -> Answer:
        """What the model takes arrays for that `spectrogram` gave, shape (clips, bands, frames)."""
        probabilities = predict_item(
            self.runs, clips_of(arrays, np.zeros(len(arrays))), temperature=self._temperature
        )
        if probabilities is None:
            raise EarshotError("the model's numbers overflow, and it gives no probabilities")
        best = int(probabilities.argmax())
        return Answer(
            self.classes[best],
            float(probabilities[best]),
            dict(zip(self.classes, map(float, probabilities), strict=True)),
        )

    def spectrogram(self, source: str | Path | Sound) -> NDArray[np.float32]:
        """The arrays that the model sees of a source, one for each clip, shape (clips, bands, frames), of models in
        colour (clips, 3, bands, frames).
        """
        name = "the sound" if isinstance(source, Sound) else str(source)
        content = source.wav() if isinstance(source, Sound) else source
        if isinstance(source, Sound) and not is_heard(self.card.input):
            raise EarshotError(
                f"{self._folder} takes {self.card.input.kind}, and no sound. Give it the file itself."
            )
        arrays = arrays_of(content, name=name, model_input=self.card.input)[0]
        check_shape(arrays, self.card.input_shape, name=name)
        return arrays

    def sonify(self, picture: str | Path | NDArray[Any]) -> Sound:
        """A picture as the sound that this model hears: `earshot.sonify` with the settings of its study."""
        return sonified(picture, settings=self._sonify())

    def reconstruct(self, sound: Sound | str | Path) -> NDArray[np.float32]:
        """The picture that a sound gives back, which is what the model sees, shape (rows, columns)."""
        return reconstructed(sound, settings=self._sonify())

    def windows(self, recording: str | Path, *, hop_s: float | None = None) -> pd.DataFrame:
        """A row for each window of a recording of any length: `start_s,end_s,label,probability` and each class.

        hop_s : seconds from one window's start to the next one's; None takes the training clips'
        """
        return self._table(recording, hop_s=hop_s, events=False)

    def events(
        self,
        recording: str | Path,
        *,
        threshold: float | Mapping[str, float] = THRESHOLD,
        merge_gap_s: float = 0.0,
        hop_s: float | None = None,
    ) -> pd.DataFrame:
        """A row for each stretch in which a class is heard: `start_s,end_s,label,score,windows`.

        threshold : the probability from which on a window counts; a dict of those of single classes, others have 0.5
        merge_gap_s : between two windows of a class that are one event all the same
        """
        return self._table(recording, hop_s=hop_s, events=True, threshold=threshold, merge_gap_s=merge_gap_s)

    def _table(
        self,
        recording: str | Path,
        *,
        hop_s: float | None,
        events: bool,
        threshold: float | Mapping[str, float] = THRESHOLD,
        merge_gap_s: float = 0.0,
    ) -> pd.DataFrame:
        grid = grid_of(self.card, hop_s=hop_s)
        if not 0 <= merge_gap_s < math.inf:
            raise EarshotError(f"merge_gap_s: {merge_gap_s}: expected seconds, 0 or more")
        common, own = (THRESHOLD, threshold) if isinstance(threshold, Mapping) else (threshold, None)
        results = Results(
            self.classes,
            grid,
            events=events,
            thresholds=thresholds_of(self.classes, common=common, own=own, reject=self.card.reject),
            merge_gap=round(merge_gap_s * grid.sample_rate),
            top=None,
        )
        scores: Iterator[Scores] = scores_of(
            self.runs, self.card, recording, grid=grid, temperature=self._temperature
        )
        columns = [column for column in results.columns if column != "path"]
        return pd.DataFrame(results.rows(str(recording), scores), columns=columns)

    def _sonify(self) -> Sonify:
        model_input = self.card.input
        if not isinstance(model_input, PicturesInput) or model_input.view != "sound":
            seen = "pictures as they are" if isinstance(model_input, PicturesInput) else model_input.kind
            raise EarshotError(
                f"{self._folder} was trained on {seen}: earshot.sonify takes settings of your own"
            )
        return model_input.sonify


def load(folder: str | Path) -> Model:
    """A trained model.

    folder : that the stage train wrote, `models/<subset>/<view>/<model>`
    """
    return Model(folder)
