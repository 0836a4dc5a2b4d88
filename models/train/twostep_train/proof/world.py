"""Pictures of one rectangle on a ground, and everything that follows from knowing them all.

A hypothesis is a ground, a place, a size and another colour; all are equally likely. There are few enough to hold them in a
trie of codes in raster order, where a node counts the hypotheses that begin so. The posterior after any codes is then a
look-up: p(next code) is the share of the node's hypotheses that go on with it. No network is between the world and its teacher.
"""

from dataclasses import dataclass
from itertools import permutations, product

import torch

from ..flow import map_noise


def rectangles(grid: int, colours: int) -> torch.Tensor:
    """Codes [hypotheses, grid * grid] of every rectangle of every size, place and colour on every other ground."""
    spans = [(first, last) for first in range(grid) for last in range(first, grid)]
    masks = torch.zeros(len(spans) ** 2, grid, grid, dtype=torch.bool)
    for mask, ((top, bottom), (left, right)) in zip(masks, product(spans, spans), strict=True):
        mask[top : bottom + 1, left : right + 1] = True
    pairs = torch.tensor(list(permutations(range(colours), 2)))
    ground, colour = pairs[:, 0, None, None], pairs[:, 1, None, None]
    return torch.where(masks.flatten(1)[None], colour, ground).flatten(0, 1)


def corners(colours: int) -> torch.Tensor:
    """Code vectors [colours, colours - 1] of norm 1, all equally far from each other: the corners of a simplex."""
    centred = torch.eye(colours, dtype=torch.float64) - 1 / colours
    _, _, axes = torch.linalg.svd(centred)
    return torch.nn.functional.normalize(centred @ axes[: colours - 1].T, dim=1).float()


@dataclass
class World:
    """shares[i] [nodes, V]: p of code i after each way to begin; following[i] [nodes, V]: the node that it leads to, -1 where there is none."""

    shares: list[torch.Tensor]
    following: list[torch.Tensor]
    marginals: torch.Tensor  # [L, V]: p of each code where nothing is known
    book: torch.Tensor  # [V, C]

    @classmethod
    def of(cls, hypotheses: torch.Tensor, book: torch.Tensor) -> "World":
        colours, shares, following, marginals = len(book), [], [], []
        node = torch.zeros(len(hypotheses), dtype=torch.long)
        for codes in hypotheses.unbind(1):
            nodes = int(node.max()) + 1
            branch = node * colours + codes
            counts = torch.bincount(branch, minlength=nodes * colours).reshape(nodes, colours)
            taken, node = branch.unique(return_inverse=True)
            after = torch.full((nodes * colours,), -1)
            after[taken] = torch.arange(len(taken))
            shares.append((counts / counts.sum(1, keepdim=True)).float())
            following.append(after.reshape(nodes, colours))
            marginals.append(counts.sum(0) / counts.sum())
        return cls(shares, following, torch.stack(marginals).float(), book)

    def draw(self, noise: torch.Tensor, solver_steps: int) -> tuple[torch.Tensor, torch.Tensor]:
        """The teacher: noise [B, L, C] -> codes [B, L], each by the exact map of METHOD 4 from the exact posterior p [B, L, V]."""
        node, codes, posterior = torch.zeros(len(noise), dtype=torch.long), [], []
        for position, (shares, following) in enumerate(zip(self.shares, self.following, strict=True)):
            p = shares[node]
            code = p.argmax(1)
            doubt = (p.amax(1) < 1).nonzero().squeeze(1)  # where p leaves none, any noise leads to its code
            if len(doubt):
                code[doubt] = map_noise(noise[doubt, position], p[doubt].log(), self.book, steps=solver_steps)
            codes.append(code)
            posterior.append(p)
            node = following[node, code]
        return torch.stack(codes, 1), torch.stack(posterior, 1)

    def alone(self, noise: torch.Tensor, solver_steps: int) -> torch.Tensor:
        """The baseline: every code drawn by itself from its exact marginal, with the same map of the same noise."""
        scores = self.marginals.log().expand(len(noise), -1, -1)
        return map_noise(noise, scores, self.book, steps=solver_steps)

    def knows(self, codes: torch.Tensor) -> torch.Tensor:
        """Which of codes [B, L] are one of the hypotheses [B]."""
        node, known = torch.zeros(len(codes), dtype=torch.long), torch.ones(len(codes), dtype=torch.bool)
        for code, following in zip(codes.unbind(1), self.following, strict=True):
            node = following[node, code]
            known &= node >= 0
            node = node.clamp(min=0)
        return known
