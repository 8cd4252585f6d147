"""What Flask can do at all: a greeting and a file, on the very server that the delivery point uses."""

from __future__ import annotations

import sys
from pathlib import Path

from flask import Flask, Response, jsonify, send_file

from benchmarks.bench import SETTINGS
from prip_core.web.server import Listening, serve


def build(folder: Path) -> Flask:
    """The bare application.

    :param folder: of the files that it sends.
    """
    app = Flask(__name__)

    @app.get("/hello")
    def hello() -> Response:
        return jsonify(message="hello")

    @app.get("/files/<name>")
    def file(name: str) -> Response:
        return send_file(folder / name, mimetype="application/octet-stream")

    return app


if __name__ == "__main__":
    threads = int(SETTINGS["PRIP__SERVE__THREADS"])
    files = Path(sys.argv[2])
    serve(Listening(port=int(sys.argv[1]), threads=threads), lambda: build(files))
