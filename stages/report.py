"""Write all that the study found as one page that opens from disk."""

from typing import Any

from earshot.config.augment import Augment
from earshot.config.balance import Balance
from earshot.config.base import Models, Natural, Subsets, Views
from earshot.config.cv import CrossValidation
from earshot.config.dataset import Dataset
from earshot.config.features import Features
from earshot.config.gradcam import GradCam
from earshot.config.load import StageParams
from earshot.config.sonify import Sonify
from earshot.config.split import Split
from earshot.config.train import TopLevel, TrainBlock
from earshot.core import paths
from earshot.core.io import write_bytes
from earshot.core.process import run_stage
from earshot.report.gather import gather
from earshot.report.render import render


class Params(TopLevel, StageParams):
    seed: Natural
    subsets: Subsets
    views: Views
    models: Models
    dataset: Dataset
    balance: Balance
    split: Split
    sonify: Sonify
    features: Features
    augment: Augment
    train: TrainBlock
    zoo: dict[str, Any]
    gradcam: GradCam
    cv: CrossValidation


def main():
    params = Params.read()
    page = render(gather(params)).encode()
    write_bytes(paths.REPORT, page)
    print(f"{paths.REPORT}: {len(page) / 1e6:.1f} MB")


if __name__ == "__main__":
    run_stage(main)
