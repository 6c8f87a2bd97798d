"""How a file of a plain form is received: into a file without a name, so that nothing of it stays behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from achterhoek.documents.inspection import scratch
from achterhoek.documents.storage import StorageDown


class LostFile(UploadedFile):
    """A file for which there was no room. Whoever wants its content hears so, where it can be told to a person."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        raise StorageDown("scratch")

    def read(self, *args: Any) -> bytes:
        raise StorageDown("scratch")


class ScratchUploadHandler(FileUploadHandler):
    """Streams to the scratch folder; a process that is killed leaves nothing there."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.content, self.kind = scratch(), UploadedFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        try:
            if self.kind is UploadedFile:
                self.content.write(raw_data)
        except OSError:
            self.kind = LostFile
        return None

    def file_complete(self, file_size: int) -> UploadedFile:
        try:
            self.content.seek(0)
        except OSError:
            self.kind = LostFile
        return self.kind(
            self.content, self.file_name, self.content_type, file_size, self.charset, self.content_type_extra
        )

    def upload_interrupted(self) -> None:
        if getattr(self, "content", None) is not None:
            self.content.close()
