"""What was studied: the data and what was made of them, as rows of a name and a text."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from earshot.config.inputs import EmbeddingInput, ModelInput, PicturesInput, SoundsInput, read_input
from earshot.config.study import StudySettings
from earshot.core import paths
from earshot.core.classes import reject_classes, subset_classes
from earshot.core.io import read_json
from earshot.evaluation.wording import listed
from earshot.report.wording import count, decimal, plural, share
from earshot.sonification.sonify import geometry

PARTS = ("train", "val", "test")
THINGS = {"pictures": "picture", "sounds": "recording", "spectrograms": "spectrogram"}


def title(params: StudySettings, items: pd.DataFrame) -> tuple[str, str]:
    """A name for the study, of the data set's folder, and one sentence on it.

    items : data/balanced.csv
    """
    dataset = params.dataset
    things = plural(len(items), THINGS[dataset.kind])
    seen = {
        "pictures": "turned into sound",
        "sounds": "as spectrograms",
        "spectrograms": "as they are",
    }[dataset.kind]
    classes = f"{listed([str(subset) for subset in params.subsets])} classes"
    if rejecting := _rejecting(items["label"], params):
        classes += f" and {listed(rejecting)}"
    return (
        Path(dataset.path).resolve().name,
        f"{things} {seen}, told apart by {listed(params.models)} over {classes}.",
    )


def facts(params: StudySettings, model_input: ModelInput, items: pd.DataFrame) -> list[tuple[str, str]]:
    """What was studied, as (name, text).

    model_input : what the models read; of sonified pictures, as those of the view `sound` do
    items : data/balanced.csv
    """
    index, split = read_json(paths.EDA), read_json(paths.SPLIT_METRICS)
    kind = params.dataset.kind
    return [
        ("Items", _items(index, items, kind, params)),
        ("Classes", _classes(items, params)),
        ("Groups", _groups(items, split)),
        ("Parts", _parts(split)),
        ("Duplicates", _duplicates(split)),
        *_about_sounds(index, model_input),
        *_pretrained(params),
    ]


def class_counts(params: StudySettings, split: pd.DataFrame) -> list[dict[str, Any]]:
    """`label` and how many items of it lie in each part, one dict a class in class order.

    split : data/split.csv
    """
    counts = split.groupby(["label", "split"]).size()
    return [
        {"label": label, **{part: int(counts.get((label, part), 0)) for part in PARTS}}
        for label in _classes_of(split["label"], params)
    ]


def _classes_of(labels: pd.Series, params: StudySettings) -> list[str]:
    """The study's classes in the order that labels are counted by."""
    dataset = params.dataset
    return subset_classes(labels, subset=max(params.subsets), classes=dataset.classes, reject=dataset.reject)


def _rejecting(labels: pd.Series, params: StudySettings) -> list[str]:
    return reject_classes(labels, classes=params.dataset.classes, reject=params.dataset.reject)


def _about_sounds(index: Mapping[str, Any], model_input: ModelInput) -> Iterator[tuple[str, str]]:
    if isinstance(model_input, PicturesInput):
        return _sonified(model_input)
    if isinstance(model_input, SoundsInput):
        return _recordings(index, model_input)
    features = model_input.features
    return iter([("Spectrograms", f"{features.bands} bands × {features.frames} frames.")])


def _items(index: Mapping[str, Any], items: pd.DataFrame, kind: str, params: StudySettings) -> str:
    number = plural(len(items), THINGS[kind])
    left = index["items"] - len(items)
    if not left:
        return f"{number}, all that the data set has."
    reasons = ["of classes that are not studied"] if index["classes"] > items["label"].nunique() else []
    if params.balance.method == "downsample":
        reasons.append("to have as many of every class")
    return f"{number} of {count(index['items'])}; {count(left)} are left out, {' or '.join(reasons)}."


def _classes(items: pd.DataFrame, params: StudySettings) -> str:
    order, rejecting = _classes_of(items["label"], params), _rejecting(items["label"], params)
    sizes = items["label"].value_counts()
    low, high = sizes.min(), sizes.max()
    each = f"{count(low)} items each" if low == high else f"{count(low)} to {count(high)} items each"
    first = listed(order[:12]) if len(order) <= 12 else f"{', '.join(order[:11])} and {len(order) - 11} more"
    subsets = f"Subsets take the first {listed([str(k) for k in params.subsets])}"
    if rejecting:
        subsets += f", and all take {listed(rejecting)}, for what is none of them"
    return f"{len(order)} ({first}), {each}. {subsets}."


def _groups(items: pd.DataFrame, split: Mapping[str, Any]) -> str:
    groups = items["group"].nunique()
    if groups == len(items):
        return "Every item stands for itself."
    largest = items["group"].value_counts().max()
    belonging = f"{plural(groups, 'group')} of items that belong together, up to {largest} in one"
    crossing = split["groups_in_two_parts"]
    return f"{belonging}; {'none lies' if not crossing else f'{count(crossing)} lie'} in two parts."


def _parts(split: Mapping[str, Any]) -> str:
    there = [(part, split[part]) for part in PARTS if split[part]["items"]]
    return " · ".join(f"{part} {count(about['items'])} ({share(about['share'])})" for part, about in there)


def _duplicates(split: Mapping[str, Any]) -> str:
    if not split["duplicates"]:
        return "No two items are byte for byte the same."
    crossing = split["duplicates_in_two_parts"]
    where = (
        "none of them in two parts"
        if not crossing
        else f"{count(crossing)} of them in two parts, which is a leak"
    )
    return f"{plural(split['duplicates'], 'item')} repeat another one byte for byte, {where}."


def _sonified(model_input: PicturesInput) -> Iterator[tuple[str, str]]:
    sonify = model_input.sonify
    sizes = geometry(sonify)
    yield (
        "Sounds",
        f"{sizes.duration_s:.2f} s each at {count(sonify.sample_rate)} Hz, made from {sonify.rows} × {sonify.columns} "
        f"pixels by {plural(sonify.iterations, 'iteration')} of Griffin-Lim, windows of {sizes.n_fft} samples "
        f"every {sizes.hop_length}.",
    )
    channel = []
    if sonify.noise_snr_db is not None:
        channel.append(f"white noise {sonify.noise_snr_db:g} dB below the sound")
    if sonify.band_hz is not None:
        channel.append("a band from {:g} to {:g} Hz".format(*sonify.band_hz))
    if channel:
        yield "Channel", f"The sounds went through {listed(channel)} before they were read."
    fidelity = read_json(paths.FIDELITY)
    measures: dict[str, tuple[str, Callable[[float], str]]] = {
        "ssim": ("SSIM", lambda value: decimal(value, 3)),
        "pearson": ("Pearson r", lambda value: decimal(value, 4)),
        "psnr": ("PSNR", lambda value: f"{value:.1f} dB"),
    }
    medians = [
        f"{name} {form(fidelity[f'{key}_median'])} ({form(fidelity[f'{key}_q1'])} to {form(fidelity[f'{key}_q3'])})"
        for key, (name, form) in measures.items()
        if fidelity.get(f"{key}_median") is not None
    ]
    yield "What the sounds keep", f"Of a picture, median (IQR): {'; '.join(medians)}."


def _pretrained(params: StudySettings) -> Iterator[tuple[str, str]]:
    """What the view `embedding` hears through."""
    if "embedding" not in params.views:
        return
    heard = read_input(paths.features("embedding") / "settings.json")
    assert isinstance(heard, EmbeddingInput)
    settings = heard.embedding
    pooled = {"mean": "their mean", "max": "their maximum", "none": "a frame each"}[settings.pooling]
    yield (
        "Pretrained model",
        f"{settings.model} (SHA-256 {heard.sha256[:12]}…), which hears {settings.window_s:g} s at "
        f"{count(settings.sample_rate)} Hz every {settings.hop_s:g} s; of the windows {pooled}. "
        f"Run by {heard.runtime}.",
    )


def _recordings(index: Mapping[str, Any], model_input: SoundsInput) -> Iterator[tuple[str, str]]:
    features = model_input.features
    if "duration_s_min" in index:
        low, middle, high = (index[f"duration_s_{name}"] for name in ("min", "median", "max"))
        yield "Durations", f"{low:.2f} to {high:.2f} s, median {middle:.2f} s."
    low, high = index["sample_rate_min"], index["sample_rate_max"]
    rates = f"{count(low)} Hz" if low == high else f"{count(low)} to {count(high)} Hz"
    yield "Sample rate", f"{rates}, read at {count(features.sample_rate)} Hz."
    seen = {
        "log_mel": f"log-mel, {features.n_mels} bands",
        "stft": f"short-time Fourier transform, {features.n_fft // 2 + 1} bins",
        "mfcc": f"MFCC, {features.n_mfcc} coefficients",
    }[features.kind]
    clips = f" Each recording is cut into clips of {features.clip_s:g} s." if features.clip_s else ""
    yield (
        "Spectrograms",
        f"{seen} × {features.frames} frames, windows of {features.n_fft} samples every {features.hop_length}.{clips}",
    )
