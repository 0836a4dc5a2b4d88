"""LlamaGen's GPT with its published tensor names: the teacher, and the trunk of every student.

Condition tokens have an all-zero rotary table (METHOD 2), so their queries and keys are exactly 0: an image row sees each of
them with logit 0, and a condition row sees itself and those before it uniformly. Exactly the same sums come from one
stand-in key per layer, with value mean(v) and logit ln(count). So condition rows run by themselves with a running mean in the
place of attention, and image rows carry one more key. Padding never enters: only valid rows count.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

from .layers import SLOTS, Block, RmsNorm, bias_of_words, rotary
from .layout import LayoutEmbedding


class CaptionProjection(nn.Module):
    def __init__(self, width: int, dim: int):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, dim, bias=False), nn.Linear(dim, dim, bias=False)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x), approximate="tanh"))


class CaptionEmbedding(nn.Module):
    """Text states -> condition rows. The unconditional branch reads the last n rows of a learned table instead."""

    def __init__(self, width: int, tokens: int, dim: int):
        super().__init__()
        self.cap_proj = CaptionProjection(width, dim)
        self.uncond_embedding = nn.Parameter(torch.randn(tokens, width) / width**0.5)

    def forward(self, states, dropped=None):
        """states [B, T, width], right-aligned; dropped [B] bool: rows that are to be unconditional."""
        states = states.to(self.uncond_embedding.dtype)
        if dropped is not None:
            table = self.uncond_embedding[-states.shape[1] :]
            states = torch.where(dropped[:, None, None], table, states)
        return self.cap_proj(states)


class LabelEmbedding(nn.Module):
    def __init__(self, classes: int, dim: int):
        super().__init__()
        self.classes = classes
        self.embedding_table = nn.Embedding(classes + 1, dim)

    def forward(self, labels, dropped=None):
        """labels [B] -> [B, 1, dim]."""
        if dropped is not None:
            labels = torch.where(dropped, torch.full_like(labels, self.classes), labels)
        return self.embedding_table(labels).unsqueeze(1)


class Trunk(nn.Module):
    """What teacher and students share: condition, blocks, norm, output."""

    def __init__(self, *, dim, layers, heads, vocabulary, grid, condition, multiple_of=256, eps=1e-5, base=10_000.0, spread=False, places=False, reads=(), layout=None):
        """spread: the mean caption embedding also goes into every image row. LlamaGen has only the attention, where a caption of
        12 tokens is 12 keys among up to 255; a small network then heeds no word for a long time (LOG.md).
        places: every image row is told where it stands. LlamaGen's rotary table says only how far two rows are apart.
        reads: numbers of the layers in which image rows look words up (Reading).
        layout: sizes of a layout map's fields (layout.py), if every row is told what stands at the position that it predicts."""
        super().__init__()
        self.dim, self.grid, self.vocabulary = dim, grid, vocabulary
        self.cls_embedding = condition
        self.layers = nn.ModuleList(Block(dim, heads, multiple_of, eps, i in reads) for i in range(layers))
        if any(layer >= layers for layer in reads):
            raise ValueError(f"layers {list(reads)} are to read words, but there are only {layers}, counted from 0")
        self.word_norm = RmsNorm(dim, eps) if reads else None
        self.norm, self.output = RmsNorm(dim, eps), nn.Linear(dim, vocabulary, bias=False)
        self.caption_rows = nn.Linear(dim, dim, bias=False) if spread else None
        self.position_embeddings = nn.Embedding(grid * grid, dim) if places else None
        self.layout = LayoutEmbedding(dim, layout) if layout else None
        self.register_buffer("turn", rotary(grid, dim // heads, base), persistent=False)

    def start(self) -> None:
        """Fresh weights: normal, 0.02; the residual branches start smaller the deeper the network is."""
        for name, parameter in self.named_parameters():
            if parameter.ndim >= 2 and "uncond_embedding" not in name:
                scale = 0.02 if not name.endswith(("wo.weight", "w2.weight")) else 0.02 / math.sqrt(2 * len(self.layers))
                nn.init.normal_(parameter, std=scale)
            if name.endswith("reading.wo.weight"):
                nn.init.zeros_(parameter)
        if self.layout is not None:
            self.layout.start()

    def read_condition(self, x, valid):
        """Condition rows x [B, T, D], valid [B, T] bool with the valid ones at the right end.

        Returns the mean values of every layer [layers, B, D], ln(count) [B] and the last row's final state [B, D].
        """
        here = valid.float()
        seen = torch.tril(here.new_ones(valid.shape[1], valid.shape[1])) * here[:, None, :]
        mix = seen / seen.sum(-1, keepdim=True).clamp(min=1)
        count = here.sum(1)
        # Captions are of very different lengths: only rows that say something are run.
        ends, x, means = valid.sum(1).cumsum(0) - 1, x[valid], []
        for layer in self.layers:
            x, values = layer.condition(x, mix, valid)
            means.append(values.sum(1) / count.unsqueeze(1))
        return means, count.log(), x[ends]

    def told(self, rows, embedded, valid, places, layout=None):
        """Image rows [B, S, D] with what every one of them is told: its place, [S] or [B, S], the caption [B, T, D], and of the layout map
        [B, positions, FIELDS] what stands at the next position, which it predicts."""
        if self.layout is not None:
            if layout is None:
                raise ValueError("this network is told layouts, and none was given")
            following = places.expand(len(rows), -1) + 1
            rows = rows + self.layout(layout.gather(1, following[..., None].expand(-1, -1, layout.shape[2])).long()).to(rows.dtype)
        if self.position_embeddings is not None:
            rows = rows + self.position_embeddings(places).to(rows.dtype)
        if self.caption_rows is None:
            return rows
        here = valid.unsqueeze(2).to(embedded.dtype)
        return rows + self.caption_rows((embedded * here).sum(1) / here.sum(1)).unsqueeze(1).to(rows.dtype)

    def words(self, embedded, valid):
        """What `Reading` looks up: the embeddings [B, T, D], normalised, and the bias [B, 1, 1, T]; None where no layer reads."""
        if self.word_norm is None:
            return None
        return self.word_norm(embedded), bias_of_words(valid)

    def causal_bias(self, logarithm, length: int):
        """[B, 1, S, SLOTS + S]."""
        bias = logarithm.new_full((length, SLOTS + length), -torch.inf)
        bias[:, SLOTS:] = torch.triu(bias[:, SLOTS:], 1)
        bias = bias.expand(len(logarithm), 1, -1, -1).clone()
        bias[..., 0] = logarithm[:, None, None]
        return bias

    def places(self, codes, rows=None):
        """Positions of the image rows that read codes [B, S]: all but the last, [S-1], or the given ones [B, R], rising."""
        return torch.arange(codes.shape[1] - 1, device=codes.device) if rows is None else rows

    def image_rows(self, x, means, logarithm, places=None, words=None):
        """Image rows x [B, S, D] -> [B, S, D] before the last norm; places [S] or [B, S] rising, from 0 on if not given; words of `words`."""
        bias = self.causal_bias(logarithm, x.shape[1])
        turn = self.turn[: x.shape[1]] if places is None else self.turn[places]
        turn = turn.unsqueeze(1) if turn.ndim == 4 else turn
        for layer, mean in zip(self.layers, means, strict=True):
            x = layer(x, turn, mean, bias, words)
        return x

    def logits(self, x):
        return self.output(self.norm(x)).float()


class Gpt(Trunk):
    """The teacher: row i is the code before position i, and predicts code i."""

    def __init__(self, **shape):
        super().__init__(**shape)
        self.tok_embeddings = nn.Embedding(self.vocabulary, self.dim)

    @torch.no_grad()
    def begin_alike(self, book) -> None:
        """Codes whose vectors [V, C] are near begin with near embeddings and logits, instead of 8,192 that have nothing to do with each other."""
        spread = 0.02 * torch.randn(book.shape[1], self.dim)
        self.tok_embeddings.weight.add_(book @ spread)
        self.output.weight.add_(2 * book @ spread)

    def forward(self, condition, valid, codes, dropped=None, rows=None, layout=None):
        """Logits [B, S, V] of all positions, when fed the codes [B, S]. With rows [B, R], only those image rows are there, and the logits
        [B, 1 + R, V] are those of code 0 and of the code after each row."""
        embedded = self.cls_embedding(condition, dropped)
        means, logarithm, last = self.read_condition(embedded, valid)
        places = self.places(codes, rows)
        read = codes[:, :-1] if rows is None else codes.gather(1, rows)
        inputs = self.told(self.tok_embeddings(read).to(last.dtype), embedded, valid, places, layout)
        image = self.image_rows(inputs, means, logarithm, places, self.words(embedded, valid))
        return self.logits(torch.cat([last.unsqueeze(1), image], 1))


class Cache:
    """Keys and values of the rows so far, for one batch."""

    def __init__(self, layers, batch: int, length: int, like: torch.Tensor):
        heads, head = layers[0].attention.heads, like.shape[-1] // layers[0].attention.heads
        self.slot = {layer.attention: i for i, layer in enumerate(layers)}
        shape = (len(layers), batch, heads, SLOTS + length, head)
        self.keys, self.values = like.new_zeros(shape), like.new_zeros(shape)
        self.filled = 0

    def extend(self, attention, k, v, stand_in):
        i, at = self.slot[attention], SLOTS + self.filled
        keys, values = self.keys[i], self.values[i]
        if self.filled == 0:
            values[:, :, 0] = stand_in.reshape(values[:, :, 0].shape).to(values.dtype)
        keys[:, :, at : at + k.shape[2]] = k.to(keys.dtype)
        values[:, :, at : at + v.shape[2]] = v.to(values.dtype)
        return keys[:, :, : at + k.shape[2]].to(k.dtype), values[:, :, : at + v.shape[2]].to(v.dtype)


@torch.no_grad()
def generate(gpt: Gpt, condition, valid, choose, guidance: float | None, length: int, begin=None, layout=None):
    """Codes [B, length], one position after another. choose(position, logits [B, V]) -> codes [B].

    guidance None or 1: no unconditional branch. begin [B, k]: codes that are given.
    """
    batch = len(valid)
    if guidance == 1:
        guidance = None
    if guidance is not None:
        condition, valid = torch.cat([condition, condition]), torch.cat([valid, valid])
        layout = None if layout is None else torch.cat([layout, layout])
        dropped = torch.arange(2 * batch, device=valid.device) >= batch
    else:
        dropped = None
    embedded = gpt.cls_embedding(condition, dropped)
    means, logarithm, last = gpt.read_condition(embedded, valid)
    rows, words = len(valid), gpt.words(embedded, valid)
    cache = Cache(gpt.layers, rows, length, last)
    bias = last.new_full((rows, 1, 1, SLOTS + length), 0.0)
    bias[..., 1:SLOTS] = -torch.inf
    bias[..., 0] = logarithm[:, None, None]
    codes, state = [], last
    places = torch.arange(length, device=valid.device)
    for position in range(length):
        logits = gpt.logits(state)
        if guidance is not None:
            with_text, without = logits.chunk(2)
            logits = without + (with_text - without) * guidance
        given = begin is not None and position < begin.shape[1]
        codes.append(begin[:, position] if given else choose(position, logits))
        if position + 1 == length:
            break
        token = codes[-1] if guidance is None else torch.cat([codes[-1], codes[-1]])
        x = gpt.told(gpt.tok_embeddings(token).unsqueeze(1).to(last.dtype), embedded, valid, places[position : position + 1], layout)
        for layer, mean in zip(gpt.layers, means, strict=True):
            x = layer(x, gpt.turn[position : position + 1], mean, bias[..., : SLOTS + position + 1], words, cache)
        cache.filled += 1
        state = x[:, 0]
    return torch.stack(codes, 1)
