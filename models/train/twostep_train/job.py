"""What every stage is given: where, with what, on which machine, until when."""

from dataclasses import dataclass
from pathlib import Path

import torch

from . import pieces
from .config import Config
from .loop import Clock
from .machine import Machine


@dataclass
class Job:
    run: Path
    config: Config
    machine: Machine
    clock: Clock

    def finished(self, stage: str) -> bool:
        return pieces.exists(self.run / stage / "final")

    def keep(self, stage: str, tensors: dict[str, torch.Tensor], **facts) -> None:
        """The result of a stage: EMA weights and buffers in float32."""
        if self.machine.main:
            pieces.save(self.run / stage / "final", {k: v.detach().cpu() for k, v in tensors.items()}, **facts)
        self.machine.wait()

    def result(self, stage: str) -> dict[str, torch.Tensor]:
        if not self.finished(stage):
            raise FileNotFoundError(f"{self.run / stage} is not finished: run the stage {stage} first")
        return pieces.load(self.run / stage / "final")[0]
