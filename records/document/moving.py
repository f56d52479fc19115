"""A record on another version of its template: answers that fit are carried, what no longer fits is kept in place.

What nobody wrote (placeholders, samples, rows left as they were) is the new template's; what somebody wrote is never
dropped. What the new version calls otherwise goes along under its new name. Labelled lines that the new template has no
place for stay lines; anything else becomes Markdown where it stood, as any text does that is not recognised.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from records.document.escape import normal
from records.document.fields import table_of
from records.document.fingerprints import read_fingerprint
from records.document.moving_keys import is_under, key_in, names_in, rekeyed
from records.document.moving_names import Renamed, parts_of
from records.document.moving_places import called_as_read, insert_behind, kept_apart, place_of, text_of, with_headings
from records.document.moving_rows import is_same, is_same_phase, later, moved_phase, moved_rows, reordered, woven
from records.document.outline import Answer, Block, Document, Group, Loose, Rows, Section
from records.document.read import read_record
from records.document.write import write

LINES = ("bullet", "line")


@dataclass(frozen=True, slots=True)
class Moved:
    """The record on the new version; ``kept`` is what stays without a place in it: where it stood, and its text.

    ``renamed`` are the parts in which somebody wrote and that went along under another name; ``names`` is for
    ``moving_keys.key_in`` what the new version calls the keys of the one before, ``before`` the record under them.
    ``unsure`` are keys in which somebody wrote and that tell several of one name apart by number: another one of them
    may have that number now.
    """

    document: Document
    kept: tuple[tuple[str, str], ...]
    before: Document
    renamed: tuple[Renamed, ...]
    names: Mapping[str, str]
    unsure: tuple[str, ...] = ()


def moved(
    record: Document, old: Document, new: Document, used: Collection[str] = (), apart: Collection[str] = ()
) -> Moved:
    """``record``, which stands on the template ``old``, on ``new``; ``used``: keys of rows with facts of their own.

    What stands under the keys ``apart`` doesn't go along under another name.
    """
    parts, doubtful = parts_of(old, new)
    names = names_in(record, parts, apart)
    headings = {section.key: section.heading for section in new.sections}
    own, known = (rekeyed(document, names, headings) for document in (record, old))
    mover = _Mover(own, known, new, frozenset(key_in(names, key) for key in used))
    changed = list(_written(own, known))
    written = {key_in(names, key) for key in used} | set(changed)
    answers = {answer.key for section in known.sections for answer in section.answers()}
    told = (one for one in parts if one.before in names and (one.was or one.after in answers))
    told = (one for one in told if any(is_under(key, one.after) for key in written))
    unsure = _unsure(changed, names, parts, doubtful, new)
    return Moved(mover.document(), tuple(mover.kept), own, tuple(told), names, unsure)


def _unsure(
    keys: Iterable[str], names: Mapping[str, str], parts: Iterable[Renamed], doubtful: Collection[str], new: Document
) -> tuple[str, ...]:
    """Those of ``keys`` that stand in ``new`` where another one of their name may be asked for.

    Which part of it they are isn't told by anything, or they couldn't go along to where that is.
    """
    elsewhere = {key_in(names, key) for key in (*doubtful, *(one.before for one in parts)) if key not in names}
    asked = {answer.key for section in new.sections for answer in section.answers()}
    return tuple(key for key in keys if key in asked and any(is_under(key, one) for one in elsewhere))


def _written(record: Document, template: Document) -> Iterator[str]:
    """The keys of the fields in which somebody wrote, or changed an order."""
    given = {key: text for section in template.sections for key, text in table_of(section).items()}
    for section in record.sections:
        yield from (key for key, text in table_of(section).items() if text != given.get(key))


class _Mover:
    """Moves ``record`` from ``old`` to ``new``, which have the same keys for what is the same."""

    def __init__(self, record: Document, old: Document, new: Document, used: frozenset[str]) -> None:
        self.record, self.new, self.used = record, new, used
        self.front = later(record.front, old.front, new.front)
        self.old = {section.key: section for section in old.sections}
        self.kept: list[tuple[str, str]] = []
        self.keys = {block.key for s in (*record.sections, *new.sections) for block in s.blocks()}

    def document(self) -> Document:
        own = {section.key: section for section in self.record.sections}
        sections = [self._section(own[new.key], new) if new.key in own else new for new in self._wanted(own)]
        known = {section.key for section in self.new.sections}
        for at, stray in enumerate(self.record.sections):
            left = None if stray.key in known else self._stray_section(stray)
            if left:
                sections.insert(place_of(left, sections, {s.key for s in self.record.sections[:at]}), left)
        return Document(tuple(kept_apart(sections, self.record, self.new)), self.front)

    def _wanted(self, own: Collection[str]) -> list[Section]:
        """The new template's sections, but for those that the record did without before."""
        return [section for section in self.new.sections if section.key in own or section.key not in self.old]

    # ---- sections and groups

    def _section(self, own: Section, new: Section) -> Section:
        own = replace(own, heading=new.heading)  # under which what is read again is found
        if own.key not in self.old:
            own = self._read_again(own)
        before = _by_key(self.old.get(own.key))
        after = _by_key(new)
        has_phases = any(group.phase for group in new.groups)
        own = own if has_phases else with_headings(own)
        groups, uncounted = list[Group](), dict[str, Group]()
        for group in own.groups:
            old, place = before.get(group.key), after.get(group.key)
            if group.phase and has_phases:
                found = self._phase(group, old, place)
            elif place is None or (place.phase and old is None):
                found = left = self._stray_group(group, old)
            else:
                own_group = group if old else _by_key(self._read_again(replace(own, groups=(group,)))).get(group.key)
                found = replace(place, blocks=tuple(self._blocks(own_group or group, old, place)))
                left = self._stray_heading(group, old)
            if group.phase and not has_phases and left:
                uncounted[group.key] = left
            groups += [found] if found else []
        counted = {group.key for group in own.groups if group.phase and has_phases}  # in the order of the record
        groups = reordered(groups, list(before), [key for key in after if key not in counted])
        present = {group.key for group in own.groups}
        fresh = [group for group in new.groups if group.key not in present and group.key not in before]
        return replace(new, groups=tuple(called_as_read(woven(groups, fresh, list(after)), uncounted, new.key)))

    def _phase(self, group: Group, old: Group | None, new: Group | None) -> Group | None:
        """A phase of the record; None if it says what its template says, and the new one has no such phase."""
        if old is not None and is_same_phase(group, old, self.used):
            return new
        if new is None or new.phase is None or group.phase is None:
            return group
        tails = {block.key: block.tail for block in group.blocks if isinstance(block, Rows)}
        blocks = (
            replace(block, tail=tails.get(block.key, block.tail)) if isinstance(block, Rows) else block
            for block in self._blocks(group, old, new)
        )
        phase = moved_phase(group.phase, old.phase if old else None, new.phase)
        return replace(group, phase=phase, blocks=tuple(blocks))

    def _read_again(self, section: Section) -> Section:
        """What no template knew before, along the new one, which may know it."""
        found = read_record(write(Document((section,))), self.new).sections
        return next((one for one in found if one.key == section.key), section)

    def _stray_section(self, own: Section) -> Section | None:
        """A section without a place in the new template: what somebody wrote in it, as one piece of Markdown."""
        if own.key not in self.old:
            return own
        before = _by_key(self.old[own.key])
        groups = [left for group in own.groups if (left := self._written_in(group, before.get(group.key)))]
        if not groups:
            return None
        text = text_of(*groups, order=own.order)
        self.kept.append((own.title, text.strip()))
        return replace(own, groups=(Group(own.key, None, (self._loose(own.key, text),)),), order=())

    def _stray_group(self, group: Group, old: Group | None) -> Group | None:
        """A group without a place: one that the template never had as it is, else what somebody wrote, as Markdown."""
        left = group if old is None else self._written_in(group, old)
        if left is None or (old is None and not group.phase):
            return left
        text = text_of(replace(left, heading=None, phase=None))
        told = f"{group.title}\n\n{text}" if group.phase else text  # people write its heading, too
        self.kept.append((old.title if old else "", told.strip()))
        return Group(group.key, group.heading, (self._loose(group.key, text),) if text else ())

    def _stray_heading(self, group: Group, old: Group | None) -> Group | None:
        """The heading of a phase whose steps have a place, but not its title and window; None if nobody wrote there."""
        if not group.phase:
            return None
        return self._stray_group(replace(group, blocks=()), replace(old, blocks=()) if old else None)

    def _written_in(self, group: Group, old: Group | None) -> Group | None:
        """``group`` with the blocks in which somebody wrote; None if there is none."""
        if group.phase and old and is_same_phase(group, old, self.used):
            return None
        before = {block.key: block for block in old.blocks} if old else {}
        written = {block.key for block in group.blocks if not self._is_untouched(block, before.get(block.key))}
        blocks = tuple(block for block in group.blocks if block.key in written or _is_needed(block, group, written))
        return replace(group, blocks=blocks) if blocks or group.phase else None

    def _is_untouched(self, block: Block, old: Block | None) -> bool:
        if isinstance(block, Rows):
            others = {row.key: row for row in old.rows} if isinstance(old, Rows) else {}
            return all(is_same(row, others.get(row.key)) and row.key not in self.used for row in block.rows)
        return old is not None and not isinstance(old, Rows) and block.text == old.text

    # ---- blocks

    def _blocks(self, group: Group, old: Group | None, new: Group) -> list[Block]:
        before = {block.key: block for block in old.blocks} if old else {}
        own = {block.key: block for block in group.blocks}
        result = [
            self._block(block, own.get(block.key), before.get(block.key))
            for block in new.blocks
            if block.key in own or block.key not in before or isinstance(block, Loose)
        ]
        places = {block.key: block for block in new.blocks}
        stray = {b.key for b in group.blocks if self._is_stray(b, before.get(b.key), places.get(b.key))}
        siblings = [block.key for block in group.blocks]
        for block in group.blocks:
            if block.key in stray or (block.key not in places and _is_above(block, stray)):
                left = self._stray_block(group, block, block.key in places)
                insert_behind(result, left, block.key, siblings)
        return result

    def _block(self, new: Block, own: Block | None, old: Block | None) -> Block:
        if isinstance(new, Rows) and isinstance(own, Rows) and own.kind == new.kind:
            return moved_rows(own, old if isinstance(old, Rows) else None, new, self.used)
        if isinstance(new, Answer) and isinstance(own, Answer) and _fits(own, new):
            before = old if isinstance(old, Answer) else None
            text = later(own.text, before.text if before else None, new.text)
            gap = later(own.gap, before.gap if before else None, new.gap)
            if before and (own.text, own.source) == (before.text, before.source):
                return replace(new, gap=gap)  # nobody wrote there: its sign, too, is the new template's
            is_as_it_was = own.label == new.label and own.shape == new.shape and text == own.text
            return replace(own, gap=gap) if is_as_it_was else replace(new, text=text, gap=gap)
        return new

    def _is_stray(self, block: Block, old: Block | None, place: Block | None) -> bool:
        """Whether somebody wrote in a block that has no place in the new group."""
        if isinstance(block, Answer) and isinstance(place, Answer) and _fits(block, place):
            return False
        if isinstance(block, Rows) and isinstance(place, Rows) and place.kind == block.kind:
            return False
        return not self._is_untouched(block, old)

    def _stray_block(self, group: Group, block: Block, is_taken: bool) -> Block:
        if not isinstance(block, Rows) and not is_taken and (isinstance(block, Loose) or block.shape in LINES):
            self.kept += [(block.label, block.text)] if isinstance(block, Answer) else []
            return block
        text = text_of(Group(group.key, None, (block,)))
        label = block.label if isinstance(block, Answer) else ""
        self.kept.append((label or group.title, text.strip()))
        return self._loose(group.key, text)

    def _loose(self, parent: str, text: str) -> Loose:
        """``text`` as Markdown that no template knows, under a key that nothing else has."""
        at, key = 1, f"{parent}/markdown"
        while key in self.keys:
            at += 1
            key = f"{parent}/markdown~{at}"
        self.keys.add(key)
        body = text.rstrip("\r\n")
        return read_fingerprint(Loose(key, body, f"{body}\n", "\n"))


def _by_key(section: Section | None) -> dict[str, Group]:
    return {group.key: group for group in section.groups} if section else {}


def _fits(own: Answer, place: Answer) -> bool:
    """Whether the text can stand in the place: one line where there is one, and no structure where there is none."""
    return normal(own.text, place.shape) == own.text


def _is_needed(block: Block, group: Group, keys: Collection[str]) -> bool:
    """Whether without ``block`` it isn't told where one of ``keys`` stood: texts without a label are told by number."""
    if isinstance(block, Answer) and not block.label:
        behind = group.blocks[group.blocks.index(block) + 1 :]
        return any(isinstance(one, Answer) and not one.label and one.key in keys for one in behind)
    return _is_above(block, keys)


def _is_above(block: Block, keys: Collection[str]) -> bool:
    """Whether one of ``keys`` is nested under the bullet ``block``."""
    return isinstance(block, Answer) and any(key.startswith(f"{block.key}/") for key in keys)
