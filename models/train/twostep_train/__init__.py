"""Makes a two-step text-to-image student: renderer, tokenizer, teacher, noise-to-code pairs, student, evaluation."""
