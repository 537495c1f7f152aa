"""What the student is told: three losses, each with its source.

B texts, L word pieces each, D numbers a vector.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional


def sentence_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """1 - cosine of the two vectors of the same text, on average. Both (B, D), unit length.

    Half the squared distance, which is what Reimers and Gurevych (EMNLP 2020) minimise: |s - t|^2 = 2 - 2 s.t.
    """
    return 1.0 - (student * teacher).sum(dim=1).mean()


def similarity_loss(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """How differently the two rank the other texts of the batch around each text. Both (B, D), unit length.

    Cross-entropy less the teacher's entropy (Kullback-Leibler) between the distributions that the cosines to all
    other texts give, as SEED does with a queue of texts (Fang et al., ICLR 2021).
    """
    itself = torch.eye(len(student), dtype=torch.bool)
    ours = (student @ student.T / temperature).masked_fill(itself, -1e4)  # (B, B)
    theirs = (teacher @ teacher.T / temperature).masked_fill(itself, -1e4)
    return functional.kl_div(
        functional.log_softmax(ours, dim=1),
        functional.log_softmax(theirs, dim=1),
        log_target=True,
        reduction="batchmean",
    )


def hidden_loss(student: Sequence[Tensor], teacher: Sequence[Tensor]) -> Tensor:
    """Squared difference of the word pieces' vectors after matched layers, as a share of the teacher's. Each (B, L, D).

    Jiao et al., TinyBERT (Findings of EMNLP 2020), there as a plain mean; the share makes all layers weigh alike.
    """
    parts = [
        (ours.float() - theirs.float()).square().mean() / theirs.float().square().mean()
        for ours, theirs in zip(student, teacher, strict=True)
    ]
    return torch.stack(parts).mean()
