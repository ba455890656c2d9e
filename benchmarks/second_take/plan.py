"""What is shot of a scene: takes, what is planted in which, and how strongly. No picture yet.

Read by our Python and by Blender's own, so only the standard library. Severities: 0 below what
anybody notices, 1 just noticed, 2 obvious, 3 gross.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

MASTER = "A"
SETUPS = {  # camera, what it looks at, focal length in mm, lens opening (0: all is sharp)
    "A": ((0.0, -3.7, 1.65), (0.0, 0.0, 1.12), 35.0, 0.0),  # master
    "B": ((-1.95, -1.1, 1.72), (1.05, 0.05, 1.42), 45.0, 0.0),  # over ana's shoulder
    "C": ((1.95, -1.1, 1.72), (-1.05, 0.05, 1.42), 45.0, 0.0),  # over ben's shoulder
    "D": ((-0.35, -1.9, 1.6), (1.05, 0.0, 1.5), 65.0, 1.4),  # ben alone, shallow focus
    "E": ((0.35, -1.9, 1.6), (-1.05, 0.0, 1.5), 65.0, 1.4),  # ana alone, shallow focus
    "F": ((0.3, -1.5, 1.9), (0.0, -0.05, 0.92), 50.0, 0.0),  # insert of the table
    "X": ((-1.95, 1.3, 1.72), (1.05, 0.05, 1.42), 45.0, 0.0),  # across the line
}
PEOPLE = ("ana", "ben")
NUDGES = (0.0, 0.02, 0.06)  # metres by which a camera that is set up again is off

LADDERS = {
    "prop.move": (0.01, 0.03, 0.08, 0.20),  # metres
    "costume.hue": (3.0, 7.0, 18.0, 43.0),  # degrees
    "key.yaw": (10.0, 30.0, 90.0, 180.0),  # degrees round the set
    "angle": (35.0, 25.0, 15.0, 5.0),  # degrees round the subject; below 30 it jumps
}
PROP_MOVED, PROP_GONE = "glass", "book"


@dataclass(frozen=True)
class Take:
    """One take: of which set-up, how far its camera is off, and what is planted in it."""

    name: str
    setup: str = MASTER
    nudge: float = 0.0
    plant: str = ""  # class of the error; "" for a clean take
    amount: float = 0.0
    severity: int = 0
    poses: int = 2  # the second pose says what moves within the take
    retake: bool = True  # people stand and turn a little differently, the lamp is not the same

    @property
    def moment(self) -> str:
        """Takes of one set-up are compared with each other; an angle of its own is not."""
        return self.name if self.setup == "J" else self.setup


@dataclass(frozen=True)
class Size:
    """How much is made."""

    name: str
    scenes: int
    clips: int
    frames: int = 24
    masters: int = 5  # clean takes of the master
    others: int = 2  # clean takes of each other set-up
    width: int = 512
    height: int = 288
    samples: int = 3
    first: int = 1  # the first scene's seed


SIZES = {
    "XS": Size("XS", scenes=2, clips=0, masters=3),
    "S": Size("S", scenes=4, clips=2),
    "M": Size("M", scenes=60, clips=40, masters=9, others=3),
}


@dataclass(frozen=True)
class Job:
    """What Blender is asked for: one scene's stills, or its clip."""

    seed: int
    takes: tuple[Take, ...] = ()
    frames: int = 0  # of a clip; 0: stills
    moving: bool = True
    width: int = 512
    height: int = 288
    samples: int = 3

    def words(self) -> dict:
        """As JSON."""
        return asdict(self)


def takes(size: Size) -> tuple[Take, ...]:
    """Every take of a scene, clean ones first."""
    clean = [
        Take(f"A{n}", "A", NUDGES[n % 3] if n else 0.0, retake=n > 0) for n in range(size.masters)
    ]
    clean += [
        Take(f"{setup}{n}", setup, NUDGES[n % 3], retake=n > 0)
        for setup in "BCDEF"
        for n in range(size.others)
    ]
    clean.append(Take("lamp", "A", NUDGES[1], "practical", poses=2))  # declared: no error
    planted = []
    for kind in ("prop.move", "costume.hue", "key.yaw"):
        planted += [
            Take(f"{kind}.{rung}", "A", NUDGES[rung % 3], kind, amount, rung,
                 poses=1 if kind == "costume.hue" else 2)
            for rung, amount in enumerate(LADDERS[kind])
        ]  # fmt: skip
    planted += [Take(f"prop.gone.{n}", "A", NUDGES[n], "prop.gone", 1.0, 3) for n in range(2)]
    planted += [
        Take(f"angle.{rung}", "J", 0.0, "angle", amount, rung, poses=1)
        for rung, amount in enumerate(LADDERS["angle"])
    ]
    planted.append(Take("axis.0", "X", 0.0, "axis", 1.0, 3, poses=1))
    return (*clean, *planted)


def held_out(seed: int) -> bool:
    """Every other scene is kept for the final figure and never looked at while checks change."""
    return seed % 2 == 0
