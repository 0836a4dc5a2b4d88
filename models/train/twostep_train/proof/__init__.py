"""A world whose teacher is exact, to see whether distillation works when nothing but the student is on trial."""
