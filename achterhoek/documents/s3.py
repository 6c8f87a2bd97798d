"""An S3-compatible store, for files that nobody reaches but through the portal."""

from __future__ import annotations

from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from storages.backends.s3 import S3Storage


class PrivateS3Storage(S3Storage):  # type: ignore[misc]
    """No access list, no overwriting, no links; gives up soon, since the uploader's own browser tries again.

    Checksums only where the protocol asks for them: not every store but the first knows the newer ones.
    """

    def __init__(self, **options: Any) -> None:
        config = Config(
            signature_version="s3v4",
            s3={"addressing_style": options.get("addressing_style") or "path"},
            connect_timeout=5,
            read_timeout=30,
            retries={"max_attempts": 3, "mode": "standard"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        fixed = {
            "default_acl": None, "file_overwrite": False, "querystring_auth": False,
            "transfer_config": TransferConfig(use_threads=False), "max_memory_size": 8 * 1024 * 1024,
            "client_config": config,
        }  # fmt: skip
        super().__init__(**{**options, **fixed})
