"""The table of the comparison: per playbook every measure a manager compares, section by section."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playbooks.core.case import CURRENCIES
from playbooks.core.contrast import Median
from playbooks.core.outcome import COST_PARTS
from playbooks.core.plot import Strip, strips
from playbooks.core.statistics import Interval
from playbooks.pages.figures import (
    ENDED,
    STRIP_WIDTH,
    UNENDED,
    Cell,
    Column,
    Row,
    Section,
    by_trainees,
    cell_of,
    in_hue,
    interval_of,
    measured,
    median_of,
    plain,
    share,
)  # fmt: skip
from playbooks.pages.numbers import (
    NOTHING,
    Write,
    between,
    decimals,
    in_currency,
    number,
    percent,
    said_few,
    signed,
    time,
)
from playbooks.pages.outcomes_words import word


def table(shown: Sequence[Column]) -> list[Section]:
    return [
        Section(
            _("How long it took"),
            _time_rows(shown),
            _("Around the clock; “business” counts the desk's opening hours only."),
        ),
        Section(
            _("What customers said"),
            _survey_rows(shown),
            _("The same surveys at the same moments under every playbook."),
        ),
        Section(_("What customers did"), _deed_rows(shown)),
        Section(_("What it cost"), _cost_rows(shown), _("Currencies are never added up.")),
        Section(_("How the playbook was kept"), _step_rows(shown)),
        Section(
            _("What the customer model holds"),
            _model_rows(shown),
            _("Of every ticket, also of customers who said nothing. No customer ever says these numbers."),
        ),
    ]


# How long it took


def _time_rows(shown: Sequence[Column]) -> list[Row]:
    return [
        plain(_("Tickets"), shown, lambda column: column.summary["n"], _open_words),
        _median_row(_("First human reply, median"), shown, "human_reply"),
        _ninth_row(_("First human reply, nine in ten within"), shown, "human_reply"),
        share(
            _("First human reply within the playbook's own target"),
            shown,
            lambda found: found["human_reply"]["within_target"],
            _("An answer that is overdue counts as not within it."),
            "in_target",
            "in_target",
        ),
        share(
            _("First human reply within 24 hours"),
            shown,
            lambda found: found["human_reply"]["within_a_day"],
            _("The same yardstick for every playbook; a ticket that is not answered counts as not within it."),
            "in_a_day",
            "in_a_day",
        ),
        _unended_row(_("Not answered by a person yet"), shown, "human_reply"),
        _median_row(_("Automatic receipt, median"), shown, "bot_reply"),
        _median_row(_("Resolution, median"), shown, "resolution"),
        _ninth_row(_("Resolution, nine in ten within"), shown, "resolution"),
        share(
            _("Resolved within three days"),
            shown,
            lambda found: found["resolution"]["within_three_days"],
            _("The same yardstick for every playbook; a ticket that is not resolved counts as not within it."),
            "in_three_days",
            "in_three_days",
        ),
        _unended_row(_("Not resolved yet"), shown, "resolution"),
        plain(
            word("rows", "in_vain"),
            shown,
            lambda column: column.summary["in_vain"],
            lambda column: _("of {n}").format(n=number(column.summary["n"])),
            hint=word("rows", "in_vain_hint"),
            about="in_vain",
        ),
    ]


def _open_words(column: Column) -> str:
    """How many are still open, and how many were handled for nobody: only without either all are resolved."""
    waiting, in_vain = column.side.still_open(), column.summary["in_vain"]
    said = []
    if waiting:
        said.append(ngettext("{n} still open", "{n} still open", waiting).format(n=number(waiting)))
    if in_vain:
        said.append(word("rows", "in_vain_n", n=number(in_vain)))
    return ", ".join(said) or _("all resolved")


def _median_row(label: str, shown: Sequence[Column], span: str) -> Row:
    """What has not ended counts as longer than any other wait."""
    medians = [(column.key, median_of(column, span)) for column in shown]
    cells = []
    for column, (_key, median) in zip(shown, medians, strict=True):
        cell = cell_of(median, time, _("not ended"))
        cells.append(Cell(cell.value, cell.interval, cell.n, (_business(column, span, "median"),)))
    return Row(label, tuple(cells), strip=in_hue(_time_strips(medians), shown), about=ENDED[span])


def _ninth_row(label: str, shown: Sequence[Column], span: str) -> Row:
    some_wait = any(column.summary[span]["calendar"]["p90"] is None for column in shown)
    return plain(
        label,
        shown,
        lambda column: column.summary[span]["calendar"]["p90"],
        lambda column: _business(column, span, "p90"),
        time,
        _("A dash: more than one in ten still wait.") if some_wait else "",
        ENDED[span],
    )


def _unended_row(label: str, shown: Sequence[Column], span: str) -> Row:
    return plain(
        label,
        shown,
        lambda column: column.summary[span]["unended"] - column.summary[span]["in_vain"],
        lambda column: _("of {n}").format(n=number(column.summary["n"])),
        about=UNENDED[span],
    )


def _business(column: Column, span: str, which: str) -> str:
    seconds = column.summary[span]["business"][which]
    return _("business {time}").format(time=NOTHING if seconds is None else time(seconds))


def _time_strips(medians: Sequence[tuple[str, Median]]) -> tuple[Strip, ...]:
    known = [max(1.0, v) for _key, m in medians for v in (m.estimate, m.low, m.high) if v is not None]
    if not known:
        return ()
    return strips(medians, low=min(known) / 2, high=max(known) * 2, width=STRIP_WIDTH, log=True)


# What customers said


def _survey_rows(shown: Sequence[Column]) -> list[Row]:
    def score(metric: str, statistic: str) -> Callable[[Column], Interval]:
        return lambda column: by_trainees(column, metric, interval_of(column.summary[metric][statistic]))

    def raw_nps(column: Column) -> Interval:
        return interval_of(column.summary["nps"]["score"])

    return [
        measured(_("CSAT, mean of 1–5"), shown, score("csat", "mean"), decimals(2), (1, 5), about="csat"),
        share(
            _("CSAT, share of 4 and 5"),
            shown,
            lambda found: found["csat"]["satisfied"],
            about="satisfied",
            by_trainee="satisfied",
        ),
        _response_row(_("CSAT, response rate"), shown, "csat"),
        measured(
            _("CES, mean of 1–7"),
            shown,
            score("ces", "mean"),
            decimals(2),
            (1, 7),
            _("Agreement that it was easy: higher is less effort."),
            "ces",
        ),
        _response_row(_("CES, response rate"), shown, "ces"),
        measured(
            _("NPS, −100 to 100"),
            shown,
            raw_nps,
            _points,
            (-100, 100),
            _("Share of 9–10 less share of 0–6. Japanese firms are often below zero."),
            "nps",
        ),
        measured(
            word("rows", "nps_adjusted"),
            shown,
            lambda column: column.side.adjusted_nps(),
            _points,
            (-100, 100),
            word("rows", "nps_adjusted_hint"),
            "nps",
        ),
        _response_row(_("NPS, response rate"), shown, "nps"),
    ]


def _points(value: float) -> str:
    return signed(value, 0)


def _response_row(label: str, shown: Sequence[Column], metric: str) -> Row:
    cells = []
    for column in shown:
        found = column.summary[metric]
        rate = interval_of(found["response_rate"])
        value = NOTHING if rate.estimate is None else percent(rate.estimate)
        words = _("{answered} of {asked} asked").format(
            answered=number(found["answered"]), asked=number(found["asked"])
        )
        cells.append(Cell(value, between(rate.low, rate.high, percent), words))
    return Row(label, tuple(cells), about=f"{metric}_asked")


# What customers did


def _deed_rows(shown: Sequence[Column]) -> list[Row]:
    return [
        share(
            _("Bought again within 30 days"),
            shown,
            lambda found: found["repurchase"],
            _("Of those of whom it is known."),
            "bought",
            "repurchased",
        ),
        _told_row(_("People told good things, per ticket"), shown, "told_good"),
        _told_row(_("People told bad things, per ticket"), shown, "told_bad"),
        plain(
            _("Public reviews, mean stars"),
            shown,
            lambda column: column.summary["word_of_mouth"]["stars"],
            lambda column: said_few(column.summary["word_of_mouth"]["reviews"]),
            decimals(1),
            about="reviewed",
        ),
        share(
            _("Gave up and left without a word"),
            shown,
            lambda found: found["abandoned"],
            about="abandoned",
            by_trainee="abandoned",
        ),
        measured(word("rows", "silent"), shown, _silent, percent, (0, 1), word("rows", "silent_hint"), "silent"),
        share(
            _("Accepted the apology"),
            shown,
            lambda found: found["accepted"],
            about="accepted",
            by_trainee="accepted",
        ),
        share(
            _("Came back: ticket reopened"),
            shown,
            lambda found: found["reopened"],
            about="reopened",
            by_trainee="reopened",
        ),
    ]


def _silent(column: Column) -> Interval:
    return by_trainees(column, "left_silently", column.side.left_silently())


def _told_row(label: str, shown: Sequence[Column], tone: str) -> Row:
    def people(column: Column) -> int:
        return int(column.summary["word_of_mouth"][tone])

    return plain(
        label,
        shown,
        lambda column: people(column) / column.summary["n"],
        lambda column: _people(people(column)),
        decimals(2),
        about=tone,
    )


def _people(count: int) -> str:
    return ngettext("{n} person in all", "{n} people in all", count).format(n=number(count))


# What it cost


def _cost_rows(shown: Sequence[Column]) -> list[Row]:
    def work_of(column: Column) -> Interval:
        return by_trainees(column, "agent_seconds", interval_of(column.summary["agent_seconds"]))

    work = [work_of(column) for column in shown]
    rows = [
        measured(
            _("Agent's work a ticket, mean"),
            shown,
            work_of,
            time,
            (0, _top(work)),
        ),
        plain(
            _("Tickets per agent hour"),
            shown,
            lambda column: column.summary["tickets_per_agent_hour"],
            write=decimals(1),
        ),
    ]
    for currency in CURRENCIES:
        rows += _cost_of(currency, shown)
    return rows


def _cost_of(currency: str, shown: Sequence[Column]) -> list[Row]:
    """A row for a currency that occurs: the mean with its interval, and what it is made of."""
    found = {column.key: column.summary["cost"].get(currency) for column in shown}
    if not any(found.values()):
        return []
    none = Interval(0, None, None, None)
    means = {key: interval_of(cost["per_ticket"]) if cost else none for key, cost in found.items()}
    labels = {
        "KRW": _("Cost a ticket in won, mean"),
        "JPY": _("Cost a ticket in yen, mean"),
        "USD": _("Cost a ticket in dollars, mean"),
    }
    write = in_currency(currency)
    mean = measured(labels[currency], shown, lambda column: means[column.key], write, (0, _top(means.values())))
    cells = (
        Cell(cell.value, cell.interval, cell.n, _parts(found[column.key], write))
        for column, cell in zip(shown, mean.cells, strict=True)
    )
    return [Row(mean.label, tuple(cells), strip=mean.strip, about=currency), *_per_point(currency, shown)]


def _per_point(currency: str, shown: Sequence[Column]) -> list[Row]:
    """What a point of CSAT costs, and what one more costs than under the first playbook."""
    found = {column.key: column.side.cost_and_csat(currency) for column in shown}
    if not any(found.values()):
        return []
    write = in_currency(currency)
    first = found[shown[0].key]
    cells = []
    for column in shown:
        own = found[column.key]
        words = _further(own, first, write) if own and first and column is not shown[0] else ""
        cells.append(Cell(write(own[0] / own[1]) if own else NOTHING, "", words))
    label = word("rows", "per_point", currency=currency)
    return [Row(label, tuple(cells), word("rows", "per_point_hint"), about=currency)]


def _further(own: tuple[float, float], first: tuple[float, float], write: Write) -> str:
    dearer, better = own[0] - first[0], own[1] - first[1]
    if better <= 0:
        return word("rows", "no_gain") if dearer > 0 else ""
    return word("rows", "further", amount=write(dearer / better)) if dearer > 0 else word("rows", "cheaper")


def _parts(cost: Mapping[str, Any] | None, write: Write) -> tuple[str, ...]:
    """What a mean cost is made of."""
    names = {"labour": _("labour"), "remedy": _("remedy"), "gift": _("gift"), "letter": _("letter")}
    spent = [(names[part], cost[part] / cost["n"]) for part in COST_PARTS if cost[part]] if cost else []
    return tuple(f"{name} {write(amount)}" for name, amount in spent)


def _top(found: Iterable[Interval]) -> float:
    return max((one.high or one.estimate or 0.0 for one in found), default=0.0) or 1.0


# How the playbook was kept


def _step_rows(shown: Sequence[Column]) -> list[Row]:
    def judged(column: Column) -> int:
        return sum(column.summary["steps"][how] for how in ("met", "late", "missed"))

    def count(how: str) -> Callable[[Column], float]:
        return lambda column: column.summary["steps"][how]

    def words(column: Column) -> str:
        met = number(column.summary["steps"]["met"])
        return _("{met} of {judged} steps").format(met=met, judged=number(judged(column)))

    return [
        plain(
            _("Steps done in time"),
            shown,
            lambda column: column.summary["steps"]["met"] / judged(column) if judged(column) else None,
            words,
            percent,
            _("No interval: the steps of one ticket hang together."),
            "steps_met",
        ),
        plain(_("Steps late, by the hard limit"), shown, count("late"), about="steps_late"),
        plain(_("Steps missed"), shown, count("missed"), about="steps_missed"),
        plain(_("Steps rightly left out"), shown, count("left_out"), about="steps_left_out"),
    ]


# What the customer model holds


def _model_rows(shown: Sequence[Column]) -> list[Row]:
    return [
        _model_row(_("Satisfaction S, mean"), shown, "satisfaction"),
        _model_row(_("Long-term satisfaction C, mean"), shown, "cumulative"),
    ]


def _model_row(label: str, shown: Sequence[Column], latent: str) -> Row:
    found = {column.key: interval_of(column.summary[latent]) for column in shown}
    ends = [v for one in found.values() for v in (one.estimate, one.low, one.high) if v is not None]
    wide = (min([*ends, -1.0]), max([*ends, 2.0]))
    return measured(label, shown, lambda column: found[column.key], lambda value: signed(value, 2), wide)
