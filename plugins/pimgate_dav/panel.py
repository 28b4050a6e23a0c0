"""Where to get the extension for Thunderbird, as a section of a person's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pimgate.api import Account, Panel
from pimgate_dav.extension import PATH

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "en": (
        "With this add-on, books that are switched off are searched on the server, and one login sets up everything:",
        "Save the file, then choose in Thunderbird: Add-ons and Themes, Install Add-on From File.",
    ),
    "fr": (
        "Avec ce module, les carnets désactivés sont cherchés sur le serveur, et une seule connexion configure le tout :",
        "Enregistrez le fichier, puis dans Thunderbird : Modules complémentaires et thèmes, Installer depuis un fichier.",
    ),
    "de": (
        "Mit diesem Add-on werden abgeschaltete Bücher auf dem Server durchsucht, und eine Anmeldung richtet alles ein:",
        "Speichern Sie die Datei, dann in Thunderbird: Add-ons und Themes, Add-on aus Datei installieren.",
    ),
}


def extension(public_url: str, account: Account) -> Panel:
    """What it is for, where it is, and how it is installed, in the person's language."""
    before, after = WORDS.get(account.language, WORDS["en"])
    return Panel("Thunderbird", (before, f"{public_url.rstrip('/')}{PATH}", after))
