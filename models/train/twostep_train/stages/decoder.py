"""Trains the decoder on, after the codes are fixed: whole pictures, nothing but what it will be given.

Encoder and book stay as the tokenizer stage left them, so that teacher and student do not notice; a step costs no encoder. May run while
the teacher trains.
"""

import torch
import torch.nn.functional as F
from torch import nn

from .. import pieces
from ..feed import pictures
from ..job import Job
from ..loop import train
from ..scenes.sample import sample
from ..vq import Vq
from .codes import make_codes, order
from .tokenizer import edges, load_vq, measure


class Redraw(nn.Module):
    def __init__(self, vq: Vq, grid: int, edge_weight: float):
        super().__init__()
        self.decoder, self.post_quant_conv = vq.decoder.requires_grad_(True), vq.post_quant_conv.requires_grad_(True)
        self.vq, self.grid, self.edge_weight = (vq,), grid, edge_weight  # in a tuple, so that the encoder is not this module's

    def forward(self, batch: dict, step: int) -> dict[str, torch.Tensor]:
        picture = self.vq[0].decode_codes(batch["codes"], self.grid).float()
        square = F.mse_loss(picture, batch["image"])
        loss = F.l1_loss(picture, batch["image"]) + square + self.edge_weight * edges(picture, batch["image"])
        return {"loss": loss, "psnr": -10 * torch.log10(square / 4)}


def run(job: Job) -> None:
    config, settings, machine = job.config, job.config.vq.redraw, job.machine
    if not settings.steps or job.finished("decoder"):
        return
    codes, vq = make_codes(job), load_vq(job)
    module = Redraw(vq, config.grid, config.vq.edge_weight).to(machine.device)
    part, count = machine.part(settings.batch), len(codes)

    def make(step: int) -> dict:
        places = [divmod(p, count) for p in range(step * settings.batch + part.start, step * settings.batch + part.stop)]
        chosen = [int(order(config.seed + 6, epoch, count)[at]) for epoch, at in places]
        rows = torch.tensor([sample(config.seed, index).scene.row() for index in chosen])
        whole = torch.tensor([[0.0, 0.0, 1.0]]).expand(len(rows), 3)
        return {"rows": rows, "windows": whole, "size": config.size, "codes": codes[chosen].long()}

    average = train(
        job.run / "decoder", module, lambda a, b: pictures(make, a, b, config.ahead, config.workers, machine.device),
        settings, config, machine, job.clock, config.seed + 6,
    )  # fmt: skip
    before = pieces.load(job.run / "tokenizer" / "final")[1]["psnr"]
    vq.load_state_dict(average, strict=False)
    report = measure(job, vq.eval(), 64)
    job.keep("decoder", average, **report)
    machine.tell(f"decoder: held-out pictures {report['psnr']:.2f} dB instead of {before:.2f}")
