"""Trains the decoder on, when everything else is fixed: whole pictures, from the codes that it will be given.

Half of them are a flow head's own, drawn in its steps after the picture's first code: where the student is not sure it
leaves wrong codes behind, and a decoder that has seen them paints over most. The other half are the picture's own codes. Encoder and book stay as
they are, so teacher and student do not notice; a step costs no encoder.
"""

import torch
from torch import nn

from .. import pieces
from ..draws import Draws
from ..feed import pictures
from ..job import Job
from ..loop import train
from ..scenes.captions import caption
from ..scenes.sample import lesson
from ..source import load_source
from ..students import FlowHead
from ..vq import Vq
from .codes import make_codes, order
from .data import load_words
from .student import load_student
from .tokenizer import difference, load_vq, measure, whole_stage

SOFT = ("gradient", "radial", "mesh", "waves")
OFTEN = 4


def playlist(seed: int, count: int) -> torch.Tensor:
    """Numbers of the scenes as they are shown. Those of changing colours come more often: the book has few codes between two colours, and it is the
    decoder that has to make an even change of their steps."""
    times = torch.tensor([OFTEN if lesson(seed, index).ground in SOFT else 1 for index in range(count)])
    return torch.arange(count).repeat_interleave(times)


class Redraw(nn.Module):
    """drawn: draws codes [B, S] for a batch, or None."""

    def __init__(self, vq: Vq, grid: int, edge_weight: float, layout: torch.memory_format, drawn):
        super().__init__()
        self.decoder, self.post_quant_conv = vq.decoder.requires_grad_(True), vq.post_quant_conv.requires_grad_(True)
        self.frozen = (vq, drawn)  # in a tuple, so that what is in there is not this module's
        self.grid, self.edge_weight, self.layout = grid, edge_weight, layout

    def forward(self, batch: dict, step: int) -> dict[str, torch.Tensor]:
        vq, drawn = self.frozen
        codes, image = batch["codes"], batch["image"].contiguous(memory_format=self.layout)
        found = {}
        if drawn is not None:
            own = drawn(batch)
            found["right"] = (own == codes).float().mean()
            mine = (torch.arange(len(codes), device=codes.device) + step) % 2 == 0
            codes = torch.where(mine[:, None], own, codes)
        picture = vq.decode_codes(codes, self.grid).float()
        loss, psnr = difference(picture, image, self.edge_weight)
        return {"loss": loss, "psnr": psnr, **found}


def drawer(job: Job):
    """Draws a batch's codes as the finished student does, if there is one and it is a flow head."""
    if not job.finished("student") or job.config.student.kind != "flow-head":
        return None
    source, config = load_source(job), job.config
    student = load_student(job, source)
    assert isinstance(student, FlowHead)

    @torch.no_grad()
    def draw(batch: dict) -> torch.Tensor:
        states, valid = source.condition(batch)
        noise = torch.randn(*batch["codes"].shape, source.book.shape[1], device=valid.device)
        return student.draw(states, valid, noise, source.book, config.student.times, first=batch["codes"][:, 0], layout=batch.get("layout"))

    return draw


def run(job: Job) -> None:
    config, settings, machine = job.config, job.config.vq.redraw, job.machine
    if not settings.steps or job.finished("decoder"):
        return
    codes, vq, words = make_codes(job), load_vq(job), load_words(job)
    shown = playlist(config.seed, len(codes))
    torch.manual_seed(config.seed + 6)
    module = Redraw(vq, config.grid, config.vq.edge_weight, machine.image_format, drawer(job))
    module = module.to(machine.device).to(memory_format=machine.image_format)
    part, count = machine.part(settings.batch), len(shown)

    def make(step: int) -> dict:
        places = [divmod(p, count) for p in range(step * settings.batch + part.start, step * settings.batch + part.stop)]
        chosen = [(epoch, int(shown[order(config.seed + 6, epoch, count)[at]])) for epoch, at in places]
        scenes = [lesson(config.seed, index) for _, index in chosen]
        texts = [caption(scene, Draws(config.seed + 12 + epoch, index))[0] for scene, (epoch, index) in zip(scenes, chosen, strict=True)]
        whole = torch.tensor([[0.0, 0.0, 1.0]]).expand(len(scenes), 3)
        return {"rows": torch.tensor([scene.row() for scene in scenes]), "windows": whole, "size": config.size,
                "codes": codes[[index for _, index in chosen]].long(), **words.read(texts)}  # fmt: skip

    average = train(
        job.run / "decoder", module, lambda a, b: pictures(make, a, b, config.ahead, config.workers, machine.device),
        settings, config, machine, job.clock, config.seed + 6,
    )  # fmt: skip
    before = pieces.load(job.run / whole_stage(job.run) / "final")[1]["psnr"]
    vq.load_state_dict({**vq.state_dict(), **average}, strict=True)
    report = measure(job, vq.eval(), 64)
    job.keep("decoder", average, **report)
    machine.tell(f"decoder: held-out pictures {report['psnr']:.2f} dB instead of {before:.2f}")
