"""The answers people give: note, waive, circle, promote, recall, reject, restore, cut in."""

from __future__ import annotations

from secondunit_bridge.drawn import too_much
from secondunit_bridge.errors import FieldError, FindingsOpen, Locked
from secondunit_bridge.film import (
    CutIn,
    Note,
    Take,
    TakeState,
    Version,
    VersionClass,
    Waiver,
)
from secondunit_bridge.wire import Message, plain, typed

from ..ledger import Draft
from .asks import words_of
from .drafts import check_final
from .floor import take_state
from .following import STALE
from .people import Book, Client, Later, Reply, named, reasoned
from .publishing import Publishing
from .rights import Rights
from .seen import alone, answer_draft

MOST_WORDS = 20_000  # characters of a note
_REVIEWABLE = (TakeState.pending_review, TakeState.blocked, TakeState.junk)


class Answers:
    """Nothing here happens without the name of a person; said twice, it happened once."""

    def __init__(self, book: Book, publishing: Publishing, rights: Rights) -> None:
        self._book, self._publishing, self._rights = book, publishing, rights

    def note(self, client: Client, message: Message) -> Reply:
        """Record what a person said about a take."""
        note = typed(Note, message.body)
        by = named(note.by, "a note")
        if not note.text.strip():
            raise FieldError("Note.text: expected some words")
        if len(note.text) > MOST_WORDS:
            raise FieldError(f"Note.text: at most {MOST_WORDS} characters")
        if much := too_much(note.drawn):
            raise FieldError(f"Note.drawn: {much}", hint="Draw less, or write two notes.")
        take = self._book.views.take(note.take)
        self._book.write_once(Draft("note", take.id, plain(note), by=by))
        return Reply({"take": take.id})

    def waive(self, client: Client, message: Message) -> Reply:
        """Record a person's answer to a finding. The finding itself stays."""
        waiver = typed(Waiver, message.body)
        if waiver.seen is not None:
            self._book.write_once(answer_draft(waiver))
            return Reply({"finding": waiver.finding, "open": []})
        by = named(waiver.by, "a waiver")
        reasoned(waiver.reason, "a waiver")
        take, finding = self._book.views.finding(waiver.finding)
        answered = Draft("waiver", finding.id, {**plain(waiver), "take": take.id}, by=by)
        left = {f.id for f in self._book.views.open_findings(take.id)} - {finding.id}
        if finding.open and not waiver.answer.accepts:
            left.add(finding.id)
        if not self._book.says(answered):
            self._book.write(answered, *_unblocked(take, by=by, blocked=bool(left)))
        return Reply({"finding": finding.id, "open": sorted(left)})

    def waive_all(self, client: Client, message: Message) -> Reply:
        """Record answers to findings of a cut, all of them or none."""
        body = message.body if isinstance(message.body, dict) else {}
        waivers = typed(tuple[Waiver, ...], body.get("waivers"), "waivers")
        drafts = [answer_draft(waiver) for waiver in waivers]
        together = [one for one in waivers if alone(one)]
        if len(waivers) > 1 and together:
            raise Locked(
                f"{together[0].finding} cannot be accepted together with others",
                hint="Accept flashes and changes outside the matte one at a time.",
                data={"findings": [one.finding for one in together]},
            )
        new = [draft for draft in drafts if not self._book.says(draft)]
        self._book.write(*new)
        return Reply({"written": len(new)})

    def circle(self, client: Client, message: Message) -> Reply | Later:
        """Choose a take; it is published as the shot's next version. Answered once on disk."""
        words = words_of(message.body, "take", "by", "kind", "reason")
        by = named(words["by"], "circling")
        kind = typed(VersionClass, words["kind"] or VersionClass.temp.value, "kind")
        take = self._book.views.take(words["take"])
        made = self._made_of(take)
        if made and self._book.views.version_state(made.name) == "recalled":
            raise Locked(
                f"take {take.id} became {made.name}, and that has been recalled",
                hint="Circle another take, or turn the shot over again.",
            )
        if made:
            self._stands_again(made, take, by, words["reason"])
            return Reply({"version": plain(made)})
        if take.state is TakeState.circled:
            return Later(self._publishing.under_way(take.id))  # asked twice: the same work
        self._may_circle(take, kind)
        turnover = self._book.views.turnover(take.turnover)
        alone = self._rights.approver(take, turnover, kind.value, by, words["reason"])
        self._rights.before_circling(take, turnover, kind.value, by)
        version = self._publishing.next_version(take, by, kind)
        intent = {"version": version.name, "number": version.number, "kind": kind.value}
        intent |= {"alone": alone} if alone else {}
        self._book.write(Draft("circled", take.id, intent, by=by))
        self._publishing.add(version)
        return Later(version.name)

    def promote(self, client: Client, message: Message) -> Reply:
        """Lock a version as final."""
        words = words_of(message.body, "version", "by", "reason")
        by = named(words["by"], "promoting to final")
        version = self._book.views.version(words["version"])
        take = self._book.views.take(version.take)
        turnover = self._book.views.turnover(take.turnover)
        alone = self._rights.approver(take, turnover, "final", by, words["reason"])
        state = {"state": "final", "reason": "promoted", **({"alone": alone} if alone else {})}
        final = Draft("version_state", version.name, state, by=by)
        if not self._book.says(final):
            if self._book.views.version_state(version.name) != "approved":
                raise Locked(f"{version.name} is not approved, so it cannot become final")
            check_final(self._book, take)
            self._as_approved(version)
            self._rights.before_circling(take, turnover, "final", by)
            self._book.write(final)
        return Reply({"version": plain(self._book.views.version(version.name))})

    def recall(self, client: Client, message: Message) -> Reply:
        """Take back a version, with a reason. Its files stay."""
        words = words_of(message.body, "version", "by", "reason")
        by, reason = named(words["by"], "recalling"), reasoned(words["reason"], "recalling")
        version = self._book.views.version(words["version"])
        state = {"state": "recalled", "reason": reason}
        recalled = Draft("version_state", version.name, state, by=by)
        if not self._book.says(recalled):
            if self._book.views.version_state(version.name) == "recalled":
                raise Locked(f"{version.name} has been recalled already")
            self._book.write(recalled)
        version = self._book.views.version(version.name)
        return Reply({"version": plain(version), "state": "recalled"})

    def reject(self, client: Client, message: Message) -> Reply:
        """Put a take aside, with a reason. Nothing is deleted."""
        words = words_of(message.body, "take", "by", "reason")
        by, reason = named(words["by"], "rejecting"), reasoned(words["reason"], "rejecting")
        take = self._book.views.take(words["take"])
        rejected = take_state(take.id, TakeState.rejected, reason, by=by)
        if not self._book.says(rejected):
            if take.state not in _REVIEWABLE:
                raise Locked(
                    f"take {take.id} is {take.state.value} and cannot be rejected",
                    hint="A circled take is taken back with: secondunit recall",
                )
            self._book.write(rejected)
        return Reply({"take": take.id, "state": TakeState.rejected.value})

    def restore(self, client: Client, message: Message) -> Reply:
        """Bring a take back that was sorted out as junk: a person will watch it after all."""
        words = words_of(message.body, "take", "by", "reason")
        by, reason = named(words["by"], "bringing a take back"), words["reason"].strip()
        take = self._book.views.take(words["take"])
        left = bool(self._book.views.open_findings(take.id))
        state = TakeState.blocked if left else TakeState.pending_review
        back = take_state(take.id, state, reason or "a person will watch it", by=by)
        if not self._book.says(back):
            if take.state is not TakeState.junk:
                raise Locked(
                    f"take {take.id} is {take.state.value}, not junk",
                    hint="Only what was sorted out unwatched is brought back: secondunit takes",
                )
            self._book.write(back)
        return Reply({"take": take.id, "state": state.value})

    def cut_in(self, client: Client, message: Message) -> Reply:
        """Record where a version went into the cut."""
        cut = typed(CutIn, message.body)
        version = self._book.views.version(cut.version)
        if self._book.views.version_state(version.name) == "recalled":
            raise Locked(f"{version.name} has been recalled; it should not go into a cut")
        self._book.write_once(Draft("cut_in", version.name, plain(cut), by=cut.by))
        return Reply({"version": version.name})

    def _as_approved(self, version: Version) -> None:
        """What becomes final is what was approved, byte for byte. Raises Locked, RecordMissing."""
        from ..packet.gather import check_untouched

        published = self._book.entries(kind="version", subject=version.name)[-1].at
        check_untouched(version, published)

    def _made_of(self, take: Take) -> Version | None:
        versions = (v for v in self._book.views.versions(shot=take.shot) if v.take == take.id)
        return next(versions, None)

    def _stands_again(self, made: Version, take: Take, by: str, reason: str) -> None:
        """A person approves a version as the cut shows it now, after a re-cut made it stale."""
        if self._book.views.version_state(made.name) != STALE:
            return
        stale = self._book.entries(kind="version_state", subject=made.name)[-1].body
        kind = "final" if stale["was"] == "final" else made.kind.value
        turnover = self._book.views.turnover(take.turnover)
        alone = self._rights.approver(take, turnover, kind, by, reason)
        self._rights.before_circling(take, turnover, kind, by)
        state = {"state": stale["was"], "reason": f"approved by {by} as it is in {stale['cut']}"}
        state |= {"alone": alone} if alone else {}
        self._book.write(Draft("version_state", made.name, state, by=by))

    def _may_circle(self, take: Take, kind: VersionClass) -> None:
        if take.state not in _REVIEWABLE:
            raise Locked(
                f"take {take.id} is {take.state.value} and cannot be circled",
                hint="Wait until it is shot." if take.media is None else "Circle another take.",
            )
        if kind is VersionClass.final:
            check_final(self._book, take)
        if open_ := self._book.views.open_findings(take.id):
            raise FindingsOpen(
                f"take {take.number} of {take.name} has open findings: "
                + "; ".join(finding.sentence for finding in open_),
                hint="Answer each with `secondunit waive FINDING --answer ... --by NAME --reason"
                " ...`, or circle another take.",
                data={"findings": [finding.id for finding in open_]},
            )


def _unblocked(take: Take, *, by: str, blocked: bool) -> tuple[Draft, ...]:
    """What a take in review becomes when an answer closes its last open finding, or opens one."""
    state = TakeState.blocked if blocked else TakeState.pending_review
    if take.state is state or take.state not in (TakeState.blocked, TakeState.pending_review):
        return ()
    reason = "a finding is open again" if blocked else "every finding is answered"
    return (take_state(take.id, state, reason, by=by),)
