"""What every operator of ours has in common: what goes wrong is a sentence, never a traceback."""

from __future__ import annotations

from typing import Any, Optional, Set

import bpy
from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.saying import Said, from_system, told

from ..compat import path_options
from ..session import Session
from . import running

Result = Set[str]


class Act:
    """An operator that does something and says in a sentence what it did."""

    bl_options = {"REGISTER"}  # noqa: RUF012  # Blender reads a plain set from the class

    def execute(self, context: Any) -> Result:
        """Do it. What cannot be done is reported, and nothing is left half done."""
        session = running.SESSION
        if session is None:
            return _refused(self, Said("Second Unit is turned off.", "Turn the add-on on.", True))
        running.WAKE()
        try:
            session.read_scene()
            said = self.act(session, context)
            session.make_board()
        except SecondUnitError as error:
            session.fail(error)
            return _refused(self, told(error))
        except OSError as error:
            failure = from_system(error)
            session.fail(failure)
            return _refused(self, told(failure))
        if said is not None:
            session.say(said)
            self.report({"INFO"}, said.line)  # type: ignore[attr-defined]  # of bpy.types.Operator
        session.make_board()
        session.host.redraw()
        return {"FINISHED"}

    def act(self, session: Session, context: Any) -> Optional[Said]:
        """The work itself."""
        raise NotImplementedError


def _refused(operator: Any, said: Said) -> Result:
    session = running.SESSION
    if session is not None:
        session.make_board()
        session.host.redraw()
    operator.report({"ERROR"}, said.line)
    return {"CANCELLED"}


def text(name: str, description: str, **more: Any) -> Any:
    """A text argument of an operator that is left out when it is the default."""
    return bpy.props.StringProperty(name=name, description=description, **_options(more))


def path(name: str, description: str) -> Any:
    """A file likewise; ``//`` begins a path beside the .blend."""
    takes = {"SKIP_SAVE", *path_options(bpy.app.version)}
    return text(name, description, subtype="FILE_PATH", options=takes)


def number(name: str, description: str, **more: Any) -> Any:
    """A whole number likewise."""
    return bpy.props.IntProperty(name=name, description=description, **_options(more))


def choice(name: str, description: str, items: Any, **more: Any) -> Any:
    """One of some words likewise."""
    return bpy.props.EnumProperty(name=name, description=description, items=items, **_options(more))


def _options(more: Any) -> Any:
    return {"options": {"SKIP_SAVE"}, **more}
