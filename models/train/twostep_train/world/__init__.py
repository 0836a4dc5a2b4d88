"""Drawings made by people, with names: what a pack can draw beside the shapes that scenes/ paints itself."""
