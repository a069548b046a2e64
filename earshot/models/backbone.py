"""Any torchvision classifier as a backbone with a head of its own: transfer learning, or training from scratch."""

import copy
import functools
from typing import Any, Literal, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import get_model

from earshot.config.base import Count, Dropout
from earshot.core.errors import EarshotError
from earshot.models.pretrained import load_into
from earshot.models.sizes import Shape, with_planes

TAKES_COLOUR = True
# Auxiliary classifiers would give a second output in training.
ARGUMENTS = {name: {"aux_logits": False, "init_weights": True} for name in ("googlenet", "inception_v3")}
PROBE = 224  # the size that every torchvision classifier takes
LUMINANCE = (0.299, 0.587, 0.114)  # of red, green and blue, ITU-R 601-2 as in `reading.pictures`


class Backbone(nn.Module):
    """A torchvision network that ends in features, and a dropout and linear head.

    features : how many numbers the network gives for a clip
    frozen : the network neither learns nor, in training, updates its batch norm's running statistics
    shared : the network is the same in every run: it came whole from a file of weights, and is frozen
    """

    def __init__(
        self,
        name: str,
        network: nn.Module,
        features: int,
        outputs: int,
        *,
        frozen: bool,
        grayscale: bool,
        image_size: int | None,
        dropout: float,
    ) -> None:
        super().__init__()
        self.name, self.frozen, self.grayscale, self.image_size = name, frozen, grayscale, image_size
        self.features = features
        self.shared = False
        self.backbone = network.requires_grad_(not frozen)
        linear = nn.Linear(features, outputs)
        self.head = nn.Sequential(nn.Dropout(dropout), linear)
        # features of any size start from equal odds
        nn.init.zeros_(linear.weight)
        nn.init.zeros_(linear.bias)
        self.cam_layer: str | None = None

    def train(self, mode: bool = True) -> Self:
        super().train(mode)
        if self.frozen:
            self.backbone.eval()
        return self

    def body(self, x: Tensor) -> Tensor:
        """What the head sees of the arrays, shape (batch, features)."""
        x = with_planes(x)  # (batch, 1, bands, frames), or 3 in colour
        if self.grayscale and x.shape[1] == 3:
            x = (x * x.new_tensor(LUMINANCE)[:, None, None]).sum(1, keepdim=True)
        if self.image_size:
            x = F.interpolate(x, (self.image_size, self.image_size), mode="bilinear", antialias=True)
        if not self.grayscale:
            x = x.expand(-1, 3, -1, -1)
        features: Tensor = self.backbone(x)
        return features

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.body(x))  # (batch, outputs)
        return logits


def build(
    *,
    name: str,
    input_shape: Shape,
    outputs: int,
    weights: str = "none",
    freeze: Literal["none", "backbone"] = "none",
    grayscale: bool = True,
    stem: Literal["sum", "mean"] = "sum",
    image_size: Count | None = None,
    dropout: Dropout = 0.2,
) -> nn.Module:
    """A torchvision classifier, by its name there.

    weights : "none", "imagenet" (torchvision's own), or the path of a .pth or .safetensors file
    freeze : "backbone" trains the head alone
    grayscale : one input channel, the stem's RGB weights added up (`stem: mean` averages them), and arrays in colour
        as their luminance; else red, green and blue, or of an array without colour three times the same
    image_size : the array resized as a whole to this many rows and columns, never cropped

    Raises EarshotError for weights that cannot be had and for arrays that are too small.
    """
    network = get_model(name, weights=None, **ARGUMENTS.get(name, {}))
    head = last_layer(network)
    is_whole = load_into(network, name=name, weights=weights, keep=[f"{head}."])
    if grayscale:
        narrow_stem(network, average=stem == "mean")
    features = cut_head(network, head)
    model = Backbone(
        name,
        network,
        features,
        outputs,
        frozen=freeze == "backbone",
        grayscale=grayscale,
        image_size=image_size,
        dropout=dropout,
    )
    model.shared = model.frozen and is_whole
    shape = (image_size, image_size) if image_size else input_shape[-2:]
    check_size(model, shape)
    model.cam_layer = last_map(model)
    return model


def last_layer(network: nn.Module) -> str:
    """The name of the layer that gives the 1,000 ImageNet logits: the last linear one, or 1x1 convolution."""
    linear: list[str] = [name for name, module in network.named_modules() if isinstance(module, nn.Linear)]
    if linear:
        return linear[-1]
    convolutions: list[str] = [
        name for name, module in network.named_modules() if isinstance(module, nn.Conv2d)
    ]
    return convolutions[-1]


def cut_head(network: nn.Module, name: str) -> int:
    """Takes the last layer out, and a dropout right before it. Returns how many features come out."""
    parent_name, _, child = name.rpartition(".")
    parent, layer = network.get_submodule(parent_name), network.get_submodule(name)
    if isinstance(layer, nn.Conv2d):
        network.set_submodule(parent_name, nn.AdaptiveAvgPool2d(1))
        return layer.in_channels
    setattr(parent, child, nn.Identity())
    before = str(int(child) - 1) if child.isdigit() else ""
    if isinstance(getattr(parent, before, None), nn.Dropout):
        setattr(parent, before, nn.Identity())
    assert isinstance(layer, nn.Linear)
    return layer.in_features


def narrow_stem(network: nn.Module, *, average: bool = False) -> None:
    """Turns the first convolution from three channels to one.

    With weights added up it answers a grey picture as the RGB one answers the picture in all three channels.
    """
    name, stem = next((name, m) for name, m in network.named_modules() if isinstance(m, nn.Conv2d))
    height, width = stem.kernel_size
    narrow = nn.Conv2d(1, stem.out_channels, (height, width), bias=stem.bias is not None)
    narrow.stride, narrow.padding, narrow.dilation = stem.stride, stem.padding, stem.dilation
    with torch.no_grad():
        weight = stem.weight.sum(dim=1, keepdim=True)  # (out, 1, height, width)
        narrow.weight = nn.Parameter(weight / 3 if average else weight)
        if stem.bias is not None:
            narrow.bias = stem.bias
    network.set_submodule(name, narrow)
    if getattr(network, "transform_input", False):
        # it rescales three channels
        network.transform_input = False  # type: ignore[assignment]  # torch knows tensors and modules alone


def check_size(model: Backbone, shape: Shape) -> None:
    """Raises EarshotError, with the least size, for arrays that the network cannot take."""
    bare = _bare(model)
    if _takes(bare, shape):
        return
    sizes = [size for size in range(8, 2 * PROBE + 1, 8) if _takes(bare, (size, size))]
    least = f"{sizes[0]} bands x {sizes[0]} frames" if len(sizes) > 1 else f"exactly {PROBE} x {PROBE}"
    raise EarshotError(
        f"model {model.name} cannot take arrays of {shape[0]} bands x {shape[1]} frames; it needs "
        f"{'at least ' if len(sizes) > 1 else ''}{least}: set zoo.{model.name}.image_size to resize them"
    )


def last_map(model: Backbone) -> str | None:
    """The name of the last layer that gives maps, (batch, channels, height, width); None without maps."""
    bare = _bare(model)
    seen: list[tuple[str, nn.Module, Any]] = []

    def note(name: str, module: nn.Module, arguments: Any, output: Any) -> None:
        seen.append((name, module, output))

    for name, module in bare.named_modules():
        module.register_forward_hook(functools.partial(note, name))
    _takes(bare, (PROBE, PROBE))
    maps = [
        name
        for name, module, output in seen
        if isinstance(output, torch.Tensor) and output.ndim == 4 and min(output.shape[2:]) > 1
        if not isinstance(module, nn.AdaptiveAvgPool2d)
    ]
    return maps[-1] if maps else None


def _bare(model: Backbone) -> Backbone:
    """A copy that has shapes and no numbers, to try sizes on without the arithmetic."""
    copied = copy.deepcopy(model).to("meta").eval()
    copied.image_size = None
    return copied


def _takes(bare: nn.Module, shape: Shape) -> bool:
    try:
        with torch.no_grad():
            bare(torch.empty(1, *shape, device="meta"))
    except (RuntimeError, AssertionError, ValueError):
        return False
    return True
