"""How much a model can make of what it is given, in bits."""

import math

import pandas as pd

from earshot.evaluation.metrics import log_loss
from earshot.evaluation.predictions import checked

DECIMALS = 10


def label_entropy(labels: pd.Series) -> float:
    """H(Y) of a Series of labels, in bits, from their shares."""
    shares = labels.value_counts(normalize=True, sort=False)
    return float(sum(-share * math.log2(share) for share in sorted(shares)))


def usable_information(predictions: pd.DataFrame) -> float:
    """Bits about the label that the model gets out of its input: H(Y) minus its cross-entropy.

    predictions : table, `run,id,label,predicted` and one column of probabilities a class; the mean over runs

    Xu et al. (2020), "A theory of usable information under computational constraints": unlike mutual
    information it can grow or shrink on the way from picture to sound, as what counts is what this kind of
    model can use. Below 0 where a model is so sure of wrong answers that guessing by class shares would do
    better.
    """
    table = checked(predictions)
    # rounded here: of the small difference of two large numbers, ten digits would hold the processor's last bits
    return round(label_entropy(table["label"]) - log_loss(table) / math.log(2), DECIMALS)


def information_ratio(sound_bits: float, picture_bits: float) -> float:
    """The part of the picture's usable bits that the sound still gives; NaN where the picture gives none."""
    return sound_bits / picture_bits if picture_bits > 0 else math.nan
