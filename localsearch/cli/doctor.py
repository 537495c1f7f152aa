"""`localsearch doctor`: is the index what was written, and the mending of what is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from localsearch.cli import diagnostics, output
from localsearch.cli.guards import LAYERS, parser_seal
from localsearch.cli.names import count, short
from localsearch.cli.options import EncoderOption, IndexOption, JsonOption, choose_index
from localsearch.cli.which import first_on_path
from localsearch.display import display
from localsearch.errors import IndexDamaged

if TYPE_CHECKING:
    from localsearch.records import Finding, Repair


def doctor(
    context: typer.Context,
    *,
    full: Annotated[bool, typer.Option("--full", help="Read every row, word and vector.")] = False,
    repair: Annotated[bool, typer.Option("--repair", help="Examine in full and mend what is damaged.")] = False,
    json: JsonOption = False,
    encoder: EncoderOption = None,
    index: IndexOption = None,
) -> None:
    """Examine the index, and mend it: exit code 0 when it is sound, 2 when it needs repair.

    A repair makes words and caches anew, reads again the documents of which something is lost, and encodes only what
    has lost its vector. It keeps what it replaces in a folder inside the index, until you forget something.

    \b
    Examples:
      localsearch doctor
      localsearch doctor --full --json
      localsearch doctor --repair
    """
    from localsearch.engine import Index

    folder = choose_index(context, index).folder
    if repair:
        done = Index.repair(folder, encoder=encoder)
        output.write_object(asdict(done)) if json else _tell_repair(done, folder)
        return
    found = [*Index.examine(folder, full=full), *_surroundings()]
    if json:
        output.write_object(_as_json(found, full))
    else:
        _tell(found, folder, full)
    if any(one.damage for one in found):
        raise typer.Exit(IndexDamaged.exit_code)


def _surroundings() -> list[Finding]:
    """What is not the index's fault: the parsers' seal, and which program the shell finds."""
    from localsearch.records import Finding, Part

    found = []
    seal = parser_seal()
    lacking = (
        list(LAYERS.values()) if seal is None else [text for name, text in LAYERS.items() if not getattr(seal, name)]
    )
    for text in lacking:
        what = "no parser process can be started" if seal is None else f"not verified in a parser process: {text}"
        found.append(Finding(Part.SEAL, what, "", "searching", "localsearch status", damage=False))
    on_path, ours = first_on_path()
    if not ours:
        what = "`localsearch` on your PATH is another program"
        found.append(Finding(Part.PROGRAM, what, on_path, "`lsearch` is this one", "lsearch", damage=False))
    return list(dict.fromkeys(found))


def _tell(found: Sequence[Finding], folder: Path, full: bool) -> None:
    for one in found:
        output.write(f"{'damage' if one.damage else 'note'}: {one.part}: {display(one.what)}")
        output.write(f"        in {display(one.file)}" if one.file else "")
        output.write(f"        still works: {display(one.works)}; mend with: {display(one.mend)}")
    damage = sum(one.damage for one in found)
    how = "every row, word and vector was read" if full else "structure and counts; `--full` reads every row"
    output.write(f"{short(folder)}: {count(damage, 'kind') + ' of damage' if damage else 'sound'} ({how})")


def _tell_repair(done: Repair, folder: Path) -> None:
    if not done.findings:
        output.write(f"{short(folder)}: sound; nothing was changed")
        return
    for one in done.findings:
        output.write(f"mended: {one.part}: {display(one.what)}")
    output.write(
        f"{count(done.files_read, 'file')} read again, {count(done.encoded, 'passage')} encoded, {done.seconds:,.1f} s"
    )
    if done.copy:
        output.write(
            f"what was replaced is in {short(folder / done.copy)} until you forget something; you may delete it"
        )
    for lost in done.lost:
        diagnostics.note(lost)


def _as_json(found: Sequence[Finding], full: bool) -> dict[str, Any]:
    return {"sound": not any(one.damage for one in found), "full": full, "findings": [asdict(one) for one in found]}
