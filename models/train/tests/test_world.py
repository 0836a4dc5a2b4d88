"""A folder of drawings becomes part of the world: scenes, pixels, the scene language, codes and vocabulary."""

import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from twostep_train.gpt import CaptionEmbedding, Gpt
from twostep_train.layout import FIELDS, book, layout_map
from twostep_train.scenes.colour import rgb
from twostep_train.scenes.draw import draw
from twostep_train.scenes.drawn import SIZES, places, thing
from twostep_train.scenes.language import spoken, vocabulary
from twostep_train.scenes.sample import lesson, sample
from twostep_train.scenes.scene import Scene
from twostep_train.scenes.words import COLOUR_NAMES, SHAPE_NAMES
from twostep_train.stages.assets import Assets, apart, key_of
from twostep_train.vocabulary import write
from twostep_train.words import Words, build_tokenizer
from twostep_train.world.drawings import World, token, use

FOX = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="2" y="2" width="28" height="28" fill="#ff6600"/></svg>'
LOOK = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="12" fill="none" stroke="#000" stroke-width="4"/></svg>'


@pytest.fixture
def folder(tmp_path: Path):
    """Three drawings: an SVG with colours, an icon in two styles of which one is a PNG that is not square."""
    (tmp_path / "fox.svg").write_text(FOX)
    (tmp_path / "search-outline.svg").write_text(LOOK)
    Image.new("RGBA", (20, 40), (0, 0, 0, 255)).save(tmp_path / "search-solid.png")
    (tmp_path / "index.json").write_text(json.dumps({"version": 1, "drawings": [
        {"id": "fox", "names": {"en": ["fox"], "de": ["fuchs"]}, "keywords": {"en": ["animal"]}, "source": "ours"},
        {"id": "search-outline", "style": "outline", "coloured": False, "kind": "icon", "names": {"en": ["search"]}},
        {"id": "search-solid", "style": "solid", "coloured": False, "kind": "icon", "names": {"en": ["search"]}},
    ]}))  # fmt: skip
    use(tmp_path)
    yield tmp_path
    use(None)


def test_draws_a_drawing_in_its_box_and_an_icon_in_any_colour(folder):
    scene = Scene("plain", ["navy"], [rgb("navy")], things=[thing("fox", "black", 2, 2, 12), thing("search-solid", "yellow", 5, 5, 6)])
    image = draw(torch.tensor([scene.row()]), 256)[0]
    orange = torch.tensor([1.0, 0x66 / 127.5 - 1, -1.0])
    assert torch.allclose(image[:, 60, 60], orange, atol=0.01)
    assert torch.allclose(image[:, 8, 8], torch.tensor(rgb("navy")), atol=0.01)
    # The tall PNG stands in the middle of its square.
    assert torch.allclose(image[:, 128, 128], torch.tensor(rgb("yellow")), atol=0.01)
    assert torch.allclose(image[:, 128, 84], orange, atol=0.01)


def test_a_window_shows_the_same_pixels(folder):
    scene = Scene("plain", ["mint"], [rgb("mint")], things=[thing("fox", "black", 3, 1, 6)])
    rows = torch.tensor([scene.row()])
    part = draw(rows, 128, torch.tensor([[0.125, 0.0, 0.5]]))
    assert torch.allclose(part[0], draw(rows, 256)[0, :, :128, 32:160], atol=0.02)


def test_says_a_scene_and_nothing_else(folder):
    scene = Scene("plain", ["mint"], [rgb("mint")], things=[thing("fox", "red", 2, 2, 12), thing("heart", "red", 1, 5, 6)])
    assert spoken(scene) == "kfox s12 x2 y2 kheart cred s6 x1 y5 gplain cmint"
    known = Words(build_tokenizer(1), 48)
    pieces = {piece for piece, _ in known.contents["model"]["vocab"]}
    for index in range(400):
        one = sample(5, index)
        assert one.text == spoken(one.scene)
        assert all(f"▁{word}" in pieces for word in one.text.split()), one.text
        assert len(known.ids(one.text)) <= 48
    assert len(set(vocabulary())) == len(vocabulary())


def test_icons_stand_apart_in_ink_on_paper(folder):
    """A program colours them (models/run/ink.ts), so nothing else is ever behind or beside them."""
    seen = 0
    for index in range(600):
        scene = lesson(11, index)
        icons = [one for one in scene.things if one.shape.startswith("search")]
        seen += bool(icons)
        if icons:
            assert len(icons) == len(scene.things) and (scene.ground, scene.colours) == ("plain", ["white"]), spoken(scene)
            assert {one.colour for one in icons} == {"black"}
    assert seen > 60


def test_layouts_stay_on_the_canvas_and_apart(folder):
    for index in range(600):
        scene = lesson(7, index)
        for one in scene.things:
            assert 0 <= one.x - one.radius + 1e-6 and one.x + one.radius <= 1 + 1e-6, spoken(scene)
    for count, way in [(2, "row"), (2, "column"), (3, "rows"), (4, "row"), (4, "rows"), (5, "rows")]:
        side = SIZES["small"]
        found = places(side, count, way)
        assert len(found) == count
        assert all(abs(a - c) >= side or abs(b - d) >= side for i, (a, b) in enumerate(found) for c, d in found[:i])


class Counting:
    """Stands in for a tokenizer: the code of a patch is its mean, in steps."""

    def encode(self, image):
        tiles = image.unflatten(2, (-1, 16)).unflatten(4, (-1, 16)).mean((3, 5))
        return ((tiles.mean(1) + 1) * 100).round().long().flatten(1)


def test_codes_of_a_thing_do_not_depend_on_where_it_lies(folder):
    from twostep_train.config import Config
    from twostep_train.machine import open_machine

    assets = Assets(Counting(), open_machine(Config("x", precision="float32", device="cpu")), lambda shape: shape == "fox", rgb)
    scenes = [Scene("plain", ["mint"], [rgb("mint")], things=[thing("fox", "red", left, 2, 6)]) for left in (0, 9)]
    assert assets.prepare(scenes) == 2  # on mint, and on the ground that what it covers is taken from
    one, other = (assets.codes(scene).reshape(16, 16) for scene in scenes)
    assert torch.equal(one[2:8, 0:6], other[2:8, 9:15])
    assert apart(scenes[0]) and key_of(scenes[0].things[0], "mint", True)[1] == ""
    crossing = Scene("plain", ["mint"], [rgb("mint")], things=[thing("heart", "red", 2, 2, 12), thing("fox", "red", 5, 5, 6)])
    assert not apart(crossing)


def test_the_vocabulary_names_drawings_and_their_words(folder, tmp_path):
    path = tmp_path / "vocabulary.json"
    write(path)
    made = json.loads(path.read_text())
    by_id = {one["id"]: one for one in made["concepts"]}
    assert by_id["fox"]["names"]["de"] == ["fuchs"] and by_id["fox"]["drawings"][0]["token"] == "kfox"
    assert {one["style"] for one in by_id["search icon"]["drawings"]} == {"outline", "solid"}
    assert by_id["heart"]["drawings"][0]["colours"] == "any" and by_id["stripes"]["ground"] == "stripes"
    assert set(made["scene"]["calm"]) <= set(COLOUR_NAMES)
    words = set(vocabulary())
    assert all(one["token"] in words for concept in made["concepts"] for one in concept.get("drawings", []))


def test_refuses_what_it_can_not_tell_apart(tmp_path):
    drawings = [{"id": "red-fox", "names": {"en": ["a"]}}, {"id": "redfox", "names": {"en": ["b"]}}]
    (tmp_path / "index.json").write_text(json.dumps({"version": 1, "drawings": drawings}))
    with pytest.raises(ValueError, match="kredfox"):
        World(tmp_path)
    (tmp_path / "index.json").write_text(json.dumps({"version": 2, "drawings": []}))
    with pytest.raises(ValueError, match="version 2"):
        World(tmp_path)
    assert token("red apple") == "kredapple" and "star" in SHAPE_NAMES


def test_a_layout_map_says_what_stands_where(folder):
    own = book()
    assert own.things[-3:] == ("kfox", "ksearchoutline", "ksearchsolid")
    fields = {name: i for i, name in enumerate(FIELDS)}
    found = layout_map("kfox s2 x1 y3 gplain cmint", own)
    inside = {position for position in range(256) if found[position, 0]}
    assert inside == {3 * 16 + 1, 3 * 16 + 2, 4 * 16 + 1, 4 * 16 + 2}
    first, last = found[3 * 16 + 1], found[4 * 16 + 2]
    assert (first[fields["thing"]], first[fields["cell"]], last[fields["cell"]]) == (own.things.index("kfox") + 1, 1 + 1, 1 + 4)
    assert (found[:, fields["ground"]] == (own.grounds.index("gplain") + 1) * 6).all() and found[255, fields["place"]] == 255
    assert all((found[:, i] < size).all() for i, size in enumerate(own.sizes().values()))
    assert (layout_map("gstripes cblue cwhite dvertical v1", own)[:, :8] == 0).all()
    above = layout_map("kcircle cred s4 x0 y0 kfox s2 x1 y1 gplain cmint", own)[17]
    assert (above[fields["behind"]], above[fields["behind colour"]]) == (own.things.index("kcircle") + 1, own.colours.index("cred") + 1)


def test_rows_that_are_told_a_layout_follow_it(folder):
    torch.manual_seed(5)
    own = book()
    gpt = Gpt(dim=32, layers=2, heads=2, vocabulary=40, grid=16, multiple_of=32, layout=own.sizes(), condition=CaptionEmbedding(16, 5, 32))
    gpt.start()
    states, valid, codes = torch.randn(1, 5, 16), torch.ones(1, 5, dtype=torch.bool), torch.randint(0, 40, (1, 256))
    one, other = (layout_map(f"kfox s2 x{x} y3 gplain cmint", own)[None] for x in (1, 9))
    here, there = gpt(states, valid, codes, layout=one), gpt(states, valid, codes, layout=other)
    assert torch.equal(here[0, :49], there[0, :49]) and not torch.allclose(here[0, 49], there[0, 49], atol=1e-4)
    with pytest.raises(ValueError, match="told layouts, and none was given"):
        gpt(states, valid, codes)
