"""Every component renders, says in words what it shows in colour, and holds no inline style or script."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.test import RequestFactory
from django.urls import reverse

from achterhoek.nlds.context_processors import ACCOUNT, FOOTER, PUBLIC_NAV, ROLE_NAV, _items
from achterhoek.nlds.statuses import STATUS_TONES
from contracts import enums as contracts_enums
from procurement import enums as procurement_enums
from tests.unit.nlds.samples import DIGEST, MOMENT, SampleForm, render_page

pytestmark = pytest.mark.urls("tests.unit.nlds.samples")


def one_line(html: str) -> str:
    """How a browser sees white space."""
    return re.sub(r">\s+<", "><", " ".join(html.split()))


def page(**values: object) -> str:
    request = RequestFactory().get("/onderdelen/")
    request.user = AnonymousUser()
    return one_line(render_page(request, **values))


def render(source: str, **values: object) -> str:
    return one_line(engines["django"].from_string("{% load nlds %}" + source).render(values))


def test_the_page_holds_no_inline_style_or_script() -> None:
    html = page()
    assert " style=" not in html
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]* src=)", html)
    assert not re.search(r"\son[a-z]+=", html)


def test_ids_are_unique() -> None:
    ids = re.findall(r'\sid="([^"]+)"', page(form=SampleForm({})))
    assert sorted(ids) == sorted(set(ids))


def test_every_reference_has_its_target() -> None:
    html = page(form=SampleForm({}))
    ids = set(re.findall(r'\sid="([^"]+)"', html))
    named = re.findall(r'\s(?:aria-describedby|aria-labelledby|for)="([^"]+)"', html)
    assert {one for names in named for one in names.split()} <= ids


def test_the_title_starts_with_fout_only_after_a_refusal() -> None:
    assert "<title>Onderdelen | " in page()
    assert "<title>Fout: Onderdelen | " in page(form=SampleForm({}))
    assert "<title>Fout: Onderdelen | " in page(page_has_errors=True)


def test_one_summary_above_the_form_takes_the_focus() -> None:
    html = page(form=SampleForm({}))
    assert html.count("data-error-summary") == 1
    assert "Er zijn 8 problemen" in html
    assert html.index("data-error-summary") < html.index('class="nlds-form"')
    assert "data-error-summary" not in page()


def test_forms_in_a_list_count_once() -> None:
    form = SampleForm({})
    assert page(form=form, forms=[form]).count("data-error-summary") == 1
    assert "Er zijn 8 problemen" in page(form=form, forms=[form])


def test_the_skip_link_leads_to_the_content() -> None:
    html = page()
    assert 'href="#main"' in html
    assert '<main id="main"' in html
    assert html.count("<h1") == 1


@pytest.mark.parametrize("tone", ["neutral", "info", "ok", "warning", "error"])
def test_a_badge_always_says_its_status_in_words(tone: str) -> None:
    html = render("{% status_badge 'x' 'In behandeling' tone %}", tone=tone)
    assert "In behandeling" in html
    assert f"nlds-badge--{tone}" in html


def test_a_status_has_its_tone() -> None:
    assert "nlds-badge--error" in render("{% status_badge 'rejected' 'Afgewezen' %}")
    assert "nlds-badge--neutral" in render("{% status_badge 'never_heard_of' 'Nieuw' %}")


def test_every_status_of_the_apps_has_a_tone() -> None:
    known = [
        *procurement_enums.TenderStatus,
        *procurement_enums.RoundStatus,
        *procurement_enums.SegmentRoundStatus,
        *procurement_enums.SubmissionStatus,
        *procurement_enums.DecisionStatus,
        *procurement_enums.CollegeDecisionStatus,
        *contracts_enums.ContractStatus,
        *contracts_enums.ChangeStatus,
    ]
    assert [status for status in known if str(status) not in STATUS_TONES] == []


def test_what_users_write_is_escaped() -> None:
    html = render(
        "{% status_badge 'x' label %}{% row label %}{{ label }}{% endrow %}{% crumb label '/' %}", label="<b>"
    )
    assert "<b>" not in html


def test_a_deadline_tells_moment_and_rest() -> None:
    html = render("{% deadline m 'Indienen' now=n %}", m=MOMENT, n=MOMENT - timedelta(days=3, hours=4))
    assert "1 maart 2026, 12:00 uur" in html
    assert "nog 3 dagen en 4 uur" in html
    passed = render("{% deadline m now=n %}", m=MOMENT, n=MOMENT)
    assert "De sluitingstijd is voorbij." in passed
    assert "data-countdown" not in passed


def test_a_short_digest_does_not_repeat_its_method() -> None:
    html = render("{% digest value %}", value=f"sha256:{DIGEST}")
    assert f"{DIGEST[:8]}…{DIGEST[-8:]}</code>" in html
    assert f"sha256:{DIGEST}</code>" in html


def test_a_digest_is_short_and_whole() -> None:
    html = render("{% digest value %}", value=DIGEST)
    assert "9f86d081…b0f00a08" in html
    assert f">{DIGEST}</code>" in html


def test_a_file_link_tells_kind_and_size() -> None:
    html = render("{% file_link '/x' 'Leidraad.pdf' 2516582 'application/pdf' %}")
    assert "(PDF, 2,4 MB)" in html


def test_progress_refreshes_itself_until_it_is_finished() -> None:
    component = '{% include "_components/progress.html" with value=1200 maximum=3000 label="Brieven" '
    source = component + 'poll_url="/p/" finished=f %}'
    running = render(source, f=False)
    assert 'hx-get="/p/"' in running
    assert "<noscript>" in running
    assert 'value="1200" max="3000"' in running
    assert "hx-get" not in render(source, f=True)


def test_steps_say_their_state_in_words() -> None:
    html = page()
    assert html.count('aria-current="step"') == 1
    assert "(klaar)" in html
    assert "(komt nog)" in html


def test_a_map_has_the_same_facts_in_a_table() -> None:
    html = page()
    assert '<th scope="row"><a class="nl-link" href="/x/">Oude IJsselstreek</a></th><td>0</td>' in html


def test_pages_keep_the_question_asked() -> None:
    request = RequestFactory().get("/onderdelen/", {"op": "2024-06-27"})
    request.user = AnonymousUser()
    assert "?op=2024-06-27&amp;page=5" in render_page(request)


def test_the_menu_marks_the_page_and_what_lies_above_it() -> None:
    items = _items([("Toegankelijk", "accessibility"), ("Start", "start")], "/toegankelijkheid/verklaring/")
    assert [(item.label, item.current) for item in items] == [("Toegankelijk", "true"), ("Start", "")]
    assert _items([("Start", "start")], "/start/")[0].current == "page"


def test_every_door_of_the_menus_stands() -> None:
    names = [name for _label, name in (*PUBLIC_NAV, *FOOTER, *ACCOUNT)] + [name for _role, _label, name in ROLE_NAV]
    assert all(reverse(name) for name in [*names, "home", "account_login", "account_logout", "set_language"])
