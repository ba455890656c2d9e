"""The session that gazu speaks through: every call has a limit, and goes where it was sent.

gazu waits without end and follows where a server sends it, with the account's token; it also takes
an answer of 503 for a good one. Here none of that happens.
"""

from __future__ import annotations

from typing import Any

import gazu
import requests

SERVER_FAULT = 500  # and above: the answer is none
CONNECT_S, ANSWER_S, UPLOAD_S = 10.0, 30.0, 900.0


class _Careful(requests.Session):  # type: ignore[misc]  # mypy does not look into requests
    """Raises requests.HTTPError for a server's own fault, and for being sent elsewhere."""

    def request(self, method: str, url: str, **more: Any) -> Any:
        """One call, within its time."""
        wait = UPLOAD_S if more.get("files") else ANSWER_S
        more |= {"timeout": (CONNECT_S, wait), "allow_redirects": False}
        answer = super().request(method, url, **more)
        if answer.is_redirect or answer.status_code >= SERVER_FAULT:
            raise requests.HTTPError(f"{answer.status_code} from {method} {url.partition('?')[0]}")
        return answer


def session(host: str) -> Any:
    """A client of gazu for that address, with such a session."""
    client = gazu.client.create_client(host)
    client.session = _Careful()
    return client
