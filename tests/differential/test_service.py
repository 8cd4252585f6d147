"""Random filters over HTTP: encoded as clients do, answered in pages whose links lead through the whole list."""

from __future__ import annotations

import os
from collections.abc import Sequence
from random import Random
from typing import Any
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

import pytest
from flask.testing import FlaskClient

from prip_core.catalogue import Catalogue
from prip_core.principals import Credentials, Principal, Role
from prip_core.web.app import create_app
from prip_core.web.context import WebContext
from tests.differential.products import Facts
from tests.differential.questions import Question, expected, random_question

SERVICE = "/odata/v1"
QUESTIONS = 3000 if os.environ.get("PRIP_SOAK") else 300
SEED = int(os.environ.get("PRIP_SEED", "0"))
LONGEST_WALK = 120
"""Products of a list whose links are followed."""


def _ann(credentials: Credentials) -> Principal:
    return Principal(name=credentials.username, roles=frozenset({Role.DOWNLOAD}))


@pytest.fixture
def client(catalogue: Catalogue) -> FlaskClient:
    context = WebContext(
        name="prip",
        catalogue=catalogue,
        storages={},
        inboxes={},
        authenticate=_ann,
        odata_path=SERVICE,
        public_url=None,
        page_size=50,
        list_evicted=True,
        gone_status=404,
        anonymous=True,
    )
    return create_app(context).test_client()


def _address(question: Question, chance: Random, top: int | None) -> str:
    """The question as one of the many clients would encode it."""
    encode = chance.choice((quote, quote_plus, _raw))
    dollar = chance.choice(("$", "%24"))
    options = [*question.options, *([("$top", str(top))] if top is not None else [])]
    chance.shuffle(options)
    return f"{SERVICE}/Products?" + "&".join(f"{name.replace('$', dollar)}={encode(text)}" for name, text in options)


def _raw(text: str) -> str:
    """Blanks and what means something else encoded, quotes, brackets, commas and slashes as they are."""
    return quote(text, safe="'(),/:=$*!;@")


def _get(client: FlaskClient, address: str) -> dict[str, Any]:
    response = client.get(address)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.get_json()
    return answer


@pytest.mark.soak
def test_pages_of_the_service_are_the_list(client: FlaskClient, products: Sequence[Facts]) -> None:
    chance = Random(SEED)
    for number in range(QUESTIONS):
        question = random_question(chance, products, list_evicted=True)
        wanted = [str(products[seq - 1].values["Id"]) for seq in expected(question, products)]
        address = _address(question, chance, chance.choice((None, 1, 7, 60)))
        answer = _get(client, address)
        seen = [product["Id"] for product in answer["value"]]
        assert answer["@odata.count"] == len(wanted), f"question {number}: {address}"
        assert seen == wanted[: len(seen)], f"question {number}: {address}"
        while (link := answer.get("@odata.nextLink")) is not None and len(wanted) <= LONGEST_WALK:
            assert int(parse_qs(urlsplit(link).query)["$skip"][0]) == len(seen)
            answer = _get(client, link)
            seen += [product["Id"] for product in answer["value"]]
        if len(wanted) <= LONGEST_WALK:
            assert seen == wanted, f"question {number}: {address}"
