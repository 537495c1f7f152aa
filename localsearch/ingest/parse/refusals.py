"""Files that hold no text: which they are, and what to say about them."""

from __future__ import annotations

from pathlib import PurePath

_IMAGES = (
    *("png", "jpg", "jpeg", "jpe", "gif", "bmp", "tif", "tiff", "webp", "heic", "heif", "avif", "ico", "cur"),
    *("psd", "ai", "eps", "svg", "svgz", "raw", "cr2", "nef", "arw", "dng", "xcf", "jp2", "tga", "emf", "wmf"),
)
_SOUNDS = ("mp3", "wav", "flac", "ogg", "oga", "m4a", "aac", "wma", "opus", "aiff", "mid", "midi", "amr")
_VIDEOS = ("mp4", "mkv", "avi", "mov", "wmv", "webm", "mpg", "mpeg", "m4v", "flv", "3gp", "ogv", "mts", "vob")
_PROGRAMS = (
    *("exe", "dll", "so", "dylib", "o", "a", "lib", "obj", "ko", "msi", "deb", "rpm", "apk", "ipa", "dmg", "pkg"),
    *("app", "sys", "class", "jar", "war", "ear", "pyc", "pyo", "pyd", "whl", "egg", "wasm", "node"),
)
_FONTS = ("ttf", "otf", "woff", "woff2", "eot", "ttc", "pfb", "pfm")
_DATABASES = (
    *("db", "sqlite", "sqlite3", "mdb", "accdb", "dbf", "frm", "ibd", "myd", "parquet", "feather", "arrow", "h5"),
    *("hdf5", "npy", "npz", "pkl", "pickle", "rds", "rdata", "mat", "dta", "sav", "sas7bdat"),
)
_DISKS = ("iso", "img", "vmdk", "vdi", "vhd", "vhdx", "qcow2", "bin", "swp", "core", "dmp", "lock", "pack", "idx")
_OTHERS = (
    *("dwg", "dxf", "step", "stp", "stl", "blend", "3ds", "skp", "rvt", "rar", "cab", "lzh", "z", "zst", "lz4"),
    *("one", "onetoc2", "chm", "hlp", "mpp", "pub", "wpd", "wps", "vsd", "key", "numbers", "mobi", "azw", "azw3"),
    *("onnx", "pt", "pth", "safetensors", "gguf", "faiss", "gpg", "pgp", "p7m", "p7s", "p12", "pfx", "jks"),
)
_NOT_SUPPORTED = "format not supported"
_BY_KIND = {
    "image": "image, not text",
    "sound": "sound, not text",
    "video": "video, not text",
    "program": "program, not text",
    "font": "font, not text",
    "database": "database, not text",
    "encrypted": "encrypted",
    "package": "damaged: an Office file without its main part",
    "thumbnails": "image, not text",
    "ps": "format not supported (PostScript)",
}
BINARY_EXTENSIONS = (
    dict.fromkeys(_IMAGES, "image")
    | dict.fromkeys(_SOUNDS, "sound")
    | dict.fromkeys(_VIDEOS, "video")
    | dict.fromkeys(_PROGRAMS, "program")
    | dict.fromkeys(_FONTS, "font")
    | dict.fromkeys(_DATABASES, "database")
    | dict.fromkeys((*_DISKS, *_OTHERS), "")
)
"""Extensions, lower case without the dot, of files that are not opened; and their kind, empty for all others."""


def by_name(name: str) -> str:
    """Why a file is not worth opening, judged by its name; empty when it is."""
    extension = _extension(name)
    return by_kind(BINARY_EXTENSIONS[extension], extension) if extension in BINARY_EXTENSIONS else ""


def kind_of(name: str) -> str:
    """What a file holds instead of text, judged by its name: `image`, `sound` ...; empty when nobody can tell."""
    return BINARY_EXTENSIONS.get(_extension(name), "")


def _extension(name: str) -> str:
    return PurePath(name).suffix.lower().removeprefix(".")


def by_kind(kind: str, extension: str) -> str:
    """Why bytes of this kind give no text. `extension` is the file's, for kinds that nobody knows."""
    return _BY_KIND.get(kind) or (f"{_NOT_SUPPORTED} (.{extension})" if extension else _NOT_SUPPORTED)
