"""Trains the small Stable Diffusion that draws scenes made of words."""
from .run import main

if __name__ == "__main__":  # the drawing processes import this file again
    main()
