"""The drawings of a world's folder: what there is (index.json), and their pixels at the sizes that scenes need.

A folder holds SVG or PNG files with transparency and an index.json that names them:

    {"version": 1, "drawings": [{"id": "fox", "style": "flat", "coloured": true, "kind": "thing", "names": {"en": ["fox"], "de": ["fuchs"]}, "keywords": {"en": ["animal"]}}]}

`coloured` false means that only the shape counts and that the drawing can be asked for in any colour. The file is ID.svg or ID.png.
"""

import io
import json
import os
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from ..scenes.words import SHAPE_NAMES


@dataclass(frozen=True)
class Drawing:
    id: str
    style: str = "flat"
    coloured: bool = True
    kind: str = "thing"
    names: dict[str, list[str]] = field(default_factory=dict, compare=False)
    keywords: dict[str, list[str]] = field(default_factory=dict, compare=False)


def token(name: str) -> str:
    """The word that stands for a concept in the scene language (scenes/language.py): letters and digits only."""
    return "k" + re.sub(r"[^a-z0-9]", "", name.lower())


class World:
    """What a run can draw beside the shapes of scenes/shapes.py. Empty without a folder.

    only: ids of the drawings that scenes are made of, those that are listed twice twice as often; the others keep their place and their words, so that they may
    be practised later."""

    def __init__(self, folder: Path | None = None, only: list[str] | None = None):
        self.folder = folder
        self.drawings: list[Drawing] = []
        if folder is not None:
            listed = json.loads((folder / "index.json").read_text())
            if listed.get("version") != 1:
                raise ValueError(f"{folder / 'index.json'} has version {listed.get('version')!r}; this trainer reads version 1")
            known = {f: None for f in Drawing.__dataclass_fields__}
            # A shape that scenes paint themselves, in any colour, wins over a drawing of the same name.
            self.drawings = [Drawing(**{k: v for k, v in one.items() if k in known}) for one in listed["drawings"] if one["id"] not in SHAPE_NAMES]
        self.index = {one.id: i for i, one in enumerate(self.drawings)}
        tokens = [token(name) for name in [*SHAPE_NAMES, *self.index]]
        if len(set(tokens)) != len(tokens) or len(self.index) != len(self.drawings):
            twice = sorted({t for t in tokens if tokens.count(t) > 1})
            raise ValueError(f"{folder}: drawings need ids that differ in their letters and digits; alike are {', '.join(twice)}")
        if only is not None and (unknown := sorted(set(only) - self.index.keys())):
            raise ValueError(f"{folder} has no drawing {', '.join(unknown[:5])}")
        times = Counter([*self.index] if only is None else only)
        practised = [one for one in self.drawings if times[one.id]]
        self.things = [one.id for one in practised if one.kind != "icon"]
        self.icons = [one.id for one in practised if one.kind == "icon"]
        self.often = {kind: [name for name in names for _ in range(times[name])] for kind, names in (("thing", self.things), ("icon", self.icons))}

    def __getitem__(self, name: str) -> Drawing:
        return self.drawings[self.index[name]]

    def number(self, shape: str) -> int:
        """What a row of scenes/row.py writes for a shape or a drawing."""
        return SHAPE_NAMES.index(shape) if shape in SHAPE_NAMES else len(SHAPE_NAMES) + self.index[shape]

    def name(self, number: int) -> str:
        return SHAPE_NAMES[number] if number < len(SHAPE_NAMES) else self.drawings[number - len(SHAPE_NAMES)].id

    @lru_cache(maxsize=16)
    def pixels(self, side: int) -> np.ndarray:
        """uint8 [drawings, side, side, 4], straight alpha; made once and kept beside the drawings."""
        path = self.folder / ".raster" / f"{side}.npy"
        if not path.exists() or np.load(path, mmap_mode="r").shape[0] != len(self.drawings):
            path.parent.mkdir(exist_ok=True)
            made = np.stack([rasterised(self.folder, one.id, side) for one in self.drawings])
            fresh = path.with_name(f"{side}.{os.getpid()}.npy")
            np.save(fresh, made)
            fresh.replace(path)
        return np.load(path, mmap_mode="r")

    def picture(self, number: int, side: int) -> torch.Tensor:
        """float [4, side, side]: colour in -1..1 and alpha in 0..1."""
        values = torch.from_numpy(np.array(self.pixels(side)[number - len(SHAPE_NAMES)])).permute(2, 0, 1).float()
        return torch.cat([values[:3] / 127.5 - 1, values[3:] / 255])


def rasterised(folder: Path, name: str, side: int) -> np.ndarray:
    """uint8 [side, side, 4] of a drawing, in the middle of a square."""
    from PIL import Image

    svg = folder / f"{name}.svg"
    if svg.exists():
        import resvg_py

        image = Image.open(io.BytesIO(resvg_py.svg_to_bytes(svg_string=svg.read_text(), width=side, height=side, skip_system_fonts=True)))
    else:
        image = Image.open(folder / f"{name}.png")
    image = image.convert("RGBA")
    if image.size != (side, side):
        scale = side / max(image.size)
        image = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))), Image.Resampling.LANCZOS)
    square = Image.new("RGBA", (side, side))
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return np.array(square)


_current = World()


def world() -> World:
    return _current


def use(folder: str | Path | None, only: str | Path | None = None) -> World:
    """Makes a folder's drawings known to scenes, those that the file `only` names; processes that are forked afterwards know them too."""
    global _current
    _current = World(Path(folder), Path(only).read_text().split() if only else None) if folder else World()
    return _current
