"""Which places of an array speak for a class: Grad-CAM, HiResCAM, and gradient times input where there are no maps."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar

import torch
from torch import nn
from torch.nn import functional as F

from earshot.core.errors import EarshotError
from earshot.models.normalization import Normalized

NO_MAPS = "gradient_times_input"
TINY = 1e-7

Module = TypeVar("Module", bound=nn.Module)


def choose_method(
    model: Normalized, input_shape: Sequence[int], *, method: str, layer: str | None = None
) -> tuple[str, str | None]:
    """The method and the layer that a model is explained by.

    input_shape : (bands, frames)
    method : "gradcam" or "hirescam"
    layer : `gradcam.layer`, a name inside the zoo's model; None takes the model's own `cam_layer`

    Models without a layer of maps, the recurrent and the linear ones, are explained by gradient times input.
    Raises EarshotError, with the layers that there are, for a layer that gives no maps.
    """
    if layer is None:
        own: str | None = getattr(model.model, "cam_layer", None)
        return (NO_MAPS, None) if own is None else (method, own)
    layers = map_layers(model, input_shape)
    if not layers:
        return NO_MAPS, None
    if layer not in layers:
        raise EarshotError(
            f"gradcam.layer: {layer!r} is no layer of this model that gives maps; it has {', '.join(layers)}. "
            "null takes the last one"
        )
    return method, layer


@torch.no_grad()
def map_layers(model: Normalized, input_shape: Sequence[int]) -> list[str]:
    """The names of the layers that give maps, (batch, channels, height, width), in the order they run."""
    layers: list[str] = []

    def recorder(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            if isinstance(output, torch.Tensor) and output.ndim == 4 and name not in layers:
                layers.append(name)

        return hook

    handles = [
        module.register_forward_hook(recorder(name)) for name, module in model.model.named_modules() if name
    ]
    try:
        model(torch.zeros(1, *input_shape, device=next(model.parameters()).device))
    finally:
        for handle in handles:
            handle.remove()
    return layers


def explain(
    model: Normalized, x: torch.Tensor, targets: torch.Tensor, *, method: str, layer: str | None
) -> torch.Tensor:
    """A map of each clip: how strongly each place speaks for a class.

    model : in eval mode
    x : float, shape (batch, bands, frames), raw features
    targets : int, shape (batch,), the class that is explained
    method, layer : as `choose_method` gives them

    Returns float32, shape of x, 0 to 1, and 0 all over where nothing speaks for the class.

    Selvaraju et al. (2017), "Grad-CAM": the layer's maps, each weighted by the mean of its gradient, summed,
    and what is above 0. Draelos and Carin (2020), "HiResCAM": weighted by the gradient, place by place. Shrikumar
    et al. (2016): gradient times (normalized) input, and what is above 0.
    """
    with torch.enable_grad(), _recurrent_gradients(model):
        if layer is None:
            maps = model.normalize(x).detach().requires_grad_()  # (batch, bands, frames)
            logits = model.model(maps)
        else:
            maps, logits = _layer_output(model, x, layer)  # (batch, channels, height, width)
        gradient = torch.autograd.grad(score(logits, targets).sum(), maps)[0]
    maps = maps.detach()
    if layer is None:
        evidence = gradient * maps
    else:
        weights = gradient.mean(dim=(2, 3), keepdim=True) if method == "gradcam" else gradient
        evidence = (weights * maps).sum(dim=1)  # (batch, height, width)
    return _scaled(_resized(_scaled(evidence.relu()), x.shape[1:]))


def score(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The logit that speaks for each clip's class. (batch,)

    One logit for two classes speaks for the second, and its negative for the first.
    """
    if logits.shape[1] == 1:
        return torch.where(targets == 1, logits[:, 0], -logits[:, 0])
    return logits.gather(1, targets[:, None])[:, 0]


def _layer_output(model: Normalized, x: torch.Tensor, layer: str) -> tuple[torch.Tensor, torch.Tensor]:
    """The layer's output, in the graph, and the logits."""
    outputs: list[torch.Tensor] = []
    handle = model.model.get_submodule(layer).register_forward_hook(
        lambda module, inputs, output: outputs.append(output)
    )
    try:
        logits = model(x.detach().requires_grad_())  # frozen weights alone would leave no graph
    finally:
        handle.remove()
    return outputs[-1], logits


def _scaled(maps: torch.Tensor) -> torch.Tensor:
    """Each map from 0, its least value, to 1."""
    maps = maps - maps.amin(dim=(1, 2), keepdim=True)
    return maps / (TINY + maps.amax(dim=(1, 2), keepdim=True))


def _resized(maps: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
    if maps.shape[1:] == shape:
        return maps
    return F.interpolate(maps[:, None], tuple(shape), mode="bilinear", align_corners=False)[:, 0]


@contextmanager
def _recurrent_gradients(model: nn.Module) -> Iterator[None]:
    """cuDNN gives the gradients of recurrent layers in training mode only."""
    recurrent = any(isinstance(module, nn.RNNBase) for module in model.modules())
    with torch.backends.cudnn.flags(enabled=False) if recurrent else nullcontext():
        yield


@torch.no_grad()
def randomized(model: Module, *, seed: int) -> Module:
    """Exchange the weights of a model at random, within each tensor, so that nothing learned is left.

    model : changed in place
    Adebayo et al. (2018), "Sanity checks for saliency maps", randomize by drawing anew; exchanging keeps the
    weights' scale, and works for layers that start at 0.
    """
    generator = torch.Generator().manual_seed(seed)
    for weights in model.parameters():
        order = torch.randperm(weights.numel(), generator=generator)
        weights.copy_(weights.flatten()[order.to(weights.device)].view_as(weights))
    return model
