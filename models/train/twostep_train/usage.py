"""Which codes of a book are in use while it is trained; those that nobody uses move to where they are missed."""

import torch
from torch import nn

from .codebook import Codebook

FRESH = 20
"""Uses that a new code begins with."""


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
        idle = idle[idle >= len(book.flats)]
        away = (latents - book.rows()[book.nearest(latents)]).square().sum(1)
        count = min(len(idle), int((away > 0).sum()))
        if count:
            idle = idle[torch.randperm(len(idle), device=idle.device)[:count]]
            book.embedding.weight.data[idle] = latents[torch.multinomial(away, count)].to(book.embedding.weight.dtype)
            # What it costs (merge.py) was a matter of where it stood.
            used = self.often > self.idle
            used[: len(book.flats)] = False
            book.rates[idle] = book.rates[used].mean() if used.any() else book.rates.mean()
            self.often[idle] = FRESH * self.idle
        for tensor in (book.embedding.weight.data, book.rates, self.often):
            machine.same(tensor)
        return count
