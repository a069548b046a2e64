"""Measures of how alike two pictures or two spectrograms are."""

import json

import numpy as np
import pandas as pd
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from earshot.config.sonify import Sonify
from earshot.sonification.fidelity import (
    fidelity,
    match_gain,
    pearson,
    psnr,
    spectral_convergence,
    ssim,
    summarize,
)
from earshot.sonification.sonify import sonify


def pair(shape=(3, 12, 10)):
    rng = np.random.default_rng(1)
    target = rng.random(shape)
    return np.clip(target + 0.1 * rng.normal(size=shape), 0, 1), target


@pytest.mark.parametrize(("scale", "decibels"), [(1.1, -20), (1.01, -40), (0.5, -6.0206), (0, 0), (1, -200)])
def test_spectral_convergence_of_a_scaled_target(scale, decibels):
    _, target = pair()
    np.testing.assert_allclose(spectral_convergence(scale * target, target), decibels, atol=1e-3)


def test_spectral_convergence_of_a_silent_target_is_undefined():
    assert np.isnan(spectral_convergence(np.ones((2, 2)), np.zeros((2, 2))))


def test_the_matched_gain_is_the_best_one():
    estimate, target = pair((12, 10))
    best = spectral_convergence(match_gain(estimate, target), target)
    scales = np.linspace(0.5, 1.5, 101)
    assert best <= min(spectral_convergence(scale * estimate, target) for scale in scales)


def test_pearson_equals_numpy():
    estimate, target = pair()
    expected = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(estimate, target, strict=True)]
    np.testing.assert_allclose(pearson(estimate, target), expected)


def test_pearson_of_constant_pictures():
    _, target = pair((4, 4))
    flat = np.full((4, 4), 0.5)
    assert pearson(flat, target) == 0
    assert np.isnan(pearson(target, flat))


def test_psnr_equals_scikit_image():
    estimate, target = pair()
    expected = [peak_signal_noise_ratio(b, a, data_range=1) for a, b in zip(estimate, target, strict=True)]
    np.testing.assert_allclose(psnr(estimate, target), expected)


def test_equal_pictures():
    _, target = pair()
    assert (psnr(target, target) == 200).all()
    np.testing.assert_allclose(ssim(target, target), 1)
    np.testing.assert_allclose(pearson(target, target), 1)


def test_ssim_equals_scikit_image():
    estimate, target = pair()
    expected = [structural_similarity(b, a, data_range=1.0) for a, b in zip(estimate, target, strict=True)]
    np.testing.assert_allclose(ssim(estimate, target), expected)


@pytest.mark.parametrize("shape", [(2, 2), (2, 9), (3, 3), (4, 6), (6, 30)])
def test_ssim_of_small_pictures(shape):
    estimate, target = pair((5, *shape))
    values = ssim(estimate, target)
    assert (values < 1).all()
    np.testing.assert_allclose(ssim(target, target), 1)


def test_a_table_of_one_row_an_item():
    settings = Sonify(rows=16, columns=16)
    pictures = np.random.default_rng(2).random((3, 16, 16), dtype=np.float32)
    pictures[1] = 0.5
    pictures[2] = 0
    table = fidelity(
        sonify(pictures, ids=list("abc"), seed=1, settings=settings), pictures, settings=settings
    )
    assert list(table.columns) == ["ssim", "pearson", "psnr", "spectral_convergence"]
    assert table["pearson"].isna().tolist() == [False, True, True]
    assert table["spectral_convergence"].isna().tolist() == [False, False, True]
    assert table[["ssim", "psnr"]].notna().all(axis=None)


def test_the_summary_counts_what_has_a_value():
    table = pd.DataFrame({"ssim": [0.0, 0.2, 0.4, 0.6, 0.8], "pearson": [np.nan, 0.5, np.nan, np.nan, 0.7]})
    assert summarize(table) == {
        "items": 5,
        "ssim_items": 5,
        "ssim_median": 0.4,
        "ssim_q1": 0.2,
        "ssim_q3": 0.6,
        "pearson_items": 2,
        "pearson_median": 0.6,
        "pearson_q1": 0.55,
        "pearson_q3": 0.65,
    }


def test_the_summary_is_json_without_nan():
    summary = summarize(pd.DataFrame({"pearson": [np.nan, np.nan]}))
    assert json.loads(json.dumps(summary, allow_nan=False))["pearson_median"] is None
