"""Trains the picture tokenizer: first as a plain autoencoder, then with a book found by k-means on its latents.

A book that is random from the start never gets used (RECIPE: 150 codes of 512); one that begins on the latents does.
Most steps see crops around edges, since flat areas teach nothing; the last ones whole pictures, so that the attention at
the lowest resolution sees the grid that it will work on.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from .. import pieces
from ..codebook import even_patches
from ..config import Vq as Settings
from ..crops import batch_maker
from ..feed import pictures
from ..job import Job
from ..kmeans import kmeans
from ..loop import train
from ..merge import Flats, choose, palette
from ..plots import grid
from ..scenes.draw import draw
from ..scenes.sample import lesson, sample
from ..usage import Usage, settle
from ..vq import Vq

MEMORY, REVIVED_EVERY = 50, 50  # steps
KMEANS_LATENTS = 20  # for each code
GROWN_LATENTS = 12  # for each new code


def make_vq(settings: Settings, codebook: int) -> Vq:
    return Vq(settings.ch, tuple(settings.mult), settings.blocks, settings.z, codebook, settings.channels, settings.groups)


def whole_stage(run: Path) -> str:
    """The last stage of a run that left a whole tokenizer behind; the decoder's leaves a part of one."""
    return "joint" if pieces.exists(run / "joint" / "final") else "tokenizer"


def load_vq(job: Job) -> Vq:
    vq = make_vq(job.config.vq, job.config.vq.vocabulary)
    later = job.result("decoder") if job.finished("decoder") else {}  # a part of the names
    vq.load_state_dict({**job.result(whole_stage(job.run)), **later}, strict=True)
    return vq.to(job.machine.device).eval().requires_grad_(False)


class Autoencoder(nn.Module):
    """The loss of one step, in either phase."""

    def __init__(self, vq: Vq, settings: Settings, layout: torch.memory_format):
        super().__init__()
        self.vq, self.settings, self.layout = vq, settings, layout
        self.plain_steps = int(settings.plain_share * settings.optimizer.steps)
        self.usage = Usage(settings.codebook, MEMORY)

    def forward(self, batch: dict, step: int) -> dict[str, torch.Tensor]:
        image = batch["image"].contiguous(memory_format=self.layout)
        latents = self.vq.latents(image)
        commitment = latents.new_zeros(())
        if step < self.plain_steps:
            inside = latents + 0.1 * torch.randn_like(latents)
        else:
            codes = self.vq.quantize.nearest(latents.detach())
            vectors = self.vq.quantize.rows()[codes]
            self.usage.count(codes)
            commitment = 0.25 * F.mse_loss(latents, vectors.detach()) + F.mse_loss(vectors, latents.detach())
            inside = latents + (vectors - latents).detach()
        away, psnr = difference(self.vq.decode(inside).float(), image, self.settings.edge_weight)
        return {"loss": away + commitment, "psnr": psnr, "used": self.usage.share()}


def difference(picture: torch.Tensor, image: torch.Tensor, edge_weight: float) -> tuple[torch.Tensor, torch.Tensor]:
    """What every stage that trains a decoder makes small, and the PSNR in dB, of pictures in -1..1."""
    square = F.mse_loss(picture, image)
    return F.l1_loss(picture, image) + square + edge_weight * edges(picture, image), -10 * torch.log10(square / 4)


def edges(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """L1 of horizontal and vertical differences: what keeps a corner a corner."""
    error = a - b
    return (error[..., 1:] - error[..., :-1]).abs().mean() + (error[..., 1:, :] - error[..., :-1, :]).abs().mean()


def run(job: Job) -> None:
    if job.finished(whole_stage(job.run)):
        return
    config, settings, machine = job.config, job.config.vq, job.machine
    torch.manual_seed(config.seed)
    if settings.grown:
        grow(job)
        return
    model = Autoencoder(make_vq(settings, settings.codebook), settings, machine.image_format)
    model.vq.start()
    if settings.begin:
        begin(model.vq, Path(settings.begin))
    model = model.to(machine.device)
    model.vq.quantize.embedding.weight.data.copy_(model.vq.quantize.rows())
    make = batch_maker(job, settings.optimizer, lambda index: sample(config.seed, index).scene, config.seed + 1)

    def before_step(step: int) -> None:
        if step == model.plain_steps:
            start_book(model, make, machine)
        elif step > model.plain_steps and step % REVIVED_EVERY == 0 and step < settings.reseed_until * settings.optimizer.steps:
            model.usage.revive(model.vq.quantize, latents_of(model.vq, make(step), machine), machine)

    model = model.to(memory_format=machine.image_format)
    if config.compile:
        model.vq.encoder.compile()
        model.vq.decoder.compile()

    def batches(start: int, end: int):
        return pictures(make, start, end, config.ahead, config.workers, machine.device)

    average = train(job.run / "tokenizer", model, batches, settings.optimizer, config, machine, job.clock, config.seed, before_step)
    finish(job, model, average)


@torch.no_grad()
def grow(job: Job) -> None:
    """Another run's finished tokenizer with more codes, for a world that it has not seen."""
    settings = job.config.vq
    before = whole_state(Path(settings.begin))
    vq = make_vq(settings, settings.vocabulary).to(job.machine.device).to(memory_format=job.machine.image_format)
    old, channels = before["quantize.embedding.weight"].shape
    if old + settings.grown != settings.vocabulary:
        raise ValueError(f"a book of {old} grown by {settings.grown} has {old + settings.grown} codes, but vq.kept says {settings.vocabulary}")
    # New codes lie where nothing is nearest to them, until they are moved; a price above all others keeps them out.
    before["quantize.embedding.weight"] = torch.cat([before["quantize.embedding.weight"].float(), torch.ones(settings.grown, channels)])
    before["quantize.rates"] = torch.cat([before["quantize.rates"].float(), torch.full((settings.grown,), -9.0)])
    vq.load_state_dict(before, strict=True)
    scenes = iter(range(1 << 30))
    found, count = [], 0
    while count < GROWN_LATENTS * settings.grown:
        rows = torch.tensor([lesson(job.config.seed + 14, next(scenes)).row() for _ in range(4)])
        found.append(latents_of(vq, {"rows": rows, "size": job.config.size, "windows": torch.tensor([[0.0, 0.0, 1.0]]).expand(4, 3)}, job.machine))
        count += len(found[-1])
    vq.quantize.rates.fill_(0.0)
    moved = settle(vq.quantize, torch.cat(found), job.machine)
    report = measure(job, vq.eval(), 64)
    job.keep("tokenizer", vq.state_dict(), **report)
    job.machine.tell(f"tokenizer: {moved} codes placed; held-out pictures {report['psnr']:.2f} dB, {report['codes_used']:.1%} of the codes in use")


def whole_state(run: Path) -> dict[str, torch.Tensor]:
    """The last whole tokenizer of another run, with the decoder that came after."""
    state = dict(pieces.load(run / whole_stage(run) / "final")[0])
    if (run / "decoder" / "final").exists():
        state.update(pieces.load(run / "decoder" / "final")[0])
    return state


def begin(vq: Vq, run: Path) -> None:
    """Encoder and decoder of another run's finished tokenizer; the book is found anew."""
    state = {k: v for k, v in whole_state(run).items() if not k.startswith("quantize.")}
    own = vq.state_dict()
    vq.load_state_dict({**{k: v for k, v in own.items() if k.startswith("quantize.")}, **state}, strict=True)


@torch.no_grad()
def start_book(model: Autoencoder, make, machine) -> None:
    """K-means on the latents of the run's first pictures; the first process's book is everybody's."""
    found, step = [], 0
    while sum(map(len, found)) < KMEANS_LATENTS * model.settings.codebook:
        batch = make(step)
        with machine.autocast():
            image = draw(batch["rows"].to(machine.device), batch["size"], batch["windows"].to(machine.device))
            found.append(model.vq.latents(image).reshape(-1, model.settings.channels))
        step += 1
    model.vq.quantize.embedding.weight.data.copy_(kmeans(torch.cat(found), model.settings.codebook, on_sphere=True))
    machine.same(model.vq.quantize.embedding.weight.data)
    model.usage.start()


@torch.no_grad()
def latents_of(vq: Vq, batch: dict, machine) -> torch.Tensor:
    """[N, channels] of the patches of a batch that are not told by their colour."""
    with machine.autocast():
        image = draw(batch["rows"].to(machine.device), batch["size"], batch["windows"].to(machine.device))
        latents = vq.latents(image).flatten(1, 2)
    return latents[~vq.codes(image, latents)[1]]


@torch.no_grad()
def finish(job: Job, model: Autoencoder, average: dict[str, torch.Tensor]) -> None:
    """Keeps the averaged weights and looks at held-out pictures."""
    weights = {k.removeprefix("vq."): v for k, v in model.state_dict().items() if k.startswith("vq.")}
    weights.update({k.removeprefix("vq."): v for k, v in average.items() if k.startswith("vq.")})
    model.vq.load_state_dict(weights)
    model.vq.quantize.embedding.weight.data.copy_(model.vq.quantize.rows())
    vq = smaller(job, model.vq.eval()) if job.config.vq.kept else model.vq.eval()
    report = measure(job, vq, 64)
    job.keep("tokenizer", vq.state_dict(), **report)
    job.machine.tell(f"tokenizer: held-out pictures {report['psnr']:.2f} dB, {report['codes_used']:.1%} of the codes in use")


@torch.no_grad()
def smaller(job: Job, vq: Vq, pictures_read: int = 1536) -> Vq:
    """The same tokenizer with the codes that are worth keeping: one for each flat colour of the scenes, a palette of the colours between those, and of the
    others those that most pictures need."""
    config, settings = job.config, job.config.vq
    counts, flats, between = torch.zeros(settings.codebook), Flats(settings.channels), []
    for first in range(0, pictures_read, 16):
        rows = torch.tensor([sample(config.seed, i).scene.row() for i in range(first, first + 16)])
        image = draw(rows.to(job.machine.device), config.size).contiguous(memory_format=job.machine.image_format)
        with job.machine.autocast():
            latents = vq.latents(image).flatten(1, 2)
        flat, even, colours = even_patches(image, config.grid)
        flats.add(colours[flat], latents[flat])
        between.append((colours[even].cpu(), latents[even].float().cpu()))
        counts += torch.bincount(vq.quantize.nearest(latents[~(flat | even)]).cpu(), minlength=len(counts)).float()
    plain = flats.frequent(settings.flats)
    told = [plain, palette(*map(torch.cat, zip(*between, strict=True)), plain[0], settings.between)]
    colours, vectors = (torch.cat(found).to(job.machine.device) for found in zip(*told, strict=True))
    stay, costs = choose(vq.quantize.rows().cpu(), counts, settings.kept - len(colours))
    state, costs = vq.state_dict(), costs.to(job.machine.device)
    state["quantize.embedding.weight"] = torch.cat([vectors, vq.quantize.rows()[stay.to(job.machine.device)]])
    # A colour is as easy to have as the most frequent of the others.
    state["quantize.rates"] = torch.cat([costs.max().expand(len(colours)), costs])
    state["quantize.flats"] = colours
    made = make_vq(settings, settings.kept).to(job.machine.device)
    made.load_state_dict(state, strict=True)
    job.machine.tell(f"tokenizer: {len(told[0][0])} flat colours and {len(told[1][0])} between them have codes of their own")
    return made.eval()


@torch.no_grad()
def measure(job: Job, vq: Vq, count: int) -> dict:
    """PSNR on held-out renders and the share of codes that they use; a sheet of pairs for the eye."""
    config = job.config
    squares, used, shown = [], torch.zeros(config.vq.vocabulary, dtype=torch.bool), []
    for first in range(0, count, 8):
        rows = torch.tensor([sample(config.seed + 77, i, held_out=True).scene.row() for i in range(first, first + 8)])
        image = draw(rows.to(job.machine.device), config.size)
        codes = vq.encode(image)
        again = vq.decode_codes(codes, config.grid).clamp(-1, 1)
        used[codes.flatten().cpu()] = True
        squares.append(((again - image) ** 2).flatten(1).mean(1).cpu())
        shown += [picture.cpu() for pair in zip(image, again, strict=True) for picture in pair]
    if job.machine.main:
        grid(job.run / "tokenizer" / "held-out.png", torch.stack(shown[:64]), 8)
    psnr = -10 * torch.log10(torch.cat(squares) / 4)
    return {"psnr": float(psnr.mean()), "psnr_worst": float(psnr.min()), "codes_used": float(used.float().mean()), "pictures": count}
