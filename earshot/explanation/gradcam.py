"""Evidence from a layer of maps: Grad-CAM and HiResCAM."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from earshot.core.errors import EarshotError
from earshot.explanation.networks import gradients, score
from earshot.models.normalization import Normalized

ALIKE = (
    1e-4  # of the gradient's largest value: what its values at two places may differ by and count as equal
)


@torch.no_grad()
def map_layers(model: Normalized, input_shape: Sequence[int]) -> dict[str, tuple[int, ...]]:
    """The layers that give maps, (batch, channels, height, width), and their (height, width), in the order they run.

    Of a layer that runs more than once the last time counts, as it does for its evidence.

    input_shape : of one clip
    """
    layers: dict[str, tuple[int, ...]] = {}

    def recorder(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            if isinstance(output, torch.Tensor) and output.ndim == 4:
                layers.pop(name, None)
                layers[name] = tuple(output.shape[2:])

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


def last_layer(model: Normalized, input_shape: Sequence[int], *, layer: str | None = None) -> str | None:
    """The layer of maps that a model is explained at: `gradcam.layer`, or the model's own; None where it has none.

    Raises EarshotError, with the layers that there are, for a layer that gives no maps.
    """
    if layer is None:
        own: str | None = getattr(model.model, "cam_layer", None)
        return own
    layers = map_layers(model, input_shape)
    if layers and layer not in layers:
        raise EarshotError(
            f"gradcam.layer: {layer!r} is no layer of this model that gives maps; it has {', '.join(layers)}. "
            "null takes the last one"
        )
    return layer if layers else None


def layer_before(model: Normalized, input_shape: Sequence[int], *, layer: str) -> str | None:
    """The last layer before this one whose maps are of another size; None where there is none.

    Maps of one row or column, as those that squeeze and excite, show no places.
    """
    layers = map_layers(model, input_shape)
    names = list(layers)
    earlier = names[: names.index(layer)]
    before = [name for name in earlier if layers[name] != layers[layer] and min(layers[name]) > 1]
    return before[-1] if before else None


def pools_globally(model: Normalized, x: torch.Tensor, targets: torch.Tensor, *, layer: str) -> bool:
    """Whether the model averages the layer's maps over all places: their gradient is then the same at each place.

    Only there Grad-CAM, which averages the gradient, says what the model computes; it is equal to HiResCAM there.
    """
    _, gradient = _maps_and_gradient(model, x, targets, layer=layer)
    apart = gradient - gradient.mean(dim=(2, 3), keepdim=True)
    return bool(apart.abs().max() <= ALIKE * gradient.abs().max())


def evidence(
    model: Normalized, x: torch.Tensor, targets: torch.Tensor, *, name: str, layer: str
) -> torch.Tensor:
    """How strongly each place of each clip speaks for a class, (batch, bands, frames), 0 where it does not.

    model : in eval mode
    x : float, shape (batch, bands, frames), raw features
    targets : int, shape (batch,), the class that is explained
    name : gradcam or hirescam

    Selvaraju et al. (2017), "Grad-CAM": the layer's maps, each weighted by the mean of its gradient, summed,
    and what is above 0. Draelos and Carin (2020), "HiResCAM": weighted by the gradient, place by place.
    """
    maps, gradient = _maps_and_gradient(model, x, targets, layer=layer)
    weights = gradient.mean(dim=(2, 3), keepdim=True) if name == "gradcam" else gradient
    return resized(scaled((weights * maps).sum(dim=1).relu()), x.shape[-2:])


def scaled(maps: torch.Tensor) -> torch.Tensor:
    """Each map from 0, its least value, to 1; 0 all over where it is the same all over."""
    maps = maps - maps.amin(dim=(1, 2), keepdim=True)
    most = maps.amax(dim=(1, 2), keepdim=True)
    return maps / torch.where(most > 0, most, 1)


def resized(maps: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
    if maps.shape[1:] == shape:
        return maps
    return F.interpolate(maps[:, None], tuple(shape), mode="bilinear", align_corners=False)[:, 0]


def _maps_and_gradient(
    model: Normalized, x: torch.Tensor, targets: torch.Tensor, *, layer: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """The layer's output and the gradient of the classes' logits there, (batch, channels, height, width) both."""
    outputs: list[torch.Tensor] = []
    handle = model.model.get_submodule(layer).register_forward_hook(
        lambda module, inputs, output: outputs.append(output)
    )
    with gradients(model):
        try:
            logits = model(x.detach().requires_grad_())  # frozen weights alone would leave no graph
        finally:
            handle.remove()
        gradient = torch.autograd.grad(score(logits, targets).sum(), outputs[-1])[0]
    return outputs[-1].detach(), gradient
