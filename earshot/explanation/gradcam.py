"""Which places of an array speak for a class: Grad-CAM, HiResCAM, and gradient times input where there are no maps."""

from contextlib import contextmanager, nullcontext

import torch
from torch import nn
from torch.nn import functional as F

from earshot.core.errors import EarshotError

NO_MAPS = "gradient_times_input"
TINY = 1e-7


def way(model, input_shape, *, method, layer=None):
    """How a model is explained: (method, layer).

    model : training.normalized.Normalized
    input_shape : (bands, frames)
    method : "gradcam" or "hirescam"
    layer : str or None, `gradcam.layer`, a name inside the zoo's model; None takes the model's own `cam_layer`

    Models without a layer of maps, the recurrent and the linear ones, are explained by gradient times input.
    Raises EarshotError, with the layers that there are, for a layer that gives no maps.
    """
    if layer is None:
        layer = model.model.cam_layer
        return (NO_MAPS, None) if layer is None else (method, layer)
    there = map_layers(model, input_shape)
    if not there:
        return NO_MAPS, None
    if layer not in there:
        raise EarshotError(
            f"gradcam.layer: {layer!r} is no layer of this model that gives maps; it has {', '.join(there)}. "
            "null takes the last one"
        )
    return method, layer


@torch.no_grad()
def map_layers(model, input_shape):
    """The names of the layers that give maps, (batch, channels, height, width), in the order they run."""
    found = []

    def note(name):
        def hook(module, inputs, output):
            if isinstance(output, torch.Tensor) and output.ndim == 4 and name not in found:
                found.append(name)

        return hook

    handles = [
        module.register_forward_hook(note(name)) for name, module in model.model.named_modules() if name
    ]
    try:
        model(torch.zeros(1, *input_shape, device=next(model.parameters()).device))
    finally:
        for handle in handles:
            handle.remove()
    return found


def explain(model, x, targets, *, method, layer):
    """A map for each clip of what speaks for a class.

    model : training.normalized.Normalized, in eval mode
    x : float tensor, shape (batch, bands, frames), raw features
    targets : int tensor, shape (batch,), the class that is explained
    method, layer : as `way` gives them

    Returns float32, shape of x, 0 to 1, and 0 all over where nothing speaks for the class.

    Selvaraju et al. (2017), "Grad-CAM": the layer's maps, each weighted by the mean of its gradient, summed,
    and what is above 0. Draelos and Carin (2020), "HiResCAM": weighted by the gradient, place by place. Shrikumar
    et al. (2016): gradient times (normalized) input, and what is above 0.
    """
    with torch.enable_grad(), _recurrent_gradients(model):
        if method == NO_MAPS:
            maps = model.normalize(x).detach().requires_grad_()  # (batch, bands, frames)
            logits = model.model(maps)
        else:
            maps, logits = _through(model, x, layer)  # (batch, channels, height, width)
        gradient = torch.autograd.grad(score(logits, targets).sum(), maps)[0]
    maps = maps.detach()
    if method == NO_MAPS:
        speaking = gradient * maps
    else:
        weights = gradient.mean(dim=(2, 3), keepdim=True) if method == "gradcam" else gradient
        speaking = (weights * maps).sum(dim=1)  # (batch, height, width)
    return _scaled(_resized(_scaled(speaking.relu()), x.shape[1:]))


def score(logits, targets):
    """The logit that speaks for each clip's class. (batch,)

    One logit for two classes speaks for the second, and its negative for the first.
    """
    if logits.shape[1] == 1:
        return torch.where(targets == 1, logits[:, 0], -logits[:, 0])
    return logits.gather(1, targets[:, None])[:, 0]


def _through(model, x, layer):
    """The layer's output, in the graph, and the logits."""
    seen = []
    handle = model.model.get_submodule(layer).register_forward_hook(
        lambda module, inputs, output: seen.append(output)
    )
    try:
        logits = model(x.detach().requires_grad_())  # frozen weights alone would leave no graph
    finally:
        handle.remove()
    return seen[-1], logits


def _scaled(maps):
    """Each map from 0, its least value, to 1."""
    maps = maps - maps.amin(dim=(1, 2), keepdim=True)
    return maps / (TINY + maps.amax(dim=(1, 2), keepdim=True))


def _resized(maps, shape):
    if maps.shape[1:] == shape:
        return maps
    return F.interpolate(maps[:, None], tuple(shape), mode="bilinear", align_corners=False)[:, 0]


@contextmanager
def _recurrent_gradients(model):
    """cuDNN gives the gradients of recurrent layers in training mode only."""
    recurrent = any(isinstance(module, nn.RNNBase) for module in model.modules())
    with torch.backends.cudnn.flags(enabled=False) if recurrent else nullcontext():
        yield


@torch.no_grad()
def randomized(model, *, seed):
    """Exchange the weights of a model at random, each tensor's among themselves: nothing learned is left.

    model : Module, changed in place
    Adebayo et al. (2018), "Sanity checks for saliency maps", randomize by drawing anew; exchanging keeps the
    weights' scale, and works for layers that start at 0.
    """
    generator = torch.Generator().manual_seed(seed)
    for weights in model.parameters():
        order = torch.randperm(weights.numel(), generator=generator)
        weights.copy_(weights.flatten()[order.to(weights.device)].view_as(weights))
    return model
