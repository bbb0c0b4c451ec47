"""The official package, from the virtual environment that `scripts/test` makes.

`MLY_VENV` names another one.
"""

import os
import pathlib

from served import ROOT

PYTHON = pathlib.Path(os.environ.get("MLY_VENV", ROOT / "target" / "venv")) / "bin" / "python"

# Begins a program that uses the package. Its hosts are constants, so its requests are turned round.
BEGIN = """
import json, os, sys, time, requests
url, send = os.environ["MAPILLARY_GRAPH_URL"].rstrip("/"), requests.Session.send
def turned_round(session, request, **options):
    for host in ("https://graph.mapillary.com", "https://tiles.mapillary.com"):
        request.url = request.url.replace(host, url)
    return send(session, request, **options)
requests.Session.send = turned_round
from mapillary import interface
interface.set_access_token(os.environ["MAPILLARY_TOKEN"])
"""
