"""Image rows that look words up, and an encoder that can tell which of two things comes first."""

import pytest
import torch

from twostep_train.config import Pairs
from twostep_train.draws import Draws
from twostep_train.flow import map_noise
from twostep_train.gpt import CaptionEmbedding, Gpt, generate
from twostep_train.scenes.sample import sample
from twostep_train.scenes.words import COLOUR_NAMES, SHAPE_NAMES
from twostep_train.stages.text import LARGEST, asked, here, layout
from twostep_train.students import FlowHead
from twostep_train.t5 import BUCKETS, T5Encoder, directions

SHAPE = {"dim": 32, "layers": 3, "heads": 2, "vocabulary": 40, "grid": 4, "multiple_of": 32, "spread": True, "places": True}


def network(reads, kind=Gpt, *more):
    made = kind(*more, condition=CaptionEmbedding(16, 5, 32), reads=reads, **SHAPE)
    made.start()
    return made


def condition(batch: int):
    valid = torch.ones(batch, 5, dtype=torch.bool)
    valid[0, :2] = False
    return torch.randn(batch, 5, 16) * valid[..., None], valid


def awake(made):
    """With readings that say something; they begin as nothing."""
    for name, parameter in made.named_parameters():
        if "reading" in name and parameter.ndim == 2:
            torch.nn.init.normal_(parameter, std=0.3)
    return made


def test_readings_begin_as_nothing_so_that_a_network_without_them_goes_on():
    torch.manual_seed(1)
    plain = network(())
    reader = network((0, 2))
    missing, unexpected = reader.load_state_dict(plain.state_dict(), strict=False)
    assert not unexpected and all("reading" in name or name == "word_norm.weight" for name in missing)
    (states, valid), codes = condition(3), torch.randint(0, 40, (3, 16))
    assert torch.equal(plain(states, valid, codes), reader(states, valid, codes))
    assert not torch.allclose(plain(states, valid, codes), awake(reader)(states, valid, codes), atol=1e-3)


def test_words_are_looked_up_one_by_one():
    torch.manual_seed(2)
    reader = awake(network((1,)))
    states, valid = torch.randn(1, 5, 16), torch.ones(1, 5, dtype=torch.bool)
    embedded = reader.cls_embedding(states)
    words, bias = reader.words(embedded, valid)
    rows = torch.randn(1, 4, 32)
    read = reader.layers[1].reading(rows, words, bias)
    # Attention is over a set: order comes in through the encoder's states, so a permutation of them gives the same.
    turned = torch.tensor([3, 1, 4, 0, 2])
    assert torch.allclose(read, reader.layers[1].reading(rows, words[:, turned], bias), atol=1e-5)
    # But words are told apart: two that trade what they carry are not the same as two that carry the mean of both.
    mean = words.clone()
    mean[:, :2] = words[:, :2].mean(1, keepdim=True)
    assert not torch.allclose(read, reader.layers[1].reading(rows, mean, bias), atol=1e-3)


def test_padding_is_not_read_and_one_code_after_the_other_is_all_at_once():
    torch.manual_seed(3)
    (states, valid), book = condition(2), torch.nn.functional.normalize(torch.randn(40, 8), dim=-1)
    gpt = awake(network((0, 2)))
    noise = torch.randn(2, 16, 8)
    codes = generate(gpt, states, valid, lambda at, logits: map_noise(noise[:, at], logits, book, top_k=8, steps=12), 1, 16)
    assert torch.equal(codes, map_noise(noise, gpt(states, valid, codes), book, top_k=8, steps=12))
    other = torch.where(valid[..., None], states, torch.randn_like(states))
    assert torch.allclose(gpt(states, valid, codes), gpt(other, valid, codes), atol=1e-5)
    student = FlowHead(8, 16, Pairs(), condition=CaptionEmbedding(16, 5, 32), reads=(0, 2), **SHAPE)
    student.start_from(gpt)
    everything = torch.ones(16, dtype=torch.bool)
    assert torch.allclose(student(states, valid, noise, codes, everything), gpt(states, valid, codes), atol=1e-5)


def test_a_layer_that_is_not_there_can_not_read():
    with pytest.raises(ValueError, match=r"layers \[1, 7\] are to read words, but there are only 3"):
        network((1, 7))


def test_heads_of_a_new_encoder_look_back_ahead_near_and_anywhere():
    table = directions(6)
    assert table.shape == (BUCKETS, 6)
    back, ahead, near, anywhere = table[:, :4].unbind(1)
    # Buckets from 16 on are words that come later; bucket 0 is the word itself.
    assert (back[16:] < back[:16].min()).all() and (ahead[1:16] < ahead[16:].min()).all()
    assert near.argmax() in (0, 16) and (anywhere == 0).all() and torch.equal(table[:, 4], back)
    encoder = T5Encoder(vocabulary=9, width=16, layers=1, heads=4, head=4, hidden=16)
    encoder.start()
    learned = encoder.encoder.block[0].layer[0].SelfAttention.relative_attention_bias.weight
    assert (learned - directions(4)).abs().max() < 1.5


def test_labels_say_what_stands_at_each_place():
    for index in range(60):
        scene = sample(3, index).scene
        labels = layout(scene, 16)
        assert len(labels) == 256 and all(0 <= value < classes for label in labels for value, classes in zip(label, here().values(), strict=True))
        places = asked(labels, 16, Draws(1, index))
        assert len(places) == 32 and all(0 <= place < 256 for place in places)
        for thing in scene.things[-1:]:  # the last lies on top
            shape, colour, radius, across, down = labels[int(thing.y * 16) * 16 + int(thing.x * 16)]
            assert (SHAPE_NAMES[shape - 1], COLOUR_NAMES[colour - 1]) == (thing.shape, thing.colour)
            assert radius == round(thing.radius * 16) and (across, down) == (LARGEST + 1, LARGEST + 1)
            assert sum(labels[place][0] > 0 for place in places) >= 5
