"""How many of the epochs that it may have a training takes."""

EPOCHS_USED = 0.7  # most trainings that may stop early do


def expected_epochs(epochs: int, patience: int) -> float:
    """patience : after how many epochs without a better one training stops; 0 for never"""
    return epochs * (EPOCHS_USED if patience else 1.0)
