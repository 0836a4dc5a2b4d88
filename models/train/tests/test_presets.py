"""The presets of the starter pack at their real sizes: nobody wants to learn on a rented GPU that two widths do not fit together."""

import pytest
import torch

from twostep_train.layout import book, layout_map
from twostep_train.loop import make_optimizer
from twostep_train.presets import PRESETS
from twostep_train.scenes.draw import draw
from twostep_train.scenes.sample import sample
from twostep_train.stages.tokenizer import make_vq
from twostep_train.students import FlowHead
from twostep_train.teachers import gpt_shape, make_teacher

WORDS = 900


@pytest.mark.parametrize("name,megabytes", [("starter-cpu", 30), ("starter-gpu", 60)])
def test_the_networks_of_a_preset_fit_together_learn_and_are_small_enough(name, megabytes):
    config = PRESETS[name]
    torch.manual_seed(3)
    vq = make_vq(config.vq, config.vq.vocabulary)
    teacher = make_teacher(config, WORDS)
    teacher.gpt.start()
    image = draw(torch.tensor([sample(1, 5).scene.row()]), config.size)
    codes = vq.encode(image)
    assert codes.shape == (1, config.length)
    assert vq.decode_codes(codes, config.grid).shape == image.shape

    ids = torch.randint(WORDS, (2, 9))
    states, valid = teacher.condition({"ids": ids, "valid": torch.ones(2, 9, dtype=torch.bool)})
    shape = gpt_shape(config)
    student = FlowHead(config.vq.channels, config.student.noise_hidden, config.pairs, condition=teacher.gpt.cls_embedding, **shape)
    student.start_from(teacher.gpt)
    layout = layout_map("kstar cyellow s12 x2 y2 gplain cnavy", book()).expand(2, -1, -1) if config.teacher.layout else None
    noise = torch.randn(2, config.length, config.vq.channels)
    wanted = codes.expand(2, -1)
    optimizer = make_optimizer(student, config.student.optimizer)
    losses = []
    for _ in range(2):
        logits = student(states.detach(), valid, noise, wanted, torch.zeros(config.length, dtype=torch.bool), layout=layout)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), wanted.flatten())
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    assert losses[1] < losses[0]
    drawn = student.draw(states.detach(), valid, noise, vq.quantize.rows(), config.student.times, layout=layout)
    assert drawn.shape == (2, config.length) and drawn.max() < config.vq.vocabulary

    def count(module):
        return sum(p.numel() for p in module.parameters())

    # 8 bits for the student and the words, half precision for the decoder's kernels, the book in full.
    size = count(student) + count(teacher.text) + 2 * (count(vq.decoder) + count(vq.post_quant_conv)) + 4 * vq.quantize.embedding.weight.numel()
    assert size < megabytes * 1e6, f"{size / 1e6:.1f} MB"
