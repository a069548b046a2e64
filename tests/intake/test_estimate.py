"""What a study is estimated to take, by its formula."""

import pytest

from earshot.intake.estimate import EPOCHS_USED, PENALTY, Speed, study_s

SPEED = Speed(start_s=2.0, item_s=0.01, clips=3.0, clip_s={"cnn": 0.001, "linear": 0.0001})
STUDY = {"items": 1000, "training": {2: 100, 10: 700}, "views": ["sound", "shuffled"], "models": ["cnn"]}


@pytest.mark.parametrize(("cores", "runs", "epochs"), [(1, 1, 10), (4, 5, 30)])
def test_the_time_is_that_of_starts_arrays_and_epochs(cores, runs, epochs):
    starts = (12 + 4 * 4 / cores) * 2.0
    trained = 800 * 3 * epochs * EPOCHS_USED * runs * 2 * 0.001 * PENALTY
    seconds = study_s(SPEED, **STUDY, epochs=epochs, runs=runs, cores=cores)
    assert seconds == pytest.approx(starts + 1000 * 0.01 / cores + trained / cores)
