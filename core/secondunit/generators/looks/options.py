"""What a person may say about a look, with defaults, limits and what each means."""

from __future__ import annotations

from ...hookspecs import OptionAbout

LOOKS = ("toon", "pencil", "graded")
ABOUT = (
    OptionAbout("look", "toon", "How the picture is drawn. A model's look is a model's work: name "
                "its card with --generator CARD, and the same passes are its conditions.",
                choices=LOOKS),
    OptionAbout("exposure", 0.0, "Stops brighter or darker than the shot's own.", -6.0, 6.0),
    OptionAbout("light", 0.0, "Scene-linear light that is shown as a middle tone, so that several "
                "shots share one exposure; 0 is measured on the shot itself.", 0.0, 1e6),
    OptionAbout("line", 1.0, "Weight of lines in toon and pencil; 0 draws none.", 0.0, 4.0),
    OptionAbout("folds", 0.6, "How dark lines are inside an object, against outlines.", 0.0, 1.0),
    OptionAbout("bands", 3, "Tones of each object in toon.", 1, 6),
    OptionAbout("texture", 0.3, "How much of an object's own pattern toon keeps.", 0.0, 1.0),
    OptionAbout("colour", 1.0, "Saturation of toon and graded.", 0.0, 2.0),
    OptionAbout("hatch", 1.0, "Density of the strokes in pencil.", 0.3, 3.0),
    OptionAbout("paper", 1.0, "How much of the paper's grain shows in pencil.", 0.0, 3.0),
    OptionAbout("tint", 0.0, "How much colour lies under pencil, as a wash.", 0.0, 1.0),
    OptionAbout("fog", 0.2, "How much air lies over the distance in graded.", 0.0, 1.0),
    OptionAbout("grade", 0.7, "How much of the reference's grade graded takes on.", 0.0, 1.0),
    OptionAbout("halation", 0.35, "How much lights glow in graded.", 0.0, 1.0),
    OptionAbout("grain", 0.5, "Film grain in graded.", 0.0, 2.0),
    OptionAbout("camera", "", "Where the camera stood, as JSON with a matrix for each frame; "
                "needed by pencil only when there is no position pass."),
)  # fmt: skip
