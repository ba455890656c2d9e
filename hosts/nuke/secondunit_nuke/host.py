"""The narrow port to Nuke: the only module besides the panel that imports it.

Everything else is handed one of these and the nodes it gives. Every call is made on Nuke's main
thread; ``tests/hosts/nuke`` holds each against the published signatures.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Optional, Tuple

import nuke

OLDEST = 14  # the first Nuke with Python 3.9


class Nuke:
    """What is asked of Nuke itself, besides nodes and knobs."""

    @property
    def gui(self) -> bool:
        """A person looks at it: never in ``-t`` and ``-x``."""
        return bool(nuke.GUI)

    @property
    def version(self) -> str:
        """For people: ``15.1v3``."""
        return str(nuke.NUKE_VERSION_STRING)

    def root(self) -> Any:
        """The script itself."""
        return nuke.root()

    def script(self) -> str:
        """Path of the script; empty when it was never saved."""
        name = str(nuke.root()["name"].value())
        return "" if name == "Root" else name

    def views(self) -> Tuple[str, ...]:
        """Views of the script; one unless it is stereo."""
        return tuple(nuke.views())

    def nodes(self, kind: str) -> List[Any]:
        """All nodes of a class in the whole script, inside groups too."""
        return list(nuke.allNodes(kind, nuke.root(), recurseGroups=True))

    def node(self, name: str) -> Any:
        """A node by its full name, or None."""
        return nuke.toNode(name)

    def selected(self) -> List[Any]:
        """What a person has selected."""
        return list(nuke.selectedNodes())

    def frame(self) -> int:
        """The frame the viewer shows."""
        return int(nuke.frame())

    def make(self, kind: str, name: str, inputs: Tuple[Any, ...] = (), **knobs: Any) -> Any:
        """A node in the group that is entered, connected as said and not to what is selected."""
        node = getattr(nuke.nodes, kind)()
        node.setName(name)
        for index, source in enumerate(inputs):
            if source is not None:
                node.setInput(index, source)
        for knob, value in knobs.items():
            node[knob].setValue(value)
        return node

    def delete(self, node: Any) -> None:
        """Remove a node."""
        nuke.delete(node)

    def render(self, write: Any, first: int, last: int) -> None:
        """Run a Write, first to last inclusive. Blocks. Raises RuntimeError as Nuke does."""
        nuke.execute(write, first, last, 1)

    @property
    def rendering(self) -> bool:
        """A render runs now: nothing of the script may be touched."""
        return bool(nuke.executing())

    @contextmanager
    def one_undo(self, name: str) -> Iterator[None]:
        """Everything inside is undone by one press of Ctrl+Z; a failure inside leaves nothing."""
        nuke.Undo.begin(name)
        try:
            yield
        except BaseException:
            nuke.Undo.cancel()  # takes back what was recorded since ``begin``
            raise
        nuke.Undo.end()

    @contextmanager
    def no_undo(self) -> Iterator[None]:
        """Nothing inside is a step of undo: what is made there is removed there."""
        nuke.Undo.disable()
        try:
            yield
        finally:
            nuke.Undo.enable()

    def undo(self) -> None:
        """Take the last step back."""
        nuke.undo()

    def knob(self, kind: str, name: str, label: str, value: Optional[Any] = None) -> Any:
        """A new knob for ``addKnob``: ``kind`` is ``Int``, ``String``, ``Enumeration`` ..."""
        made = getattr(nuke, f"{kind}_Knob")
        return made(name, label) if value is None else made(name, label, value)

    @property
    def flags(self) -> Dict[str, int]:
        """Flags of knobs by name."""
        return {"invisible": int(nuke.INVISIBLE), "startline": int(nuke.STARTLINE)}

    def save_as(self, path: str) -> None:
        """Write the script; ``scriptSave`` does nothing in terminal mode."""
        nuke.scriptSaveAs(path, 1)

    def open(self, path: str) -> None:
        """Open a script in place of the one that is open."""
        nuke.scriptClear()
        nuke.scriptOpen(path)

    def clear(self) -> None:
        """Close the script without a question."""
        nuke.scriptClear()

    def say(self, text: str) -> None:
        """One line in the terminal Nuke was started from."""
        nuke.tprint(text)
