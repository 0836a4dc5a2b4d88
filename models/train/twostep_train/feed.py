"""Batches in an order that (seed, step) alone decides, prepared by worker processes where that pays."""

from collections.abc import Callable, Iterator

import torch
from torch.utils.data import DataLoader, Dataset


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
