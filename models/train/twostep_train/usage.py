"""Which codes of a book are in use while it is trained; those that nobody uses move to where they are missed."""

import torch
from torch import nn

from .codebook import Codebook

FRESH = 20
"""Uses that a new code begins with."""


LEAST, ROUNDS = 3, 6
"""Of the latents that `settle` is given, those that have to choose a code; how often it moves the others."""


class Usage(nn.Module):
    def __init__(self, codes: int, memory: int):
        """memory: how many steps the mean of uses looks back; a code with less than one use in so many is idle."""
        super().__init__()
        self.keep, self.idle = 1 - 1 / memory, 1 / memory
        self.register_buffer("often", torch.empty(codes))
        self.start()

    def start(self) -> None:
        """As if every code had been used some times of late."""
        self.often.fill_(FRESH * self.idle)

    def share(self) -> torch.Tensor:
        return (self.often > self.idle).float().mean()

    @torch.no_grad()
    def count(self, codes: torch.Tensor) -> None:
        self.often.mul_(self.keep).add_((1 - self.keep) * torch.bincount(codes.flatten(), minlength=len(self.often)).float())

    @torch.no_grad()
    def revive(self, book: Codebook, latents: torch.Tensor, machine) -> int:
        """Moves idle codes of the book onto some of the latents [N, channels], those that it says worst most likely (as k-means++ does), and returns how many.
        Codes that stand for a colour stay. All processes follow the first."""
        machine.same(self.often)
        idle = (self.often <= self.idle).nonzero().squeeze(1)
        idle = move(book, idle, latents)
        self.often[idle] = FRESH * self.idle
        for tensor in (book.embedding.weight.data, book.rates, self.often):
            machine.same(tensor)
        return len(idle)


def move(book: Codebook, idle: torch.Tensor, latents: torch.Tensor) -> torch.Tensor:
    """Moves codes onto latents that the book says worst; returns those that it moved."""
    idle = idle[idle >= len(book.flats)]
    away = (latents - book.rows()[book.nearest(latents)]).square().sum(1)
    idle = idle[torch.randperm(len(idle), device=idle.device)[: int((away > 0).sum())]]
    if len(idle):
        book.embedding.weight.data[idle] = latents[torch.multinomial(away, len(idle))].to(book.embedding.weight.dtype)
        # What a code costs (merge.py) was a matter of where it stood.
        busy = torch.ones_like(book.rates, dtype=torch.bool)
        busy[: len(book.flats)], busy[idle] = False, False
        book.rates[idle] = book.rates[busy].mean() if busy.any() else book.rates.mean()
    return idle


@torch.no_grad()
def settle(book: Codebook, latents: torch.Tensor, machine) -> int:
    """When nothing is trained any more: moves codes that next to none of these latents [N, channels] choose until (nearly) all are in use, each into the
    middle of the latents that it stands for then. Other latents lose nothing: a code is nearer to them or they go on without it. Returns how many have moved."""
    moved = torch.zeros_like(book.rates, dtype=torch.bool)
    for _ in range(ROUNDS):
        rare = torch.bincount(book.nearest(latents), minlength=len(book.rates)) < LEAST
        moved[move(book, rare.nonzero().squeeze(1), latents)] = True
        codes = book.nearest(latents)
        sums = torch.zeros_like(book.embedding.weight, dtype=torch.float32).index_add_(0, codes, latents.float())
        fitting = moved & (sums.square().sum(1) > 0)
        book.embedding.weight.data[fitting] = torch.nn.functional.normalize(sums[fitting], dim=1).to(book.embedding.weight.dtype)
    for tensor in (book.embedding.weight.data, book.rates):
        machine.same(tensor)
    return int(moved.sum())
