"""What kind of text a text is: by its beginning where that is unmistakable, else by the extension."""

from __future__ import annotations

import re

from localsearch.ingest.parse import encoding

_HEAD = 8192
_SURELY_TEXT = frozenset(("txt", "text", "log", "csv", "tsv", "asc", "nfo"))
_CONTROL = bytes(set(range(1, 32)) - set(b"\t\n\f\r\x1b"))

_MARKS = (("BEGIN:VCALENDAR", "ics"), ("WEBVTT", "vtt"))
_HTML_START = re.compile(r"(?:<!--.*?-->\s*)*<(!doctype html|html|head|body|table|div)\b", re.IGNORECASE | re.DOTALL)
_HTML_SOON = re.compile(r"<(!doctype html|html|body)\b", re.IGNORECASE)
_XML_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)[\s/>]")
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]*):[ \t\r\n]")
_MAIL_HEADERS = frozenset(
    (
        *("from", "to", "cc", "subject", "date", "received", "return-path", "message-id", "mime-version"),
        *("content-type", "sender", "delivered-to", "newsgroups", "content-transfer-encoding", "x-mailer", "reply-to"),
    )
)
_FORMATS = {
    "csv": ("csv", "tsv", "tab", "psv"),
    "md": ("md", "markdown", "mdown", "mkd", "mdx", "rmd", "qmd"),
    "json": ("json", "jsonl", "ndjson", "geojson", "webmanifest", "jsonld"),
    "ipynb": ("ipynb",),
    "ics": ("ics", "ical", "ifb", "vcs"),
    "vtt": ("vtt", "srt", "sbv"),
    "html": ("html", "htm", "xhtml", "shtml"),
    "xml": ("xml", "xsd", "rss", "atom", "opml"),
    "eml": ("eml", "emlx"),
    "mhtml": ("mhtml", "mht"),
    "mbox": ("mbox", "mbx"),
    "code": (
        *("py", "pyi", "c", "h", "cc", "cpp", "cxx", "hpp", "hh", "cs", "java", "kt", "kts", "scala", "go", "rs"),
        *("js", "mjs", "cjs", "ts", "tsx", "jsx", "vue", "svelte", "rb", "php", "pl", "pm", "lua", "r", "jl", "swift"),
        *("m", "mm", "f", "f90", "f95", "for", "pas", "vb", "vbs", "bas", "cls", "sql", "sh", "bash", "zsh", "fish"),
        *("ps1", "bat", "cmd", "awk", "sed", "tcl", "el", "lisp", "clj", "cljs", "erl", "ex", "exs", "hs", "ml", "fs"),
        *("css", "scss", "sass", "less", "yaml", "yml", "toml", "ini", "cfg", "conf", "properties", "env", "tf", "hcl"),
        *("proto", "graphql", "gradle", "groovy", "cmake", "mk", "dockerfile", "makefile", "asm", "s", "dart", "zig"),
        *("nix", "v", "vhd", "vhdl", "sv", "cob", "cbl", "abap", "sas", "do", "ado", "diff", "patch", "xsl", "xslt"),
    ),
}
_BY_EXTENSION = {extension: name for name, extensions in _FORMATS.items() for extension in extensions}


def detect(data: bytes, extension: str) -> str:
    """The format's name; `txt` for any other text, empty for bytes that are none."""
    if is_binary(data, most_controls=0.3 if extension in _SURELY_TEXT else 0.05):
        return ""
    by_name = _BY_EXTENSION.get(extension, "")
    if by_name in ("code", "md", "json"):
        return by_name  # an example at the top of a source file does not make it a mail
    head = encoding.decode(data[:_HEAD]).lstrip("\ufeff \t\r\n\0")
    return _by_start(head, by_name) or by_name or "txt"


def is_binary(data: bytes, most_controls: float) -> bool:
    """Whether bytes are no text in any encoding: a greater share than this of control characters, or only zeros."""
    sample = data[:_HEAD]
    if encoding.is_marked(sample):
        return False
    written = sample.replace(b"\0", b"")
    if not written or (most_controls < 0.1 and len(written) < 0.2 * len(sample)):
        return True
    return len(written) - len(written.translate(None, _CONTROL)) > most_controls * len(written)


def _by_start(head: str, by_name: str) -> str:
    """What the text begins with; empty when that says nothing."""
    if head.startswith("From ") and is_mail(head.partition("\n")[2]):
        return "eml" if by_name == "eml" else "mbox"
    by_mark = next((name for mark, name in _MARKS if head.startswith(mark)), "")
    if by_mark or head.startswith("<"):
        return by_mark or _markup(head, by_name)
    if by_name in ("mhtml", "mbox", "csv"):
        return by_name
    if is_mail(head):
        return "eml"
    return "html" if not by_name and _HTML_SOON.search(head) else ""


def _markup(head: str, by_name: str) -> str:
    """Which markup a text that begins with `<` is."""
    if head.startswith("<?xml") or by_name == "xml":
        roots = _XML_ROOT.findall(re.sub(r"<[!?].*?>", "", head, flags=re.DOTALL))
        root = roots[0].lower() if roots else ""
        flat = "fodt" if "opendocument" in head else "xml"
        return {"html": "html", "svg": "image", "document": flat}.get(root, "xml")
    return "html" if _HTML_START.match(head) or _HTML_SOON.search(head) else ""


def is_mail(head: str) -> bool:
    """Whether a text begins with the header lines of a mail: at least two that mails have, and no other lines."""
    known = set()
    for line in head.split("\n"):
        if not line.strip():
            break
        if line[0] in " \t":
            continue
        match = _HEADER.match(line + "\n")
        if match is None:
            return False
        known.add(match[1].lower())
    return len(known & _MAIL_HEADERS) >= 2
