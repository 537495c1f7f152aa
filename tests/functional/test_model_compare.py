"""`localsearch model compare` as one would type it."""

from __future__ import annotations

import json
import shutil

from tests.conftest import TINY
from tests.functional.conftest import Localsearch

HOUSE = "\n".join(
    f"The tenant of flat {number} tells the landlord three months before moving out. The rent of {number}00 euros is "
    f"due on the first working day. Pets are welcome after neighbour {number} has been asked."
    for number in range(3)
)


def test_compare_on_the_own_index(own: Localsearch) -> None:
    (own.documents / "house.txt").write_text(HOUSE)
    own.run("index")
    shutil.copytree(TINY, own.folder / "copy")
    done = own.run("model", "compare", str(TINY), "./copy", "--out", "result", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [row["name"] for row in told["encoders"]] == ["tiny_encoder", "copy"]
    assert told["encoders"][0]["ndcg@10"] == told["encoders"][1]["ndcg@10"]
    assert told["encoders"][1]["cosine"] == 1.0
    assert list(told["sets"]) == ["your index"] and told["sets"]["your index"]["queries"] >= 1
    assert "copy: memory" in done.stderr
    folder = own.folder / "result"
    assert sorted(path.name for path in folder.iterdir()) == ["compare.json", "compare.md", "compare.svg"]
    assert json.loads((folder / "compare.json").read_text()) == told
    assert "| copy " in (folder / "compare.md").read_text()


def test_compare_needs_no_torch_and_says_what_is_missing(own: Localsearch) -> None:
    unknown = own.run("model", "compare", "default", "nobody")
    assert unknown.returncode == 1 and "There is no encoder 'nobody'" in unknown.stderr
    nowhere = own.run("model", "compare", str(TINY), "--beir", "nowhere")
    assert nowhere.returncode == 1 and "nowhere holds no judged collection" in nowhere.stderr
    assert nowhere.stdout == unknown.stdout == ""
