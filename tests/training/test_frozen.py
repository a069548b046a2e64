"""A frozen backbone stays frozen, and its kept outputs give the logits of the whole network."""

import signal

import numpy as np
import pytest
import torch
from torch.profiler import ProfilerActivity, profile
from torchvision.models import get_model

from earshot.core import devices
from earshot.core.fingerprint import code_at_start
from earshot.store.kept_outputs import KeptOutputs
from earshot.training import fit, frozen, memory
from tests.training.arrays import a_model, a_trainer, some_clips

CPU = torch.device("cpu")


def fit_model(model, clips, kept=None, **settings):
    return fit.fit(
        model,
        train=clips.part(np.arange(24)),
        val=clips.part(np.arange(24, 36)),
        classes=["a", "b", "c"],
        trainer=a_trainer(**settings),
        seed=1,
        frozen_outputs=kept,
    )


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def outputs_of(model, clips, kept):
    """What the head sees of all clips."""
    given = frozen.backbone_outputs(model, clips, device=CPU, kept_outputs=kept)
    return given.take(np.arange(len(clips)))


def compute_nothing(*arguments, **options):
    raise AssertionError("asked to compute")


@pytest.fixture
def kept(tmp_path):
    return KeptOutputs("some", folder=tmp_path)


@pytest.fixture
def clips():
    return some_clips(n=36, shape=(32, 32))


@pytest.fixture
def model(clips):
    return a_model("resnet18", clips, freeze="backbone")


@pytest.mark.parametrize("augmentation", [{}, {"time_mask": 0.2}], ids=["cached", "every epoch"])
def test_nothing_of_a_frozen_backbone_moves(augmentation, model, clips, kept):
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    fit_model(model, clips, kept, **augmentation)
    moved = {key for key, tensor in model.state_dict().items() if not torch.equal(tensor, before[key])}
    assert moved == {"model.head.1.weight", "model.head.1.bias"}


def test_without_freezing_running_statistics_move(clips):
    model = a_model("resnet18", clips)
    before = model.model.backbone.bn1.running_mean.clone()
    fit_model(model, clips, epochs=1)
    assert not torch.equal(model.model.backbone.bn1.running_mean, before)


def test_kept_outputs_give_the_same_logits(model, clips, kept):
    torch.nn.init.normal_(model.model.head[1].weight)
    given = torch.from_numpy(outputs_of(model, clips, kept))
    with torch.no_grad():
        whole = model.eval()(torch.from_numpy(clips.take(np.arange(36))))
        torch.testing.assert_close(model.model.head(given), whole, rtol=1e-4, atol=1e-4)


def test_training_on_kept_outputs_is_training_the_whole(model, clips, kept):
    result = fit_model(model, clips, kept)
    other = a_model("resnet18", clips, freeze="backbone")
    plain = fit_model(other, clips)
    for one, two in zip(result.history, plain.history, strict=True):
        assert one == pytest.approx(two, rel=1e-4)
    torch.testing.assert_close(model.model.head[1].weight, other.model.head[1].weight, rtol=1e-3, atol=1e-5)


def test_outputs_are_computed_once(model, clips, kept, monkeypatch):
    fit_model(model, clips, kept)
    monkeypatch.setattr(frozen, "compute", compute_nothing)
    fit_model(a_model("resnet18", clips, freeze="backbone"), clips, kept, lr=0.1)


def test_a_clips_output_depends_on_no_other_clip(model, clips, tmp_path):
    expected = outputs_of(model, clips, KeptOutputs("some", folder=tmp_path / "at once"))
    order = np.random.default_rng(0).permutation(36)
    some = KeptOutputs("some", folder=tmp_path / "bit by bit")
    for part in (order[:3], order[3:14], order[14:]):
        np.testing.assert_array_equal(outputs_of(model, clips.part(part), some), expected[part])


def test_other_weights_or_another_size_are_another_backbone(model, clips, kept, tmp_path):
    few = clips.part(np.arange(4))
    outputs_of(model, few, kept)
    with torch.no_grad():
        model.model.backbone.conv1.weight += 1
    outputs_of(model, few, kept)
    model.model.image_size = 40
    outputs_of(model, few, kept)
    assert len(list(tmp_path.glob("*/"))) == 3


@pytest.mark.parametrize("path", frozen.CODE)
def test_what_other_code_gave_is_not_taken(path, model, clips, kept, monkeypatch):
    few = clips.part(np.arange(4))
    outputs_of(model, few, kept)
    monkeypatch.setattr(frozen, "code_at_start", lambda: code_at_start() | {path: "edited"})
    monkeypatch.setattr(frozen, "compute", compute_nothing)
    with pytest.raises(AssertionError, match="asked to compute"):
        outputs_of(model, few, kept)


def test_gpus_of_one_kind_share_what_they_give(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "one kind")
    assert devices.hardware(torch.device("cuda", 0)) == devices.hardware(torch.device("cuda", 1))


@pytest.mark.parametrize(
    ("batches", "workers"), [(0.5, 1), (2.5, 2), (1000, 3)], ids=["none", "two", "enough"]
)
def test_as_many_batches_are_computed_at_once_as_memory_holds(batches, workers, model, clips, monkeypatch):
    taken, pool = [], frozen.ThreadPoolExecutor
    needed = frozen.ON_CPU * memory.step_bytes(model.model, clips.shape)
    monkeypatch.setattr(memory, "available_bytes", lambda device: int(batches * needed))
    monkeypatch.setattr("joblib.effective_n_jobs", lambda n: 3)
    monkeypatch.setattr(
        frozen, "ThreadPoolExecutor", lambda n, **options: taken.append(n) or pool(n, **options)
    )
    list(frozen.compute(model, clips, np.arange(2), device=CPU))
    assert taken == [workers]


def test_all_convolutions_of_a_batch_are_onednns(clips):
    """torch has a slower way for 1x1 convolutions of few clips on one thread."""
    body = a_model("mobilenet_v2", clips, freeze="backbone").model.eval()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.inference_mode(), profile(activities=[ProfilerActivity.CPU]) as profiled:
        body.backbone(torch.zeros(frozen.ON_CPU, 1, 32, 32))
    torch.set_num_threads(threads)
    ways = {event.name for event in profiled.events() if "conv" in event.name}
    assert "aten::mkldnn_convolution" in ways
    assert not any("slow" in way for way in ways)


def test_ctrl_c_ends_the_pass_and_keeps_what_it_gave(model, clips, kept, monkeypatch):
    real, left = frozen.compute, []

    def interrupted(model, clips, positions, **options):
        for own, outputs in real(model, clips, positions, **options):
            yield own, outputs
            signal.raise_signal(signal.SIGINT)

    def count(model, clips, positions, **options):
        left.append(len(positions))
        return real(model, clips, positions, **options)

    monkeypatch.setattr(frozen, "compute", interrupted)
    before = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # what starts in the background ignores it
    with pytest.raises(KeyboardInterrupt):
        fit_model(model, clips, kept)
    signal.signal(signal.SIGINT, before)
    monkeypatch.setattr(frozen, "compute", count)
    fit_model(model, clips, kept, epochs=1)
    assert left == [24 - frozen.ON_CPU, 12]  # of train, then of val


@pytest.mark.parametrize("name", ["densenet121", "efficientnet_b0", "googlenet"])
def test_folding_batch_norms_changes_nothing_of_any_architecture(name):
    torch.manual_seed(0)
    settings = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
    network = get_model(name, weights=None, **settings).eval()
    x = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(frozen.folded(network)(x), network(x), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("key", ["time_mask", "frequency_mask", "roll", "gain_db", "mixup"])
def test_what_touches_the_arrays_at_random_keeps_nothing(key, model):
    assert frozen.is_cacheable(model, a_trainer())
    assert not frozen.is_cacheable(model, a_trainer(**{key: 0.1}))
