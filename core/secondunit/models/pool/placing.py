"""What to put where and what to let go, as functions of what is there: no effects, no clock.

Which part goes first is GreedyDual-Size (Cao & Irani, "Cost-Aware WWW Proxy Caching Algorithms",
USENIX Symposium on Internet Technologies and Systems, 1997, section 4), for each tier by itself:

    credit(part) = L + seconds to have it there again / gigabytes        when a lease takes it
    the part with the least credit goes (of equals, the one used longest ago); L becomes its credit

With equal seconds for a gigabyte this is plain least-recently-used. A part that is dear to bring
back for its size (stored in 8 bits on the way in, many small files, a slow disk) stays longer, and
not for ever, because L rises with every part that goes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from .ladder import STREAMED_SHARE, Step, as_int8
from .tiers import Key, Kit, Part, Resident, State, Tier

GIGABYTE = 1e9
_ASSUMED = {Tier.host: 1.0, Tier.device: 0.1}  # seconds for a gigabyte until measured


class Do(Enum):
    """``load`` is from disk; ``raise_up`` from host to device, which leaves a copy on the host."""

    load = "load"
    raise_up = "raise_up"
    drop = "drop"


@dataclass(frozen=True, slots=True)
class Move:
    """One part, and where it comes to lie or goes from."""

    do: Do
    part: Part
    tier: Tier


@dataclass(frozen=True, slots=True)
class Need:
    """One part of a kit as it is to be used. A streamed one lies on the host and passes through."""

    part: Part
    streamed: bool = False

    @property
    def device_bytes(self) -> int:
        """What it takes on the device."""
        return int(self.part.nbytes * STREAMED_SHARE) if self.streamed else self.part.nbytes


@dataclass(frozen=True, slots=True)
class Placement:
    """It fits: the moves in order, drops first, so that no tier is ever over its room."""

    moves: tuple[Move, ...]
    activation: int  # bytes to promise to the lease, what streams through included


@dataclass(frozen=True, slots=True)
class Crowded:
    """It does not fit now. ``passing``: it would, if those who hold were done."""

    tier: Tier
    need: int
    free: int
    passing: bool
    holders: tuple[str, ...] = ()


def needs(kit: Kit, taken: tuple[Step, ...]) -> tuple[Need, ...]:
    """The kit's parts as they are used after these steps down."""
    return tuple(_need(part, taken) if part.denoiser else Need(part) for part in kit.parts)


def _need(part: Part, taken: tuple[Step, ...]) -> Need:
    if Step.int8 in taken:
        key = replace(part.key, quantisation=Step.int8.value)
        part = replace(part, key=key, nbytes=as_int8(part))
    return Need(part, streamed=Step.group_offload in taken)


def place(state: State, wanted: tuple[Need, ...], activation: int) -> Placement | Crowded:
    """How the parts come to lie where they are needed, with ``activation`` bytes left beside them.

    Idle parts give way; held ones never. All or nothing: a Crowded has changed nothing.
    """
    promise = activation + sum(need.device_bytes for need in wanted if need.streamed)
    crowded = _crowded(state, wanted, promise)
    if crowded:
        return crowded
    draft = _Draft(state, wanted)
    draft.unstream(wanted)
    arriving = sum(
        need.part.nbytes
        for need in wanted
        if not need.streamed and not _lies(state, need.part.key, Tier.device)
    )
    draft.make_room(arriving + promise)
    for need in sorted(wanted, key=lambda need: not need.streamed):  # these cannot do without host
        draft.bring(need)
    return Placement(tuple(draft.drops + draft.arrivals), promise)


def _crowded(state: State, wanted: tuple[Need, ...], promise: int) -> Crowded | None:
    """Why it cannot be placed now, whatever idle part gives way."""
    keys = {need.part.key for need in wanted}
    shared = [r.held_by for r in state.residents if r.part.key in keys and not r.idle]
    held = sum(r.on(Tier.device) for r in state.residents if not r.idle)
    need = promise + sum(n.part.nbytes for n in wanted if not n.streamed)
    free = state.room.device - held - state.promised
    holders = tuple(claim.who for claim in state.claims)
    if need > free or shared:
        passing = need <= state.room.device and bool(holders)
        return Crowded(Tier.device, need, max(0, free), passing, holders)
    streamed = sum(n.part.nbytes for n in wanted if n.streamed)
    held = sum(r.on(Tier.host) for r in state.residents if not r.idle)
    if streamed and streamed > state.room.host - held:
        free = max(0, state.room.host - held)
        passing = streamed <= state.room.host and bool(holders)
        return Crowded(Tier.host, streamed, free, passing, holders)
    return None


def after(state: State, move: Move, *, lease: str = "", seconds: float | None = None) -> State:
    """The state when the move is done. ``lease`` holds what arrives; ``seconds`` are measured."""
    found = state.resident(move.part.key)
    others = tuple(r for r in state.residents if r.part.key != move.part.key)
    if move.do is Do.drop:
        assert found is not None
        inflation = {**state.inflation, move.tier: _inflated(state, found, move.tier)}
        left = found.without(move.tier)
        return replace(
            state, inflation=inflation, residents=(*others, left) if left.tiers else others
        )
    found = found or Resident(move.part, frozenset(), held_by=lease)
    measured = Tier.host if move.do is Do.load else Tier.device
    times = found.seconds if seconds is None else {**found.seconds, measured: seconds}
    there = replace(found, tiers=found.tiers | {move.tier}, held_by=lease, seconds=times)
    return replace(state, residents=(*others, there))


def held(state: State, keys: frozenset[Key], lease: str, used: int) -> State:
    """The state when a lease has taken these parts: they are the ones used last."""
    residents = tuple(
        replace(r, held_by=lease, used=used, credit=_credit(state, r)) if r.part.key in keys else r
        for r in state.residents
    )
    return replace(state, residents=residents)


def let_go(state: State, lease: str) -> State:
    """The state when a lease is over. Its parts stay where they are, idle."""
    residents = tuple(replace(r, held_by="") if r.held_by == lease else r for r in state.residents)
    claims = tuple(claim for claim in state.claims if claim.lease != lease)
    return replace(state, residents=residents, claims=claims)


def order_of_going(state: State, tier: Tier) -> tuple[Resident, ...]:
    """The idle parts on a tier, the first to go first."""
    idle = (r for r in state.residents if r.idle and tier in r.tiers)
    return tuple(sorted(idle, key=lambda r: (r.credit.get(tier, 0.0), r.used)))


def seconds_back(resident: Resident, tier: Tier) -> float:
    """What it costs to have it there again once it is gone: measured, else assumed."""
    way = Tier.device if tier is Tier.device and Tier.host in resident.tiers else Tier.host
    assumed = _ASSUMED[way] * resident.part.nbytes / GIGABYTE
    return resident.seconds.get(way, assumed)


def _credit(state: State, resident: Resident) -> dict[Tier, float]:
    size = max(1, resident.part.nbytes) / GIGABYTE
    return {
        tier: state.inflation.get(tier, 0.0) + seconds_back(resident, tier) / size
        for tier in resident.tiers
    }


def _inflated(state: State, gone: Resident, tier: Tier) -> float:
    return max(state.inflation.get(tier, 0.0), gone.credit.get(tier, 0.0))


def _lies(state: State, key: Key, tier: Tier) -> bool:
    found = state.resident(key)
    return found is not None and tier in found.tiers


class _Draft:
    """Moves in the making: what goes, and what comes when all that goes is gone."""

    def __init__(self, state: State, wanted: tuple[Need, ...]) -> None:
        self.state = state
        self._wanted = frozenset(need.part.key for need in wanted)
        self._streamed = frozenset(need.part.key for need in wanted if need.streamed)
        self.drops: list[Move] = []
        self.arrivals: list[Move] = []
        self._coming = 0  # bytes on their way to the host

    def unstream(self, wanted: tuple[Need, ...]) -> None:
        """What is to be streamed leaves the device."""
        for need in wanted:
            if need.streamed and _lies(self.state, need.part.key, Tier.device):
                self._drop(need.part, Tier.device)

    def make_room(self, nbytes: int) -> None:
        """Let idle parts go from the device until so many bytes are free there."""
        self._clear(Tier.device, nbytes, self._wanted)

    def bring(self, need: Need) -> None:
        """Have one part where it is needed; on the host too, when there is room for a copy."""
        key = need.part.key
        at_hand, ready = _lies(self.state, key, Tier.host), _lies(self.state, key, Tier.device)
        if not at_hand and not ready and self._host_takes(need):
            self.arrivals.append(Move(Do.load, need.part, Tier.host))
            self._coming += need.part.nbytes
            at_hand = True
        if not need.streamed and not ready:
            do = Do.raise_up if at_hand else Do.load
            self.arrivals.append(Move(do, need.part, Tier.device))

    def _host_takes(self, need: Need) -> bool:
        """Room on the host for a part; nothing goes for one that would not fit even then.

        For one that is streamed, copies of what is on the device anyway may go as well.
        """
        if not self.state.room.host:
            return False
        stays = self._streamed if need.streamed else self._wanted
        idle = (r for r in order_of_going(self.state, Tier.host) if r.part.key not in stays)
        if need.part.nbytes > self._free(Tier.host) + sum(r.part.nbytes for r in idle):
            return False
        self._clear(Tier.host, need.part.nbytes, stays)
        return True

    def _clear(self, tier: Tier, nbytes: int, stays: frozenset[Key]) -> None:
        going = [r for r in order_of_going(self.state, tier) if r.part.key not in stays]
        for resident in going:
            if self._free(tier) >= nbytes:
                return
            self._drop(resident.part, tier)

    def _free(self, tier: Tier) -> int:
        if tier is Tier.device:
            return self.state.room.device - self.state.committed
        return self.state.room.host - self.state.on(Tier.host) - self._coming

    def _drop(self, part: Part, tier: Tier) -> None:
        move = Move(Do.drop, part, tier)
        self.drops.append(move)
        self.state = after(self.state, move)
