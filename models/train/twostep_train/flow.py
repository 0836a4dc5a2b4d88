"""From noise to a code (METHOD 4): for one position the teacher gives p over codes c_j of norm 1, and the straight path
x_t = (1 - t) c + t eps has the exact velocity (x - x0) / t with

    x0(x, t) = sum_j w_j c_j,    w = softmax_j(log p_j - |x - (1 - t) c_j|^2 / (2 t^2)) = softmax_j(log p_j + (1 - t) (x . c_j) / t^2),

since |c_j| = 1. Solved from t = 1 to 0 by DPM-Solver++ 2M (data prediction, multistep) it takes eps to one code, and codes
so drawn are distributed as p. The last evaluation decides: there the weights are all but one-hot.
"""

import math

import torch


@torch.no_grad()
def map_noise(noise, logits, book, *, top_k: int = 0, steps: int = 50, chunk: int = 8192):
    """noise [..., C] and logits [..., V] -> codes [...]. Only the top_k likeliest codes enter (0: all)."""
    shape = noise.shape[:-1]
    flat, scores = noise.reshape(-1, noise.shape[-1]).float(), logits.reshape(-1, logits.shape[-1]).float()
    keep = min(top_k or scores.shape[1], scores.shape[1])
    found = [_map(n, s, book.float(), keep, steps) for n, s in zip(flat.split(chunk), scores.split(chunk), strict=True)]
    return torch.cat(found).reshape(shape)


def _map(noise, logits, book, keep: int, steps: int):
    if keep < logits.shape[1]:
        scores, index = logits.topk(keep, dim=1)
        vectors = book[index]
    else:
        scores, index, vectors = logits, None, book
    scores = scores.log_softmax(1)
    if index is None:
        return solve(noise, scores, vectors, steps)
    # Sorted: where the likeliest has all but 1e-7 of p, any noise leads there (as in models/sampling/flow-map.ts).
    best = index[:, 0].clone()
    doubt = ((scores[:, 1:] - scores[:, :1]).exp().sum(1) >= 1e-7).nonzero().squeeze(1)
    if len(doubt):
        found = solve(noise[doubt], scores[doubt], vectors[doubt], steps)
        best[doubt] = index[doubt].gather(1, found.unsqueeze(1)).squeeze(1)
    return best


def solve(x, scores, vectors, steps: int):
    """x [N, C], log p [N, K], vectors [N, K, C] or one book [K, C] for all -> the code's place among the K [N]."""
    shared = vectors.ndim == 2
    before, before_h = None, None
    for i in range(steps):
        t, s = 1 - i / steps, 1 - (i + 1) / steps
        near = x @ vectors.T if shared else torch.bmm(vectors, x.unsqueeze(2)).squeeze(2)
        weights = scores + (1 - t) / t**2 * near
        if i + 1 == steps:
            return weights.argmax(1)
        share = weights.softmax(1)
        x0 = share @ vectors if shared else torch.bmm(share.unsqueeze(1), vectors).squeeze(1)
        guess = x0
        if before is not None:
            h = _lambda(s) - _lambda(t)
            if before_h is not None:
                ratio = before_h / h
                guess = x0 + (x0 - before) / (2 * ratio)
            before_h = h
        before = x0
        x = (s / t) * x + (1 - s / t) * guess
    raise ValueError(f"the solver needs at least one step, not {steps}")


@torch.no_grad()
def noise_for(codes, logits, book, draw, *, top_k: int = 0, steps: int = 50, sure: float = 0.995, nearest: float = 0.02):
    """codes [...] and logits [..., V] -> noise [..., C] that `map_noise` takes to these codes, drawn as N(0, I) given the code.

    The same path, solved from almost t = 0 to 1: a point near the code is a sample of the marginal there, and the flow carries it to a
    sample of the normal distribution. Where p leaves no doubt any noise leads to the code. draw(shape) gives normal numbers.
    """
    shape = codes.shape
    flat, scores = codes.reshape(-1), logits.reshape(-1, logits.shape[-1]).float()
    if 0 < top_k < scores.shape[1]:
        least = scores.topk(top_k, dim=1).values[:, -1:]
        scores = scores.masked_fill(scores < least, -torch.inf).scatter(1, flat[:, None], scores.gather(1, flat[:, None]))
    scores = scores.log_softmax(1)
    noise = draw((len(flat), book.shape[1]))
    open_places = (scores.gather(1, flat[:, None]).squeeze(1) < math.log(sure)).nonzero().squeeze(1)
    if len(open_places):
        keep = min(top_k or scores.shape[1], scores.shape[1])
        likely, index = scores[open_places].topk(keep, dim=1)
        start = (1 - nearest) * book[flat[open_places]].float() + nearest * noise[open_places]
        noise[open_places] = _unsolve(start, likely, book[index].float(), nearest, steps)
    return noise.reshape(*shape, -1)


def _unsolve(x, scores, vectors, first: float, steps: int):
    """x [N, C] at time `first` -> at time 1, by the multistep method of `solve`, backwards."""
    times = [first + (1 - first) * i / steps for i in range(steps + 1)]
    before, before_h = None, None
    for t, s in zip(times, times[1:], strict=False):
        near = torch.bmm(vectors, x.unsqueeze(2)).squeeze(2)
        share = (scores + (1 - t) / t**2 * near).softmax(1)
        x0 = torch.bmm(share.unsqueeze(1), vectors).squeeze(1)
        guess = x0
        if s < 1:
            h = _lambda(s) - _lambda(t)
            if before is not None:
                guess = x0 + (x0 - before) * h / (2 * before_h)
            before_h = h
        before = x0
        x = (s / t) * x + (1 - s / t) * guess
    return x


def cooled(logits, pairs):
    """Logits [B, S, V] of positions from the first one on, divided by their temperatures (config.Pairs)."""
    first, rest = logits[:, :1] / pairs.temperature_at(0), logits[:, 1:] / pairs.temperature
    return torch.cat([first, rest], 1)


def _lambda(t: float) -> float:
    """Half the log signal-to-noise ratio; minus infinity at t = 1, which is why the first two steps are of first order."""
    return math.log((1 - t) / t)
