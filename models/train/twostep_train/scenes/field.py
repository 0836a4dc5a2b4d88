"""Signed distances in a shape's own square: u to the right, v down, the shape within [-1, 1]. Negative is inside.

Every function takes u, v of one shape [B, H, W] and returns [B, H, W]. Distances are exact or a close lower bound near
the edge, which is all that anti-aliasing reads. Formulas for the classical shapes follow Inigo Quilez's notes on 2-D
distance functions, rewritten for batched tensors.
"""

import math

import torch


def circle(u, v, r, x=0.0, y=0.0):
    return torch.sqrt((u - x) ** 2 + (v - y) ** 2 + 1e-12) - r


def box(u, v, half_width, half_height, x=0.0, y=0.0, rounding=0.0):
    a = (u - x).abs() - (half_width - rounding)
    b = (v - y).abs() - (half_height - rounding)
    outside = torch.sqrt(a.clamp(min=0) ** 2 + b.clamp(min=0) ** 2 + 1e-12)
    return outside + torch.maximum(a, b).clamp(max=0) - rounding


def ellipse(u, v, rx, ry, x=0.0, y=0.0):
    """First-order distance: exact on the edge, good within a few pixels of it."""
    a, b = u - x, v - y
    k1 = torch.sqrt((a / rx) ** 2 + (b / ry) ** 2 + 1e-12)
    k2 = torch.sqrt((a / rx**2) ** 2 + (b / ry**2) ** 2 + 1e-12)
    return k1 * (k1 - 1) / k2


def segment(u, v, ax, ay, bx, by, radius):
    """A line with round ends."""
    dx, dy = bx - ax, by - ay
    t = (((u - ax) * dx + (v - ay) * dy) / (dx * dx + dy * dy)).clamp(0, 1)
    return torch.sqrt((u - ax - t * dx) ** 2 + (v - ay - t * dy) ** 2 + 1e-12) - radius


def polygon(u, v, points, rounding=0.0):
    """Any simple polygon, from its corners in order."""
    best, sign = None, torch.ones_like(u)
    for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1], strict=True):
        dx, dy = bx - ax, by - ay
        pu, pv = u - ax, v - ay
        t = ((pu * dx + pv * dy) / (dx * dx + dy * dy)).clamp(0, 1)
        distance = (pu - t * dx) ** 2 + (pv - t * dy) ** 2
        best = distance if best is None else torch.minimum(best, distance)
        above, over, left = v >= ay, v < by, dx * pv > dy * pu
        flip = (above & over & left) | (~above & ~over & ~left)
        sign = torch.where(flip, -sign, sign)
    return sign * torch.sqrt(best + 1e-12) - rounding


def ring_of(count, radius, phase=0.0, x=0.0, y=0.0):
    """Corners of a regular polygon, the first at the top."""
    step = 2 * math.pi / count
    return [(x + radius * math.sin(phase + i * step), y - radius * math.cos(phase + i * step)) for i in range(count)]


def star_points(count, outer, inner):
    outside, inside = ring_of(count, outer), ring_of(count, inner, math.pi / count)
    return [point for pair in zip(outside, inside, strict=True) for point in pair]


def union(*distances):
    result = distances[0]
    for distance in distances[1:]:
        result = torch.minimum(result, distance)
    return result


def cut(distance, *holes):
    for hole in holes:
        distance = torch.maximum(distance, -hole)
    return distance


def heart(u, v):
    """Two circles and the point below them."""
    a, b = u.abs() * 0.64, (0.9 - v) * 0.64
    upper = torch.sqrt((a - 0.25) ** 2 + (b - 0.75) ** 2 + 1e-12) - math.sqrt(2) / 4
    half = 0.5 * (a + b).clamp(min=0)
    lower = torch.sqrt(torch.minimum(a**2 + (b - 1) ** 2, (a - half) ** 2 + (b - half) ** 2) + 1e-12)
    lower = lower * torch.sign(a - b)
    return torch.where(a + b > 1, upper, lower) / 0.64
