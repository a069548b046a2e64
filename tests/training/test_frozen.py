"""A frozen backbone stays frozen, and its kept outputs give the logits of the whole network."""

import numpy as np
import pytest
import torch

from earshot.training import fit, frozen
from tests.training.arrays import a_model, a_trainer, some_clips

CPU = torch.device("cpu")


def fit_model(model, clips, folder=None, **settings):
    return fit.fit(
        model,
        train=clips.part(np.arange(24)),
        val=clips.part(np.arange(24, 36)),
        classes=["a", "b", "c"],
        trainer=a_trainer(**settings),
        seed=1,
        frozen_outputs=folder and frozen.KeptOutputs(folder),
    )


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def clips():
    return some_clips(n=36, shape=(32, 32))


@pytest.fixture
def model(clips):
    return a_model("resnet18", clips, freeze="backbone")


@pytest.mark.parametrize("augmentation", [{}, {"time_mask": 0.2}], ids=["cached", "every epoch"])
def test_nothing_of_a_frozen_backbone_moves(augmentation, model, clips):
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    fit_model(model, clips, **augmentation)
    moved = {key for key, tensor in model.state_dict().items() if not torch.equal(tensor, before[key])}
    assert moved == {"model.head.1.weight", "model.head.1.bias"}


def test_without_freezing_running_statistics_move(clips):
    model = a_model("resnet18", clips)
    before = model.model.backbone.bn1.running_mean.clone()
    fit_model(model, clips, epochs=1)
    assert not torch.equal(model.model.backbone.bn1.running_mean, before)


def test_kept_outputs_give_the_same_logits(model, clips):
    torch.nn.init.normal_(model.model.head[1].weight)
    outputs = frozen.backbone_outputs(model, clips, trainer=a_trainer(batch_size=12), device=CPU)
    with torch.no_grad():
        for index in np.split(np.arange(36), 3):
            whole = model.eval()(torch.from_numpy(clips.take(index)))
            assert torch.equal(model.model.head(torch.from_numpy(outputs.take(index))), whole)


def test_training_on_kept_outputs_is_training_the_whole(model, clips, monkeypatch):
    result = fit_model(model, clips)
    other = a_model("resnet18", clips, freeze="backbone")
    monkeypatch.setattr(frozen, "is_cacheable", lambda model, trainer: False)
    plain = fit_model(other, clips)
    for one, two in zip(result.history, plain.history, strict=True):
        assert one == pytest.approx(two, rel=1e-4)
    torch.testing.assert_close(model.model.head[1].weight, other.model.head[1].weight, rtol=1e-3, atol=1e-5)


def test_outputs_are_computed_once(model, clips, monkeypatch, tmp_path):
    fit_model(model, clips, tmp_path)
    monkeypatch.setattr(frozen, "compute", None)
    fit_model(a_model("resnet18", clips, freeze="backbone"), clips, tmp_path, lr=0.1)


def test_other_clips_or_weights_are_computed_again(model, clips, tmp_path):
    options = {"trainer": a_trainer(), "device": CPU, "kept": frozen.KeptOutputs(tmp_path)}
    frozen.backbone_outputs(model, clips, **options)
    frozen.backbone_outputs(model, clips.part(np.arange(30)), **options)
    with torch.no_grad():
        model.model.backbone.conv1.weight += 1
    frozen.backbone_outputs(model, clips, **options)
    assert len(list(tmp_path.iterdir())) == 3


def test_outputs_that_the_last_training_did_not_use_are_removed(model, clips, tmp_path):
    for count in (30, 36):
        kept = frozen.KeptOutputs(tmp_path)
        frozen.backbone_outputs(
            model, clips.part(np.arange(count)), trainer=a_trainer(), device=CPU, kept=kept
        )
        kept.forget_others()
    assert set(tmp_path.iterdir()) == kept.used
    frozen.KeptOutputs(tmp_path).forget_others()  # of a stage that took all runs over
    assert set(tmp_path.iterdir()) == kept.used


@pytest.mark.parametrize(
    "damage", [lambda content: content[:500], lambda content: content[:500] + bytes(len(content) - 500)]
)
def test_damaged_outputs_are_computed_again(damage, model, clips, tmp_path):
    options = {"trainer": a_trainer(), "device": CPU, "kept": frozen.KeptOutputs(tmp_path)}
    expected = frozen.backbone_outputs(model, clips, **options).take(np.arange(36))
    path = next(tmp_path.iterdir())
    path.write_bytes(damage(path.read_bytes()))
    np.testing.assert_array_equal(
        frozen.backbone_outputs(model, clips, **options).take(np.arange(36)), expected
    )


@pytest.mark.parametrize("key", ["time_mask", "frequency_mask", "roll", "gain_db", "mixup"])
def test_what_touches_the_arrays_at_random_keeps_nothing(key, model):
    assert frozen.is_cacheable(model, a_trainer())
    assert not frozen.is_cacheable(model, a_trainer(**{key: 0.1}))
