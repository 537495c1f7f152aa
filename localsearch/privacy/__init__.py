"""What keeps documents on this machine: the kernel refuses network, and parsers work behind a stricter seal."""

from __future__ import annotations

from localsearch.privacy.network import Seal, seal
from localsearch.privacy.worker import WorkerSeal, confine, die_with_parent, lacking, seal_worker

__all__ = ["Seal", "WorkerSeal", "confine", "die_with_parent", "lacking", "seal", "seal_worker"]
