"""The networks that answer in one or two passes.

two-head (METHOD 5, as published): row i sees the noise or code vector at i and answers for i: arg-max codes below `split`, free
vectors from there on. flow-head (RECIPE): row i sees what stands before i, predicts the teacher's distribution of code i, and the code
is the exact map of METHOD 4 on its own noise; nothing of the book's geometry has to be learned, and what can't be known
comes out as a sample instead of the likeliest code. As it also learns to be the teacher (every position known), it refines its own
codes by reading them again: one network for every quality.
"""

import copy

import torch
import torch.nn.functional as F
from torch import nn

from .config import Pairs
from .flow import cooled, map_noise
from .gpt import Gpt, Trunk


class ContinuousHead(nn.Module):
    def __init__(self, dim: int, channels: int):
        super().__init__()
        self.scale_shift_table = nn.Parameter(torch.randn(2, dim) / dim**0.5)
        self.linear = nn.Linear(dim, channels)

    def forward(self, x, condition):
        """x [B, S, D], condition [B, D]: the mean caption embedding."""
        shift, scale = (self.scale_shift_table + condition.unsqueeze(1)).unsqueeze(1).unbind(2)
        return self.linear(F.layer_norm(x, x.shape[-1:], eps=1e-6) * (1 + scale) + shift).float()


class TwoHead(Trunk):
    def __init__(self, channels: int, **shape):
        super().__init__(**shape)
        self.tok_embeddings = nn.Linear(channels, self.dim)
        self.final_layer_conti = ContinuousHead(self.dim, channels)
        self.n_d_embed = nn.Embedding(2, self.dim)  # row 0 on noise, row 1 on data and condition

    def forward(self, condition, valid, vectors, known):
        """vectors [B, S, C]: code vectors where known [S] or [B, S] is true, noise elsewhere. Returns logits and continuous vectors."""
        embedded = self.cls_embedding(condition)
        here = valid.unsqueeze(2).to(embedded.dtype)
        pooled = (embedded * here).sum(1) / here.sum(1)
        means, logarithm, _ = self.read_condition(embedded + self.n_d_embed.weight[1].to(embedded.dtype), valid)
        x = self.tok_embeddings(vectors)
        x = x + self.n_d_embed(known.long()).to(x.dtype)
        x = self.image_rows(x, means, logarithm)
        return self.logits(x), self.final_layer_conti(x, pooled)

    @torch.no_grad()
    def draw(self, condition, valid, noise, book, times, split):
        """[B, S, C] latents in len(times) passes: predicted vectors, the original noise put back after the kept ones."""
        position = torch.arange(noise.shape[1], device=noise.device)
        latents = noise
        for time in times:
            known = position < time
            inputs = torch.where(known[:, None], latents, noise)
            logits, free = self(condition, valid, inputs, known)
            answer = torch.where((position < split)[:, None], book[logits.argmax(-1)], free)
            latents = torch.where(known[:, None], inputs, answer)
        return latents

    def start_from(self, teacher: Gpt) -> None:
        """The teacher's weights wherever the shapes agree; the new parts small, so that it begins near the teacher."""
        own = self.state_dict()
        theirs = {k: v for k, v in teacher.state_dict().items() if k in own and k != "tok_embeddings.weight"}
        missing = sorted(set(own) - set(theirs))
        new = ("tok_embeddings.", "final_layer_conti.", "n_d_embed.")
        if any(not k.startswith(new) for k in missing):
            raise ValueError(f"the teacher lacks {[k for k in missing if not k.startswith(new)]}")
        self.load_state_dict({**own, **theirs}, strict=True)
        nn.init.normal_(self.n_d_embed.weight, std=0.02)
        nn.init.zeros_(self.final_layer_conti.linear.bias)


class FlowHead(Trunk):
    def __init__(self, channels: int, noise_hidden: int, pairs: Pairs, **shape):
        super().__init__(**shape)
        self.pairs = pairs
        self.tok_embeddings = nn.Embedding(self.vocabulary, self.dim)
        self.noise_embeddings = nn.Sequential()
        self.noise_embeddings.add_module("fc1", nn.Linear(channels, noise_hidden))
        self.noise_embeddings.add_module("act", nn.SiLU())
        self.noise_embeddings.add_module("fc2", nn.Linear(noise_hidden, self.dim))

    def forward(self, condition, valid, noise, codes, known, rows=None, layout=None):
        """noise [B, S, C], codes [B, S] (read where known [S] or [B, S]) -> logits [B, S, V]; row i sees what stands before i.

        With rows [B, R], only those image rows are there (Gpt.forward)."""
        embedded = self.cls_embedding(condition)
        means, logarithm, last = self.read_condition(embedded, valid)
        places = self.places(codes, rows)
        if rows is None:
            noise, codes, known = noise[:, :-1], codes[:, :-1], known[..., :-1]
        else:
            noise, codes = noise.gather(1, rows[..., None].expand(-1, -1, noise.shape[2])), codes.gather(1, rows)
            known = known.expand(len(rows), -1).gather(1, rows)
        x = self.noise_embeddings(noise).to(last.dtype)
        x = torch.where(known[..., None], self.tok_embeddings(codes).to(x.dtype), x)
        x = self.told(x, embedded, valid, places, layout)
        x = self.image_rows(x, means, logarithm, places, self.words(embedded, valid))
        return self.logits(torch.cat([last.unsqueeze(1), x], 1))

    @torch.no_grad()
    def first_logits(self, condition, valid):
        """Logits [B, V] of code 0, which only the condition decides."""
        return self.logits(self.read_condition(self.cls_embedding(condition), valid)[2])

    @torch.no_grad()
    def draw(self, condition, valid, noise, book, times, first=None, layout=None):
        """Codes [B, S] in len(times) passes; first [B]: code 0, where it is not to be drawn.

        Code 0 is the condition's alone to say. So it is there before any pass, and even the first one reads it."""
        position, how = torch.arange(noise.shape[1], device=noise.device), {"top_k": self.pairs.top_k, "steps": self.pairs.solver_steps}
        codes = torch.zeros(noise.shape[:2], dtype=torch.long, device=noise.device)
        if first is None:
            first = map_noise(noise[:, 0], self.first_logits(condition, valid) / self.pairs.temperature_at(0), book, **how)
        codes[:, 0] = first
        for i, time in enumerate(times):
            begin = max(1, time)
            logits = self(condition, valid, noise, codes, position < begin, layout=layout)
            until = times[i + 1] if i + 1 < len(times) else noise.shape[1]
            fresh = map_noise(noise[:, begin:until], logits[:, begin:until] / self.pairs.temperature, book, **how)
            codes = torch.cat([codes[:, :begin], fresh, codes[:, until:]], 1)
        return codes

    @torch.no_grad()
    def reread(self, condition, valid, noise, codes, book, layout=None):
        """The network as its own teacher: predicts every code from the codes before it, and maps the same noises again."""
        everything = torch.ones(noise.shape[1], dtype=torch.bool, device=noise.device)
        logits = self(condition, valid, noise, codes, everything, layout=layout)
        return map_noise(noise, cooled(logits, self.pairs), book, top_k=self.pairs.top_k, steps=self.pairs.solver_steps)

    def as_teacher(self, teacher: Gpt) -> Gpt:
        """What this network is when it reads codes only: a teacher of the same shape as the one that it began as."""
        made = copy.deepcopy(teacher)
        made.load_state_dict({k: v for k, v in self.state_dict().items() if not k.startswith("noise_embeddings.")}, strict=True)
        return made

    def start_from(self, teacher: Gpt) -> None:
        own = self.state_dict()
        theirs = {k: v for k, v in teacher.state_dict().items() if k in own}
        missing = sorted(k for k in set(own) - set(theirs) if not k.startswith("noise_embeddings."))
        if missing:
            raise ValueError(f"the teacher lacks {missing}")
        self.load_state_dict({**own, **theirs}, strict=True)
        nn.init.normal_(self.noise_embeddings.fc2.weight, std=0.02)
        nn.init.zeros_(self.noise_embeddings.fc2.bias)


@torch.no_grad()
def refine(teacher: Gpt, condition, valid, codes, noise, book, pairs: Pairs, layout=None):
    """One pass of the teacher over all positions at once, the same noises mapped again (RECIPE 4). At least one more position
    becomes exact in every pass, and the teacher's own picture is the only fixed point."""
    logits = cooled(guided(teacher, condition, valid, codes, pairs.guidance, layout), pairs)
    return map_noise(noise, logits, book, top_k=pairs.top_k, steps=pairs.solver_steps)


@torch.no_grad()
def guided(teacher: Gpt, condition, valid, codes, guidance: float, layout=None):
    """The teacher's logits [B, S, V] along codes [B, S]; a guidance of 1 needs no unconditional branch."""
    if guidance == 1:
        return teacher(condition, valid, codes, layout=layout)
    none = torch.zeros(len(codes), dtype=torch.bool, device=codes.device)
    twice = None if layout is None else torch.cat([layout, layout])
    logits = teacher(torch.cat([condition, condition]), torch.cat([valid, valid]), torch.cat([codes, codes]), torch.cat([none, ~none]), layout=twice)
    with_text, without = logits.chunk(2)
    return without + (with_text - without) * guidance
