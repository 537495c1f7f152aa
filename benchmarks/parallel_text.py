"""Free text that says the same in many languages: translated help, manuals, programs' messages, package descriptions.

Debian packages are fetched with `apt-get download` and unpacked, never installed. Each group of `parallel_text.toml`
becomes one `.jsonl` file: a line for each English text, with its translations by language. Texts that share thirteen
words in a row with anything that is judged are left out. Packages that a release lacks are named and left out.

    python benchmarks/parallel_text.py FOLDER [--debs FOLDER] [--only GROUP ...]
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import subprocess
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TypeAlias

from aligned import (
    Block,
    aligned,
    has_letters,
    is_translation,
    manual_blocks,
    message_plain,
    messages,
    page_blocks,
    passages,
    plain,
)
from common import SHARED, wanted
from overlap import judged_rows, rows_of

TEXT = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
ENGLISH = "en"
NAMES = {name: language for language, names in TEXT["languages"].items() for name in names}
"""The language of each name that folders and files have for it."""
LONGEST = 4_000
"""Characters of an English text that is kept."""
WORDS = "words"
"""The group of word lists."""
MOST_WORDS = 1_000_000
CONTROL = "CONTROL"
"""Where a package's own description goes, beside the files it would install."""

Pair: TypeAlias = tuple[str, str, str]
"""English, language, translation."""


def language_of(name: str) -> str | None:
    """`de_DE.UTF-8` is de, `C` is English."""
    return NAMES.get(re.sub(r"[.@].*", "", name).replace("_", "-").lower())


def read_pages(root: Path) -> Iterator[Pair]:
    """HTML, DocBook and Mallard."""
    patterns = ("*.html", "*.html.gz", "*.page", "*.xml", "*.docbook", "*.xhtml")
    yield from _documents(root, patterns, page_blocks)


def read_manuals(root: Path) -> Iterator[Pair]:
    yield from _documents(root, ("*.[1-8].gz",), manual_blocks)


def _documents(root: Path, patterns: tuple[str, ...], read: Callable[[str], list[Block]]) -> Iterator[Pair]:
    """Files whose paths differ in the name of a language alone."""
    twins: dict[str, dict[str, Path]] = defaultdict(dict)
    for path in sorted({path for pattern in patterns for path in root.rglob(pattern)}):
        if path.is_file() and not path.is_symlink():
            for key, language in _places(path.relative_to(root)):
                twins[key].setdefault(language, path)
    for files in twins.values():
        if ENGLISH in files and len(files) > 1:
            english = read(_text(files[ENGLISH]))
            for language, path in files.items():
                if language != ENGLISH:
                    yield from _pairs(english, read(_text(path)), language)


def _places(path: Path) -> Iterator[tuple[str, str]]:
    """The path without its language, and the language. A path that names none may be the English one."""
    parts = path.parts
    for number, part in enumerate(parts[:-1]):
        language = language_of(part)
        if language and number:
            yield "/".join((*parts[:number], *parts[number + 1 :])), language
    for piece in parts[-1].split(".")[1:-1]:
        language = language_of(piece)
        if language:
            yield "/".join((*parts[:-1], parts[-1].replace(f".{piece}", "", 1))), language
    yield "/".join(parts), ENGLISH


def _text(path: Path) -> str:
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8", "replace")


def _pairs(english: list[Block], other: list[Block], language: str) -> Iterator[Pair]:
    found = aligned(english, other)
    for numbers in passages(english):
        if all(number in found for number in numbers):
            ours = "\n".join(english[number].text for number in numbers)
            yield ours, language, "\n".join(found[number] for number in numbers)


def read_messages(root: Path) -> Iterator[Pair]:
    """Catalogues of gettext."""
    for path in sorted(root.rglob("*.mo")):
        language = next(filter(None, map(language_of, reversed(path.parts[:-1]))), None) or language_of(path.stem)
        if language and language != ENGLISH and not path.is_symlink():
            for english, other in messages(path.read_bytes()):
                yield message_plain(english), language, message_plain(other)


def read_questions(root: Path) -> Iterator[Pair]:
    """What packages ask when they are installed (debconf)."""
    for path in sorted(path for path in root.rglob("templates") if path.is_file()):
        for asked in re.split(r"\n\s*\n", path.read_text(encoding="utf-8", errors="replace")):
            said = re.findall(r"(?m)^Description(?:-(\w+)\.UTF-8)?: (.*(?:\n .*)*)", asked)
            yield from _descriptions({name or "en": text for name, text in said})


def read_descriptions(_: Path) -> Iterator[Pair]:
    """Descriptions of packages, from lists of this release in all languages."""
    with tempfile.TemporaryDirectory() as lists:
        names = [name for names in TEXT["languages"].values() for name in names]
        options = ["-o", f"Dir::State::Lists={lists}", "-o", "Acquire::Languages=", "-o", "APT::Sandbox::User=root"]
        options += [part for name in names for part in ("-o", f"Acquire::Languages::={_as_apt(name)}")]
        Path(lists, "partial").mkdir()
        subprocess.run(["apt-get", "update", "-q=9", *options], check=True, capture_output=True)
        told: dict[str, dict[str, str]] = defaultdict(dict)
        for path in sorted(Path(lists).glob("*Translation-*")):
            content = subprocess.run(["/usr/lib/apt/apt-helper", "cat-file", path], capture_output=True, check=True)
            fields = r"(?m)^Description-md5: (\w+)\nDescription-(\w+): (.*(?:\n .*)*)"
            for key, name, text in re.findall(fields, content.stdout.decode()):
                told[key].setdefault(name, text)
    for texts in told.values():
        yield from _descriptions(texts)


def _as_apt(name: str) -> str:
    language, _, country = name.partition("-")
    return f"{language}_{country.upper()}" if country else language


def _descriptions(texts: dict[str, str]) -> Iterator[Pair]:
    """One line and some paragraphs, by name of language; alone and as one text."""
    english = _paragraphs(texts.get(ENGLISH, ""))
    for name, text in texts.items():
        language, other = language_of(name), _paragraphs(text)
        if not language or language == ENGLISH or len(other) != len(english):
            continue
        yield from ((ours, language, theirs) for ours, theirs in zip(english, other, strict=True))
        if len(english) > 1:
            yield "\n".join(english), language, "\n".join(other)


def _paragraphs(text: str) -> list[str]:
    first, _, rest = text.partition("\n")
    parts = [first, *re.split(r"\n \.\n", rest)]
    return [plain(part) for part in parts if part.strip()]


READERS: dict[str, Callable[[Path], Iterator[Pair]]] = {
    "pages": read_pages,
    "manuals": read_manuals,
    "messages": read_messages,
    "questions": read_questions,
    "descriptions": read_descriptions,
}


def gather(name: str, out: Path, debs: Path | None, judged: frozenset[int]) -> None:
    """One group, from its packages to its file."""
    group = TEXT["groups"][name]
    texts: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "all")
        Path(root, CONTROL).mkdir(parents=True)
        missing = [package for package in group.get("packages", []) if not unpack(package, root, debs)]
        for reader in group["readers"]:
            for english, language, other in READERS[reader](root):
                if len(english) <= LONGEST and is_translation(english, other, language):
                    texts.setdefault(english, {}).setdefault(language, other)
    count = write(out / f"{name}.jsonl", texts, judged)
    print(f"{name}: {count} texts{''.join(f', no {package}' for package in missing)}", flush=True)


def gather_words(out: Path, debs: Path | None) -> None:
    """The word lists of spelling checkers, which show what word pieces the languages need: one word a line."""
    words: dict[str, None] = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "all")
        Path(root, CONTROL).mkdir(parents=True)
        missing = [package for package in TEXT["words"]["packages"] if not unpack(package, root, debs)]
        for path in sorted([*root.rglob("*.dic"), *root.glob("usr/share/dict/*")]):
            if path.is_file() and not path.is_symlink():
                rules = path.with_suffix(".aff")
                said = re.search(rb"(?m)^SET\s+(\S+)", rules.read_bytes()) if rules.exists() else None
                text = path.read_bytes().decode(said[1].decode() if said else "utf-8", "replace")
                words |= dict.fromkeys(line.split("/")[0].split("\t")[0].strip() for line in text.splitlines())
    kept = [word for word in words if has_letters(word)]
    kept = kept[:: len(kept) // MOST_WORDS + 1]
    (out / "words.txt").write_text("".join(f"{word}\n" for word in kept), encoding="utf-8")
    print(f"{len(kept)} of {len(words)} words{''.join(f', no {package}' for package in missing)}", flush=True)


def unpack(package: str, root: Path, debs: Path | None) -> bool:
    """Fetch a package unless `debs` has it, and unpack its files and its questions; whether there is such a package."""
    with tempfile.TemporaryDirectory() as folder:
        archive = next((debs or Path(folder)).glob(f"{package}_*.deb"), None)
        if archive is None:
            subprocess.run(["apt-get", "download", "-q=9", package], cwd=folder, capture_output=True, check=False)
            archive = next(Path(folder).glob("*.deb"), None)
        if archive is None:
            return False
        subprocess.run(["dpkg-deb", "-x", archive, root], check=True)
        subprocess.run(["dpkg-deb", "-e", archive, root / CONTROL / package], check=True)
    return True


def write(path: Path, texts: dict[str, dict[str, str]], judged: frozenset[int]) -> int:
    """One line for each English text whose words, and whose translations' words, are not judged; how many."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for english, others in texts.items():
            said = {ENGLISH: english, **others}
            if has_letters(english) and not any(judged & rows_of(text) for text in said.values()):
                file.write(json.dumps(said, ensure_ascii=False) + "\n")
                count += 1
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--debs", type=Path, help="a folder with packages that were fetched already")
    parser.add_argument("--only", nargs="*", default=[WORDS, *TEXT["groups"]])
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if WORDS in options.only:
        gather_words(options.folder, options.debs)
    groups = [name for name in options.only if name != WORDS]
    judged = judged_rows(wanted(options.shared)) if groups else frozenset()
    print(f"{len(judged)} rows of words are judged", flush=True)
    with ProcessPoolExecutor(2) as pool:
        for told in [pool.submit(gather, name, options.folder, options.debs, judged) for name in groups]:
            told.result()


if __name__ == "__main__":
    main()
