"""Things in a landscape: they are seen, they stand beside sun and moon, and the caption stays true in every style."""

import pytest
import torch

from twostep_train.draws import Draws
from twostep_train.scenes.captions import caption
from twostep_train.scenes.colour import stands_out
from twostep_train.scenes.draw import draw
from twostep_train.scenes.scenery import FLYING, STANDING, scenery
from twostep_train.scenes.surfaces import landscape
from twostep_train.scenes.words import LIGHTS, PLACES

MANY = [scenery(Draws(21, i), i % 5) for i in range(400)]


def test_every_place_and_light_has_things_and_nothing_stands_on_the_sea():
    assert {(scene.ground, scene.light) for scene in MANY} == {(place, light) for place in PLACES for light in LIGHTS}
    assert {scene.things[0].shape for scene in MANY} == {*STANDING, *FLYING}
    assert all(scene.things[0].shape in FLYING for scene in MANY if scene.ground == "sea")


def test_a_told_colour_stands_out_from_what_is_behind_it():
    told = [scene for scene in MANY if scene.things[0].coloured]
    assert 120 < len(told) < 280
    for scene in told:
        thing, (sky, horizon, far, near, _) = scene.things[0], scene.fills
        behind = (horizon, far, near) if thing.shape in STANDING else (sky,)
        # The style tints the sky a little, after the colour was chosen for all of them.
        assert sum(stands_out(thing.colour, fill) for fill in behind) >= len(behind) - 1, (thing, scene.ground, scene.light)


@pytest.mark.parametrize("style", range(5))
def test_a_thing_hides_neither_sun_nor_moon(style):
    for place in PLACES:
        for light in LIGHTS:
            own = landscape(place, light, style)
            sun = torch.tensor(own.knobs[7:9])
            for scene in (scenery(Draws(22, i), style) for i in range(60)):
                thing = scene.things[0]
                if scene.ground == place and scene.light == light and thing.shape in FLYING and light != "sunset":
                    assert (torch.tensor([thing.x, thing.y]) - sun).norm() > thing.radius


def test_with_another_style_the_same_draws_keep_the_caption_true():
    for i in range(100):
        scenes = [scenery(Draws(23, i), style) for style in range(5)]
        text, said = caption(scenes[0], Draws(24, i))
        assert all(other.labels()[head] == value for other in scenes for head, value in said), text
        assert len({tuple(scene.row()) for scene in scenes}) > 1
        words = text.lower()
        assert any(head == "ground" for head, _ in said) and any(head == "shape0" for head, _ in said), words


def test_a_thing_changes_the_picture_where_it_stands_alone():
    for scene in MANY[:20]:
        thing = scene.things[0]
        bare = landscape(scene.ground, scene.light, scene.style)
        away = (draw(torch.tensor([scene.row()]), 64) - draw(torch.tensor([bare.row()]), 64)).abs().amax(1)[0] > 0.02
        column = (torch.arange(64) + 0.5) / 64 - thing.x
        line = (torch.arange(64) + 0.5) / 64 - thing.y
        near = (column[None] ** 2 + line[:, None] ** 2).sqrt() < 1.45 * thing.radius
        assert away.any() and not away[~near].any()
