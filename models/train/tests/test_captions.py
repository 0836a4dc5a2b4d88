"""What people leave out and count: "a house and a tree", "two red hearts", "three stars"."""

from itertools import combinations

import torch

from twostep_train.scenes.colour import CONTRAST
from twostep_train.scenes.sample import sample
from twostep_train.scenes.things import own_colour
from twostep_train.scenes.words import OWN_COLOURS, SHAPE_NAMES
from twostep_train.words import UNKNOWN, Words, build_tokenizer, grown

MANY = [sample(6, i) for i in range(3000)]


def of(count: int):
    return [one for one in MANY if len(one.scene.things) == count]


def test_alike_things_are_counted_in_one_phrase():
    numbers = {2: ("two", "2", "pair of"), 3: ("three", "3")}
    for count, names in numbers.items():
        alike = [one for one in of(count) if len({(t.shape, t.colour, t.coloured, t.radius) for t in one.scene.things}) == 1]
        assert len(alike) > 60
        for one in alike:
            text, said = one.text.lower(), {head for head, _ in one.said}
            assert sum(name in text for name in names) == 1, text
            assert {"count", *(f"shape{i}" for i in range(count))} <= said
            assert all((f"colour{i}" in said) == one.scene.things[0].coloured for i in range(count)), text
        assert {t.coloured for one in alike for t in one.scene.things} == {True, False}


def test_any_of_several_things_may_have_no_colour_told_and_then_has_its_own():
    seen = set()
    for one in [*of(2), *of(3)]:
        things, said = one.scene.things, {head for head, _ in one.said}
        seen.add(tuple(thing.coloured for thing in things))
        for i, thing in enumerate(things):
            assert (f"colour{i}" in said) == thing.coloured, one.text
            if not thing.coloured and one.scene.relation != "inside" and len({(t.shape, t.colour) for t in things}) > 1:
                assert thing.colour == own_colour(thing.shape, one.scene.style, i), one.text
    assert {(a, b) for a in (True, False) for b in (True, False)} <= seen and (False, False, False) in seen


def test_things_without_a_colour_of_their_own_are_told_apart():
    plain = [shape for shape in SHAPE_NAMES if shape not in OWN_COLOURS]
    for style in range(5):
        colours = [own_colour(plain[i], style, i) for i in range(3)]
        assert len(set(colours)) == 3
    assert own_colour("heart", 3, 1) == OWN_COLOURS["heart"]


def test_what_stands_inside_can_be_seen():
    inside = [one.scene for one in MANY if one.scene.relation == "inside"]
    assert len(inside) > 60
    for scene in inside:
        outer, inner = scene.things
        assert inner.colour in CONTRAST[outer.colour]


def test_a_vocabulary_grows_and_keeps_what_it_knows():
    contents = build_tokenizer(1)
    vocabulary = contents["model"]["vocab"]
    after = Words(contents, 48)
    gone = [i for i, (piece, _) in enumerate(vocabulary) if piece in ("▁heart", "▁blue")]
    fewer = [entry for i, entry in enumerate(vocabulary) if i not in gone]
    before = Words({**contents, "model": {**contents["model"], "vocab": fewer}}, 48)
    table = torch.randn(before.size, 16)
    made = grown(table, before, after)
    assert made.shape == (after.size, 16)
    rows = {piece: i for i, (piece, _) in enumerate(fewer)}
    for i, (piece, _) in enumerate(vocabulary):
        if i not in gone:
            assert torch.equal(made[i], table[rows[piece]])
    for i in gone:
        parts = before.ids(vocabulary[i][0].removeprefix("▁"))[:-1]
        assert len(parts) > 1 and UNKNOWN not in parts
        assert torch.allclose(made[i], table[parts].mean(0))
    assert all(not torch.equal(made[a], made[b]) for a, b in combinations(gone, 2))
