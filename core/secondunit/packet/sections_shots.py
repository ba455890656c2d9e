"""Sections 1 to 4, 10 and 11: the cut, what was made for it, and from what."""

from __future__ import annotations

from ..editorial import CutShot
from ..rights.rows import OPEN, QUESTIONS
from .cost import Spent, added, bill, fates
from .costs_told import assumed, facts
from .gather import Made
from .sheet import NONE, Section, Story, Table, digest, kind_of, share, short, unmarked


def cover(story: Story) -> Section:
    """1: what this is, and how anybody checks it."""
    cut, size = story.found.cut, story.found.head[0]
    facts = (
        ("Production", story.found.project),
        ("Cut", f"{cut.name}, {len(cut.shots)} clips at {cut.rate} frames a second"),
        ("Delivery class", story.delivery),
        ("Made on", story.at.strftime("%d %B %Y, %H:%M UTC")),
        ("Copy", "public: no names, no briefs" if story.public else "full: names, no briefs"),
        ("Ledger", f"{size} entries, the last sealed {short(story.found.head[1], 24)}"),
    )
    text = (
        "This packet lists every shot of the cut that was made or changed by Second Unit, what it"
        " was made from, by whom it was approved, and which rights cover it. Clips that are not"
        " ours are listed as such in section 4.",
        "To check it: install Second Unit, then run “secondunit verify FOLDER” on the folder this"
        " file lies in. Any change to the packet, to a picture it names or to the ledger behind it"
        " is said in a sentence. “Signed by your facility” means that the signature was made with"
        " the key whose certificate lies beside it (facility-root.pem): compare it with one that"
        " you were given by another way.",
    )
    return Section(1, "Cover and verification", text, facts)


def declaration(story: Story) -> Section:
    """2: the buyer's questions, and who answered."""
    said = story.found.register.declaration(story.found.project)
    text = (
        "The five questions follow Netflix's published principles for generative tools in"
        " content production. An answer is a person's statement, not a measurement.",
    )
    if said is None:
        return Section(2, "Declaration", text)
    answers = tuple(
        (str(number), question, _brief(answer) if story.public else answer)
        for number, (question, answer) in enumerate(zip(QUESTIONS, said.answers, strict=True), 1)
    )
    facts = (
        ("Signed by", f"{story.name(said.by)} ({said.role}), {said.signed or 'no day given'}"),
        ("Buyer", said.buyer or "not named"),
        ("Territories", ", ".join(said.territories) or "not named"),
        ("Delivered on", said.deliver or "not named"),
        ("Term ends", said.term or "not named"),
        ("Written approval", digest(said.document) if said.document else "none on file"),
    )
    table = Table(("", "Question", "Answer"), answers, widths=(0.05, 0.65, 0.3))
    return Section(2, "Declaration", text, facts, (table,))


def _brief(answer: str) -> str:
    """An answer without what was said beside it: the public copy names nobody."""
    word = answer.partition(",")[0].strip()
    plain = word.casefold() in ("yes", "no", OPEN)
    more = ", with words that are on file" if word != answer.strip() else ""
    return f"{word}{more}" if plain else "answered in words that are on file"


def summary(story: Story) -> Section:
    """3: the figures."""
    cut, made = story.found.cut, story.made
    total = added(story.spent, "all")
    money, unit = bill(total, len(made), story.rates), story.rates.currency
    takes = [take for one in _by_shot(made) for take in one.tries]
    told = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in fates(takes).items())
    models = [one for one in made if one.generation["models"]]
    said = (
        ("Clips in the cut", f"{len(cut.shots)}: {len(made)} ours, {len(story.found.foreign)} not"),
        ("Ours, made with a model", f"{len(models)} of {len(made)}"),
        ("Takes", f"{total.takes}: {told or 'none'}"),
        *facts(total, money, story.rates),
    )
    text = (f"Machine time is measured. {assumed(total, story.rates)}",)
    columns = ("Shot", "Takes", "Used", "For nothing", "Machine", "Expected", "People", unit)
    widths = (0.2, 0.09, 0.09, 0.13, 0.13, 0.13, 0.12, 0.11)
    shots = tuple(_used(one, bill(one, 1, story.rates).total) for one in story.spent)
    return Section(3, "Summary", text, said, (Table(columns, shots, "By shot", widths),))


def _used(one: Spent, money: float) -> tuple[str, ...]:
    return (
        one.shot,
        str(one.takes),
        str(one.accepted),
        str(one.junk),
        f"{one.device_s + one.processor_s:.1f} s",
        f"{one.expected_s:.1f} s" if one.foreseen else "none yet",
        f"{one.review_s / 60:.1f} min",
        f"{money:,.2f}",
    )


_MAP = {
    "No.": 0.045,
    "Picture": 0.17,
    "Clip": 0.17,
    "Record in\nand out": 0.115,
    "Frames": 0.07,
    "What it is": 0.17,
    "By a\nmodel": 0.075,
    "Like-\nness": 0.06,
    "Class": 0.125,
}  # columns of the shot map, and their share of the page


def disclosure(story: Story) -> Section:
    """4: every clip of the cut, where it plays, and what it is."""
    ours = {id(one.clip): one for one in story.made}
    clips = sorted(story.found.cut.shots, key=lambda one: one.record.first)
    rows = tuple(
        _mapped(story, number, clip, ours.get(id(clip))) for number, clip in enumerate(clips, 1)
    )
    text = (
        "“By a model” is the share of the picture's area that a model made, as the mean of the"
        " frames; outside a matte every pixel is the plate's, bit for bit.",
    )
    table = Table(tuple(_MAP), rows, "", tuple(_MAP.values()))
    return Section(4, "Shot disclosure map", text, (), (table,))


def _mapped(story: Story, number: int, clip: CutShot, made: Made | None) -> tuple[str, ...]:
    cut = story.found.cut
    span = f"{cut.timecode(clip.record.first)}\n{cut.timecode(clip.record.last)}"
    frames = str(len(clip.record))
    if made is None:
        return str(number), "", clip.name, span, frames, "Not ours", "", "", ""
    return (
        str(number),
        made.version.name,
        f"{clip.name}\n{made.generation['task']}",
        span,
        frames,
        kind_of(made),
        share(made.generation["outputs"]["ai_pixel_share"]),
        "yes" if _likeness(story, made) else "no",
        f"{made.version.kind.value}\n{made.state}",
    )


def log(story: Story) -> Section:
    """10: what was asked, by digest; the words themselves are in the confidential annex."""
    rows = tuple(
        (
            one.version.name,
            one.take.id,
            one.turnover.generator,
            str(one.take.seed),
            digest(one.generation["prompt_sha256"]) if one.turnover.brief else "no brief",
            digest(str(one.taken["generation"]["sha256"])),
        )
        for one in story.made
    )
    columns = ("Version", "Take", "Generator", "Seed", "Brief (sha256)", "Record (sha256)")
    text = (
        "Briefs are confidential and are in no signed and no public file. Whoever holds the annex"
        " (confidential/briefs.json) can compare each with the digest here.",
    )
    facts = (("Annex, sha256", story.briefs_sha256),) if story.briefs_sha256 else ()
    widths = (0.18, 0.16, 0.14, 0.12, 0.2, 0.2)
    return Section(10, "Brief and parameter log", text, facts, (Table(columns, rows, "", widths),))


def lineage(story: Story) -> Section:
    """11: from the plate to the version, by hash."""
    inputs = tuple(
        (
            one.version.name,
            source["role"],
            source["file"],
            f"{source['frames'][0]} to {source['frames'][1]}",
            digest(source["hashlist_sha256"], 12),
            source["c2pa"],
        )
        for one in story.made
        for source in one.generation["inputs"]
    )
    outputs = tuple(
        (
            one.version.name,
            str(one.generation["outputs"]["count"]),
            digest(one.hash_list, 24),
            "signed" if one.marks == "on" else f"not signed: {unmarked(story, one)}",
        )
        for one in story.made
    )
    tables = (
        Table(
            ("Version", "Role", "File", "Frames", "Hash of its frames", "Credential"),
            inputs,
            "What went in",
            (0.2, 0.12, 0.26, 0.13, 0.17, 0.12),
        ),
        Table(
            ("Version", "Frames", "Hash list (sha256)", "Mark"),
            outputs,
            "What came out",
            (0.24, 0.1, 0.33, 0.33),
        ),
    )
    return Section(11, "Input lineage", () if inputs else (NONE,), (), tables)


def _by_shot(made: tuple[Made, ...]) -> list[Made]:
    """One of each shot: a shot may be in the cut twice."""
    return list({one.version.shot: one for one in made}.values())


def _likeness(story: Story, made: Made) -> bool:
    register = story.found.register
    for model in made.generation["models"]:
        files = [one["sha256"] for one in model["files"]]
        asset = register.asset(files, model["tensor_sha256"], model["registry_id"])
        if asset is not None and asset.likeness != "none":
            return True
    return False
