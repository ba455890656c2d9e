"""What a workflow would shoot, told before anything runs: every remark and refusal."""

from __future__ import annotations

from dataclasses import replace

from secondunit_bridge.film import Role, Work

from ...hookspecs import Plan
from ...models.workflow_card import Pair
from ..diffusion.calls import start_of
from .looking import Looked

# Elements a person hands over for the picture's sake; the others are for checks.
_MEANT = (Role.first, Role.last, Role.reference, Role.depth, Role.normal, Role.guide, Role.ids)


def planned(plan: Plan, name: str, pair: Pair, looked: Looked) -> Plan:
    """The plan with this workflow's remarks and refusals, and the server's."""
    said = [*looked.refusals, *_refusals(plan, name, pair)]
    remarks = [*looked.remarks, *_remarks(plan, name, pair)]
    return replace(plan, refusals=(*plan.refusals, *said), remarks=(*plan.remarks, *remarks))


def _refusals(plan: Plan, name: str, pair: Pair) -> list[str]:
    ports, turnover = pair.card.ports, plan.turnover
    roles = {element.role for element in turnover.elements}
    stands_in = start_of(ports, plan)
    said = [
        f"{name} takes no {role.value}: leave it out, or give it a port in its card."
        for role in _MEANT
        if role in roles and role.value not in ports and not _spare(role, turnover.work)
    ]
    said += [
        f"{name} needs a {word}: {port.sentence}"
        for word, port in ports.items()
        if port.form != "text"
        and port.required
        and Role(word) not in roles
        and word not in stands_in
    ]
    brief = ports.get("brief")
    if brief is not None and brief.required and not turnover.brief.strip():
        said.append(f"{name} needs a brief: say in words what the take shows.")
    if _loose(plan, pair):
        said.append(
            f"{name} makes single pictures: {len(plan.frames)} of them would not belong together."
            " Ask for one frame without handles, or use a workflow of moving pictures."
        )
    return said


def _spare(role: Role, work: Work) -> bool:
    """It is handed over without being meant: an insert's neighbour, or a pass among others."""
    return work is Work.previs or (role is Role.reference and work is Work.insert)


def _loose(plan: Plan, pair: Pair) -> bool:
    """Nothing of the ask would hold single pictures together."""
    if not pair.card.limits.still or len(plan.frames) == 1:
        return False
    return plan.turnover.work not in (Work.plate, Work.previs)


def _remarks(plan: Plan, name: str, pair: Pair) -> list[str]:
    said = [
        f"{name} runs in ComfyUI, and its files are known by the names that the workflow says, not"
        " by what is in them: shot again, it may come out otherwise."
    ]
    if pair.card.limits.still and len(plan.frames) > 1:
        said.append(
            f"{name} makes single pictures: each of the {len(plan.frames)} frames is a prompt of"
            " its own with the same seed, and nothing holds them together in time."
        )
    for port, role in start_of(pair.card.ports, plan).items():
        at = "first" if port == "first" else "last"
        said.append(f"The take's {port} picture is the {at} frame of the {role.value}.")
    if pair.card.space.code == "linear" and plan.turnover.elements:
        said.append(f"{name} sees light brighter than 1.0 as 1.0: it takes codes of 0 to 1.")
    if not pair.card.seed:
        said.append(f"{name} names no seed: every take of one ask may be the same picture.")
    return said
