"""The dossier of a ranking as one ZIP, from which anybody can compute it again with Python alone.

Inside: the dossier and its result, the pure computation as plain files, a runner of a few lines, how to use it, and
the digests of all; and the draw, where lots decided. The same ranking gives the same bytes: files in a fixed order,
without times, not compressed (two versions of a library may compress otherwise).
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from procurement.domain import scoring
from procurement.domain.scoring import CODE_VERSION
from procurement.enums import DrawKind
from procurement.models import Ranking
from procurement.selectors.draw import draw_record

EPOCH = (1980, 1, 1, 0, 0, 0)
PLAIN_FILE = 0o100644 << 16
UNIX = 3
CODE = "procurement/domain/scoring"

RUNNER = '''"""Rank the bids of a scoring dossier: python3 rank.py dossier.json

Needs Python 3.11 or newer, and nothing else: no network, no database, no other packages.
Prints the result as JSON. Exit status 0: ranked; 2: the dossier was refused, or could not be read.
"""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from procurement.domain.scoring import rank_json  # noqa: E402


def main(arguments):
    if len(arguments) != 1:
        print("Use: python3 rank.py dossier.json", file=sys.stderr)
        return 2
    try:
        with open(arguments[0], "rb") as file:
            source = file.read()
    except OSError as error:
        print(f"Cannot read {arguments[0]}: {error.strerror}", file=sys.stderr)
        return 2
    outcome = rank_json(source)
    sys.stdout.buffer.write(outcome.text.encode() + b"\\n")
    return 0 if outcome.ok else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
'''

# What is proof exists in Dutch only.
README = """De rangschikking zelf narekenen
===============================

Met deze bestanden kunt u de rangschikking zelf opnieuw berekenen. U heeft het portaal daarvoor niet nodig.

Rangschikking: {tender}, {segment}, nummer {sequence}
Controlegetal van het dossier: {digest}
Gemaakt met versie van de rekenregels: {made_with}
Versie van de rekenregels in dit bestand: {code}

Wat u nodig heeft
-----------------
Python 3.11 of nieuwer. Meer niet: geen internet en geen andere programma's.

Zo rekent u na
--------------
1. Pak dit ZIP-bestand uit in een lege map.
2. Open een opdrachtvenster in die map.
3. Controleer de bestanden:      sha256sum -c SHA256SUMS
4. Bereken de rangschikking:     python3 rank.py dossier.json > nagerekend.json
5. Vergelijk de uitkomst:        cmp nagerekend.json result.json

Zegt stap 5 niets, dan is de uitkomst precies dezelfde.
Het controlegetal hierboven is het sha256-getal van dossier.json:   sha256sum dossier.json

{draw}Wat er in zit
-------------
dossier.json   Alles waarop de rangschikking rust: criteria, gewichten, scores en prijzen.
               Inschrijvingen hebben een nummer, beoordelaars heten e1, e2, en zo verder.
result.json    De rangschikking zoals het portaal die heeft bewaard.
rank.py        Het programma dat u start.
{folder}
               De rekenregels. Het zijn dezelfde bestanden als in het portaal.
VERSION        De versie van de rekenregels.
SHA256SUMS     De controlegetallen van alle bestanden.
"""

DRAWN = """De loting
---------
In draw.json staat de loting die bij deze rangschikking hoort.
{how}

"""
BY_SEED = """Het geheim (seed) is vooraf vastgelegd met zijn controlegetal (commitment), op {committed_at}.
Klopt dat? Deze opdracht geeft het controlegetal:
   printf '%s' '{seed}' | sha256sum
Het lot van een inschrijving is het sha256-getal van het geheim, een dubbele punt en haar nummer:
   printf '%s' '{seed}:NUMMER' | sha256sum
Het laagste lot gaat voor. Het geheim staat ook in dossier.json, dus stap 4 loot mee."""
BY_HAND = """Er is met de hand geloot, op {held_at}. De volgorde (order) geldt tussen de inschrijvingen die in
result.json op loting wachten (pending_draw)."""


def dossier_zip(ranking: Ranking) -> bytes:
    """The ZIP of one ranking. `ranking` comes with its segment round, segment, round and tender."""
    contents = _contents(ranking)
    sums = "".join(f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in sorted(contents.items()))
    contents["SHA256SUMS"] = sums.encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, body in sorted(contents.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system, entry.external_attr = UNIX, PLAIN_FILE
            archive.writestr(entry, body)
    return out.getvalue()


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _told(draw: dict[str, Any]) -> str:
    return DRAWN.format(how=(BY_SEED if draw["kind"] == DrawKind.SEED else BY_HAND).format(**draw))


def _contents(ranking: Ranking) -> dict[str, bytes]:
    found, draw = ranking.segment_round, draw_record(ranking)
    readme = README.format(
        tender=found.round.tender.title,
        segment=found.segment.name,
        sequence=ranking.sequence,
        digest=ranking.digest,
        made_with=ranking.code_version,
        code=CODE_VERSION,
        folder=CODE,
        draw=_told(draw) if draw else "",
    )
    folder = Path(scoring.__file__).parent
    return {
        "README.txt": readme.encode(),
        "VERSION": f"{CODE_VERSION}\n".encode(),
        "dossier.json": ranking.dossier.encode(),
        **({"draw.json": _json(draw)} if draw else {}),
        "rank.py": RUNNER.encode(),
        "result.json": ranking.result.encode() + b"\n",
        # The code names its parts by their full path, so the folders above it are there, empty.
        "procurement/__init__.py": b"",
        "procurement/domain/__init__.py": b"",
        **{f"{CODE}/{file.name}": file.read_bytes() for file in sorted(folder.glob("*.py"))},
    }
