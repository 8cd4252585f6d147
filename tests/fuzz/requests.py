"""Random requests for every route of the service: valid ones, nearly valid ones, garbage."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote

from werkzeug.routing import Map, Rule

from tests.differential.generator import Filters, random_order
from tests.differential.pen import Pen
from tests.differential.products import Facts
from tests.fuzz import pools

ODD = (
    "'",
    '"',
    "(",
    ")",
    "%",
    "\x00",
    "\n",
    "\\",
    "/",
    "//",
    "..",
    ";",
    "\u00e9",
    "\U0001f6f0",
    "\u202e",
    "+",
    "&",
    "#",
    "?",
    ",",
    " ",
    "$",
    "-",
)
_GLUE = "/()'=,:;@!*$-._~"


@dataclass(frozen=True)
class Sent:
    """Bytes for the server.

    :param method: what the answer's length depends on.
    """

    method: str
    data: bytes


@dataclass
class Requests:
    """Makes requests.

    :param rules: the service's routes.
    :param keys: of products that there are, and names of parts that they have.
    :param login: user and password.
    """

    chance: Random
    rules: Map
    products: Sequence[Facts]
    keys: Sequence[str]
    login: tuple[str, str]
    routes: Sequence[Rule] = field(init=False)

    def __post_init__(self) -> None:
        self.routes = sorted(self.rules.iter_rules(), key=lambda rule: rule.rule)

    def request(self) -> Sent:
        if self._one_in(40):
            return Sent("GET", self._mangled(self.chance.choice(pools.RAW), 3))
        rule = self.chance.choice(self.routes)
        method = self._method(rule)
        target = self._path(rule) + self._query(rule)
        body = self._body(method)
        lines = [f"{method} {target} HTTP/1.1", *self._headers()]
        if "value" in rule.rule and not self._one_in(3):
            lines.append(f"Range: {self.chance.choice(pools.HEADERS['Range'])}")
        if body or method in {"POST", "PUT", "PATCH"}:
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join(lines).encode("utf-8", "surrogatepass")
        if self._one_in(50):
            head = self._mangled(head, 1)
        return Sent(method, head + b"\r\n\r\n" + body)

    def _one_in(self, number: int) -> bool:
        return self.chance.randrange(number) == 0

    def _method(self, rule: Rule) -> str:
        if self._one_in(12):
            return self.chance.choice(pools.METHODS)
        return self.chance.choice(sorted((rule.methods or {"GET"}) - {"OPTIONS"}))

    # Paths

    def _path(self, rule: Rule) -> str:
        written = rule.rule
        for argument in rule.arguments:
            for converter in ("", "path:", "string:", "uuid:"):
                written = written.replace(f"<{converter}{argument}>", self._argument(argument))
        if self._one_in(15):
            written = self._spoiled(written)
        return self._quoted(written, _GLUE) or "/"

    def _argument(self, name: str) -> str:
        chance = self.chance
        match name:
            case "key" | "id" | "uuid":
                return chance.choice(self.keys) if chance.random() < 0.6 else chance.choice(pools.KEYS)
            case "path" | "member":
                return chance.choice(pools.MEMBERS)
            case _:
                return chance.choice((*pools.FILES, *pools.KEYS))

    def _quoted(self, text: str, safe: str) -> str:
        draw = self.chance.random()
        if draw < 0.03:
            return text.replace(" ", "+").replace("\r", "").replace("\n", "")
        kept = safe if draw < 0.7 else ""
        written = quote(text, safe=kept or "/", errors="surrogatepass")
        if self._one_in(60):
            written += self.chance.choice(("%", "%zz", "%ff", "%c0%80", "%ed%a0%80", "%00"))
        return written

    def _spoiled(self, text: str) -> str:
        """A text with a small fault."""
        chance = self.chance
        at = chance.randint(0, len(text))
        match chance.randrange(5):
            case 0:
                return text[:at] + chance.choice(ODD) + text[at:]
            case 1:
                return text[:at] + text[at + 1 :]
            case 2:
                return text[:at] + text[at:].upper()
            case 3:
                return text[:at] + text[at : at + chance.randint(1, 9)] + text[at:]
            case _:
                return text[:at]

    # Options

    def _query(self, rule: Rule) -> str:
        names = [name for name in pools.OPTIONS if self._one_in(8)]
        pairs = [(name, self.chance.choice(pools.OPTIONS[name])) for name in names]
        if self.chance.random() < 0.6 or "$count" in rule.rule:
            pairs.append(("$filter", self._filter()))
        if self._one_in(5):
            order = ",".join(f"{name} desc" if descending else name for name, descending in random_order(self.chance))
            pairs.append(("$orderby", order))
        self.chance.shuffle(pairs)
        if pairs and self._one_in(15):
            pairs.append(self.chance.choice(pairs))
        written = [f"{self._name(name)}={self._quoted(value, _GLUE)}" for name, value in pairs]
        return f"?{'&'.join(written)}" if written else ""

    def _name(self, name: str) -> str:
        return self._quoted(self._spoiled(name) if self._one_in(40) else name, "$@")

    def _filter(self) -> str:
        draw = self.chance.random()
        if draw < 0.3:
            return self.chance.choice(pools.FILTERS)
        if draw < 0.35:
            glue = self.chance.choice((" and ", " or ", ",", "", " eq "))
            return glue.join(self.chance.choice(pools.FILTERS) for _ in range(2))
        text = Filters(self.chance, self.products).filter().text(Pen(self.chance))
        for _ in range(self.chance.choice((0, 0, 1, 1, 3))):
            text = self._spoiled(text)
        return text

    # Headers and bodies

    def _headers(self) -> list[str]:
        names = [name for name in pools.HEADERS if self._one_in(12)]
        headers = [f"{name}: {self.chance.choice(pools.HEADERS[name])}" for name in names]
        if "Host" not in names and not self._one_in(50):
            headers.append("Host: 127.0.0.1")
        if self._one_in(10):
            headers.append(f"Authorization: {self.chance.choice(pools.LOGINS)}")
        elif not self._one_in(20):
            headers.append(f"Authorization: Basic {b64encode(':'.join(self.login).encode()).decode()}")
        return headers

    def _body(self, method: str) -> bytes:
        if method in {"GET", "HEAD"} and not self._one_in(30):
            return b""
        body = self.chance.choice(pools.BODIES)
        return self._mangled(body, 2) if self._one_in(4) else body

    def _mangled(self, data: bytes, faults: int) -> bytes:
        """Bytes with some of them replaced."""
        changed = bytearray(data)
        for _ in range(self.chance.randint(0, faults)):
            if changed:
                changed[self.chance.randrange(len(changed))] = self.chance.randrange(256)
        return bytes(changed)
