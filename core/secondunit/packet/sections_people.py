"""Sections 12 to 17: what people did and answered for, and what a reader must still know."""

from __future__ import annotations

from collections.abc import Iterator

from secondunit_bridge.film import Outcome

from ..rights import Finding
from ..rights.approving import plain_name
from .gather import Made
from .sheet import Section, Story, Table, about, clause, digest, moment, rows, unmarked


def authorship(story: Story) -> Section:
    """12: the human acts: chosen, turned down, noted, answered for."""
    found = [row for one in story.made for row in _acts(story, one)]
    text = (
        "Decisions, selections and changes made by people, as the ledger has them. They are"
        " what a claim of human authorship rests on; prompts alone do not make one"
        " (US Copyright Office, 29 January 2025).",
    )
    columns = ("Version", "Who", "Role", "What", "When")
    table = Table(columns, rows(found), "", (0.2, 0.19, 0.12, 0.31, 0.18))
    return Section(12, "Human authorship", text, (), (table,))


def _acts(story: Story, one: Made) -> Iterator[tuple[str, ...]]:
    name, asker = one.version.name, one.turnover.artist
    if asker:
        how = " with a brief of their own" if one.turnover.brief else ""
        yield name, story.name(asker), "artist", f"asked for the shot{how}", _when(one, "turnover")
    aside = sum(take.state.value in ("rejected", "junk") for take in one.tries)
    many = f" of {len(one.tries)}" if len(one.tries) > 1 else ""
    chose = f"chose this take{many}{f', {aside} put aside' if aside else ''}"
    yield name, story.name(one.version.by), "approver", chose, _when(one, "circled")
    for note in one.notes:
        what = "said what should be otherwise"
        yield name, story.name(note.by), "note", what, _when(one, "note", note.by)
    for waiver in one.waivers:
        check, answer = waiver.finding.partition("/")[2], waiver.answer.value.replace("_", " ")
        who, what = story.name(waiver.by), f"answered {check}: {answer}"
        yield name, who, waiver.role or "reviewer", what, _when(one, "waiver", waiver.finding)


def _when(one: Made, what: str, key: str = "") -> str:
    at = one.when.get((what, key))
    return moment(at) if at is not None else ""


def quality(story: Story) -> Section:
    """13: what the checks said, and who answered for what."""
    found, waived = [], []
    for one in story.made:
        outcomes = [finding.outcome for finding in one.take.findings]
        found.append(
            (
                one.version.name,
                str(len(outcomes)),
                str(outcomes.count(Outcome.clear)),
                str(outcomes.count(Outcome.look)),
                str(outcomes.count(Outcome.stop)),
                str(outcomes.count(Outcome.not_checked)),
            )
        )
        waived += [
            (
                one.version.name,
                waiver.finding.partition("/")[2],
                story.name(waiver.by),
                waiver.answer.value.replace("_", " "),
                waiver.reason if not story.public else "on file",
            )
            for waiver in one.waivers
        ]
    columns = ("Version", "Checks", "Clear", "To look at", "Stops", "Not checked")
    tables = (
        Table(columns, tuple(found), "What the checks said", (0.3, 0.14, 0.14, 0.14, 0.14, 0.14)),
        Table(
            ("Version", "Finding", "Who", "Answer", "Reason"), tuple(waived), "Answered by people"
        ),
    )
    text = (
        "A check that cannot know says that it did not check. No check gives a score or a"
        " verdict: a person decides.",
    )
    return Section(13, "Quality and continuity", text, (), tables)


def approvals(story: Story) -> Section:
    """14: every state of every version: who, when, over which hash."""
    found = [
        (
            one.version.name,
            str(entry.body["state"]),
            story.name(entry.by) or "the daemon",
            moment(entry.at),
            digest(one.hash_list, 12),
        )
        for one in story.made
        for entry in one.history
    ]
    found += [
        (one.version.name, one.state, "", "", digest(one.hash_list, 12))
        for one in story.made
        if "withdrawn" in one.state
        or ("stale" in one.state and one.history[-1].body["state"] != "stale")
    ]
    text = (
        "An approval holds for the frames whose hash list it names, and for what the cut showed of"
        " them. Where a frame or the cut was changed afterwards the state says “stale”, where"
        " something it was made with was withdrawn since, “rights withdrawn”.",
    )
    columns = ("Version", "State", "Who", "When", "Over (sha256)")
    return Section(14, "Approvals", text, (), (Table(columns, rows(found)),))


def security(story: Story) -> Section:
    """15: where it was made, and what left that place."""
    facts = (
        *story.machines,
        ("Network, by design", "The daemon listens on this machine alone."),
        ("Network, as recorded", _reached(story)),
        ("Briefs", "Kept as private blobs in the store, readable by its owner alone."),
        ("Names", "Codes in every public file; the ledger, which stays here, knows who is meant."),
        ("Retention", "Nothing is deleted by the product. Pictures lie in the project's store."),
    )
    return Section(15, "Data security", (), facts)


def _reached(story: Story) -> str:
    """What the stages' own records say of connections beyond this machine."""
    said = [str(one.generation["daemon"].get("egress", "none")) for one in story.made]
    quiet = said.count("none")
    if quiet == len(said):
        takes = "take" if quiet == 1 else f"{quiet} takes"
        return f"No connection beyond this machine by the {takes} in this cut."
    where = ", ".join(sorted({one for one in said if one != "none"}))
    return f"{len(said) - quiet} of {len(said)} takes connected beyond this machine: {where}."


def wording(story: Story) -> Section:
    """16: what may be shown to the public, and which marks the files really have."""
    from .exports import credits_line, label, real_events

    marks = tuple(
        (
            one.version.name,
            "review movie, embedded" if one.marks == "on" else "none",
            "hash list, signed beside it" if one.marks == "on" else unmarked(story, one),
        )
        for one in story.made
    )
    facts = (
        ("Credits line", credits_line(story)),
        ("Label", label(story)),
        ("Real events", real_events(story)),
    )
    text = (
        "The European Union's code of practice of June 2026 asks for two layers of marks: signed"
        " metadata, and a mark in the picture that cannot be seen. These files have the first"
        " only. Whether a label is owed is for a lawyer to say.",
    )
    table = Table(("Version", "Movie", "Frames"), marks, "Marks that the files have")
    return Section(16, "Disclosure text", text, facts, (table,))


def exceptions(story: Story) -> Section:
    """17: what is open, what lapses when, and room for signatures."""
    open_ = [
        (
            clip,
            one.rule,
            one.level.value if not one.waived else "waived",
            _sentence(story, one),
            _answer(story, one),
        )
        for clip, one in story.findings
    ] + [
        (one.version.name, "", "note", sentence, "A person decides.")
        for one in story.made
        for sentence in _of_version(story, one)
    ]
    open_ += [("All", "", "note", sentence, "A person decides.") for sentence in _of_buyer(story)]
    lapses = tuple((words,) for words in story.lapses)
    tables = (
        Table(
            ("Shot", "Rule", "Level", "What is", "Answer, or way out"),
            rows(open_),
            "Exceptions",
            (0.18, 0.07, 0.09, 0.36, 0.3),
        ),
        Table(("Right",), lapses, "What lapses"),
    )
    draft = (f"This is a draft and not for delivery: {story.draft}",) if story.draft else ()
    return Section(17, "Exceptions, expiry and signatures", draft, (), tables)


def _sentence(story: Story, finding: Finding) -> str:
    words = clause(story, finding)
    return f"{words[:1].upper()}{words[1:]}{f': {about(story, finding)}' if story.public else ''}."


def _answer(story: Story, finding: Finding) -> str:
    if story.public:
        return "waived by name, on file" if finding.waived else "open"
    return finding.waived or finding.remedy


def _of_buyer(story: Story) -> list[str]:
    """What buyers want for final pictures beside their five answers: their own written yes."""
    said = story.found.register.declaration(story.found.project)
    wanted = story.delivery == "final" and (said is None or not said.document)
    return ["It is delivered as final, and no written approval by the buyer is on file."] * wanted


def _of_version(story: Story, made: Made) -> list[str]:
    """What stands against a version itself."""
    said = []
    if made.plays:
        said.append(f"The cut plays {made.plays} in its place, which is no file of this version.")
    if "stale" in made.state:
        said.append(f"{made.unlike[:1].upper()}{made.unlike[1:]}.")
    if made.state.startswith("recalled"):
        said.append("It was recalled, and is still in the cut.")
    if made.marks != "on":
        said.append(f"It carries no content credential: {unmarked(story, made)}.")
    if "rights withdrawn" in made.state:
        said.append("Something it was made with has been withdrawn since.")
    alone = next((str(one.body["alone"]) for one in made.history if one.body.get("alone")), "")
    if alone:
        why = "the reason is on file" if story.public else alone
        said.append(f"It was approved by the person who asked for it, alone: {why}.")
    elif made.version.by and plain_name(made.version.by) == plain_name(made.turnover.artist):
        said.append("It was approved by the person who asked for it.")
    return said
