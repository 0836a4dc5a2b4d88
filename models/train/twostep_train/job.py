"""What every stage is given: where, with what, on which machine, until when."""

import shutil
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
        """The result of a stage: averaged weights, float32 or in a compact run float16. The state of its training goes."""
        if self.machine.main:
            codec = "f16" if self.config.compact else "raw"
            kept = {k: pieces.encoded(v, codec if v.dtype == torch.float32 else "raw") for k, v in tensors.items()}
            pieces.save(self.run / stage / "final", kept, **facts)
            shutil.rmtree(self.run / stage / "state", ignore_errors=True)
        self.machine.wait()

    def result(self, stage: str) -> dict[str, torch.Tensor]:
        if not self.finished(stage):
            raise FileNotFoundError(f"{self.run / stage} is not finished: run the stage {stage} first")
        return pieces.load(self.run / stage / "final")[0]
