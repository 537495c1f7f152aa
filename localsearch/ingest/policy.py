"""What is never a document, told by its name or by what its folder holds. docs/decisions/0004-discovery.md says why."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum
from fnmatch import translate

from localsearch.paths import DATABASE


class Reason(StrEnum):
    """Why something is left out by rule. `index --dry-run` lists it; an ordinary run says nothing."""

    CONFIDENTIAL = "may hold passwords or keys"
    VERSION_CONTROL = "version control data"
    GENERATED = "generated or downloaded by a program"
    TEMPORARY = "temporary or lock file"
    SYSTEM = "system file"
    INDEX = "an index of localsearch"
    HIDDEN = "hidden"
    EXCLUDED = "excluded"
    FORGOTTEN = "forgotten"
    NOT_INCLUDED = "not among the included"
    LINK = "symbolic link"
    SAME_FILE = "another name of a file already listed"
    SAME_FOLDER = "another place of a folder already listed"


def _any_of(*globs: str) -> re.Pattern[bytes]:
    return re.compile("|".join(translate(glob) for glob in globs).encode(), re.IGNORECASE)


# A name here must be one that nobody gives to a document: `cvs` once hid a folder of CVs.
_FILES = {
    Reason.CONFIDENTIAL: _any_of(
        *("id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "*.pem", "*.key", "*.ppk", "*.p8", "*.p12", "*.pfx"),
        *("*.jks", "*.keystore", "*.kdb", "*.kdbx", "*.keychain", "*.keychain-db", "*.keyring", "*.kwl", "*.1pif"),
        *(".env", ".env.*", "*.env", ".envrc", ".netrc", "_netrc", ".npmrc", ".pypirc", ".pgpass", ".my.cnf"),
        *(".htpasswd", ".git-credentials", ".dockercfg", ".vault-token", ".*_history", "*.tfstate", "*.ovpn"),
        *("credentials", "credentials.json", "credentials.db", "access_tokens.db", "client_secret*.json"),
        *("wallet.dat", "*.wallet", "secring.gpg"),
        *("logins.json", "key3.db", "key4.db", "cookies.sqlite", "cookies", "login data", "web data"),
    ),
    Reason.TEMPORARY: _any_of("~$*", ".~lock.*", "*.tmp", "*.part", "*.crdownload", "*.swp", "*~", "#*#"),
    Reason.SYSTEM: _any_of("thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store", "._*"),
}

_FOLDERS = {
    Reason.CONFIDENTIAL: _any_of(
        *(".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".gcloud", ".oci", ".pki", ".password-store"),
        *(".electrum", ".bitcoin", ".ethereum", ".mozilla", ".thunderbird", "*.opvault", "*.agilekeychain"),
    ),
    Reason.VERSION_CONTROL: _any_of(".git", ".hg", ".svn", ".bzr", ".jj", ".pijul", "_darcs"),
    Reason.GENERATED: _any_of(
        *("node_modules", "bower_components", "__pycache__", "site-packages"),
        *(".venv", ".tox", ".nox", ".gradle", ".cache"),
    ),
    Reason.SYSTEM: _any_of("__macosx", "$recycle.bin", "system volume information", "lost+found", ".trash-*"),
}

_MARKERS = {
    DATABASE.encode(): Reason.INDEX,
    b"pyvenv.cfg": Reason.GENERATED,
    b"CACHEDIR.TAG": Reason.GENERATED,  # bford.info/cachedir: Cargo, mypy, borg and others mark their caches
    b"key4.db": Reason.CONFIDENTIAL,  # a profile of Firefox or Thunderbird
    b"Local State": Reason.CONFIDENTIAL,  # the profiles of a browser that is built on Chromium
    b"Login Data": Reason.CONFIDENTIAL,  # one of them
}


def reason_by_name(name: bytes, *, folder: bool, hidden: bool) -> Reason | None:
    """Why an entry of a folder is left out for its name alone; None when it is not."""
    for reason, names in (_FOLDERS if folder else _FILES).items():
        if names.match(name):
            return reason
    return Reason.HIDDEN if name.startswith(b".") and not hidden else None


def reason_by_content(names: Collection[bytes]) -> Reason | None:
    """Why a whole folder is left out for the names it holds; None when it is not."""
    return next((reason for marker, reason in _MARKERS.items() if marker in names), None)
