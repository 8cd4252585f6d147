"""Names by their trigrams: which of a text's to ask for, and how many names hold it, guessed from a sample."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from prip_core.catalogue.database import Database
from prip_core.catalogue.sources import MOST_TO_SORT

# The index knows of trigrams of letters and digits alone, within words; beyond ASCII it has its own idea of lower case,
# of İ and Σ for instance.
_WORD = re.compile(r"[^\W_]+", re.ASCII)
_GRAM = 3
_ASKED_FOR = 4  # of a text: each one more means reading another long list
_SAMPLE = 1000  # names
_QUESTIONS = 1000  # after so many the sample is taken anew


@dataclass(frozen=True, slots=True)
class Sample:
    """Some names, evenly spread over all products.

    :param frequency: how many of them have a trigram, in lower case.
    :param products: how many products there are.
    """

    names: Sequence[str]
    frequency: Counter[str]
    products: int

    def guess(self, text: str) -> int:
        """How many names hold a text."""
        found = sum(text in name for name in self.names)
        rare = min(MOST_TO_SORT // 2, self.products // _SAMPLE)
        return found * self.products // len(self.names) if found else rare


class Names:
    """Knows names by a sample, which is taken anew from time to time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._questions = 0
        self._sample = Sample((), Counter(), 0)

    def sample(self) -> Sample:
        """Some of the names that there are."""
        if self._questions % _QUESTIONS == 0:
            ((last,),) = self._database.rows_of("SELECT last_seq FROM publication_clock")
            seqs = sorted({1 + number * last // _SAMPLE for number in range(_SAMPLE)})
            found = self._database.rows_of("SELECT s.name FROM document AS s WHERE s.seq = ANY (?::bigint[])", (seqs,))
            names = [name for (name,) in found]
            self._sample = Sample(names, Counter(gram for name in names for gram in set(grams(name))), last)
        self._questions += 1
        return self._sample

    def rarest(self, text: str) -> Sequence[str]:
        """The trigrams to look for a text by; none where it has none."""
        frequency = self.sample().frequency
        return sorted(dict.fromkeys(grams(text)), key=lambda gram: frequency[gram])[:_ASKED_FOR]


def grams(text: str) -> list[str]:
    """The trigrams of a text's words in ASCII, in lower case, as the index has them."""
    words = (match.group().lower() for match in _WORD.finditer(text))
    return [word[start : start + _GRAM] for word in words for start in range(len(word) - _GRAM + 1)]
