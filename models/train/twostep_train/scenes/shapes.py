"""How each object looks: parts from back to front, each a distance and the paint that fills it.

Paints: "main" is the object's colour, "dark" and "light" are shades of it; the others are fixed colours that belong to the thing
(a trunk is brown whatever the crown's colour is). Names are those of words.SHAPES.
"""

import math

import torch

from .field import box, circle, cut, ellipse, heart, polygon, ring_of, segment, star_points, union

FIXED_PAINTS = {"wood": "8C5A38"}

SOLID = {"circle", "square", "hexagon", "diamond", "heart", "oval", "rectangle", "cloud", "star"}
"""Shapes with room inside for another one."""


def parts(name: str, u, v) -> list:
    return globals()["_" + name](u, v)


def _circle(u, v):
    return [(circle(u, v, 0.92), "main")]


def _square(u, v):
    return [(box(u, v, 0.8, 0.8, rounding=0.06), "main")]


def _rectangle(u, v):
    return [(box(u, v, 1.0, 0.56, rounding=0.06), "main")]


def _triangle(u, v):
    return [(polygon(u, v, ring_of(3, 1.0, y=0.2), 0.06), "main")]


def _star(u, v):
    return [(polygon(u, v, star_points(5, 0.98, 0.44), 0.05), "main")]


def _heart(u, v):
    return [(heart(u, v), "main")]


def _hexagon(u, v):
    return [(polygon(u, v, ring_of(6, 0.92, math.pi / 6), 0.05), "main")]


def _diamond(u, v):
    return [(polygon(u, v, [(0, -0.98), (0.72, 0), (0, 0.98), (-0.72, 0)], 0.03), "main")]


def _ring(u, v):
    return [(circle(u, v, 0.68).abs() - 0.24, "main")]


def _crescent(u, v):
    return [(cut(circle(u, v, 0.94), circle(u, v, 0.76, 0.42, -0.2)), "main")]


def _cross(u, v):
    return [(union(box(u, v, 0.9, 0.31, rounding=0.06), box(u, v, 0.31, 0.9, rounding=0.06)), "main")]


def _drop(u, v):
    cone = polygon(u, v, [(0, -0.98), (0.55, 0.073), (-0.55, 0.073)])
    return [(union(circle(u, v, 0.62, 0, 0.36), cone), "main")]


def _oval(u, v):
    return [(ellipse(u, v, 1.0, 0.62), "main")]


def _arrow(u, v):
    head = polygon(u, v, [(0.1, -0.72), (0.92, 0), (0.1, 0.72)], 0.05)
    return [(union(head, box(u, v, 0.52, 0.22, -0.42, 0, rounding=0.04)), "main")]


def _cloud(u, v):
    body = union(circle(u, v, 0.36, -0.6, 0.16), circle(u, v, 0.5, -0.1, -0.12), circle(u, v, 0.38, 0.5, 0.1))
    return [(union(body, box(u, v, 0.62, 0.2, -0.03, 0.32, rounding=0.16)), "main")]


def _flower(u, v):
    petals = union(*[circle(u, v, 0.36, x, y) for x, y in ring_of(6, 0.58)])
    return [(petals, "main"), (circle(u, v, 0.34), "centre")]


def _sun(u, v):
    angle = torch.atan2(v, u)
    step = math.pi / 4
    turned = angle - torch.round(angle / step) * step
    radius = torch.sqrt(u * u + v * v + 1e-12)
    ray = segment(radius * torch.cos(turned), radius * torch.sin(turned), 0.78, 0, 0.9, 0, 0.085)
    return [(union(ray, radius - 0.54), "main")]


def _tree(u, v):
    crown = union(circle(u, v, 0.5, 0, -0.45), circle(u, v, 0.42, -0.4, 0.02), circle(u, v, 0.42, 0.4, 0.02))
    return [(box(u, v, 0.13, 0.42, 0, 0.56, rounding=0.03), "wood"), (crown, "main")]


def _house(u, v):
    roof = polygon(u, v, [(0, -0.92), (0.92, -0.1), (-0.92, -0.1)], 0.05)
    walls = box(u, v, 0.66, 0.48, 0, 0.4, rounding=0.04)
    return [(walls, "main"), (roof, "dark"), (box(u, v, 0.18, 0.28, 0, 0.6, rounding=0.03), "light")]


def _leaf(u, v):
    a, b = (u + v) * math.sqrt(0.5), (u - v) * math.sqrt(0.5)
    blade = torch.maximum(circle(a, b, 1.08, 0.68, 0), circle(a, b, 1.08, -0.68, 0))
    return [(segment(a, b, 0, -0.98, 0, 0, 0.06), "dark"), (blade, "main"), (segment(a, b, 0, -0.8, 0, 0.42, 0.045), "dark")]


def _bolt(u, v):
    points = [(0.22, -0.96), (-0.58, 0.14), (-0.06, 0.14), (-0.22, 0.96), (0.58, -0.2), (0.06, -0.2)]
    return [(polygon(u, v, points, 0.04), "main")]


def _check(u, v):
    return [(union(segment(u, v, -0.74, 0.06, -0.22, 0.56, 0.2), segment(u, v, -0.22, 0.56, 0.74, -0.5, 0.2)), "main")]


def _bubble(u, v):
    tail = polygon(u, v, [(-0.5, 0.3), (-0.02, 0.3), (-0.56, 0.9)], 0.03)
    dots = union(*[circle(u, v, 0.115, x, -0.18) for x in (-0.42, 0.0, 0.42)])
    return [(union(box(u, v, 0.94, 0.62, 0, -0.18, rounding=0.3), tail), "main"), (dots, "light")]


def _person(u, v):
    body = torch.maximum(ellipse(u, v, 0.82, 0.84, 0, 0.9), v - 0.88)
    return [(union(circle(u, v, 0.42, 0, -0.46), body), "main")]
