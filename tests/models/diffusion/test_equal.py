"""What the stage shoots with a model is what the pipeline itself gives, bit for bit."""

from __future__ import annotations

import numpy as np
from secondunit_bridge.film import Role, Work
from studio import Studio, noise, opened, rgb


def test_a_picture_from_words_is_what_the_pipeline_gives(studio: Studio):
    model = studio.model("sd15")
    made = studio.shoot(studio.turnover("sd15", Work.previs, steps=2), seed=7)
    pipeline = opened(studio.folders.folder("sd15"), "StableDiffusionPipeline")
    wanted = pipeline(
        prompt="a red door", width=64, height=64, num_inference_steps=2, guidance_scale=7.5,
        generator=noise(7), output_type="np",
    ).images  # fmt: skip
    assert np.array_equal(made.frames, wanted)
    assert made.frames.std() > 0.01
    assert made.exactly["model"]["name"] == model.name


def test_a_plate_through_vace_is_what_the_pipeline_gives(studio: Studio):
    import torch

    studio.model("wan-vace")
    size = (32, 32)
    elements = [
        studio.pictures(Role.plate, 5, size=size),
        studio.pictures(Role.matte, 5, size=size),
        studio.pictures(Role.reference, 1, size=size, seed=4),
    ]
    ask = studio.turnover("wan-vace", Work.plate, *elements, count=5, size=size, steps=2)
    made = studio.shoot(ask, seed=3)
    plate, holes = rgb(made.elements["plate"][0]), np.stack(made.elements["matte"][0])
    video = np.where(holes > 0.5, np.float32(0.5), plate)
    eight = (rgb(made.elements["reference"][0])[0] * 255 + 0.5).astype(np.uint8)
    from PIL import Image

    pipeline = opened(studio.folders.folder("wan-vace"), "WanVACEPipeline")
    wanted = pipeline(
        prompt="a red door", video=torch.from_numpy(video.transpose(0, 3, 1, 2))[None],
        mask=torch.from_numpy(np.repeat(holes, 3, -1).transpose(0, 3, 1, 2))[None],
        reference_images=[Image.fromarray(eight)], width=32, height=32, num_frames=5,
        num_inference_steps=2, guidance_scale=5.0, conditioning_scale=1.0, generator=noise(3),
        output_type="np",
    ).frames[0]  # fmt: skip
    assert np.array_equal(made.frames, wanted)
