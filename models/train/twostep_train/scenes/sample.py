"""Sample number `index` of a data set: the scene, its caption and its truth, from (seed, index) alone."""

from dataclasses import dataclass

from ..draws import Draws
from .captions import caption
from .compose import FAMILIES, LESSONS, compose
from .scene import Scene

TRIES = 400  # about one scene in twelve shows a held-out pair, so this never runs out


@dataclass
class Sample:
    scene: Scene
    text: str
    said: list[tuple[str, int]]


def lesson(seed: int, index: int) -> Scene:
    """Scene number `index` to train on; never a held-out pair."""
    return sample(seed, index, families=LESSONS).scene


def sample(seed: int, index: int, held_out: bool = False, style: int | None = None, families: dict[str, float] = FAMILIES) -> Sample:
    """With `style`, what the caption leaves open is answered in that one."""
    draws = Draws(seed, index)
    for _ in range(TRIES):
        before = draws.state
        scene = compose(draws, None, families)
        if scene.held_out() == held_out:
            if style is not None:
                draws.state = before
                scene = compose(draws, style, families)
            return Sample(scene, *caption(scene, draws))
    raise RuntimeError(f"no scene with held_out={held_out} in {TRIES} tries for seed {seed}, index {index}")
