"""Names by their trigrams: which of a pattern's to ask for, so that little is read."""

from __future__ import annotations

from collections import Counter

from prip_core.catalogue.database import Database

GRAM = 3
_ASKED_FOR = 5  # of a pattern: what more would leave out is not worth reading them
_SAMPLE = 500  # names
_QUESTIONS = 1000  # after so many the sample is taken anew


class Trigrams:
    """Writes questions to the index of names; remembers how frequent trigrams are, from a sample of names."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._frequency: Counter[str] = Counter()
        self._questions = 0

    def question(self, text: str) -> str | None:
        """A question of FTS5 for names that may hold a text: for its rarest trigrams.

        :returns: ``None`` for a text that is too short, or holds what ends a text to the index.
        """
        if len(text) < GRAM or "\0" in text:
            return None
        grams = _grams(text)
        if len(grams) > _ASKED_FOR:
            frequency = self._sampled()
            grams = sorted(grams, key=lambda gram: frequency[gram])[:_ASKED_FOR]
        return " AND ".join('"{}"'.format(gram.replace('"', '""')) for gram in grams)

    def _sampled(self) -> Counter[str]:
        if self._questions % _QUESTIONS == 0:
            ((last,),) = self._database.rows_of("SELECT last_seq FROM publication_clock")
            seqs = sorted({1 + number * last // _SAMPLE for number in range(_SAMPLE)})
            names = self._database.rows_of(
                f"SELECT name FROM product WHERE seq IN ({', '.join('?' * len(seqs))})",  # noqa: S608  # places only
                seqs,
            )
            self._frequency = Counter(gram for (name,) in names for gram in _grams(name))
        self._questions += 1
        return self._frequency


def _grams(text: str) -> list[str]:
    return list(dict.fromkeys(text[start : start + GRAM] for start in range(len(text) - GRAM + 1)))
