"""The training itself, top to bottom.

Each step: five bands of texts -> teacher and student -> three losses -> gradients -> AdamW. The teacher runs beside the
student instead of once before it: its outputs for 25 million word pieces would be 70 GB in half precision.
"""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from localsearch.compress.distill.config import DistillConfig
from localsearch.compress.distill.losses import hidden_loss, sentence_loss, similarity_loss
from localsearch.compress.distill.stream import Batches
from localsearch.compress.distill.teacher import Teacher, hidden_states, vectors_of
from localsearch.compress.distill.widths import principal_axes, projected, turned_towards
from localsearch.compress.workplace import CHECKPOINT, read_kept, written

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from transformers import DistilBertModel

SAVE_EVERY = 300.0
"""Seconds of training that a crash may cost."""
NEIGHBOURS = 10
"""Of a held-out text: how many of the teacher's nearest texts are looked for among the student's nearest."""
LARGEST_GRADIENT = 1.0
"""Norm to which a larger gradient is cut."""
EARLY_END = 0.25
"""Share of the steps that a training still takes when it is seen to have stopped learning."""
TEXTS_PER_AXIS = 5
"""Texts, for each number of the student's vector, from which the axes of a wider teacher are found."""


@dataclass(frozen=True, slots=True)
class Look:
    """The student on text that it never learns from, at one step."""

    step: int
    loss: float
    """Of training, on average since the look before; NaN before the first step."""
    cosine: float
    """With the teacher's vector of the same text, on average."""
    overlap: float
    """Share of the teacher's ten nearest texts that are among the student's ten."""
    cpu_seconds: float
    """Of this process, all runs of this training together."""


@dataclass(frozen=True, slots=True)
class Fall:
    """How the learning rate comes to nothing."""

    begins: int
    """Step."""
    share: float
    """Of the full rate, at that step."""
    steps: int
    """That it takes."""


class Training:
    """A student, its teacher and how far they are."""

    def __init__(
        self,
        student: DistilBertModel,
        teacher: Teacher,
        batches: Batches,
        config: DistillConfig,
        folder: Path,
        *,
        after: Callable[[int], None] | None = None,
    ) -> None:
        """`after` is called with the number of steps done after each, before the student is looked at or kept."""
        self.student, self.teacher = student.eval(), teacher  # no dropout: the teacher is the only noise wanted
        self.config, self.folder = config, folder
        self._batches = batches
        self._after = after
        self.held_out = [rows for number in range(2) for rows in batches.held_out(number)]
        """Texts that no step reads: (texts, length) each."""
        for weights in student.embeddings.parameters():
            weights.requires_grad_(config.train_words)
        self._axes = None if student.config.dim == teacher.dim else self._find_axes()  # (teacher's dim, ours)
        self._widening = None if student.config.dim == teacher.width else _widening(student.config.dim, teacher.width)
        self.optimizer = self._optimizer()
        self.step = 0
        self.fall = _fall(config)
        self.looks: list[Look] = []
        self._losses: list[float] = []
        self._cpu_before = -time.process_time()
        self.seconds = 0.0
        """That all runs together have taken, as far as they were kept."""

    def plan(self, config: DistillConfig) -> None:
        """Train to the end of `config`, which differs in steps, warmup and looks alone, as if it had been so always."""
        self.config, self.fall = config, _fall(config)

    def run(self, tell: Callable[[Training], None] | None = None) -> None:
        """Train to the end, from where the last checkpoint left it. `tell` is called after every step.

        Ctrl-C ends it after the step that is under way, with a checkpoint; a second Ctrl-C ends it at once, without.
        """
        if not self.looks:
            self._look()
        with _interrupt_held() as interrupted:
            saved = time.monotonic()
            while self.step < self.last_step:
                self._learn()
                self.step += 1
                if self._after is not None:
                    self._after(self.step)
                looks = self.step % self.config.check_every == 0 or self.step == self.last_step
                if looks:
                    self._look()
                    self._end_early()
                now = time.monotonic()
                if looks or now - saved >= SAVE_EVERY:
                    self.seconds, saved = self.seconds + now - saved, now
                    self.save()
                try:
                    if tell is not None:
                        tell(self)
                    if interrupted.is_set():
                        raise KeyboardInterrupt
                except KeyboardInterrupt:
                    self.seconds += time.monotonic() - saved
                    self.save()
                    raise

    @property
    def last_step(self) -> int:
        return min(self.fall.begins + self.fall.steps, self.config.steps)

    # One step

    def _learn(self) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.learning_rate * self.learning_rate_share(self.step)
        loss = self.loss(self._batches.step(self.step))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._learning(), LARGEST_GRADIENT)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self._losses.append(float(loss.detach()))

    def loss(self, bands: Sequence[NDArray[np.int64]]) -> Tensor:
        """Of one step: hidden states band by band; sentences and similarities over all texts together."""
        ours, theirs, hidden = [], [], []
        with half_precision():
            for rows in bands:
                ids = torch.from_numpy(rows)  # (texts, length)
                taught, vectors = self.teacher.read(ids)  # layers of (texts, length, D), (texts, D)
                learned = hidden_states(self.student, ids)
                hidden.append(hidden_loss(self._widened(learned), [taught[layer] for layer in self.config.targets]))
                ours.append(vectors_of(learned))  # (texts, D)
                theirs.append(vectors)
        student, teacher = torch.cat(ours), torch.cat(theirs)  # (all texts, D)
        return (
            self.config.sentence_weight * sentence_loss(student, self._target(teacher))
            + self.config.similarity_weight * similarity_loss(student, teacher, self.config.temperature)
            + self.config.hidden_weight * torch.stack(hidden).mean()
        )

    def learning_rate_share(self, step: int) -> float:
        """Rise, stay, fall: 1 - sqrt at the end (Hägele et al., NeurIPS 2024), so that a run may end early or go on."""
        if step < self.config.warmup:
            return (step + 1) / self.config.warmup
        past = (step - self.fall.begins) / max(1, self.last_step - self.fall.begins)
        return self.fall.share * (1.0 - math.sqrt(max(0.0, past)))

    def seconds_a_step(self, count: int = 3) -> float:
        """Measured on the next steps' texts without learning anything; the first, which warms up, is left out."""
        begun = 0.0
        for number in range(count + 1):
            if number == 1:
                begun = time.perf_counter()
            self.loss(self._batches.step(self.step + number)).backward()
            self.optimizer.zero_grad(set_to_none=True)
        return (time.perf_counter() - begun) / count

    # What learns

    def _learning(self) -> list[nn.Parameter]:
        ours = [weights for weights in self.student.parameters() if weights.requires_grad]
        return ours if self._widening is None else [*ours, *self._widening.parameters()]

    def _optimizer(self) -> torch.optim.AdamW:
        matrices = [weights for weights in self._learning() if weights.dim() > 1]
        vectors = [weights for weights in self._learning() if weights.dim() == 1]  # biases, norms: not drawn to nothing
        groups = [
            {"params": matrices, "weight_decay": self.config.weight_decay},
            {"params": vectors, "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, lr=self.config.learning_rate, betas=(0.9, 0.98))

    # A teacher of another width

    def _find_axes(self) -> Tensor:
        """From texts of the first steps."""
        theirs: list[Tensor] = []
        ours: list[Tensor] = []
        number = 0
        with torch.no_grad(), half_precision():
            while sum(len(vectors) for vectors in theirs) < TEXTS_PER_AXIS * self.student.config.dim:
                for rows in self._batches.step(number):
                    ids = torch.from_numpy(rows)
                    theirs.append(self.teacher.read(ids)[1])
                    ours.append(vectors_of(hidden_states(self.student, ids)))
                number += 1
        axes = principal_axes(torch.cat(theirs), self.student.config.dim)
        return turned_towards(axes, torch.cat(theirs), torch.cat(ours))

    def _target(self, vectors: Tensor) -> Tensor:
        return vectors if self._axes is None else projected(vectors, self._axes)

    def _widened(self, states: Sequence[Tensor]) -> Sequence[Tensor]:
        return states if self._widening is None else [self._widening(hidden) for hidden in states]

    # Looking at what it has learned

    def _look(self) -> None:
        cosine, overlap = self.agreement()
        loss = float(np.mean(self._losses)) if self._losses else float("nan")
        self._losses = []
        self.looks.append(Look(self.step, loss, cosine, overlap, self.cpu_seconds))

    def agreement(self) -> tuple[float, float]:
        """Mean cosine and share of common nearest texts, on text held out."""
        with torch.no_grad(), half_precision():
            texts = [torch.from_numpy(rows) for rows in self.held_out]
            ours = torch.cat([vectors_of(hidden_states(self.student, ids)) for ids in texts])
            theirs = torch.cat([self.teacher.read(ids)[1] for ids in texts])
        cosine = float((ours * self._target(theirs)).sum(dim=1).mean())
        return cosine, overlap(nearest(ours), nearest(theirs))

    def _end_early(self) -> None:
        """Without a better look for some time, the learning rate falls to nothing in a quarter of the steps."""
        best = max(range(len(self.looks)), key=lambda place: self.looks[place].cosine)
        waited, soon = len(self.looks) - 1 - best, round(self.config.steps * EARLY_END)
        if waited >= self.config.patience and self.last_step - self.step > soon:
            self.fall = Fall(self.step, self.learning_rate_share(self.step), soon)

    # Keeping

    @property
    def cpu_seconds(self) -> float:
        return self._cpu_before + time.process_time()

    def save(self) -> None:
        """Write the checkpoint: a crash leaves the old or the new one, whole. Raises OSError."""
        kept = {
            "student": self.student.state_dict(),
            "widening": {} if self._widening is None else self._widening.state_dict(),
            "axes": self._axes,
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "steps": self.config.steps,
            "fall": astuple(self.fall),
            "cpu_seconds": self.cpu_seconds,
            "seconds": self.seconds,
            "looks": [astuple(look) for look in self.looks],
            "losses": self._losses,
        }
        with written(self.folder / CHECKPOINT) as file:
            try:
                torch.save(kept, file)
            except RuntimeError as error:  # torch's own complaint that its file ends early hides the system's
                raise error.__context__ if isinstance(error.__context__, OSError) else error from None

    def resume(self) -> bool:
        """Take up the checkpoint in the folder; False when there is none. Raises EncoderError when it is damaged.

        When it was to have another number of steps, the learning rate is that of the new number from here on.
        """
        path = self.folder / CHECKPOINT
        if not path.exists():
            return False
        read_kept(path, self._load)
        return True

    def _load(self, path: Path) -> None:
        kept: dict[str, Any] = torch.load(path, weights_only=True)  # tensors and numbers only: no code
        self.student.load_state_dict(kept["student"])
        self._axes = kept.get("axes")
        if self._widening is not None:
            self._widening.load_state_dict(kept["widening"])
        self.optimizer.load_state_dict(kept["optimizer"])
        self.step = kept["step"]
        if kept["steps"] == self.config.steps:
            self.fall = Fall(*kept["fall"])
        self.looks = [Look(*values) for values in kept["looks"]]
        self._losses = kept["losses"]
        self.seconds = kept["seconds"]
        self._cpu_before = kept["cpu_seconds"] - time.process_time()


def _fall(config: DistillConfig) -> Fall:
    cooldown = round(config.steps * config.cooldown)
    return Fall(config.steps - cooldown, 1.0, cooldown)


@contextmanager
def _interrupt_held() -> Iterator[threading.Event]:
    """The first Ctrl-C sets the event instead of raising wherever the training is; the second raises as always."""
    pressed = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield pressed
        return

    def note(number: int, frame: object) -> None:
        pressed.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


def _widening(narrow: int, wide: int) -> nn.Linear:
    """From the student's hidden states to the teacher's width, as TinyBERT has it: learned too, dropped at the end.

    It begins as the identity, cut or filled up with zeros.
    """
    linear = nn.Linear(narrow, wide, bias=False)
    linear.weight.data.copy_(torch.eye(wide, narrow))
    return linear


def nearest(vectors: Tensor) -> Tensor:
    """(texts, NEIGHBOURS): the numbers of each text's nearest others."""
    cosines = vectors @ vectors.T
    cosines.fill_diagonal_(-2.0)
    return cosines.topk(min(NEIGHBOURS, len(vectors) - 1), dim=1).indices


def overlap(ours: Tensor, theirs: Tensor) -> float:
    """Share of numbers that two lists of nearest texts have in common, on average."""
    common = (ours[:, :, None] == theirs[:, None, :]).any(dim=2)  # (texts, NEIGHBOURS)
    return float(common.float().mean())


def half_precision() -> torch.autocast:
    """Products in bfloat16 where the CPU has them: twice as fast. Weights and sums stay in float32."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=torch.cpu._is_avx512_bf16_supported())
