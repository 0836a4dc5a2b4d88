"""Perceptual distance between pictures: feature maps of our attribute checker, or VGG-16 with LPIPS's weights where they are given."""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

VGG = [64, 64, "pool", 128, 128, "pool", 256, 256, 256, "pool", 512, 512, 512, "pool", 512, 512, 512]
"""Convolutions of VGG-16; the map before every pooling and the last one are compared."""


class VggMaps(nn.Module):
    """torchvision's file has features.N.weight; LPIPS adds lin0..lin4.model.1.weight, one weight a channel."""

    def __init__(self, path: Path):
        super().__init__()
        state = torch.load(path, weights_only=True, map_location="cpu")
        self.convs, self.places, at, inside = nn.ModuleList(), [], 0, 3
        for entry in VGG:
            if entry == "pool":
                at += 1
                continue
            conv = nn.Conv2d(inside, entry, 3, padding=1)
            conv.load_state_dict({"weight": state[f"features.{at}.weight"], "bias": state[f"features.{at}.bias"]})
            self.convs.append(conv)
            at, inside = at + 2, entry
        self.linear = [state.get(f"lin{i}.model.1.weight", state.get(f"lin{i}.weight")) for i in range(5)]
        self.register_buffer("shift", torch.tensor([-0.030, -0.088, -0.188]).reshape(1, 3, 1, 1))
        self.register_buffer("scale", torch.tensor([0.458, 0.448, 0.450]).reshape(1, 3, 1, 1))

    def maps(self, image):
        x, found, convs = (image - self.shift) / self.scale, [], iter(self.convs)
        for entry in VGG:
            if entry == "pool":
                found.append(x)
                x = F.max_pool2d(x, 2)
            else:
                x = F.relu(next(convs)(x))
        return [*found, x]


def distance(network, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Mean squared difference of channel-normalised maps, summed over levels; 0 for equal pictures [B, 3, H, W]."""
    total = a.new_zeros(())
    weights = getattr(network, "linear", None)
    for i, (x, y) in enumerate(zip(network.maps(a), network.maps(b.detach()), strict=True)):
        square = (F.normalize(x.float(), dim=1, eps=1e-6) - F.normalize(y.float(), dim=1, eps=1e-6)) ** 2
        if weights and weights[i] is not None:
            square = square * weights[i].to(square.device).reshape(1, -1, 1, 1)
        total = total + square.sum(1).mean()
    return total
