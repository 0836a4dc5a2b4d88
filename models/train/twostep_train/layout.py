"""A layout map: what stands at every position of a picture, in numbers that image rows are told (Gpt.told).

A caption leaves every row to find out for itself which of some twenty words are about it. In a world of drawings a sentence of the scene language (scenes/language.py)
leaves nothing open, so a program can say it: which thing, which of its cells, in which colour, in front of what. With that, two hundred drawings are learned in the
time that a row of a picture needed to find its own thing (LOG.md). The same in TypeScript: models/families/llamagen/layout-map.ts; a golden file holds the two together.
"""

import re
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import nn

from .scenes.language import GRID, word
from .scenes.words import COLOUR_NAMES, DIRECTIONS, GROUNDS, LIGHTS, SHAPE_NAMES
from .world.drawings import token, world

FIELDS = ("thing", "cell", "detail", "colour", "behind", "behind cell", "behind detail", "behind colour", "ground", "direction", "light",
          "first", "second", "third", "fourth", "place")  # fmt: skip
"""What each number of a position says. 0 is nothing. `behind` is the thing that the first one lies on."""

VARIANTS = 5
DETAIL = 4
"""Each drawing remembers DETAIL x DETAIL regions of itself."""


@dataclass(frozen=True)
class Book:
    """The words that a map has numbers for, each counted from 1. What is not among them is not drawn by this network."""

    things: tuple[str, ...]
    colours: tuple[str, ...]
    grounds: tuple[str, ...]
    directions: tuple[str, ...]
    lights: tuple[str, ...]

    def sizes(self) -> dict[str, int]:
        """Of every field: one more than its largest number."""
        things, colours = len(self.things) + 1, len(self.colours) + 1
        own = {"thing": things, "cell": cells(GRID) + 1, "detail": things * DETAIL**2, "colour": colours}
        behind = dict(zip(FIELDS[4:8], own.values(), strict=True))
        ground = {"ground": (len(self.grounds) + 1) * (VARIANTS + 1), "direction": len(self.directions) + 1, "light": len(self.lights) + 1}
        return {**own, **behind, **ground, **dict.fromkeys(FIELDS[11:15], colours), "place": GRID * GRID}

    def contract(self) -> dict:
        """As a recipe and pack.json have it (models/families/llamagen/part.ts, Layout)."""
        return {**{k: list(v) for k, v in asdict(self).items()}, "variants": VARIANTS, "sides": GRID, "details": DETAIL}


def book() -> Book:
    """Of the world that is in use: the shapes of scenes and the drawings that are practised."""
    drawings = [*SHAPE_NAMES, *world().things, *world().icons]
    return Book(
        tuple(token(name) for name in drawings), tuple(word("c", name) for name in COLOUR_NAMES), tuple(word("g", name) for name in GROUNDS),
        tuple(word("d", name) for name in DIRECTIONS[1:]), tuple(word("l", name) for name in LIGHTS),
    )  # fmt: skip


def cells(side: int) -> int:
    """How many cells boxes of sides 1..side have together: where the numbers of the next larger box begin."""
    return side * (side + 1) * (2 * side + 1) // 6


def layout_map(sentence: str, book: Book, rows: int = GRID, columns: int = GRID) -> torch.Tensor:
    """A sentence of the scene language -> int32 [rows * columns, FIELDS]. Words that the book lacks say nothing."""
    found = np.zeros((rows, columns, len(FIELDS)), dtype=np.int32)
    across, down = np.arange(columns) * GRID // columns, np.arange(rows) * GRID // rows
    found[..., 15] = down[:, None] * GRID + across[None]
    words = sentence.split()
    begin = next((i for i, one in enumerate(words) if one[0] == "g"), len(words))
    for part in _things(words[:begin]):
        _lay(found, part, book)
    kinds = {one[0]: one for one in words[begin:] if one[0] != "c"}
    colours = [one for one in words[begin:] if one[0] == "c"]
    found[..., 8] = _number(kinds.get("g"), book.grounds) * (VARIANTS + 1) + int(kinds.get("v", "v0")[1:])
    found[..., 9], found[..., 10] = _number(kinds.get("d"), book.directions), _number(kinds.get("l"), book.lights)
    for field, colour in zip(range(11, 15), colours, strict=False):
        found[..., field] = _number(colour, book.colours)
    return torch.from_numpy(found.reshape(rows * columns, -1))


def _things(words: list[str]) -> list[list[str]]:
    starts = [i for i, one in enumerate(words) if one[0] == "k"]
    return [words[start:end] for start, end in zip(starts, [*starts, len(words)][1:], strict=True)]


def _lay(found: np.ndarray, words: list[str], book: Book) -> None:
    says = {one[0]: int(one[1:]) for one in words if re.fullmatch(r"[sxy]\d+", one)}
    colour = next((one for one in words[1:] if one[0] == "c"), None)
    side, left, top = says["s"], says["x"], says["y"]
    y, x = np.mgrid[0:side, 0:side]
    thing = _number(words[0], book.things)
    box = found[max(0, top) : top + side, max(0, left) : left + side]
    y, x = y[: box.shape[0], : box.shape[1]], x[: box.shape[0], : box.shape[1]]
    box[..., 4:8] = box[..., 0:4]
    box[..., 0] = thing
    box[..., 1] = cells(side - 1) + y * side + x + 1
    box[..., 2] = thing * DETAIL**2 + (y * DETAIL // side) * DETAIL + x * DETAIL // side
    box[..., 3] = _number(colour, book.colours)


def _number(one: str | None, words: tuple[str, ...]) -> int:
    return words.index(one) + 1 if one in words else 0


class LayoutEmbedding(nn.Module):
    """Maps [B, S, FIELDS] -> [B, S, dim].

    A sum of what each field is by itself, and products: what a drawing shows in a cell is no sum of the two. Tables cost a network's size and hardly any of its time,
    and what they remember need not be computed in layers."""

    def __init__(self, dim: int, sizes: dict[str, int]):
        super().__init__()
        wide = 2 * dim
        self.thing_embeddings, self.cell_embeddings = nn.Embedding(sizes["thing"], dim), nn.Embedding(sizes["cell"], dim)
        self.colour_embeddings, self.detail_embeddings = nn.Embedding(sizes["colour"], dim), nn.Embedding(sizes["detail"], dim // 4)
        self.thing_factor_embeddings, self.cell_factor_embeddings = nn.Embedding(sizes["thing"], wide), nn.Embedding(sizes["cell"], wide)
        self.detail, self.product, self.behind = nn.Linear(dim // 4, dim, bias=False), nn.Linear(wide, dim, bias=False), nn.Linear(dim, dim, bias=False)
        self.ground_embeddings, self.direction_embeddings = nn.Embedding(sizes["ground"], dim), nn.Embedding(sizes["direction"], dim)
        self.light_embeddings, self.place_embeddings = nn.Embedding(sizes["light"], dim), nn.Embedding(sizes["place"], dim)
        self.ground_factor_embeddings, self.place_factor_embeddings = nn.Embedding(sizes["ground"], wide), nn.Embedding(sizes["place"], wide)
        self.scenery = nn.Linear(wide, dim, bias=False)
        self.ground_colour_embeddings = nn.ModuleList(nn.Embedding(sizes["colour"], dim) for _ in range(4))

    def start(self) -> None:
        for name, parameter in self.named_parameters():
            nn.init.normal_(parameter, std=0.5 if "factor" in name or "detail_" in name else 0.1 if "embeddings" in name else 0.02)

    def forward(self, layout):
        thing, cell, detail, colour, *rest = layout.unbind(-1)
        there, (ground, direction, light), colours, place = rest[:4], rest[4:7], rest[7:11], rest[11]
        x = self.thing(thing, cell, detail, colour) + self.behind(self.thing(*there))
        x = x + self.ground_embeddings(ground) + self.direction_embeddings(direction) + self.light_embeddings(light) + self.place_embeddings(place)
        x = x + self.scenery(self.ground_factor_embeddings(ground) * self.place_factor_embeddings(place))
        for table, one in zip(self.ground_colour_embeddings, colours, strict=True):
            x = x + table(one)
        return x

    def thing(self, thing, cell, detail, colour):
        x = self.thing_embeddings(thing) + self.cell_embeddings(cell) + self.colour_embeddings(colour)
        x = x + self.product(self.thing_factor_embeddings(thing) * self.cell_factor_embeddings(cell))
        return x + self.detail(self.detail_embeddings(detail))
