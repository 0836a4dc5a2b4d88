"""State on disk: atomic, in small pieces, damage noticed, and rounding that is the same for file and live tensor."""

import json
from multiprocessing import get_context
from pathlib import Path

import pytest
import torch

from twostep_train import pieces
from twostep_train.config import Config, from_dict, settled, to_dict
from twostep_train.presets import TINY


@pytest.mark.parametrize("codec", ["raw", "f16", "f24", "q8", "l8"])
def test_a_settled_tensor_is_what_the_file_holds(tmp_path, codec):
    generator = torch.Generator().manual_seed(0)
    tensor = torch.randn(300, 7, generator=generator) * torch.logspace(-6, 2, 300)[:, None]
    if codec == "l8":
        tensor = tensor.square()
        tensor[5] = 0
    live = tensor.clone()
    pieces.save(tmp_path / "state", {"a": pieces.settle(live, codec)})
    again = pieces.load(tmp_path / "state")[0]["a"]
    assert torch.equal(live, again)
    limits = {"raw": 0, "f24": 2e-5, "l8": 0.12}
    if codec in limits:
        assert ((again - tensor).abs() <= limits[codec] * tensor.abs()).all()
    assert codec in ("q8", "f16") or torch.equal(again == 0, tensor == 0)


def test_large_state_is_cut_into_pieces_and_damage_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(pieces, "PIECE_BYTES", 1000)
    tensors = {"a": torch.randn(40, 20), "b": torch.arange(5), "c": torch.zeros(()), "d": torch.zeros(0)}
    pieces.save(tmp_path / "state", tensors, step=3)
    parts = sorted((tmp_path / "state").glob("piece-*"))
    assert len(parts) == 4 and all(p.stat().st_size <= 1000 for p in parts)
    again, facts = pieces.load(tmp_path / "state")
    assert facts == {"step": 3} and all(torch.equal(again[k], v) for k, v in tensors.items())
    parts[1].write_bytes(b"x" * 1000)
    with pytest.raises(ValueError, match="piece-001.bin is damaged"):
        pieces.load(tmp_path / "state")


def test_a_crash_while_saving_leaves_a_whole_state(tmp_path):
    state = tmp_path / "state"
    pieces.save(state, {"a": torch.ones(3)}, step=1)
    (tmp_path / "state.new").mkdir()
    (tmp_path / "state.new" / "piece-000.bin").write_bytes(b"half")  # killed while writing
    assert pieces.load(state)[1]["step"] == 1
    pieces.save(state, {"a": torch.ones(3)}, step=2)
    state.rename(tmp_path / "state.old")  # killed between the two renames
    assert pieces.exists(state) and pieces.load(state)[1]["step"] == 2


def test_configuration_is_saved_and_compared(tmp_path):
    settled(tmp_path, TINY)
    assert from_dict(to_dict(TINY)) == TINY
    import dataclasses

    settled(tmp_path, dataclasses.replace(TINY, threads=2))
    path = tmp_path / "config.json"
    saved = json.loads(path.read_text())
    assert saved["teacher"].pop("begin") == ""  # a run of before that option was there
    path.write_text(json.dumps(saved))
    settled(tmp_path, TINY)
    with pytest.raises(ValueError, match="other values of teacher"):
        settled(tmp_path, dataclasses.replace(TINY, teacher=dataclasses.replace(TINY.teacher, begin="elsewhere")))
    with pytest.raises(ValueError, match="other values of seed"):
        settled(tmp_path, dataclasses.replace(TINY, seed=9))
    with pytest.raises(ValueError, match="Config has no option stepz"):
        from_dict({"name": "x", "stepz": 1}, Config)


def rewrite(path: Path, together) -> None:
    together.wait()
    for _ in range(200):
        pieces.write_text(path, "whole\n" * 1000)


def test_processes_may_write_the_same_file_at_once(tmp_path):
    # The ranks of a new run all save its configuration.
    path, context = tmp_path / "config.json", get_context("fork")
    together = context.Barrier(4)
    processes = [context.Process(target=rewrite, args=(path, together)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    assert path.read_text() == "whole\n" * 1000
    assert list(tmp_path.iterdir()) == [path]
