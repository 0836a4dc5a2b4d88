"""The book of codes, and which patches of a picture are told by their colour alone (merge.py)."""

import torch
import torch.nn.functional as F
from torch import nn

OURS = ("rates", "flats")
"""Buffers of the book that published files lack."""

ONE_COLOUR = 0.02
"""Values of -1..1: what varies less is a patch of one colour."""
EVEN_CHANGE = 0.03
"""What differs less from a plane is a patch whose colour changes evenly."""
NEAR = 0.2
"""How far a colour that has a code may be from such a patch's mean."""


def even_patches(image: torch.Tensor, grid: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """[B, 3, H, W] -> which patches of the grid are of one colour [B, grid * grid], in which the colour changes evenly (a plane over
    x and y) [B, grid * grid], and the mean colour of each [B, grid * grid, 3]."""
    side = image.shape[-1] // grid
    tiles = image.unflatten(2, (grid, side)).unflatten(4, (grid, side)).permute(0, 2, 4, 1, 3, 5).flatten(1, 2)
    range_of = (tiles.amax((3, 4)) - tiles.amin((3, 4))).amax(2)
    colours = tiles.mean((3, 4))
    line = torch.linspace(-1, 1, side, dtype=image.dtype, device=image.device)
    across, down = ((tiles * way).mean((3, 4), keepdim=True) / line.square().mean() for way in (line, line[:, None]))
    rest = tiles - colours[..., None, None] - across * line - down * line[:, None]
    return range_of < ONE_COLOUR, rest.abs().amax((2, 3, 4)) < EVEN_CHANGE, colours


class Codebook(nn.Module):
    def __init__(self, size: int, channels: int):
        super().__init__()
        self.embedding = nn.Embedding(size, channels)
        nn.init.normal_(self.embedding.weight)
        # Ours alone: what each code costs `nearest`, so that frequent ones are preferred (merge.py); 0 for published books.
        self.register_buffer("rates", torch.zeros(size))
        # Ours alone: a patch of colour k is code k, whatever its surroundings make of it, and so is one that changes evenly and whose mean is nearest
        # to colour k (merge.py); none for published books.
        self.register_buffer("flats", torch.zeros(0, 3))
        self.register_buffer("codebook_used", torch.zeros(65536))  # a counter of the published file; unused, kept for its layout

    def _load_from_state_dict(self, state_dict, prefix, *rest) -> None:
        """Published files have nothing of what is ours, and some no counter; everything else is as strict as ever."""
        for name in (*OURS, "codebook_used"):
            state_dict.setdefault(prefix + name, getattr(self, name))
        self.flats = torch.zeros_like(state_dict[prefix + "flats"], device=self.flats.device)
        super()._load_from_state_dict(state_dict, prefix, *rest)

    def rows(self) -> torch.Tensor:
        """[size, channels] of norm 1: the book is normalised on every read."""
        return F.normalize(self.embedding.weight.float(), dim=-1)

    def nearest(self, latents: torch.Tensor) -> torch.Tensor:
        """[..., channels] of norm 1 -> indices [...]: the least |z - c_j|^2 - rates_j."""
        flat = latents.reshape(-1, latents.shape[-1]).float()
        book = self.rows()
        found = [(2 * part @ book.T + self.rates).argmax(1) for part in flat.split(1 << 16)]
        return torch.cat(found).reshape(latents.shape[:-1])
