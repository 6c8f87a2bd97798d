"""Open data: what is published, for machines."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag

from achterhoek.accounts.access import public
from procurement.open_data_registry import contracts_of
from procurement.selectors.open_data import fingerprint, release_package


@public
def ocds(request: HttpRequest) -> HttpResponseBase:
    """An OCDS 1.1 release package of published facts; who has the newest one already gets 304."""
    digest, changed = fingerprint()
    etag = quote_etag(digest)
    modified = int(changed.timestamp()) if changed else None
    unchanged = get_conditional_response(request, etag=etag, last_modified=modified)
    if unchanged is not None:
        return unchanged
    base = settings.BASE_URL.rstrip("/")
    # The data is in the language of the tenders, whatever the reader's.
    with translation.override(settings.LANGUAGE_CODE):
        package = release_package(uri=f"{base}{reverse('procurement:ocds')}", base=base, contracts_of=contracts_of)
    response = JsonResponse(package, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["ETag"] = etag
    if modified is not None:
        response["Last-Modified"] = http_date(modified)
    response["Cache-Control"] = "public, no-cache"
    response["Access-Control-Allow-Origin"] = "*"
    return response
