"""K-means by Lloyd's rounds."""

import torch
import torch.nn.functional as F

ROUNDS = 12


@torch.no_grad()
def kmeans(points: torch.Tensor, count: int, on_sphere: bool = False) -> torch.Tensor:
    """Points [N, C] -> centres [count, C]; dead centres move onto random points. On the sphere points have norm 1, and so have centres."""
    centres = points[torch.randperm(len(points), device=points.device)[:count]]
    if len(centres) < count:
        raise ValueError(f"{count} centres were asked for, and there are {len(points)} points")
    for _ in range(ROUNDS):
        which = nearest(points, centres)
        sums = torch.zeros_like(centres).index_add_(0, which, points)
        counts = torch.bincount(which, minlength=count)
        strays = points[torch.randint(len(points), (count,), device=points.device)]
        means = F.normalize(sums, dim=1) if on_sphere else sums / counts.clamp(min=1).unsqueeze(1)
        centres = torch.where((counts > 0).unsqueeze(1), means, strays)
    return centres


def nearest(points: torch.Tensor, centres: torch.Tensor) -> torch.Tensor:
    """Which centre [N] has the least distance to each point; a part of the points at a time, so that memory stays bounded."""
    halves = 0.5 * centres.square().sum(1)
    return torch.cat([(part @ centres.T - halves).argmax(1) for part in points.split(1 << 14)])
