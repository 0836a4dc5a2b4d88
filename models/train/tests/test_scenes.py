"""The renderer: determinism, truth of the labels, anti-aliasing, seamless patterns, held-out pairs."""

import pytest
import torch

from twostep_train.draws import Draws, gaussian
from twostep_train.scenes import row as R
from twostep_train.scenes.captions import caption
from twostep_train.scenes.draw import draw
from twostep_train.scenes.grounds import DRAW
from twostep_train.scenes.sample import lesson, sample
from twostep_train.scenes.scene import HEADS, Scene, Thing
from twostep_train.scenes.shapes import parts
from twostep_train.scenes.surfaces import background, pattern
from twostep_train.scenes.words import COLOURS, GROUNDS, RGB, SHAPE_NAMES, SHAPES

PATTERNS = ("stripes", "dots", "checks", "wavy lines", "triangles", "terrazzo")


def test_vocabulary_is_as_large_as_promised():
    assert len(SHAPES) >= 14 and len(COLOURS) >= 16
    assert len(DRAW) == len(GROUNDS)


def test_draws_are_the_same_on_every_machine():
    d = Draws(1, 2)  # a change here means other data for every seed, so shards and runs of before are void
    assert [d.bits() for _ in range(2)] == [3361260483239294014, 11945079669497658885]
    assert [round(float(x), 5) for x in gaussian(3, 4, 3)] == [round(float(x), 5) for x in gaussian(3, 4, 7)[:3]]
    assert abs(gaussian(3, 5, 100_000).std() - 1) < 0.01


def test_a_sample_follows_from_seed_and_index():
    first, again, other = sample(5, 9), sample(5, 9), sample(5, 10)
    assert first.text == again.text and first.scene.row() == again.scene.row()
    assert first.scene.row() != other.scene.row()


def test_a_picture_does_not_depend_on_its_batch():
    rows = torch.tensor([sample(1, i).scene.row() for i in range(24)])
    together = draw(rows, 64)
    apart = torch.cat([draw(rows[i : i + 1], 64) for i in range(24)])
    assert (together - apart).abs().max() < 1e-5


def test_a_window_shows_the_same_pixels():
    rows = torch.tensor([sample(2, i).scene.row() for i in range(24)])
    whole, part = draw(rows, 128), draw(rows, 64, torch.tensor([[0.25, 0.5, 0.5]]).expand(24, 3))
    assert (whole[:, :, 64:, 32:96] - part).abs().max() < 2e-3


def test_training_never_shows_a_held_out_pair_and_held_out_always_does():
    assert not any(sample(1, i).scene.held_out() for i in range(300))
    assert all(sample(1, i, held_out=True).scene.held_out() for i in range(100))


def test_lessons_are_of_trained_pairs_and_practise_patterns_more_often_than_they_are_asked_for():
    lessons, asked = [lesson(1, i) for i in range(2000)], [sample(1, i).scene for i in range(2000)]
    assert not any(scene.held_out() for scene in lessons)
    patterns = [sum(scene.ground in PATTERNS and not scene.things for scene in scenes) for scenes in (lessons, asked)]
    assert patterns[0] > 1.2 * patterns[1] > 0


@pytest.mark.parametrize("kind", ["stripes", "dots", "checks", "wavy lines", "triangles"])
@pytest.mark.parametrize("style", range(5))
def test_nothing_in_a_pattern_repeats_within_two_tokens(kind, style):
    """LOG.md: a decoder averages codes that alternate. A picture rolled by two tokens has to differ, unless it does not change along that side at all."""
    for i in range(200):
        scene = pattern(Draws(9, i), style)
        if scene.ground != kind:
            continue
        image = draw(torch.tensor([scene.row()]), 64)[0]
        for side in (1, 2):
            along = image.std(side).max()
            assert along < 0.02 or (image - torch.roll(image, 8, side)).abs().max() > 0.3
        return
    pytest.fail(f"no {kind} in 200 patterns")


def test_what_a_caption_says_is_true():
    for i in range(400):
        one = sample(3, i)
        labels = one.scene.labels()
        assert one.said, one.text
        for head, value in one.said:
            assert labels[head] == value and value < HEADS[head]
            if head.startswith("has "):
                assert value == 1
        assert len(one.scene.row()) == R.LENGTH


@pytest.mark.parametrize("shape", SHAPE_NAMES)
def test_every_shape_is_there_inside_its_circle_and_anti_aliased(shape):
    scene = Scene("plain", ["white"], [RGB[list(COLOURS).index("white")]], things=[Thing(shape, "red", 0.5, 0.5, 0.25)])
    image = draw(torch.tensor([scene.row()]), 128)[0]
    painted = (image - 1).abs().amax(0) > 0.02
    assert 0.01 < painted.float().mean() < 0.25
    axis = (torch.arange(128) + 0.5) / 128 - 0.5
    far = torch.sqrt(axis[None] ** 2 + axis[:, None] ** 2) > 0.25 * 1.42
    assert not painted[far].any(), "something is drawn outside of the shape's circle"
    between = (image[1] > RGB[0][1] + 0.05) & (image[1] < 0.95)
    assert between.any(), "no pixel is partly covered: the edge is jagged"
    assert all(torch.isfinite(d).all() for d, _ in parts(shape, torch.zeros(1, 3, 3), torch.zeros(1, 3, 3)))


@pytest.mark.parametrize("kind", PATTERNS)
def test_patterns_are_seamless(kind):
    """The part that starts at (0.5, 0.5) and runs past the edge equals the picture rolled by half."""
    found = 0
    for i in range(400):
        scene = pattern(Draws(8, i), i % 5)
        if scene.ground != kind:
            continue
        found += 1
        rows = torch.tensor([scene.row()])
        shifted = draw(rows, 64, torch.tensor([[0.5, 0.5, 1.0]]))
        assert (torch.roll(draw(rows, 64), (-32, -32), (2, 3)) - shifted).abs().mean() < 2e-3
        if found == 4:
            return
    pytest.fail(f"only {found} of {kind} in 400 patterns")


@pytest.mark.parametrize("family", [background, pattern])
def test_where_one_colour_is_named_the_rest_follows_from_the_style(family):
    """"Pink polka dots": with the same draws but another style, the caption stays true, and nothing else about the picture is free."""
    found = 0
    for i in range(400):
        scene = family(Draws(11, i), 2)
        if "alone" not in scene.told:
            continue
        found += 1
        text, said = caption(scene, Draws(12, i))
        named = [head for head, _ in said if head.startswith("has ")]
        assert len(named) == 1, text
        if "direction" not in scene.told:
            again = [family(Draws(11, i), style) for style in range(5)]
            assert all(other.labels()[named[0]] == 1 and other.ground == scene.ground for other in again)
            assert len({tuple(other.row()) for other in again}) > 1
    assert found > 40
