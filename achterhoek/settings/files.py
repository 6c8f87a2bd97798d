"""Where files are kept: a folder, or any S3-compatible store, by the environment alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from environ import Env, ImproperlyConfigured

FOLDER, S3 = "folder", "s3"


def files_storage(env: Env, *, folder: Path) -> dict[str, Any]:
    """The storage that `FILES_STORAGE` names. What lies in it is encrypted or private: never public, never by link."""
    chosen = env("FILES_STORAGE", default=FOLDER)
    if chosen == FOLDER:
        return {
            "BACKEND": "achterhoek.documents.storage.DurableFileSystemStorage",
            "OPTIONS": {"location": env("FILES_DIR", default=str(folder))},
        }
    if chosen == S3:
        return {"BACKEND": "achterhoek.documents.s3.PrivateS3Storage", "OPTIONS": s3_options(env)}
    raise ImproperlyConfigured(f"FILES_STORAGE is {FOLDER} or {S3}, not {chosen}")


def s3_options(env: Env) -> dict[str, Any]:
    """Endpoint, bucket and keys. Without keys those of the machine's own role are used."""
    return {
        "bucket_name": env("S3_BUCKET"),
        "endpoint_url": env("S3_ENDPOINT_URL", default="") or None,
        "region_name": env("S3_REGION", default="eu-central-1"),
        "access_key": env("S3_ACCESS_KEY", default="") or None,
        "secret_key": env("S3_SECRET_KEY", default="") or None,
        "location": env("S3_FOLDER", default=""),
        "addressing_style": env("S3_ADDRESSING", default="path"),
    }
