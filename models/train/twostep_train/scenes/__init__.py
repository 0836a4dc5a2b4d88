"""Pictures by code: a scene is a row of numbers (what to draw), a caption and its true attributes."""
