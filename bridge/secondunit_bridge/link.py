"""One conversation with the daemon, kept up through its restarts by one thread.

Whoever asks waits for the reply in their own thread, never longer than they said. Asks that are
not answered when the connection breaks are sent again unchanged, under the same id, so that the
daemon can tell a repeated ask from a new one. Nothing here calls into a host.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections import deque
from typing import Callable, Deque, Dict, Iterator, List, Optional

from . import wire
from .connection import START_HINT, Connection
from .errors import (
    DaemonUnavailable,
    SecondUnitError,
    TimedOut,
    TokenRefused,
    error_from,
)
from .wire import Message
from .zmtp import Dealer, dial

BEAT_S = 2.0  # a PING goes out after this long without a sign of life
DEAD_S = 6.0  # three beats: then the connection counts as broken
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 2.0  # between tries to reach the daemon again
GRACE_S = 5.0  # a daemon that restarts may take this long before asks are told that it is gone
MAX_EVENTS = 10_000  # that no host has drained; then progress and previews are dropped first

GONE, BACK = "gone", "back"
_LOSABLE = ("progress", "preview")

Find = Callable[[bool], Connection]


class _Ask:
    """A question that waits for its reply."""

    def __init__(self, parts: List[bytes]) -> None:
        self.parts = parts
        self.reply: Optional[Message] = None
        self.error: Optional[SecondUnitError] = None
        self._latch = threading.Lock()  # an Event would do, at twice the price
        self._latch.acquire()

    def wait(self, timeout: float) -> bool:
        """The reply or an error is there. Blocks for ``timeout`` seconds at most."""
        return self._latch.acquire(timeout=max(0.0, min(timeout, threading.TIMEOUT_MAX)))

    def finish(self, reply: Optional[Message], error: Optional[SecondUnitError]) -> None:
        """Let the asker go on; only the first call counts. The caller holds the link's lock."""
        if self.reply is None and self.error is None:
            self.reply, self.error = reply, error
            self._latch.release()


class Link:
    """Asks go out and replies come back; events wait until they are drained.

    ``find`` tells where the daemon is; it is called with True when somebody waits for an answer,
    and may start the daemon then. ``greet`` makes the first message of every connection.
    """

    def __init__(self, find: Find, greet: Callable[[], Message]) -> None:
        self._find, self._greet = find, greet
        self._lock = threading.Lock()
        self._asks: Dict[str, _Ask] = {}
        self._dealer: Optional[Dealer] = None
        self._trouble: Optional[SecondUnitError] = None
        self._down_since = time.monotonic()
        self._been_up = self._closing = False
        self._events: Deque[Message] = deque(maxlen=2 * MAX_EVENTS)
        self._news, self._count = threading.Condition(), 0
        self._ear, self._bell = socket.socketpair()
        self._ear.setblocking(False)
        self._bell.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="secondunit link", daemon=True)
        self._thread.start()

    def ask(self, message: Message, timeout: float) -> Message:
        """The reply to a message. Blocks for ``timeout`` seconds at most.

        Raises what the daemon answered; TimedOut when it did not; DaemonUnavailable, TokenRefused
        when there is no daemon to ask.
        """
        ask = _Ask(wire.pack(message))
        with self._lock:
            if self._closing:
                raise DaemonUnavailable("this connection has been closed", hint="Connect again.")
            self._asks[message.id] = ask
            dealer = self._dealer
        try:
            self._dispatch(ask, dealer)
            if not ask.wait(timeout):
                raise self._late(message.kind, timeout)
        finally:
            with self._lock:
                self._asks.pop(message.id, None)
        if ask.error is not None:
            raise ask.error
        assert ask.reply is not None
        return ask.reply

    def events(self) -> Iterator[Message]:
        """Messages that arrived unasked since the last call, oldest first. Never blocks."""
        for _ in range(len(self._events)):
            try:
                yield self._events.popleft()
            except IndexError:  # another thread drained them
                return

    @property
    def heard(self) -> int:
        """How many events that matter (all but progress and previews) have arrived so far."""
        return self._count

    def listen(self, heard: int, timeout: float) -> None:
        """Wait until more than ``heard`` have arrived, or for ``timeout`` seconds."""
        with self._news:
            self._news.wait_for(lambda: self._count != heard, timeout)

    def close(self) -> None:
        """End the conversation; whoever still waits gets DaemonUnavailable."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
        self._ring()
        self._fail(DaemonUnavailable("this connection has been closed", hint="Connect again."))
        if threading.current_thread() is not self._thread:
            self._thread.join(GRACE_S)

    def _dispatch(self, ask: _Ask, dealer: Optional[Dealer]) -> None:
        try:
            sent = dealer is not None and dealer.send(ask.parts)
        except DaemonUnavailable:
            sent = False  # the thread sees it too, and sends again once it has reconnected
        if not sent:
            self._ring()

    def _late(self, kind: str, timeout: float) -> SecondUnitError:
        trouble = self._trouble
        if trouble is not None:
            return _again(trouble)
        return TimedOut(
            f"the daemon did not answer {kind!r} in {timeout:g} s",
            hint="It may be busy: ask again, or see `secondunit doctor`.",
            data={"verb": kind, "seconds": timeout},
        )

    def _ring(self) -> None:
        try:
            self._bell.send(b"!")
        except OSError:
            return  # the bell is full, so it rings already; or the link is closed

    def _run(self) -> None:
        pause = FIRST_PAUSE_S
        while not self._closing:
            try:
                dealer = self._reach()
            except (SecondUnitError, OSError) as error:
                self._lost(_ours(error))
                self._rest(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
                continue
            pause = FIRST_PAUSE_S
            try:
                self._talk(dealer)
            except (SecondUnitError, OSError) as error:
                self._lost(_ours(error))
            finally:
                dealer.close()
        for end in (self._ear, self._bell):
            end.close()

    def _reach(self) -> Dealer:
        """Connect, greet, and send what still waits for a reply."""
        found = self._find(bool(self._asks))
        try:
            dealer = dial(found.endpoint, found.user, found.token)
        except TokenRefused as error:
            if self._moved(found):
                raise DaemonUnavailable("the daemon restarts") from error
            raise
        try:
            dealer.send(wire.pack(self._greet()))
            with self._lock:
                self._dealer, self._trouble = dealer, None
                for ask in self._asks.values():
                    dealer.send(ask.parts)
        except SecondUnitError:
            dealer.close()
            raise
        if self._been_up:
            self._add(Message(BACK, ""))
        self._been_up = True
        return dealer

    def _moved(self, found: Connection) -> bool:
        """Another daemon has come up in between, with another token."""
        try:
            return self._find(False) != found
        except SecondUnitError:
            return False

    def _talk(self, dealer: Dealer) -> None:
        pinged, events = 0.0, selectors.EVENT_READ
        with selectors.DefaultSelector() as doors:
            doors.register(self._ear, selectors.EVENT_READ)
            doors.register(dealer.socket, events)
            while not self._closing:
                wanted = _BOTH if dealer.unsent and not dealer.flush() else selectors.EVENT_READ
                if wanted != events:
                    events = wanted
                    doors.modify(dealer.socket, events)
                for key, _ in doors.select(BEAT_S):
                    if key.fileobj is self._ear:
                        _drain(self._ear)
                    else:
                        dealer.pump()
                for parts in iter(dealer.arrived, None):
                    self._take(parts)
                pinged = self._beat(dealer, pinged)

    def _beat(self, dealer: Dealer, pinged: float) -> float:
        """PING after a silence; when the last PING went out. Raises DaemonUnavailable."""
        now = time.monotonic()
        if now - dealer.heard > DEAD_S:
            raise DaemonUnavailable(f"the daemon gave no sign of life for {DEAD_S:g} s")
        if now - max(dealer.heard, pinged) < BEAT_S:
            return pinged
        dealer.ping()
        return now

    def _take(self, parts: List[bytes]) -> None:
        try:
            message = wire.unpack(parts)
        except SecondUnitError as error:
            return self._fail(error)  # whose reply it was cannot be told
        if not message.re and message.kind == "error":
            return self._fail(error_from(message.body))  # it could not read what we sent
        if not message.re:
            return self._add(message)
        told = error_from(message.body) if message.kind == "error" else None
        with self._lock:
            ask = self._asks.get(message.re)
            if ask is not None:  # else it is the answer to a greeting, or came too late
                ask.finish(message, told)

    def _add(self, event: Message) -> None:
        if event.kind not in _LOSABLE:
            self._events.append(event)
            with self._news:
                self._count += 1
                self._news.notify_all()
        elif len(self._events) < MAX_EVENTS:
            self._events.append(event)

    def _lost(self, error: SecondUnitError) -> None:
        now = time.monotonic()
        with self._lock:
            fell = self._dealer is not None
            self._dealer, self._trouble = None, error
            if fell:
                self._down_since = now
        if fell and not self._closing:
            self._add(Message(GONE, "", {"message": error.message}))
        busy = isinstance(error, TimedOut)  # it is there: whoever asks knows how long to wait
        if not error.retryable or (now - self._down_since > GRACE_S and not busy):
            self._fail(error)

    def _fail(self, error: SecondUnitError) -> None:
        with self._lock:
            for ask in self._asks.values():
                ask.finish(None, _again(error))

    def _rest(self, pause: float) -> None:
        """Wait before the next try; an ask that comes in ends the wait, but not at once."""
        time.sleep(FIRST_PAUSE_S)
        with selectors.DefaultSelector() as one:
            one.register(self._ear, selectors.EVENT_READ)
            if not self._closing and one.select(pause - FIRST_PAUSE_S):
                _drain(self._ear)


_BOTH = selectors.EVENT_READ | selectors.EVENT_WRITE


def _drain(ear: socket.socket) -> None:
    try:
        ear.recv(4096)
    except OSError:
        return


def _ours(error: Exception) -> SecondUnitError:
    if isinstance(error, SecondUnitError):
        return error
    return DaemonUnavailable(f"the daemon cannot be reached: {error}", hint=START_HINT)


def _again(error: SecondUnitError) -> SecondUnitError:
    """A copy, so that each who waits raises an exception of its own."""
    return type(error)(error.message, hint=error.hint, data=error.data)
