"""Trains the small Stable Diffusion that draws scenes made of words."""
