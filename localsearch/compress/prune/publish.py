"""A pruned encoder as an encoder folder: exported, stored in eight bits, measured, and its card written."""

from __future__ import annotations

import shutil
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localsearch.compress.acceptance import Tell, Verdict, demand, judge
from localsearch.compress.architecture import linears_of
from localsearch.compress.build import build, derived, facts, typed
from localsearch.compress.compare.weights import count_weights
from localsearch.compress.default import versions
from localsearch.compress.distill.publish import numbers, parity
from localsearch.compress.folder import write_card
from localsearch.compress.shapes import heads_of, widths_of
from localsearch.compress.workplace import put
from localsearch.encoder.card import MODEL
from localsearch.encoder.onnx import Encoder

if TYPE_CHECKING:
    from localsearch.compress.distill.train import Training
    from localsearch.compress.prune.work import Pruned, Wanted, Work

NAMES = ("unpruned", "pruned")


def publish(work: Work, pruned: Pruned, training: Training | None) -> Path:
    """Write the encoder folder and put it in its place. The encoder cannot be run in torch afterwards.

    Raises EncoderError when it costs more than allowed; then there is no folder.
    """
    wanted, card, made = work.wanted, work.card, work.place / "made"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    exact, small = made / "float32", made / "int8"
    about = derived(wanted.parent, wanted.out.name, ", ".join(_said(wanted, pruned)), command(wanted))
    parent = {"name": card.name, "fingerprint": card.fingerprint}
    told = told_of(work, pruned, training)
    build(pruned.encoder, pruned.tokenizer, about, exact=exact, small=small)
    told |= _weights(small, work.tell)
    work.tell("measuring what it costs ...")
    verdict = judge(Encoder.load(wanted.parent), Encoder.load(small), work.sets, work.tell, names=NAMES)
    if wanted.max_loss is not None:
        demand(verdict, wanted.max_loss, hint="Take less away, train it again (--recover), or allow more (--max-loss).")
    measured = {"parity": {"int8_to_float32": parity(exact, small, list(work.calibration))}, **_cost(verdict)}
    described = facts(pruned.encoder, about, "int8") | {"parent": parent, "pruning": told}
    write_card(small, described | measured | {"versions": versions()})
    put(small, wanted.out)
    return wanted.out


def told_of(work: Work, pruned: Pruned, training: Training | None) -> dict[str, Any]:
    """What the card says of the pruning: what was taken away, on which text, and the training afterwards."""
    cuts, model = work.wanted.cuts, pruned.encoder.model
    matrices = [linear.weight for linear in linears_of(model).values()]
    zeros = sum(int((weights == 0).sum()) for weights in matrices) / sum(weights.numel() for weights in matrices)
    told: dict[str, Any] = {
        "layers_left": pruned.left,
        "heads": heads_of(model),
        "neurons": widths_of(model),
        "zeros_in_matrices": round(zeros, 4),
        "calibration": {
            "texts": len(work.calibration),
            "word_pieces": sum(row.shape[1] for row in pruned.rows),
            "drawn_from": {name: len(texts) for name, texts in work.sources.items()},
        },
    }
    if cuts.masking is not None:
        masking = cuts.masking
        told["zeros"] = {
            "method": masking.method.value,
            "pattern": masking.pattern.value,
            "share": masking.share,
            "rounds": cuts.rounds,
        }
    if training is not None:
        told["recovery"] = {
            "steps": training.step,
            "word_pieces_read": training.step * training.config.band_tokens * len(training.config.bands),
            "learning_rate": training.config.learning_rate,
            "seed": training.config.seed,
            "cpu_seconds": round(training.cpu_seconds),
            "curve": [numbers(look) for look in training.looks],
        }
    return told


def _weights(folder: Path, tell: Tell) -> dict[str, int]:
    model = (folder / MODEL).read_bytes()
    counted, zipped = count_weights(model), len(zlib.compress(model))
    share = counted.zeros / max(counted.parameters, 1)
    tell(
        f"{counted.parameters / 1e6:.1f} M weights, {share:.0%} of them zero;"
        f" {len(model) / 1e6:.1f} MB, {zipped / 1e6:.1f} zipped"
    )
    return {"parameters": counted.parameters, "zeros_in_model": counted.zeros, "zipped_bytes": zipped}


def _cost(verdict: Verdict) -> dict[str, Any]:
    quality = {
        name: dict(zip(NAMES, (round(value, 4) for value in values), strict=True))
        for name, values in verdict.ranking.items()
    }
    alike = verdict.agreement
    likeness = {"mean_cosine": round(alike.mean, 5), "least_cosine": round(alike.least, 5), "texts": alike.texts}
    return {"likeness_to_parent": likeness, **({"quality": {"dense ndcg@10": quality}} if quality else {})}


def _said(wanted: Wanted, pruned: Pruned) -> list[str]:
    cuts = wanted.cuts
    said = [f"{len(pruned.pieces):,} word pieces kept"] if cuts.vocabulary else []
    said += [f"{cuts.layers} layers removed"] if cuts.layers else []
    said += [f"attention heads removed ({cuts.heads:g})"] if cuts.heads else []
    said += [f"{cuts.neurons:.0%} of the feed-forward neurons removed"] if cuts.neurons else []
    said += [f"{cuts.masking.share:.0%} of the weights in matrices set to zero"] if cuts.masking else []
    said += [f"{wanted.recover:,} steps of training"] if wanted.recover else []
    return said


def command(wanted: Wanted) -> str:
    cuts, masking = wanted.cuts, wanted.cuts.masking
    options = {
        "--method": masking.method if masking else None,
        "--sparsity": masking.share if masking else None,
        "--pattern": masking.pattern if masking else None,
        "--rounds": cuts.rounds if masking else None,
        "--ffn": cuts.neurons or None,
        "--heads": cuts.heads or None,
        "--drop-layers": cuts.layers or None,
        "--vocabulary": cuts.vocabulary or None,
        "--recover": wanted.recover or None,
        "--seed": wanted.seed if wanted.recover else None,
    }
    return typed("prune", wanted.parent.name, options=options, texts=wanted.texts, last=("--out", wanted.out.name))
