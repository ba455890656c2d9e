"""A compositor's script for tests: a plate, a matte, the node between them and a Write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
from nuke_fake import Fake, port
from nuke_fake.pixels import LAYERED
from secondunit_nuke import node as nodes
from secondunit_nuke.collect.turnover import collect, remembered
from secondunit_nuke.place import cutting

LINEAR = "Linear Rec.709 (sRGB)"


@dataclass
class Comp:
    """The script and the nodes of it that tests name."""

    fake: Fake
    port: Any
    plate: Any
    matte: Any
    node: Any
    write: Any

    @classmethod
    def made(
        cls, fake: Fake, folder: Path, plate: Path, matte: Path, *, space: str = LINEAR,
        channel: str = "rgba.red",
    ) -> Comp:  # fmt: skip
        """A saved script of files."""
        nuke = fake.nuke
        folder.mkdir(parents=True, exist_ok=True)
        reads = []
        for file, name in ((plate, "Plate"), (matte, "Roto")):
            read = nuke.nodes.Read(name=name)
            read["file"].setValue(str(file))
            read["colorspace"].setValue(space)
            reads.append(read)
        reads[1]["raw"].setValue(True)
        first, last = reads[0]["first"].value(), reads[0]["last"].value()
        root = nuke.root()
        root["first_frame"].setValue(first)
        root["last_frame"].setValue(last)
        size = reads[0].format()
        text = f"{size.width()} {size.height()} 0 0 {size.width()} {size.height()} 1 plate"
        root["format"].setValue(text)
        reads[0].setSelected(True)
        node = nodes.make(port())
        node.setInput(1, reads[1])
        node["su_matte_channel"].setValue(channel)
        write = nuke.nodes.Write(name="Final")
        write.setInput(0, node)
        nuke.scriptSaveAs(str(folder / "sh010_comp_v001.nk"), 1)
        return cls(fake, port(), *reads, node, write)

    def again(self, text: str) -> Comp:
        """The same script opened anew; nothing of ours needs to be there."""
        fake = Fake(gui=False)
        fake.open(text)
        found = [fake.nuke.toNode(one) for one in ("Plate", "Roto", self.node.name(), "Final")]
        return Comp(fake, None, *found)

    def render(self, source: Any, folder: Path, first: int, last: int) -> Path:
        """What a node gives, as half float EXR."""
        write = self.write
        write.setInput(0, source)
        write["file"].setValue(f"{folder.as_posix()}/final.%04d.exr")
        for knob, value in (("file_type", "exr"), ("channels", "all"), ("raw", True),
                            ("datatype", "16 bit half"), ("metadata", "all metadata"),
                            ("create_directories", True)):  # fmt: skip
            write[knob].setValue(value)
        self.fake.nuke.execute(write, first, last, 1)
        return folder / "final.%04d.exr"

    def seen(self, source: Any, number: int) -> dict[str, np.ndarray]:
        """What a viewer shows of a node, in float32, by the names that files have."""
        shown = self.fake.image(source, number).channels
        return {short: shown[name] for short, name in LAYERED.items() if name in shown}

    def version_alone(self) -> Any:
        """A Read of its own of the version that stands in the comp."""
        inside = self.node.node("Version")
        read = self.fake.nuke.nodes.Read(name="Alone")
        for name in ("file", "colorspace", "raw", "first", "last", "frame_mode", "frame"):
            read[name].setValue(inside[name].value())
        return read

    def turn_over(self, unit: Any, *, code: str = "0010", **more: Any) -> tuple[str, ...]:
        """Collect and ask, as the panel does."""
        done = collect(self.port, self.node, "Kim", code=code, **more)
        project = done.production.taken_up(unit, done.turnover.width, done.turnover.height)
        takes = unit.turn_over(done.of(project))
        now = nodes.state(self.node)
        nodes.keep(self.node, remembered(now, done, project, takes))
        return takes

    def shot(self, unit: Any, **more: Any) -> Any:
        """Turn over, wait, circle whatever comes: the version."""
        from secondunit_bridge.film import Answer, Waiver

        takes = unit.wait(self.turn_over(unit, **more), timeout=110)
        take = takes[0]
        assert take.state.value in ("pending_review", "blocked"), [
            one.body for one in unit.entries(0) if "error" in one.body
        ]
        for finding in take.open_findings:
            unit.waive(Waiver(finding.id, Answer.creative_intent, "Kim", "a test"))
        return unit.circle(take.id, "Lou")

    def place(self, version: Any) -> Any:
        """Put a version into the comp."""
        return cutting.place(self.port, self.node, version.path, version.record)


def pixels(pattern: Path, number: int) -> dict[str, np.ndarray]:
    """Channels of one frame by name, as stored."""
    source = oiio.ImageInput.open(str(pattern) % number)
    spec = source.spec()
    data = source.read_image(oiio.HALF)
    source.close()
    data = np.asarray(data).reshape(spec.height, spec.width, -1)
    return {name: data[..., at] for at, name in enumerate(spec.channelnames)}


def bits(picture: dict[str, np.ndarray], name: str) -> np.ndarray:
    """The bits of one channel."""
    return np.ascontiguousarray(picture[name]).view(np.uint16)
