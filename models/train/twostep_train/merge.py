"""A smaller book that says nearly the same: codes that few pictures need and that have a near neighbour give way to it.

A tokenizer's latents of one flat colour scatter over a dozen codes, and a teacher has to guess which of them comes next. Entropy-constrained
quantisation (Chou, Lookabaugh and Gray, 1989) picks the code that minimises |z - c_j|^2 - weight log p_j instead of the nearest one. On our scenes
1,711 of 4,096 codes then remain, half as many different ones in a picture, 0.9 dB less before the decoder has got used to it, and
the teacher's loss falls by a third (LOG.md).

What is left of that scatter is in the flat colours, of which our scenes have a few hundred: an encoder's norms and attention let the whole
picture into the latent of an even patch. So every such colour gets a code of its own, the mean of its latents, and its patches get that code. Between them lie
the colours of gradients, which are as many as one likes: a palette of them (k-means on the mean colours of patches that change evenly) gets codes in the same way.
How steep the change is, a decoder can tell from the neighbours.
"""

import math

import torch
import torch.nn.functional as F

from .kmeans import kmeans, nearest

ROUNDS = 6
SEEN = 24  # patches, for a flat colour to be worth a code
CLOSE = 0.03  # values of -1..1: as good as a colour that has a code


class Flats:
    """Gathers the latents of even patches by colour."""

    def __init__(self, channels: int):
        self.sums: dict[tuple, torch.Tensor] = {}
        self.zero = torch.zeros(channels + 4)

    def add(self, colours: torch.Tensor, latents: torch.Tensor) -> None:
        """colours [N, 3] in -1..1, latents [N, channels]."""
        keys, which = (colours.cpu() * 127.5).round().int().unique(dim=0, return_inverse=True)
        both = torch.cat([latents.float().cpu(), colours.float().cpu(), torch.ones(len(colours), 1)], 1)
        sums = torch.zeros(len(keys), both.shape[1]).index_add_(0, which, both)
        for key, one in zip(map(tuple, keys.tolist()), sums, strict=True):
            self.sums[key] = self.sums.get(key, self.zero) + one

    def frequent(self, most: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Colours [K, 3] and mean latents of norm 1 [K, channels] of the K <= most that were seen most often, and at least SEEN times."""
        found = sorted((one for one in self.sums.values() if one[-1] >= SEEN), key=lambda one: -float(one[-1]))[:most]
        if not found:
            return torch.zeros(0, 3), torch.zeros(0, len(self.zero) - 4)
        table = torch.stack(found)
        means = table[:, :-1] / table[:, -1:]
        return means[:, -3:], F.normalize(means[:, :-3], dim=1)


def palette(colours: torch.Tensor, latents: torch.Tensor, known: torch.Tensor, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Colours [N, 3] of patches that change evenly, their latents [N, channels] and colours that have a code [K, 3] -> at most `count` colours among those that
    have none [M, 3] and the mean latents, of norm 1, of the patches around each [M, channels]."""
    known = known if len(known) else torch.full((1, 3), math.inf)
    away = torch.cat([torch.cdist(part, known, p=math.inf).amin(1) for part in colours.split(1 << 14)])
    colours, latents = colours[away > CLOSE], latents[away > CLOSE]
    count = min(count, len(colours))
    if not count:
        return colours[:0], latents[:0]
    centres = kmeans(colours, count)
    which = nearest(colours, centres)
    used = which.unique()
    sums = torch.zeros(count, latents.shape[1]).index_add_(0, which, latents)
    return centres[used], F.normalize(sums[used], dim=1)


def rates(counts: torch.Tensor, weight: float) -> torch.Tensor:
    """weight * log p [N] of codes that were seen `counts` times; codes never seen are dear, not forbidden."""
    return weight * ((counts + 0.2) / (counts + 0.2).sum()).log()


def merged(book: torch.Tensor, counts: torch.Tensor, weight: float) -> torch.Tensor:
    """Which code each of the book [N, C] becomes [N], when all pictures are coded so again and again."""
    similarity = 2 * book @ book.T
    costs = rates(counts, weight)
    for _ in range(ROUNDS):
        becomes = (similarity + costs).argmax(1)
        costs = rates(torch.zeros_like(counts).index_add_(0, becomes, counts), weight)
    return becomes


def choose(book: torch.Tensor, counts: torch.Tensor, kept: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The `kept` codes that stay, rising [kept], and their rates [kept], for `Codebook.nearest`."""
    low, high = 0.0, 1.0
    for _ in range(18):
        weight = (low + high) / 2
        low, high = (weight, high) if len(merged(book, counts, weight).unique()) > kept else (low, weight)
    becomes = merged(book, counts, high)
    remaining = becomes.unique()
    # Never more than `kept`, and as a rule a few less: the most frequent of those that had to go fill up.
    others = counts.clone()
    others[remaining] = -math.inf
    stay = torch.cat([remaining, others.topk(kept - len(remaining)).indices]).sort().values
    used = torch.zeros_like(counts).index_add_(0, becomes, counts)
    return stay, rates(used[stay], high)
