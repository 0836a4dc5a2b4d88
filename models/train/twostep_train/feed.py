"""Batches in an order that (seed, step) alone decides, prepared by worker processes where that pays."""

from collections.abc import Callable, Iterator

import torch
from torch.utils.data import DataLoader, Dataset

from .scenes.draw import draw


class _Steps(Dataset):
    def __init__(self, make: Callable[[int], dict]):
        self.make = make

    def __getitem__(self, step: int) -> dict:
        return self.make(step)


def feed(make: Callable[[int], dict], start: int, end: int, workers: int, device: torch.device) -> Iterator[dict]:
    """make(step) -> dictionary of CPU tensors; yields them on the device for steps start..end-1."""
    loader = DataLoader(
        _Steps(make),
        batch_size=None,
        sampler=range(start, end),
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        pin_memory=device.type == "cuda",
    )
    for batch in loader:
        yield {k: v.to(device, non_blocking=True) if torch.is_tensor(v) else v for k, v in batch.items()}


def pictures(make: Callable[[int], dict], start: int, end: int, ahead: int, workers: int, device: torch.device) -> Iterator[dict]:
    """Like `feed`, with "image" in the place of "rows", "windows" and "size".

    Drawing costs the same few thousand kernel launches for ten pictures as for a thousand, so on a GPU the pictures of `ahead`
    steps are drawn together. A picture does not depend on its batch, so this changes no result.
    """

    def block(number: int) -> list[dict]:
        steps = range(max(start, number * ahead), min(end, (number + 1) * ahead))
        return [make(step) for step in steps]

    loader = DataLoader(
        _Steps(block),
        batch_size=None,
        sampler=range(start // ahead, -(-end // ahead)),
        num_workers=workers,
        prefetch_factor=2 if workers else None,
        collate_fn=_as_it_is,
    )
    for batches in loader:
        for size in dict.fromkeys(b["size"] for b in batches):
            some = [b for b in batches if b["size"] == size]
            rows, windows = (torch.cat([b[k] for b in some]).to(device, non_blocking=True) for k in ("rows", "windows"))
            drawn = draw(rows, size, windows).split([len(b["rows"]) for b in some])
            for batch, image in zip(some, drawn, strict=True):
                rest = {k: v.to(device, non_blocking=True) for k, v in batch.items() if k not in ("rows", "windows", "size")}
                yield {"image": image, **rest}


def _as_it_is(value):
    return value
