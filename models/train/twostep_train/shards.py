"""Data in files that describe themselves: safetensors with a header that says what, from which seed, which indices.

A shard is complete or absent. Its contents follow from (seed, index), so any number of processes may make any shards.
"""

import json
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file


def path_of(folder: Path, number: int) -> Path:
    return Path(folder) / f"shard-{number:05d}.safetensors"


def write(folder: Path, number: int, tensors: dict[str, torch.Tensor], **facts) -> None:
    path = path_of(folder, number)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    save_file({k: v.contiguous().cpu() for k, v in tensors.items()}, fresh, metadata={"facts": json.dumps(facts)})
    fresh.replace(path)


def read(folder: Path, number: int, **expected) -> dict[str, torch.Tensor]:
    """expected: facts that the shard must state; another seed or teacher is an error, not silently other data."""
    path = path_of(folder, number)
    with safe_open(path, "pt") as file:
        facts = json.loads((file.metadata() or {}).get("facts", "{}"))
        for key, value in expected.items():
            if facts.get(key) != value:
                raise ValueError(f"{path} was made with {key} = {facts.get(key)!r}, but {value!r} is wanted")
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


def missing(folder: Path, count: int) -> list[int]:
    return [number for number in range(count) if not path_of(folder, number).exists()]
