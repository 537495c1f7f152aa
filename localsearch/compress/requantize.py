"""An installed encoder stored in another way: float32 from its kept weights -> the kind wanted -> what does it cost?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from localsearch.compress.acceptance import Tell, demand, judge
from localsearch.compress.extra import need_extra
from localsearch.compress.install import DONE, installing
from localsearch.compress.kinds import Kind
from localsearch.encoder.card import MODEL, read_card, read_facts
from localsearch.encoder.onnx import Encoder
from localsearch.encoder.shelf import find_encoder, new_folder
from localsearch.encoder.vnni import need_vnni

if TYPE_CHECKING:
    from localsearch.evaluate import Dataset


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to become of which encoder."""

    parent: Path
    name: str
    kind: Kind
    sets: Mapping[str, Dataset]
    """Collections that the loss is measured on."""
    max_loss: float
    """nDCG@10 that it may cost on any collection."""
    keep_weights: bool


def quantize_encoder(wanted: Wanted, tell: Tell) -> Path:
    """Install the encoder `wanted`; its folder.

    Raises MissingExtra; EncoderError when the parent keeps no weights, when the name is taken, or when it costs more
    than `max_loss`. Nothing is installed then.
    """
    need_extra()
    new_folder(wanted.name)
    if wanted.kind is Kind.INT8_FULL:
        need_vnni("--kind int8-full")
    from localsearch.compress.build import build, derived, facts, typed
    from localsearch.compress.default import versions
    from localsearch.compress.folder import write_card
    from localsearch.compress.weights import load_torch

    card, known = read_card(wanted.parent), read_facts(wanted.parent)
    encoder = load_torch(wanted.parent)
    command = typed("quantize", card.name, options={"--kind": wanted.kind}, last=("--name", wanted.name))
    about = derived(wanted.parent, wanted.name, f"weights stored as {wanted.kind}", command)
    told = {
        **facts(encoder, about, wanted.kind),
        **({"source": known["source"]} if "source" in known else {}),
        "parent": {"name": card.name, "fingerprint": card.fingerprint},
    }
    with installing(wanted.name) as place:
        exact, small = place / "float32", place / "small"
        build(
            encoder, wanted.parent, about, exact=exact, small=small, kind=wanted.kind, keep_weights=wanted.keep_weights
        )
        sizes = [(folder / MODEL).stat().st_size for folder in (exact, small)]
        tell(f"{wanted.kind}: {sizes[1] / 1e6:,.1f} MB instead of {sizes[0] / 1e6:,.1f}")
        verdict = judge(Encoder.load(exact), Encoder.load(small), wanted.sets, tell)
        demand(verdict, wanted.max_loss, hint="Choose another --kind, or allow more with --max-loss.")
        write_card(small, told | verdict.facts(wanted.kind) | {"versions": versions()})
        small.rename(place / DONE)
    return find_encoder(wanted.name)
