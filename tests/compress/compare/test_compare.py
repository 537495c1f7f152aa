"""Two tiny encoders side by side: every column of the table, the JSON, the picture."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from localsearch.compress.compare.agreement import Likeness, likeness
from localsearch.compress.compare.machine import Machine
from localsearch.compress.compare.material import gather
from localsearch.compress.compare.memory import peak_memory
from localsearch.compress.compare.plot import Axis, axis, label_heights, nice_step, plot
from localsearch.compress.compare.report import HEAD, as_json, as_markdown
from localsearch.compress.compare.run import Comparison, Quality, Row, compare
from localsearch.compress.compare.speed import Speed
from localsearch.compress.compare.weights import Weights, count_weights
from localsearch.encoder.onnx import Encoder
from localsearch.errors import EncoderError
from localsearch.evaluate import evaluate
from localsearch.records import Mode
from tests.compress.compare.conftest import TEXTS, write_collection
from tests.conftest import TINY

SVG = "{http://www.w3.org/2000/svg}"


def made(name: str, dense: float, speed: float, megabytes: float) -> Row:
    return Row(
        name=name,
        folder=Path("/encoders") / name,
        dim=8,
        weights=Weights(1_000_000, 250_000),
        bytes=int(megabytes * 1e6),
        zipped=int(megabytes * 5e5),
        speed=Speed(speed, 1000 / speed),
        peak_memory=150_000_000,
        quality={"one": Quality(dense, dense + 0.1), "two": Quality(dense / 2, dense)},
        likeness=Likeness(None, 0.5),
    )


def comparison(*rows: Row) -> Comparison:
    return Comparison(rows, Machine("A | CPU", 2, vnni=True, load=0.5), 300, {"one": (10, 5), "two": (20, 6)})


@pytest.fixture
def found(tmp_path: Path) -> Comparison:
    """The tiny encoder beside a copy of it that reads only four word pieces of each text."""
    short = tmp_path / "short"
    shutil.copytree(TINY, short)
    card = json.loads((short / "card.json").read_text())
    (short / "card.json").write_text(json.dumps(card | {"max_tokens": 4}))
    material = gather([write_collection(tmp_path / "set")], None)
    return compare({"tiny": TINY, "short": short}, material, rounds=1)


def test_what_is_measured_is_what_each_part_measures(found: Comparison, tmp_path: Path) -> None:
    assert [row.name for row in found.rows] == ["tiny", "short"]
    for row in found.rows:
        alone = evaluate(tmp_path / "set", encoder=row.folder)
        dense, hybrid = (alone.modes[mode]["ndcg@10"] for mode in (Mode.SEMANTIC, Mode.HYBRID))
        expected = Quality(dense, hybrid, alone.ndcg[Mode.SEMANTIC])
        assert row.quality == {"set": expected}
        assert (row.dense, row.hybrid) == (expected.dense, expected.hybrid)
        assert row.weights == count_weights((TINY / "model.onnx").read_bytes())
        assert row.bytes == sum((TINY / name).stat().st_size for name in ("model.onnx", "tokenizer.json"))
        assert 0 < row.zipped < row.bytes
        assert row.speed.passages_per_second > 0 and row.speed.query_ms > 0
        assert 20e6 < row.peak_memory < 500e6
    ours, theirs = (Encoder.load(row.folder).encode_passages(list(TEXTS.values())) for row in found.rows)
    assert found.rows[0].likeness.overlap == 1.0
    assert found.rows[1].likeness.cosine == pytest.approx(likeness(theirs, ours).cosine)
    assert found.rows[1].likeness.cosine < 0.99
    assert found.sets == {"set": (3, 2)}
    assert not np.allclose(ours, theirs)


def test_markdown_has_a_cell_for_every_column() -> None:
    text = as_markdown(comparison(made("a", 0.4, 100, 20), made("b | c", 0.2, 200, 10)))
    table, by_set, footnote = text.split("\n\n")
    rows = [re.split(r"(?<!\\)\|", line) for line in table.splitlines()]
    assert {len(row) for row in rows} == {len(HEAD) + 2}
    cells = [cell.strip() for cell in rows[3]]
    assert cells[1:7] == ["b \\| c", "0.1500", "0.2500", "50.0%, 55.6%", "", "0.500"]
    assert cells[7:] == ["1.00 M", "25%", "10.0", "5.0", "200.0", "5.0", "150", ""]
    assert "0.2000, 0.3000" in by_set and "0.1000, 0.2000" in by_set
    assert "20 documents, 6 queries" in footnote and "2 cores, with VNNI" in footnote


def test_json_says_what_the_table_says() -> None:
    told = as_json(comparison(made("a", 0.4, 100, 20)))
    assert json.loads(json.dumps(told)) == told
    (row,) = told["encoders"]
    assert row["mean"] == {"dense": 0.3, "hybrid": 0.45}
    assert row["cosine"] is None and row["bytes"] == 20_000_000 and row["zeros"] == 250_000
    assert told["sets"]["two"] == {"documents": 20, "queries": 6}


def test_the_plot_puts_faster_right_better_up_and_larger_larger() -> None:
    rows = [made("first <&>", 0.4, 100, 40), made("second", 0.3, 200, 10)]
    drawing = ElementTree.fromstring(plot(comparison(*rows)))
    first, second = drawing.findall(f"{SVG}circle")  # the larger one is drawn first
    assert float(second.get("cx", 0)) > float(first.get("cx", 0))
    assert float(second.get("cy", 0)) > float(first.get("cy", 0))  # down is more
    assert float(first.get("r", 0)) == pytest.approx(2 * float(second.get("r", 0)))  # four times the area
    texts = [element.text for element in drawing.iter(f"{SVG}text")]
    assert "first <&>, 40.0 MB" in texts and "second, 10.0 MB" in texts


def test_plots_of_one_encoder_and_of_equals_do_not_fail() -> None:
    row = made("a", 0.4, 100, 20)
    for rows in ([row], [row, replace(row, name="b")], [replace(row, quality={"one": Quality(0.0, 0.0)})]):
        ElementTree.fromstring(plot(comparison(*rows)))


def test_axes() -> None:
    assert [nice_step(step) for step in (0.011, 0.2, 3, 70, 5)] == pytest.approx([0.02, 0.2, 5, 100, 5])
    assert Axis(0, 10, 100, 200).place(5) == 150
    assert Axis(0, 10, 100, 200).ticks() == [0, 2, 4, 6, 8, 10]
    assert axis([5.0, 5.0], 0, 1).least < 5 < axis([5.0, 5.0], 0, 1).most
    assert label_heights([50, 10, 12]) == [50, 10, 25]


def test_memory_of_a_folder_that_is_no_encoder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"could not be measured: .*No encoder at"):
        peak_memory(tmp_path, ["text"])
