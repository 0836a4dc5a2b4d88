"""The layers of LlamaGen's GPT, with its published tensor names, and what we add to them. How they fit together is in gpt.py."""

import torch
import torch.nn.functional as F
from torch import nn

SLOTS = 8
"""Keys before the image's: the stand-in and seven that are masked, because kernels like multiples of eight."""


class RmsNorm(nn.Module):
    def __init__(self, dim: int, eps: float = 1e-5):
        super().__init__()
        self.eps, self.weight = eps, nn.Parameter(torch.ones(dim))

    def forward(self, x):
        wide = x.float()
        return (wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.eps)).to(x.dtype) * self.weight


class Attention(nn.Module):
    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.heads = heads
        self.wqkv, self.wo = nn.Linear(dim, 3 * dim, bias=False), nn.Linear(dim, dim, bias=False)

    def split(self, x):
        """[B, S, D] -> q, k, v, each [B, heads, S, head]."""
        batch, length, _ = x.shape
        return (part.reshape(batch, length, self.heads, -1).transpose(1, 2) for part in self.wqkv(x).chunk(3, -1))

    def forward(self, x, turn, stand_in, bias, cache=None):
        """x [B, S, D]; stand_in [B, D] is the mean value of the condition; bias [B, 1, S, SLOTS + keys]."""
        batch, length, dim = x.shape
        q, k, v = self.split(x)
        q, k = rotate(q, turn), rotate(k, turn)
        if cache is None:
            k = F.pad(k, (0, 0, SLOTS, 0))
            first = stand_in.to(v.dtype).reshape(batch, self.heads, 1, -1)
            v = torch.cat([first, F.pad(v, (0, 0, SLOTS - 1, 0))], 2)
        else:
            k, v = cache.extend(self, k, v, stand_in)
        out = attend(q, k, v, bias.to(q.dtype))
        return self.wo(out.transpose(1, 2).reshape(batch, length, dim))

    def values(self, x):
        return F.linear(x, self.wqkv.weight[2 * x.shape[-1] :])


def attend(q, k, v, bias):
    """q [B, H, S, D], k and v [B, H, K, D], bias [B, 1, S, K]. Written out on a CPU, where the fused kernel is 2.5 times slower there and back
    (bfloat16, 256 x 264, LOG.md)."""
    if q.device.type != "cpu":
        return F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
    return ((q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2) + bias).softmax(-1) @ v


class Reading(nn.Module):
    """Image rows look words up: attention over the caption's embeddings, each with a key of its own.

    LlamaGen's attention gives every word the same weight (above), so a row is told a caption only as its mean, and "a yellow star above a green square"
    has to be taken apart by every row anew. A row that looks words up takes the thing that stands where the row does. Starts as nothing (`wo` zero), so a
    network without it can go on with it."""

    def __init__(self, dim: int, heads: int, eps: float):
        super().__init__()
        self.heads, self.norm = heads, RmsNorm(dim, eps)
        self.wq, self.wo = nn.Linear(dim, dim, bias=False), nn.Linear(dim, dim, bias=False)
        self.wkv = nn.Linear(dim, 2 * dim, bias=False)

    def forward(self, x, words, bias):
        """x [B, S, D], words [B, T, D], bias [B, 1, 1, T]: -inf where there is no word."""
        batch, length, dim = x.shape
        q = self.wq(self.norm(x)).reshape(batch, length, self.heads, -1).transpose(1, 2)
        k, v = (part.reshape(batch, words.shape[1], self.heads, -1).transpose(1, 2) for part in self.wkv(words).chunk(2, -1))
        return self.wo(attend(q, k, v, bias.to(q.dtype)).transpose(1, 2).reshape(batch, length, dim))


def bias_of_words(valid: torch.Tensor) -> torch.Tensor:
    """What `Reading` adds to its scores: valid [B, T] -> [B, 1, 1, T], -inf where there is no word."""
    return torch.zeros(valid.shape, device=valid.device).masked_fill(~valid, -torch.inf)[:, None, None]


class FeedForward(nn.Module):
    def __init__(self, dim: int, multiple_of: int):
        super().__init__()
        hidden = -(-int(8 * dim / 3) // multiple_of) * multiple_of
        self.w1, self.w3 = nn.Linear(dim, hidden, bias=False), nn.Linear(dim, hidden, bias=False)
        self.w2 = nn.Linear(hidden, dim, bias=False)

    def forward(self, x):
        return self.w2(F.silu(self.w1(x)) * self.w3(x))


class Block(nn.Module):
    def __init__(self, dim: int, heads: int, multiple_of: int, eps: float, reads: bool = False):
        super().__init__()
        self.reading = Reading(dim, heads, eps) if reads else None
        self.attention, self.feed_forward = Attention(dim, heads), FeedForward(dim, multiple_of)
        self.attention_norm, self.ffn_norm = RmsNorm(dim, eps), RmsNorm(dim, eps)

    def forward(self, x, turn, stand_in, bias, words=None, cache=None):
        x = x + self.attention(self.attention_norm(x), turn, stand_in, bias, cache)
        if self.reading is not None:
            x = x + self.reading(x, *words)
        return x + self.feed_forward(self.ffn_norm(x))

    def condition(self, x, mix, valid):
        """Condition rows, the valid ones of all prompts one after the other [N, D]: attention is a running mean (mix [B, T, T]).
        Returns the rows and their values [B, T, D], zero where not valid."""
        own = self.attention.values(self.attention_norm(x))
        values = own.new_zeros(*valid.shape, own.shape[-1])
        values[valid] = own
        x = x + self.attention.wo((mix.to(values.dtype) @ values)[valid])
        return x + self.feed_forward(self.ffn_norm(x)), values


def rotary(grid: int, head: int, base: float) -> torch.Tensor:
    """[grid * grid, head / 2, 2] cosine and sine: the first half of the pairs turns with the row, the rest with the column."""
    half = head // 2
    speeds = 1.0 / base ** (torch.arange(0, half, 2).float() / half)
    angles = torch.outer(torch.arange(grid).float(), speeds)
    rows, columns = angles[:, None, :].expand(-1, grid, -1), angles[None].expand(grid, -1, -1)
    both = torch.cat([rows, columns], -1).reshape(grid * grid, -1)
    return torch.stack([both.cos(), both.sin()], -1)


def rotate(x, turn):
    """Pairs (0,1), (2,3), ... of x [B, H, S, head] by turn [S, head / 2, 2] or [B, 1, S, head / 2, 2]."""
    pairs = x.float().unflatten(-1, (-1, 2))
    c, s = turn[..., 0], turn[..., 1]
    turned = torch.stack([pairs[..., 0] * c - pairs[..., 1] * s, pairs[..., 1] * c + pairs[..., 0] * s], -1)
    return turned.flatten(-2).to(x.dtype)
