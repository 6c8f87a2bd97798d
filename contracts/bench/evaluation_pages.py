"""The pages of an evaluation as those who use them ask for them, and the bare view beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import Engine
from django.template.context import Context
from django.test import Client, RequestFactory
from django.urls import reverse

from contracts.bench.evaluation_scene import REASON, Scene
from procurement.models import Entry, Score
from procurement.selectors.exports import INDIVIDUAL

BARE = """<!DOCTYPE html><html lang="nl"><head><title>Rows</title></head><body><table>
<tr><th>Number</th><th>Organisation</th><th>KvK</th><th>State</th><th>Submitted</th><th>Round</th>
<th>City</th><th>E-mail</th><th>Segment</th></tr>
{% for row in rows %}<tr><td>{{ row.submission__number }}</td><td>{{ row.submission__organisation__name }}</td>
<td>{{ row.submission__organisation__kvk_number }}</td><td>{{ row.status }}</td>
<td>{{ row.submission__submitted_at }}</td><td>{{ row.submission__round_id }}</td>
<td>{{ row.submission__organisation__city }}</td><td>{{ row.submission__organisation__email }}</td>
<td>{{ row.segment__name }}</td></tr>{% endfor %}
</table></body></html>"""
COLUMNS = (
    "submission__number",
    "submission__organisation__name",
    "submission__organisation__kvk_number",
    "status",
    "submission__submitted_at",
    "submission__round_id",
    "submission__organisation__city",
    "submission__organisation__email",
    "segment__name",
)


def bare_view(made: Scene) -> Callable[[], object]:
    template = Engine().from_string(BARE)
    request = RequestFactory().get("/")
    ids = made.segment_round.segment_id

    def view(request: HttpRequest) -> HttpResponse:
        rows = Entry.objects.filter(segment=ids).order_by("submission__number").values(*COLUMNS)
        return HttpResponse(template.render(Context({"rows": rows})))

    return lambda: view(request)


def pages(made: Scene) -> Iterator[tuple[str, Callable[[], object]]]:
    """The lead's overview while the members score and after it; then what an evaluator asks for."""
    round_id = made.segment_round.pk
    overview = reverse("procurement:segment_round", args=[round_id])
    lead, member = _client(made.lead), _client(made.evaluators[0])
    cells = f"{len(made.entries)} x {len(made.criteria)} x {len(made.evaluators)}"
    yield f"overview {cells}, scoring", lambda: _got(lead, overview)
    form = reverse("procurement:score_entry", args=[round_id, made.entries[-1].pk])
    listed = reverse("procurement:evaluate", args=[round_id])
    on_one = reverse("procurement:score_by_criterion", args=[round_id, made.criteria[0].pk])
    yield f"evaluator's list, {len(made.entries)} bids", lambda: _got(member, listed)
    yield f"one criterion over {len(made.entries)} bids", lambda: _got(member, on_one)
    yield "score form, GET", lambda: _got(member, form)
    yield "score form, POST of one score", _saves(made, member, form)
    yield "score form, a draft and then its score", _types(made, member, form)
    yield "private note and flag, POST", _notes(made, member)
    made.segment_round.committee.update(handed_in_at=made.segment_round.round.opened_at)
    yield f"overview {cells}, all handed in", lambda: _got(lead, overview)
    scores = len(made.entries) * len(made.criteria) * len(made.evaluators)
    table = reverse("procurement:export_csv", args=[round_id, INDIVIDUAL])
    book = reverse("procurement:export_xlsx", args=[round_id])
    yield f"{scores} scores as CSV", lambda: _got(lead, table)
    yield f"{scores} scores as XLSX", lambda: _got(lead, book)


def _saves(made: Scene, client: Client, address: str) -> Callable[[], object]:
    """Another value each time, since a form that was left as it was is not looked at."""
    criterion, entry = made.criteria[0], made.entries[-1]
    given = Score.objects.get(criterion=criterion, entry=entry, evaluator=made.evaluators[0])
    values = [str(given.value.normalize()), "4" if given.value != 4 else "8"]

    def save() -> None:
        before, after = values
        values.reverse()
        prefix = f"k{criterion.pk}"
        sent = {
            f"{prefix}-value": after, f"initial-{prefix}-value": before,
            f"{prefix}-reason": REASON, f"initial-{prefix}-reason": REASON, "save": "",
        }  # fmt: skip
        answer = client.post(address, sent, secure=True)
        if answer.status_code != 302:
            raise RuntimeError(f"the score was not saved: {answer.status_code}")

    return save


def _types(made: Scene, client: Client, address: str) -> Callable[[], object]:
    """Two requests: as one types the score loses its reason, and gets it again."""
    criterion, entry = made.criteria[1], made.entries[-1]
    given = Score.objects.get(criterion=criterion, entry=entry, evaluator=made.evaluators[0])
    prefix, value = f"k{criterion.pk}", str(given.value.normalize())

    def send(reason: str, seen: str) -> None:
        sent = {
            f"{prefix}-value": value, f"initial-{prefix}-value": value,
            f"{prefix}-reason": reason, f"initial-{prefix}-reason": seen,
        }  # fmt: skip
        answer = client.post(address, sent, secure=True, headers={"x-autosave": "1"})
        if answer.json()["outcomes"][str(criterion.pk)]["state"] != ("saved" if reason else "draft"):
            raise RuntimeError(f"not kept as it should be: {answer.content!r}")

    def type_it() -> None:
        send("", REASON)
        send(REASON, "")

    return type_it


def _notes(made: Scene, client: Client) -> Callable[[], object]:
    address = reverse("procurement:scoring_note", args=[made.segment_round.pk, made.entries[-1].pk])

    def note() -> None:
        if client.post(address, {"text": REASON, "flagged": "on"}, secure=True).status_code != 302:
            raise RuntimeError("the note was not saved")

    return note


def _client(user: Any) -> Client:
    host = next((name for name in settings.ALLOWED_HOSTS if not name.startswith((".", "*"))), "localhost")
    client = Client(headers={"host": host, "accept-language": "nl"})
    client.force_login(user)
    return client


def _got(client: Client, address: str) -> bytes:
    answer = client.get(address, secure=True)
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.status_code}")
    return answer.content
