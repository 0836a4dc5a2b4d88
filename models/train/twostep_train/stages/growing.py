"""A finished student learns more drawings, and draws everything else as before.

Whatever it learned by heart of a drawing stands in rows of the tables that layout maps are looked up in (layout.LayoutEmbedding); the layers make codes of them for all
drawings alike. So new drawings cost a few minutes and no other picture changes by a bit: the layers and all other rows are held.
"""

import torch

from ..layout import DETAIL, book
from ..world.drawings import token, world

TABLES = {"thing_embeddings": 1, "thing_factor_embeddings": 1, "detail_embeddings": DETAIL**2}
"""Rows that a drawing has in each."""


def hold_all_but(student, kinds: tuple[str, ...]) -> None:
    """Only rows of the world's drawings of these kinds learn from here on. Decay of weights would shrink the others: it has to be off."""
    if student.layout is None:
        raise ValueError("student.learns needs layout maps (teacher.layout): without them no rows belong to a drawing")
    wanted = {token(name) for name in [*world().things, *world().icons] if world()[name].kind in kinds}
    if not wanted:
        raise ValueError(f"student.learns is {', '.join(kinds)}, and no drawing of the world is of such a kind")
    numbers = [number + 1 for number, one in enumerate(book().things) if one in wanted]
    student.requires_grad_(False)
    for name, each in TABLES.items():
        table = getattr(student.layout, name).weight
        free = torch.zeros(len(table), 1, device=table.device)
        for number in numbers:
            free[number * each : (number + 1) * each] = 1
        table.requires_grad_(True)
        table.register_hook(lambda gradient, free=free: gradient * free)
