"""Trains encoder, book and decoder on together, once the book has its final codes (merge.py).

Flat colours, the palette between them and what codes cost came after the tokenizer's own training, so nothing in it had learned to work with
them. Patches that are told by their colour keep their code; the encoder learns for the others, the decoder and the book for all. The book keeps its
order, and a code goes on meaning much what it meant. Codes that lose their patches to neighbours, as a sixth did once (LOG.md), get new ones.
"""

from functools import partial

import torch
from torch import nn

from .. import pieces
from ..crops import batch_maker
from ..feed import pictures
from ..job import Job
from ..loop import train
from ..scenes.sample import lesson
from ..usage import Usage, settle
from ..vq import Vq
from .tokenizer import difference, latents_of, load_vq, measure

MEMORY, REVIVED_EVERY = 200, 100  # steps
SETTLED_ON = 4096  # pictures


class Joint(nn.Module):
    def __init__(self, vq: Vq, edge_weight: float, layout: torch.memory_format):
        super().__init__()
        self.vq, self.edge_weight, self.layout = vq.requires_grad_(True), edge_weight, layout
        self.usage = Usage(len(vq.quantize.rates), MEMORY)

    def forward(self, batch: dict, step: int) -> dict[str, torch.Tensor]:
        image = batch["image"].contiguous(memory_format=self.layout)
        latents = self.vq.latents(image)
        shape, latents = latents.shape, latents.flatten(1, 2)
        codes, told = self.vq.codes(image, latents.detach())
        self.usage.count(codes)
        vectors = self.vq.quantize.rows()[codes]
        apart = (0.25 * (latents - vectors.detach()).square() + (vectors - latents.detach()).square()).mean(2)
        commitment = apart[~told].sum() / (~told).sum().clamp(min=1)
        inside = torch.where(told[..., None], vectors, latents + (vectors - latents).detach())
        away, psnr = difference(self.vq.decode(inside.reshape(shape)).float(), image, self.edge_weight)
        return {"loss": away + commitment, "psnr": psnr, "apart": commitment, "used": self.usage.share()}


def run(job: Job) -> None:
    config, settings, machine = job.config, job.config.vq.joint, job.machine
    if not settings.steps or job.finished("joint"):
        return
    vq = load_vq(job)
    torch.manual_seed(config.seed + 16)
    module = Joint(vq, config.vq.edge_weight, machine.image_format).to(memory_format=machine.image_format)
    if config.compile:
        vq.encoder.compile()
        vq.decoder.compile()
    make = batch_maker(job, settings, partial(lesson, config.seed + 14), config.seed + 15)

    def before_step(step: int) -> None:
        if step and step % REVIVED_EVERY == 0 and step < config.vq.reseed_until * settings.steps:
            module.usage.revive(vq.quantize, latents_of(vq, make(step), machine), machine)

    average = train(
        job.run / "joint", module, lambda a, b: pictures(make, a, b, config.ahead, config.workers, machine.device),
        settings, config, machine, job.clock, config.seed + 16, before_step,
    )  # fmt: skip
    vq.load_state_dict({**vq.state_dict(), **{k.removeprefix("vq."): v for k, v in average.items()}}, strict=True)
    with torch.no_grad():
        vq.quantize.embedding.weight.copy_(vq.quantize.rows())
    # The last steps look at whole pictures and move the encoder once more: some codes are left behind again.
    torch.manual_seed(config.seed + 18)  # the same after an interruption
    moved = settle(vq.quantize, whole_latents(job, vq.eval(), min(SETTLED_ON, config.teacher.scenes)), machine)
    machine.tell(f"joint: {moved} codes that nobody used have moved")
    before, report = pieces.load(job.run / "tokenizer" / "final")[1]["psnr"], measure(job, vq.eval(), 64)
    job.keep("joint", vq.state_dict(), **report)
    machine.tell(f"joint: held-out pictures {report['psnr']:.2f} dB instead of {before:.2f}")


def whole_latents(job: Job, vq: Vq, count: int, batch: int = 4) -> torch.Tensor:
    """[N, channels] of the patches of whole pictures that are not told by their colour; of other scenes than the training's."""
    found = []
    for first in range(0, count, batch):
        rows = torch.tensor([lesson(job.config.seed + 17, i).row() for i in range(first, min(first + batch, count))])
        found.append(latents_of(vq, {"rows": rows, "size": job.config.size, "windows": torch.tensor([[0.0, 0.0, 1.0]]).expand(len(rows), 3)}, job.machine))
    return torch.cat(found)
