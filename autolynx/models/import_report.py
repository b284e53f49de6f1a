"""What became of a contact list: every row and every column accounted for, and whatever was changed named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from pydantic import BaseModel, Field

from autolynx.regions import country_name, in_country

#: The encoding that is assumed where nothing proves one.
WINDOWS_1252 = "Windows-1252"
#: What is told of spaces, tabs and line ends around values.
WHITE_SPACE_TOLD = "White space around values is left out."
_SHOWN = 80  # characters


class SkippedRow(BaseModel):
    """A row that became no contact."""

    #: 1 is the row beneath the header, so a spreadsheet shows it as row + 1; blank lines are counted
    row: int
    reason: str
    #: the cells by the header's titles, as they were read
    data: dict[str, str]


class Change(BaseModel):
    """A value that is stored otherwise than it was written: a number repaired, signs that nobody sees left out."""

    row: int
    #: whose it is: when a person is erased, what was changed for them goes, too
    phone: str
    #: the header's title; None for the whole row
    column: str | None
    was: str
    now: str
    reason: str


class Column(BaseModel):
    """What a column is used as: name, business_name, phone, or a variable."""

    title: str
    used_as: str


class IgnoredColumn(BaseModel):
    """A column that holds something and is not used."""

    #: the header's title, or its place: "column 4"
    title: str
    reason: str


class Country(BaseModel):
    """How many numbers of a country are called."""

    #: ISO 3166
    region: str
    name: str
    numbers: int


class ImportReport(BaseModel):
    """What became of a list: total_rows is accepted plus skipped; blank lines are no rows."""

    total_rows: int
    accepted: int
    skipped: list[SkippedRow]
    #: the country as whose numbers those without a country code were read (ISO 3166); None: they were skipped
    region: str | None = None
    #: those with most numbers first
    countries: list[Country] = Field(default_factory=list)
    columns: list[Column] = Field(default_factory=list)
    ignored_columns: list[IgnoredColumn] = Field(default_factory=list)
    changes: list[Change] = Field(default_factory=list)
    #: of those accepted, how many are on the do-not-call list: they are kept, and not called
    do_not_call: int = 0
    #: of skipped rows by their place, whose they are: when a person is erased, what is kept of such a row goes, too
    numbers: dict[str, str] = Field(default_factory=dict)
    #: anywhere in the list: told once, as in many lists a space follows every comma
    white_space_is_left_out: bool = False
    #: of the file, as it was recognised
    encoding: str | None = None
    #: a row and a name in it that tells whether that was right; not kept, as it would outlast the person's erasure
    name_beyond_ascii: tuple[int, str] | None = Field(default=None, exclude=True)

    def sentences(self) -> Iterator[str]:
        """The whole report for a terminal, a sentence a line: the encoding, who is left out, what is called and how."""
        if self.encoding_told:
            yield self.encoding_told
        for row in self.skipped:
            yield f"Row {row.row} is left out: {row.reason}"
        for change in self.changes:
            where = f"Row {change.row}, {change.column}" if change.column else f"Row {change.row}"
            yield f'{where}: "{shortened(change.was)}" is now "{shortened(change.now)}". {change.reason}'
        if self.white_space_is_left_out:
            yield WHITE_SPACE_TOLD
        for ignored in self.ignored_columns:
            yield f'The column "{ignored.title}" is not used. {ignored.reason}'
        for column in self.renamed:
            yield f'The column "{column.title}" is used as {column.used_as}.'
        if self.countries:
            yield f"{called_in(self.countries)}."
        if self.do_not_call:
            yield self.do_not_call_told

    @property
    def encoding_told(self) -> str | None:
        """As what the file was read, where that is not proven: any bytes are some text in Windows-1252."""
        if self.encoding != WINDOWS_1252:
            return None
        example = ""
        if self.name_beyond_ascii:
            row, name = self.name_beyond_ascii
            example = f', so that row {row} says "{shortened(name)}"'
        read = f"The file is not UTF-8; it was read as {WINDOWS_1252}{example}."
        return f"{read} If that is not right, save it as UTF-8."

    @property
    def do_not_call_told(self) -> str:
        """How many are on the do-not-call list, in a sentence."""
        verb = "number is" if self.do_not_call == 1 else "numbers are"
        return f"{self.do_not_call:,} more {verb} on the do-not-call list and will not be called."

    @property
    def renamed(self) -> list[Column]:
        """The variables that are not called what their columns are, case and spaces apart."""
        variables = (column for column in self.columns if column.used_as not in ("name", "business_name", "phone"))
        return [column for column in variables if column.title.lower().replace(" ", "_") != column.used_as]


def counted_by_country(regions: Iterable[str]) -> list[Country]:
    """How often each country is there, most first."""
    counts = Counter(regions)
    countries = [Country(region=region, name=country_name(region), numbers=counts[region]) for region in counts]
    return sorted(countries, key=lambda country: (-country.numbers, country.name))


def shortened(text: str) -> str:
    """As much of a value as a line of a terminal or a table shows; the report has it whole."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


def called_in(countries: list[Country]) -> str:
    """`38 numbers in the United States and 2 in Germany will be called`."""
    first, *others = countries
    counts = [f"{first.numbers:,} {'number' if first.numbers == 1 else 'numbers'} in {in_country(first.region)}"]
    counts += [f"{country.numbers:,} in {in_country(country.region)}" for country in others]
    listed = " and ".join([", ".join(counts[:-1]), counts[-1]] if others else counts)
    return f"{listed} will be called"
