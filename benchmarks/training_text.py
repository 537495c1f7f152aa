"""Free text to distil an encoder from: help, manuals, questions and answers, dictionaries, documented code.

Debian packages are fetched with `apt-get download` and unpacked, never installed. Each source becomes one `.jsonl`
file for `localsearch model distill --text`. Texts that share ten words in a row with a judged collection are left
out, so that what is measured was never read. Packages that a release lacks are named and left out.

    python benchmarks/training_text.py FOLDER [--judged FOLDER-OF-COLLECTIONS] [--documents FOLDER ...]
"""

from __future__ import annotations

import argparse
import ast
import gzip
import html
import json
import random
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from common import SHARED

from localsearch.compress.distill.text import read_texts
from localsearch.compress.leakage import rows_of

LARGEST = 8_000_000
"""Characters kept of one source."""
PARAGRAPH = 1_500
"""Characters of a text, about: paragraphs are joined up to it."""

PACKAGES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
BLOCK = re.compile(r"(?i)</?(p|div|li|h\d|td|tr|dd|dt|title|para|section|entry|item|table|ul|br)\b[^>]*>")
Reader = Callable[[Path], Iterator[str]]


def files(folder: Path, *patterns: str) -> Iterator[tuple[Path, str]]:
    """Every file of these names below `folder`, with its text; packed ones are unpacked."""
    for path in sorted({path for pattern in patterns for path in folder.rglob(pattern)}):
        if path.is_file() and not path.is_symlink() and not re.match(r"changelog|copyright|NEWS|genindex", path.name):
            content = gzip.decompress(path.read_bytes()) if path.suffix in (".gz", ".dz") else path.read_bytes()
            yield path, content.decode("utf-8", errors="replace")


def read_pages(folder: Path) -> Iterator[str]:
    """HTML, DocBook, Mallard: the text between the tags, one paragraph a block element."""
    patterns = ("*.html", "*.html.gz", "*.htm", "*.xhtml", "*.docbook", "*.page", "*.utf8", "*.xml", "*.xml.gz")
    for _, page in files(folder, *patterns):
        seen = re.sub(r"(?is)<(script|style|nav|head)\b.*?</\1>|<!--.*?-->|<pre\b.*?</pre>", " ", page)
        parted = BLOCK.sub("\n\n", seen)
        yield from paragraphs(html.unescape(re.sub(r"<[^>]+>", "", parted)))


def read_manuals(folder: Path) -> Iterator[str]:
    """Manual pages and Perl's pod."""
    for path, text in files(folder, "*.pod", "*.[1-8].gz"):
        yield from paragraphs(without_pod(text) if path.suffix == ".pod" else without_roff(text))


def without_pod(text: str) -> str:
    return re.sub(r"(?m)^(=\w+ ?|[ \t].*$)", "", re.sub(r"[A-Z]<+([^<>]*)>+", r"\1", text))


def without_roff(text: str) -> str:
    told = re.sub(r"(?m)^[.']\\\".*$|^\.(TH|so|nr|ds|if|ie|el|de|\.).*$", "", text)
    parted = re.sub(r"(?m)^\.(SH|SS|PP|TP|IP|HP|P)\b.*$", "\n", told)
    plain = re.sub(r"\\f.|\\\(..|\\[&|/,]", "", parted)
    return re.sub(r"(?m)^\.[A-Za-z]+ ?", "", plain).replace("\\-", "-")


def read_dictionary(folder: Path) -> Iterator[str]:
    """Entries begin at the margin, what is said of them is indented."""
    for _, text in files(folder, "*.dict.dz"):
        for entry in re.split(r"\n(?=\S)", text):
            yield " ".join(re.sub(r"[{}\\]|\[[^\]]*\]", "", entry).split())


def read_wordnet(folder: Path) -> Iterator[str]:
    """Words of one meaning, their definition and examples."""
    for _, text in files(folder, "data.*"):
        for line in text.splitlines():
            if not line.startswith(" ") and "|" in line:
                fields = line.split()
                words = fields[4 : 4 + 2 * int(fields[3], 16) : 2]
                yield f"{', '.join(words).replace('_', ' ')}: {line.split('|', 1)[1].strip()}"


def read_fortunes(folder: Path) -> Iterator[str]:
    for path, text in files(folder / "usr/share/games/fortunes", "*"):
        if path.suffix == "" and "\n%" in text:
            yield from (" ".join(joke.split()) for joke in text.split("\n%"))


def read_stories(folder: Path) -> Iterator[str]:
    """Whatever sentences stand between quotation marks in a game's data."""
    for _, text in files(folder, "*.txt", "*.json", "*.ruleset", "*.cfg", "*.serv"):
        for said in re.findall(r'"((?:[^"\\]|\\.){60,1500})"|`([^`]{60,1500})`', text):
            words = " ".join((said[0] or said[1]).replace("\\n", " ").replace("\\", "").split())
            if words.count(" ") > 8:
                yield words


def read_descriptions() -> Iterator[str]:
    """What the package lists of this machine say of each package."""
    listed = subprocess.run(["apt-cache", "dumpavail"], capture_output=True, check=True, text=True).stdout
    for found in re.finditer(r"(?m)^Description[^:]*: (.+\n(?: .*\n)*)", listed):
        if found[1].count(" ") > 5:
            yield " ".join(found[1].replace("\n .\n", "\n").split())


def read_code(folder: Path) -> Iterator[str]:
    """Docstrings."""
    for path in sorted(folder.rglob("*.py")):
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (OSError, SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield from paragraphs(re.sub(r"(?m)^.*(>>>|\.\.\. ).*$", "", ast.get_docstring(node) or ""))


def read_documents(folder: Path) -> Iterator[str]:
    """Documents of any kind through the parsers of an index, in passages."""
    return read_texts(folder, lambda text: [word.span() for word in re.finditer(r"\w+|[^\w\s]", text)], print)


def paragraphs(text: str) -> Iterator[str]:
    """Paragraphs in order, short ones joined; those that hold no sentence are left out."""
    joined = ""
    for paragraph in re.split(r"\n\s*\n", text):
        words = " ".join(paragraph.split())
        if len(re.findall(r"[^\W\d_]", words)) < 0.6 * len(words) or len(words) < 20:
            continue
        if joined and len(joined) + len(words) > PARAGRAPH:
            yield joined
            joined = ""
        joined = f"{joined}\n{words}" if joined else words
    if joined:
        yield joined


def judged_rows(folder: Path) -> frozenset[int]:
    """Every ten words in a row of the judged collections, titles included, as numbers that every process knows."""
    rows: set[int] = set()
    for path in [*folder.glob("*/corpus.jsonl"), *folder.glob("*/queries.jsonl")]:
        for line in path.read_text(encoding="utf-8").splitlines():
            judged = json.loads(line)
            rows |= rows_of(judged["text"]) | rows_of(judged.get("title") or "")
    return frozenset(rows)


def write(name: str, texts: Iterable[str], out: Path, judged: frozenset[int]) -> None:
    """Each text once, in the order found; of a larger source texts are drawn from all of it."""
    distinct = [text for text in dict.fromkeys(texts) if len(text) > 15]
    kept = [text for text in distinct if not judged & rows_of(text)]
    share = min(1.0, LARGEST / max(1, sum(map(len, kept))))
    drawn = random.Random(name)
    lines = [text for text in kept if share == 1.0 or drawn.random() < share]
    if lines:
        content = "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in lines)
        (out / f"{name}.jsonl").write_text(content, encoding="utf-8")
    print(
        f"{name}: {len(lines)} texts, {sum(map(len, lines)) / 1e6:.1f} M characters, {len(distinct) - len(kept)} judged"
    )


def gather(package: str, read: Reader, out: Path, judged: frozenset[int]) -> None:
    """One Debian package, from its download to its file."""
    with tempfile.TemporaryDirectory() as folder:
        fetched = subprocess.run(["apt-get", "download", "-q=9", package], cwd=folder, capture_output=True, check=False)
        archive = next(Path(folder).glob("*.deb"), None)
        if fetched.returncode or archive is None:
            print(f"{package}: this release has no such package")
            return
        subprocess.run(["dpkg-deb", "-x", archive, f"{folder}/all"], check=True)
        write(package, read(Path(folder, "all")), out, judged)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--judged", type=Path, default=SHARED / "data" / "beir")
    parser.add_argument("--documents", type=Path, nargs="*", default=[])
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    judged = judged_rows(wanted.judged)
    readers: dict[str, Reader] = {
        "pages": read_pages,
        "manuals": read_manuals,
        "dictionaries": read_dictionary,
        "fortunes": read_fortunes,
        "stories": read_stories,
        "wordnet": read_wordnet,
    }
    sources = [(name, read) for kind, read in readers.items() for name in PACKAGES[kind]]
    with ProcessPoolExecutor(2) as pool:
        for told in [pool.submit(gather, name, read, wanted.folder, judged) for name, read in sources]:
            told.result()
    write("descriptions", read_descriptions(), wanted.folder, judged)
    write("docstrings", read_code(Path(sys.prefix)), wanted.folder, judged)
    for folder in wanted.documents:
        write(f"documents-{folder.name}", read_documents(folder), wanted.folder, judged)


if __name__ == "__main__":
    main()
