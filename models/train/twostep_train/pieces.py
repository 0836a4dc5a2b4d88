"""State on disk: a folder with manifest.json and pieces of at most 16 MB, complete or not there at all.

A folder is written beside its place and renamed, so a crash leaves the one before. Compact codecs make the state of an
optimizer small enough to travel: `settle` encodes a live tensor once and rounds it to what the file will hold, so that a run that goes
on and a run that is started again from the file continue from the same bits.
"""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

PIECE_BYTES = 16_000_000
BLOCK = 128

_NUMPY = {"float32": np.float32, "float16": np.float16, "int64": np.int64, "int32": np.int32, "uint8": np.uint8, "float64": np.float64}


def encode(tensor: torch.Tensor, codec: str) -> bytes:
    tensor = tensor.detach().cpu().contiguous()
    if codec == "raw":
        return tensor.numpy().tobytes()
    flat = tensor.float().flatten()
    if codec == "f16":
        return flat.to(torch.float16).numpy().tobytes()
    if codec == "f24":  # float32 without its last 8 bits, rounded
        bits = flat.view(torch.int32)
        kept = torch.where(flat.isfinite(), (bits + 0x80) & ~0xFF, bits)
        return kept.view(torch.uint8).reshape(-1, 4)[:, 1:].contiguous().numpy().tobytes()
    padded = torch.nn.functional.pad(flat, (0, -flat.numel() % BLOCK)).reshape(-1, BLOCK)
    if codec == "q8":  # signed, one scale for 128 values
        scale = padded.abs().amax(1, keepdim=True) / 127
        codes = torch.where(scale > 0, padded / scale.clamp(min=1e-38), 0.0).round().clamp(-127, 127).to(torch.int8)
        return scale.numpy().tobytes() + codes.numpy().tobytes()
    if codec == "l8":  # not negative, logarithmic, 0 exact; 128 values share the range
        logs = padded.clamp(min=1e-38).log2()
        low = torch.where(padded > 0, logs, torch.full_like(logs, 128.0)).amin(1, keepdim=True)
        high = torch.where(padded > 0, logs, torch.full_like(logs, -128.0)).amax(1, keepdim=True)
        low = torch.minimum(low, high)
        span = (high - low).clamp(min=1e-6)
        codes = torch.where(padded > 0, ((logs - low) / span * 254).round() + 1, 0.0).to(torch.uint8)
        return torch.cat([low, span], 1).numpy().tobytes() + codes.numpy().tobytes()
    raise ValueError(f"unknown codec {codec!r}; known are raw, f16, f24, q8 and l8")


def decode(data: bytes, codec: str, dtype: str, shape: list[int]) -> torch.Tensor:
    count = int(np.prod(shape)) if shape else 1
    if codec == "raw":
        return torch.from_numpy(np.frombuffer(data, _NUMPY[dtype]).copy().reshape(shape))
    if codec == "f16":
        return torch.from_numpy(np.frombuffer(data, np.float16).astype(np.float32).reshape(shape))
    if codec == "f24":
        wide = np.zeros((count, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(count, 3)
        return torch.from_numpy(wide.view(np.float32).reshape(shape))
    rows = -(-count // BLOCK)
    head = (1 if codec == "q8" else 2) * rows * 4
    scale = torch.from_numpy(np.frombuffer(data[:head], np.float32).copy().reshape(rows, -1))
    body = np.frombuffer(data[head:], np.int8 if codec == "q8" else np.uint8).copy().reshape(rows, BLOCK)
    codes = torch.from_numpy(body).float()
    values = codes * scale if codec == "q8" else torch.where(codes > 0, torch.exp2(scale[:, :1] + (codes - 1) / 254 * scale[:, 1:]), 0.0)
    return values.flatten()[:count].reshape(shape)


@dataclass(frozen=True)
class Encoded:
    """A tensor on its way to a file."""

    data: bytes
    codec: str
    dtype: str
    shape: list[int]


def encoded(tensor: torch.Tensor, codec: str = "raw") -> Encoded:
    return Encoded(encode(tensor, codec), codec, str(tensor.dtype).removeprefix("torch."), list(tensor.shape))


def settle(tensor: torch.Tensor, codec: str) -> Encoded:
    """Encodes a live float32 tensor and rounds it in place to what the file will hold. (Encoding twice would not do: a rounded block
    need not round to itself.)"""
    made = encoded(tensor, codec)
    tensor.copy_(decode(made.data, codec, made.dtype, made.shape))
    return made


def save(folder: Path, tensors: dict[str, torch.Tensor | Encoded], **facts) -> int:
    """Writes the folder anew, atomically. Returns its size in bytes."""
    folder = Path(folder)
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    entries, pieces, total = [], [], 0
    piece = None

    def close():
        if piece is not None:
            piece.flush()
            os.fsync(piece.fileno())
            piece.close()

    for name, tensor in tensors.items():
        made = tensor if isinstance(tensor, Encoded) else encoded(tensor)
        entry = {"name": name, "codec": made.codec, "dtype": made.dtype, "shape": made.shape, "at": total, "bytes": len(made.data)}
        entries.append(entry)
        view = memoryview(made.data)
        while len(view):
            if total % PIECE_BYTES == 0:
                close()
                pieces.append(f"piece-{len(pieces):03d}.bin")
                piece = open(fresh / pieces[-1], "wb")  # noqa: SIM115
            room = PIECE_BYTES - total % PIECE_BYTES
            piece.write(view[:room])
            total += min(room, len(view))
            view = view[room:]
    close()
    digests = [hashlib.sha256((fresh / p).read_bytes()).hexdigest() for p in pieces]
    manifest = {"format": "twostep-state", "version": 1, **facts, "pieces": dict(zip(pieces, digests, strict=True)), "tensors": entries}
    write_text(fresh / "manifest.json", json.dumps(manifest))
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    return total


def exists(folder: Path) -> bool:
    _recover(Path(folder))
    return (Path(folder) / "manifest.json").exists()


def _recover(folder: Path) -> None:
    """A crash between the two renames of `save` leaves no folder but a complete new one, or else the old one."""
    if folder.exists():
        return
    for suffix in (".new", ".old"):
        other = folder.with_name(folder.name + suffix)
        if (other / "manifest.json").exists():
            other.rename(folder)
            return


def load(folder: Path) -> tuple[dict[str, torch.Tensor], dict]:
    """Tensors and the facts that were saved with them. Damage is an error by name."""
    folder = Path(folder)
    _recover(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    if manifest.get("format") != "twostep-state":
        raise ValueError(f"{folder} holds no twostep-state but {manifest.get('format')!r}")
    parts = []
    for name, digest in manifest["pieces"].items():
        part = (folder / name).read_bytes()
        if hashlib.sha256(part).hexdigest() != digest:
            raise ValueError(f"{folder / name} is damaged: its SHA-256 is not the one in manifest.json")
        parts.append(part)
    data = b"".join(parts)
    tensors = {
        e["name"]: decode(data[e["at"] : e["at"] + e["bytes"]], e["codec"], e["dtype"], e["shape"]) for e in manifest["tensors"]
    }
    facts = {k: v for k, v in manifest.items() if k not in ("format", "version", "pieces", "tensors")}
    return tensors, facts


def write_text(path: Path, text: str) -> None:
    """Whole or not at all, also where several processes of a run write the same file at once."""
    fresh = Path(path).with_name(f"{Path(path).name}.{os.getpid()}.new")
    with open(fresh, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
