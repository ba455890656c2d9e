"""Whichever test imports the model libraries first, they are imported as the product does."""

from __future__ import annotations

import os

from secondunit.generators.diffusion.loading import OFFLINE

os.environ.update(OFFLINE)
