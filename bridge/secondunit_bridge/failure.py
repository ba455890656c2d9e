"""What every error of the product is, and how one travels as JSON."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Tuple, Type

BY_CODE: Dict[str, Type[SecondUnitError]] = {}  # every class this side knows, by its code


class SecondUnitError(Exception):
    """Base of the tree.

    The message says what is; ``hint`` says what a person can do next; ``data`` holds the facts
    (plain JSON values); ``retryable`` says whether the same ask may succeed later.
    """

    code = "E_FAILED"
    retryable = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if (
            cls.__module__.rpartition(".")[0] == __package__
        ):  # a plug-in's own leaf travels as branch
            BY_CODE.setdefault(cls.code, cls)

    def __init__(
        self, message: str, *, hint: str = "", data: Optional[Mapping[str, Any]] = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.data: Dict[str, Any] = dict(data or {})


BY_CODE[SecondUnitError.code] = SecondUnitError


def branches(error: SecondUnitError) -> Tuple[str, ...]:
    """The codes from the error's own class up to the root, for peers that know fewer leaves."""
    return tuple(
        cls.code
        for cls in type(error).__mro__
        if isinstance(cls, type(SecondUnitError)) and issubclass(cls, SecondUnitError)
    )


def error_body(error: SecondUnitError) -> Dict[str, Any]:
    """An error as JSON: ``code, message, hint, data, retryable`` and its branches."""
    return {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "data": error.data,
        "retryable": error.retryable,
        "branches": list(branches(error)),
    }


def error_from(body: object) -> SecondUnitError:
    """The error a body describes, as the nearest class this side knows.

    Whatever the other side sent makes an error: a body that is none gives a bare SecondUnitError.
    """
    body = body if isinstance(body, dict) else {"message": "the other side told no reason"}
    branches = body.get("branches")
    codes = [str(body.get("code", "")), *(branches if isinstance(branches, list) else ())]
    known = (BY_CODE[code] for code in codes if isinstance(code, str) and code in BY_CODE)
    kind = next(known, SecondUnitError)
    data = body.get("data")
    error = kind(
        str(body.get("message", "")),
        hint=str(body.get("hint", "")),
        data=data if isinstance(data, dict) else None,
    )
    error.retryable = bool(body.get("retryable", kind.retryable))
    return error
