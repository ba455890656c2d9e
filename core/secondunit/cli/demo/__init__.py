"""The demo: the main job on real footage, with nothing but this machine."""
