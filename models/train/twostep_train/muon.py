"""Muon for matrices, AdamW for the rest, in one optimizer.

Muon (Keller Jordan and others, 2024): the step of a matrix is its momentum with all singular values brought near 1, by five rounds
of a quintic Newton-Schulz iteration. A kernel of a convolution counts as a matrix [out, in * height * width]. Rates are then the same for every
width, and small networks get to a given loss in a third to a half of AdamW's steps (LOG.md).
"""

import torch
import torch.distributed as dist
import torch.nn.functional as F

from .machine import native_bfloat16

ROUNDS = ((3.4445, -4.7750, 2.0315),) * 5


class Muon(torch.optim.Optimizer):
    """Groups with `muon: True` hold matrices and kernels, the others anything. State is called as AdamW's is, so that checkpoints look alike."""

    def __init__(self, groups: list[dict], momentum: float = 0.95, betas=(0.9, 0.99), eps: float = 1e-8):
        super().__init__(groups, {"momentum": momentum, "betas": betas, "eps": eps, "weight_decay": 0.0, "muon": False})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            moved = [p for p in group["params"] if p.grad is not None]
            (self._orthogonal if group["muon"] else self._adam)(group, moved)

    def _orthogonal(self, group, parameters) -> None:
        alike: dict[tuple, list] = {}
        for p in parameters:
            state = self.state[p]
            if "exp_avg" not in state:
                state["exp_avg"] = torch.zeros_like(p)
            state["exp_avg"].lerp_(p.grad, 1 - group["momentum"])
            nesterov = p.grad.lerp(state["exp_avg"], group["momentum"]).flatten(1)
            alike.setdefault(tuple(nesterov.shape), []).append((p, nesterov))
        for shape, members in alike.items():
            updates = shared_out(torch.stack([update for _, update in members]))
            scale = max(1.0, shape[0] / shape[1]) ** 0.5
            for (p, _), update in zip(members, updates, strict=True):
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(update.reshape(p.shape).to(p.dtype), alpha=-group["lr"] * scale)

    def _adam(self, group, parameters) -> None:
        first_beta, second_beta = group["betas"]
        for p in parameters:
            state = self.state[p]
            if "exp_avg" not in state:
                state.update(step=torch.tensor(0.0), exp_avg=torch.zeros_like(p), exp_avg_sq=torch.zeros_like(p))
            state["step"] += 1
            count = float(state["step"])
            state["exp_avg"].lerp_(p.grad, 1 - first_beta)
            state["exp_avg_sq"].lerp_(p.grad.square(), 1 - second_beta)
            spread = (state["exp_avg_sq"] / (1 - second_beta**count)).sqrt_().add_(group["eps"])
            p.mul_(1 - group["lr"] * group["weight_decay"])
            p.addcdiv_(state["exp_avg"], spread, value=-group["lr"] / (1 - first_beta**count))


def shared_out(matrices: torch.Tensor) -> torch.Tensor:
    """`orthogonal`, each of several processes doing its part: their gradients are the same, and the rounds are half of a small network's step."""
    world = dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1
    if world == 1:
        return orthogonal(matrices)
    each = -(-len(matrices) // world)
    padded = F.pad(matrices, (0, 0, 0, 0, 0, each * world - len(matrices)))
    rank = dist.get_rank()
    mine = orthogonal(padded[rank * each : (rank + 1) * each]).contiguous()
    parts = [torch.empty_like(mine) for _ in range(world)]
    dist.all_gather(parts, mine)
    return torch.cat(parts)[: len(matrices)]


def orthogonal(matrices: torch.Tensor) -> torch.Tensor:
    """[N, rows, columns] -> the same with singular values of about 1 (0.7 to 1.2), in bfloat16 where that is quick."""
    x = matrices.to(torch.bfloat16 if native_bfloat16(matrices.device) else torch.float32)
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.mT
    x = x / (x.float().norm(dim=(1, 2), keepdim=True) + 1e-7).to(x.dtype)
    for a, b, c in ROUNDS:
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.mT if tall else x).float()
