"""`localsearch model use`: change an index to another encoder."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from localsearch.cli import diagnostics, output
from localsearch.cli.index import Interrupted
from localsearch.cli.model.show import NameArgument
from localsearch.cli.names import count
from localsearch.cli.options import IndexOption, JsonOption, QuietOption, open_index
from localsearch.cli.progress import LIVE, PLAIN
from localsearch.display import display
from localsearch.meter import duration

if TYPE_CHECKING:
    from localsearch.records import Switched


def use(
    context: typer.Context,
    name: NameArgument,
    *,
    json: JsonOption = False,
    quiet: QuietOption = False,
    index: IndexOption = None,
) -> None:
    """Change the index to another encoder: every passage is encoded again; no document is read again.

    Searching works meanwhile, with the old encoder. Ctrl-C keeps what is encoded; the same command goes on from there.

    \b
    Examples:
      localsearch model use minilm
      localsearch model use default --index ~/indexes/work
    """
    from localsearch.encoder.shelf import DEFAULT_NAME, find_encoder

    folder = None if name == DEFAULT_NAME else find_encoder(name)
    meter = _Meter(quiet)
    with open_index(context, index) as opened:
        try:
            done = opened.use_encoder(folder, progress=meter)
        except KeyboardInterrupt:
            raise Interrupted(
                f"interrupted; {meter.kept}. The index still uses {opened.status().encoder}.",
                hint="The same command goes on from there.",
            ) from None
        finally:
            meter.close()
    if json:
        output.write_object(asdict(done))
    if not quiet:
        _tell(done)


def _tell(done: Switched) -> None:
    diagnostics.say(
        f"the index uses {display(done.encoder)}: {count(done.passages, 'passage')} ({done.encoded:,} encoded)"
        f" in {done.seconds:,.1f} s"
    )
    if done.cut:
        diagnostics.note(
            f"{count(done.cut, 'passage')} longer than it reads: their ends count in the keyword search alone."
        )
    if done.split_again:
        diagnostics.note(
            f"passages have {done.passage_size} word pieces from now on: `localsearch index` reads all files again."
        )


class _Meter:
    """Where the change stands: one live line on a terminal, an occasional line elsewhere."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._live = diagnostics.can_overwrite() and not quiet
        self._due = time.monotonic() + (0.0 if self._live else PLAIN)
        self._first: tuple[int, float] | None = None
        self.kept = "what is encoded is kept"

    def __call__(self, done: int, total: int, seconds: float) -> None:
        self.kept = f"{done:,} of {total:,} passages are encoded and kept"
        self._first = self._first or (done, seconds)
        if self._quiet or time.monotonic() < self._due:
            return
        self._due = time.monotonic() + (LIVE if self._live else PLAIN)
        (diagnostics.overwrite if self._live else diagnostics.say)(self._line(done, total, seconds))

    def _line(self, done: int, total: int, seconds: float) -> str:
        before, since = self._first or (0, 0.0)
        line = f"{done:,}/{total:,} passages"
        if done > before and seconds > since:
            speed = (done - before) / (seconds - since)
            line += f"  {speed:,.0f} passages/s  {duration((total - done) / speed)} left"
        return line

    def close(self) -> None:
        if self._live:
            diagnostics.overwrite("")
