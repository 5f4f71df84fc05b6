"""Trains the small emoji Stable Diffusion that Hearth ships."""
