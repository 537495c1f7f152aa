"""How long does a query take in a process that is warm, and how long explaining and answering?

Measured: median, 95th percentile and maximum of `Index.search` in each mode over short queries, as people type them,
and over long questions, each asked once after a few others; of `Index.explain` for ten hits, and of `Index.answer`
from ten hits that are there. With the number of passages of the index.

    python benchmarks/query_time.py INDEX
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from common import save, wanted

from localsearch import Index, Mode

WARM_UP = ("office supplies", "data protection officer", "annual leave", "budget for next year")
SHORT = (
    "how do I ask for parental leave",
    "code review guidelines",
    "expense report approval",
    "who approves travel outside the country",
    "incident response on call rotation",
    "what was the effective tax rate in 2021",
    "security training for new employees",
    "goodwill impairment",
    "remote work stipend",
    "accessibility checklist for forms",
    "quarterly dividend per share",
    "deprecation policy for api versions",
    "hiring manager interview feedback",
    "open source contribution policy",
    "net sales by geographic region",
    "how long do we keep customer data",
    "backup restore test",
    "share repurchase program",
    "meeting notes template",
    "who signs contracts above one million",
)
LONG = (
    "Does the company have positive working capital based on the data of the fiscal year, and if working capital is no"
    " useful metric for it, why not?",
    "According to the information in the statement of cash flows, what is the free cash flow, defined as cash from"
    " operations less capital expenditures, in millions?",
    "What should a new employee do in the first week to get access to the systems, and who has to approve the request?",
    "Which region had the highest contribution to operating income during the year, and how did it change against the"
    " year before?",
    "How do we decide whether an incident is severe enough to page somebody at night, and who tells the customers?",
)


def times(work: Callable[[str], object], texts: tuple[str, ...]) -> dict[str, float]:
    """Milliseconds."""
    taken = []
    for text in texts:
        begun = time.perf_counter()
        work(text)
        taken.append(1000 * (time.perf_counter() - begun))
    taken.sort()
    return {
        "median": round(statistics.median(taken), 1),
        "p95": round(taken[min(len(taken) - 1, round(0.95 * len(taken)))], 1),
        "max": round(taken[-1], 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    with Index.open(wanted(parser.parse_args().index)) as index:
        for text in WARM_UP:
            index.explain(text, index.search(text))
        result: dict[str, object] = {"passages": index.status().passages}
        for mode in Mode:
            for name, texts in (("short", SHORT), ("long", LONG)):
                result[f"{mode.value}, {name}"] = times(lambda text, mode=mode: index.search(text, mode=mode), texts)
        found = {text: index.search(text) for text in SHORT}
        result["explain ten hits"] = times(lambda text: index.explain(text, found[text]), SHORT)
        result["answer from ten hits"] = times(lambda text: index.answer_from(text, found[text]), SHORT)
    save("query_time", result)


if __name__ == "__main__":
    main()
