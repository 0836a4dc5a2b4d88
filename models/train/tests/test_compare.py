"""The eye that compares with renders: it recognises everything in true renders, and is not fooled by wrong ones."""

import torch

from twostep_train.compare import question, score, seen
from twostep_train.scenes.draw import draw


def picture(scene):
    return draw(torch.tensor([scene.row()]), 128)[0]


def test_true_renders_of_any_style_are_seen_as_they_are():
    questions = [question(7, index, held_out=True) for index in range(48)]
    images = torch.stack([picture(one.answers[index % len(one.answers)]) for index, one in enumerate(questions)])
    shares, kinds = score(questions, images)
    right, asked = (sum(tally[i] for tally in kinds.values()) for i in (0, 1))
    assert right / asked >= 0.99, {kind: tally for kind, tally in kinds.items() if tally[0] < tally[1]}
    assert {"shape", "colour", "ground colour"} <= set(kinds) and len(shares) == 48


def test_a_picture_of_something_else_is_not():
    questions = [question(7, index, held_out=True) for index in range(48)]
    images = torch.stack([picture(questions[(index + 7) % 48].answers[0]) for index in range(48)])
    _, kinds = score(questions, images)
    assert sum(t[0] for t in kinds.values()) / sum(t[1] for t in kinds.values()) < 0.45
    assert kinds["shape"][0] / kinds["shape"][1] < 0.2


def test_only_what_is_wrong_counts_as_wrong():
    for index in range(300):
        one = question(9, index, held_out=False)
        said = {head for head, _ in one.said}
        if {"shape0", "colour0", "position"} <= said:
            break
    other = one.answers[0]
    truth = picture(other)
    assert all(seen(one, truth).values())
    import copy

    wrong = copy.deepcopy(other)
    wrong.things[0].colour = next(name for name in ("white", "black", "red") if name not in (other.things[0].colour, *other.colours))
    found = seen(one, picture(wrong))
    assert not found["colour0"] and found["position"]
