"""The trainer against the update worked by hand, and what it chooses, says and refuses."""

import logging

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.utils.class_weight import compute_class_weight

from earshot.core import devices
from earshot.core.errors import EarshotError
from earshot.models.normalization import normalized, statistics
from earshot.training import fit, losses, memory
from earshot.training.batches import clips_of
from earshot.training.predict import predict
from earshot.training.running_scores import RunningScores
from tests.training.arrays import a_model, a_trainer, some_clips

CLASSES = ["a", "b", "c"]


def fit_model(model, clips, *, val=None, **settings):
    options = {key: settings.pop(key) for key in ("on_epoch", "keep", "checkpoints") if key in settings}
    return fit.fit(
        model,
        train=clips,
        val=clips if val is None else val,
        classes=CLASSES,
        trainer=a_trainer(**settings),
        seed=3,
        **options,
    )


def gradient(weight, bias, x, labels):
    """Of softmax regression's mean loss, in float64: (p - y)^T x / n and the column means of p - y."""
    logits = x @ weight.T + bias
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    rest = (p - np.eye(len(bias))[labels]) / len(x)
    return [rest.T @ x, rest.sum(axis=0)]


def by_hand(weights, x, labels, *, steps, lr, decay, update):
    state = [{} for _ in weights]
    for step in range(1, steps + 1):
        grads = [g + decay * w for g, w in zip(gradient(*weights, x, labels), weights, strict=True)]
        weights = [w - lr * update(g, s, step) for w, g, s in zip(weights, grads, state, strict=True)]
    return weights


def adam(grad, state, step):
    """Kingma and Ba (2015), algorithm 1, with its defaults."""
    state["m"] = 0.9 * state.get("m", 0) + 0.1 * grad
    state["v"] = 0.999 * state.get("v", 0) + 0.001 * grad**2
    return state["m"] / (1 - 0.9**step) / (np.sqrt(state["v"] / (1 - 0.999**step)) + 1e-8)


def sgd(grad, state, step):
    """Momentum 0.9: the velocity is the gradient plus nine tenths of the last one."""
    state["v"] = 0.9 * state["v"] + grad if state else grad
    return state["v"]


@pytest.mark.parametrize(("optimizer", "update"), [("adam", adam), ("sgd", sgd)])
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_training_steps_equal_the_update_by_hand(optimizer, update, decay):
    clips = some_clips(n=20, shape=(3, 4))
    model = a_model("linear", clips, how="none")
    start = [tensor.detach().double().numpy() for tensor in model.parameters()]
    fit_model(model, clips, epochs=3, batch_size=20, optimizer=optimizer, lr=0.05, weight_decay=decay)
    x = clips.take(np.arange(20)).reshape(20, -1).astype(np.float64)
    expected = by_hand(start, x, clips.labels, steps=3, lr=0.05, decay=decay, update=update)
    for found, wanted in zip(model.parameters(), expected, strict=True):
        np.testing.assert_allclose(found.detach().numpy(), wanted, rtol=1e-4, atol=1e-6)


def test_bf16_steps_as_float32_within_its_eight_bits():
    moves = {}
    for precision in ("float32", "bf16"):
        clips = some_clips(n=20)
        model = a_model("linear", clips)
        start = model.model.classifier.weight.detach().clone()
        fit_model(model, clips, epochs=1, batch_size=20, optimizer="sgd", lr=0.1, precision=precision)
        moves[precision] = model.model.classifier.weight.detach() - start
    difference = (moves["bf16"] - moves["float32"]).norm() / moves["float32"].norm()
    assert 0 < float(difference) < 2**-6


def test_bf16_learns_as_float32_does():
    last = {}
    for precision in ("float32", "bf16"):
        clips = some_clips(n=60)
        model = a_model("cnn", clips, dense=8, dropout=0.0)
        last[precision] = fit_model(model, clips, epochs=5, precision=precision).history[-1]["train/loss"]
    assert last["bf16"] == pytest.approx(last["float32"], rel=0.05)


def test_gradients_are_clipped_to_their_norm():
    weight = torch.zeros(3, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=9.0)
    loss = weight @ torch.tensor([3.0, 0.0, 4.0])  # gradient of norm 5
    fit.take_step(optimizer, torch.amp.GradScaler(enabled=False), loss, rate=1.0, clip_norm=1.0)
    torch.testing.assert_close(weight.detach(), torch.tensor([-0.6, 0.0, -0.8]), rtol=1e-4, atol=1e-5)


def test_fp16_clips_what_it_has_unscaled():
    weight = torch.zeros(2, requires_grad=True)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    optimizer = torch.optim.SGD([weight], lr=1.0)
    fit.take_step(optimizer, scaler, weight @ torch.tensor([0.3, 0.4]), rate=1.0, clip_norm=1.0)
    torch.testing.assert_close(weight.detach(), torch.tensor([-0.3, -0.4]))


@pytest.mark.parametrize("n_classes", [2, 5])
def test_the_running_scores_equals_scikit_learn(n_classes):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, n_classes, 70)
    logits = rng.normal(size=(70, 1 if n_classes == 2 else n_classes)).astype(np.float32)
    running_scores = RunningScores(n_classes)
    targets = torch.eye(n_classes)[labels]
    for part in (slice(0, 33), slice(33, 70)):
        given = torch.from_numpy(logits[part])
        running_scores.add(given, torch.from_numpy(labels[part]), losses.clip_losses(given, targets[part]))
    full = np.concatenate([np.zeros_like(logits), logits], axis=1) if n_classes == 2 else logits
    p = np.exp(full) / np.exp(full).sum(axis=1, keepdims=True)
    scores, predicted = running_scores.scores(), full.argmax(axis=1)
    assert scores["loss"] == pytest.approx(log_loss(labels, p), rel=1e-5)
    assert scores["accuracy"] == pytest.approx(accuracy_score(labels, predicted))
    assert scores["macro_f1"] == pytest.approx(f1_score(labels, predicted, average="macro"))


@pytest.mark.parametrize("n_classes", [2, 4])
def test_label_smoothing_equals_torchs(n_classes):
    logits, labels = torch.randn(9, n_classes), torch.arange(9) % n_classes
    expected = torch.nn.functional.cross_entropy(logits, labels, label_smoothing=0.2)
    given = logits[:, 1:] - logits[:, :1] if n_classes == 2 else logits
    found = losses.clip_losses(given, torch.eye(n_classes)[labels], label_smoothing=0.2).mean()
    torch.testing.assert_close(found, expected)


def test_class_weights_equal_scikit_learns_balanced():
    labels = np.repeat([0, 1, 2], [5, 3, 2])
    expected = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    np.testing.assert_allclose(losses.balanced_weights(labels, 3), expected, rtol=1e-6)


def test_statistics_are_numpys():
    x = some_clips(n=300, shape=(5, 7)).arrays[0] * np.arange(1, 6)[:, None]
    mean, std = statistics(clips_of(x, np.zeros(300)))
    np.testing.assert_allclose(mean, x.mean(), atol=1e-5)
    np.testing.assert_allclose(std, x.std(), rtol=1e-4)


def test_arrays_of_one_value_do_not_blow_up():
    assert statistics(clips_of(np.full((5, 4, 6), 0.5, np.float32), np.zeros(5))) == (0.5, 0.1)


def test_items_are_normalized_each_by_itself():
    clips = some_clips(n=6)
    x = torch.from_numpy(clips.take(np.arange(6))) * 30 - 7
    found = normalized(torch.nn.Identity(), clips, how="item")(x)
    torch.testing.assert_close(found.mean(dim=(1, 2)), torch.zeros(6), atol=1e-5, rtol=0)
    torch.testing.assert_close(found.std(dim=(1, 2), correction=0), torch.ones(6))


def scripted(monkeypatch, values):
    """Validation losses as a script; the rest of the training is real."""
    script = iter(values)

    def evaluate(run, part):
        return {"loss": next(script), "accuracy": 0.5, "macro_f1": 0.5}

    monkeypatch.setattr(fit, "evaluate", evaluate)


@pytest.mark.parametrize(
    ("script", "settings", "kept", "epochs"),
    [
        ([3, 2, 1, 2], {"epochs": 4}, 3, 4),
        ([3, 2, 2, 2], {"epochs": 4}, 2, 4),
        ([1, 2, 2, 0], {"epochs": 4, "patience": 2}, 1, 3),
        ([1, 2, 2, 0], {"epochs": 4, "patience": 0}, 4, 4),
        ([5, 4, 5, 5], {"epochs": 0, "patience": 2}, 2, 4),
    ],
)
def test_the_best_epoch_is_kept_and_patience_ends(script, settings, kept, epochs, monkeypatch):
    scripted(monkeypatch, script)
    clips, states = some_clips(), []
    model = a_model("linear", clips)
    result = fit_model(
        model,
        clips,
        on_epoch=lambda row: states.append(model.model.classifier.weight.detach().clone()),
        **settings,
    )
    assert (result.epoch, len(result.history)) == (kept, epochs)
    assert torch.equal(model.model.classifier.weight, states[kept - 1])


def test_without_validation_the_last_epoch_is_kept_and_this_is_said(caplog):
    caplog.set_level(logging.INFO)
    clips = some_clips()
    result = fit_model(a_model("linear", clips), clips, val=clips.part(np.arange(0)), patience=1)
    assert result.epoch == 2
    assert "last epoch" in caplog.text
    assert not any(key.startswith("val") for key in result.history[0])


def test_the_validation_scores_are_those_of_predict():
    clips = some_clips()
    model = a_model("cnn", clips)
    result = fit_model(model, clips, epochs=1)
    p = predict(model, clips, threads=1)
    assert result.history[0]["val/loss"] == pytest.approx(
        log_loss(clips.labels, p, labels=[0, 1, 2]), rel=1e-4
    )
    assert result.history[0]["val/accuracy"] == pytest.approx((p.argmax(axis=1) == clips.labels).mean())


def test_arrays_that_do_not_fit_in_memory_train_alike():
    clips, weights = some_clips(), []
    for memory_gb in (4.0, 1e-9):
        model = a_model("linear", clips)
        fit_model(model, clips, memory_gb=memory_gb)
        weights.append(model.model.classifier.weight)
    assert torch.equal(*weights)


def test_the_test_part_is_watched_and_changes_nothing():
    clips = some_clips()
    rows = {}
    for watched in (None, clips.part(np.arange(9))):
        model = a_model("linear", clips)
        result = fit.fit(
            model,
            train=clips,
            val=clips,
            test=watched,
            classes=CLASSES,
            trainer=a_trainer(),
            seed=3,
        )
        rows[watched is None] = result.history[-1]
    assert {"test/loss", "test/accuracy", "test/macro_f1"} == rows[False].keys() - rows[True].keys()
    assert rows[True].items() <= rows[False].items()


@pytest.mark.parametrize("resumable", [True, False])
def test_every_epochs_weights_are_kept_on_request(resumable, tmp_path):
    clips = some_clips()
    checkpoints = tmp_path / "checkpoints" if resumable else None
    fit_model(
        a_model("linear", clips), clips, keep_epochs=True, keep=tmp_path / "epochs", checkpoints=checkpoints
    )
    assert sorted(path.name for path in (tmp_path / "epochs").iterdir()) == [
        "epoch_0001.safetensors",
        "epoch_0002.safetensors",
    ]


def test_a_diverging_loss_names_the_epoch_the_rate_and_what_to_try():
    clips = some_clips()
    clips.arrays[0][0] = np.nan
    model = a_model("linear", clips, how="none")
    with pytest.raises(EarshotError, match=r"epoch 1: train/loss is nan at learning rate 0\.5.*Try"):
        fit_model(model, clips, lr=0.5)


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_gpu_that_is_not_there_is_said(device, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(EarshotError, match=f"{device} is asked for and torch finds none; it finds cpu"):
        devices.pick(device)
    assert devices.pick("auto").type == "cpu"


def test_too_large_an_image_size_says_what_fits(monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda device: 1e9)
    clips = some_clips()
    model = a_model("resnet18", clips, image_size=512)
    with pytest.raises(EarshotError, match=r"image_size.*512 x 512.*batch_size of \d+"):
        fit_model(model, clips, batch_size=64)


def test_training_leaves_torchs_settings_as_they_were():
    before = (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled())
    fit_model(a_model("linear", some_clips()), some_clips(), epochs=1, threads=2)  # of which there is one
    assert (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()) == before
