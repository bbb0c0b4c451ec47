"""Makes calls to whatever package `mapillary` this Python has, and writes down what they answer.

    python play.py SERVICE_URL TOKEN CALLS.json ANSWERS.json

The hosts of the official package are constants, so its requests are turned round; ours takes the
address from the environment.
"""

import json
import os
import pathlib
import sys
import tempfile

HOSTS = ("https://graph.mapillary.com", "https://tiles.mapillary.com")


def turn_round(url):
    os.environ["MAPILLARY_GRAPH_URL"] = os.environ["MAPILLARY_TILES_URL"] = url
    try:
        import requests
    except ImportError:
        return
    send = requests.Session.send

    def to_service(session, request, **options):
        for host in HOSTS:
            if request.url.startswith(host):
                request.url = url + request.url[len(host) :]
        return send(session, request, **options)

    requests.Session.send = to_service


def argument(value):
    """Arguments that JSON has no word for."""
    if isinstance(value, dict) and "$tuple" in value:
        return tuple(value["$tuple"])
    if isinstance(value, dict) and "$coordinates" in value:
        from mapillary.models.geojson import Coordinates

        return Coordinates(*value["$coordinates"])
    if isinstance(value, dict) and "$geojson" in value:
        from mapillary.models.geojson import GeoJSON

        return GeoJSON(value["$geojson"])
    return value


def target(path):
    """A function by its path below the package; a class on the way is made first where the method
    needs it."""
    import importlib

    parts = path.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            found = importlib.import_module("mapillary." + ".".join(parts[:cut]))
            break
        except ModuleNotFoundError:
            continue
    *classes, name = parts[cut:]
    for class_name in classes:
        found = getattr(found, class_name)
        if class_name.endswith("Adapter"):
            found = found()
    return getattr(found, name)


def plain(answer):
    """An answer as JSON has it."""
    if hasattr(answer, "to_dict"):
        return answer.to_dict()
    if hasattr(answer, "use_strict"):
        return {"use_strict": bool(answer.use_strict)}
    if isinstance(answer, str) and answer.startswith("{"):
        return json.loads(answer)
    return answer


def saved(call):
    """What a call of save_locally leaves in its folder."""
    with tempfile.TemporaryDirectory() as folder:
        call(folder)
        return {path.name: path.read_text() for path in sorted(pathlib.Path(folder).iterdir())}


def answer(call):
    arguments = [argument(value) for value in call.get("args", [])]
    named = {name: argument(value) for name, value in call.get("kwargs", {}).items()}
    try:
        function = target(call["function"])
        if call["function"] == "interface.save_locally":
            return {"answer": saved(lambda folder: function(*arguments, file_path=folder, **named))}
        return {"answer": plain(function(*arguments, **named))}
    except Exception as error:  # whatever it is, it is the answer
        classes = [kind.__name__ for kind in type(error).__mro__]
        return {"error": classes, "text": f"{type(error).__name__}"}


def main():
    url, token, calls, answers = sys.argv[1:]
    turn_round(url)
    from mapillary import interface

    interface.set_access_token(token)
    listed = json.loads(pathlib.Path(calls).read_text())
    pathlib.Path(answers).write_text(json.dumps([answer(call) for call in listed]))


if __name__ == "__main__":
    main()
