"""Files that people upload: limited while they arrive, kept under random names, deleted."""

import secrets
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

FOLDER: Final = "imports"


class LimitedUpload(FileUploadHandler):
    """Stops reading an upload at the limit, instead of filling the disk first.

    The form then has no file, and says that it was too large.
    """

    def new_file(self, *args: Any, **options: Any) -> None:
        super().new_file(*args, **options)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > settings.IMPORT_MAX_BYTES:
            if self.request is not None:
                self.request.META["UPLOAD_TOO_LARGE"] = True
            raise StopUpload(connection_reset=True)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Left to the handlers that come after."""


def new_path(suffix: str) -> str:
    """A path under MEDIA_ROOT that nobody can guess; its folder is made."""
    (Path(settings.MEDIA_ROOT) / FOLDER).mkdir(parents=True, exist_ok=True)
    return f"{FOLDER}/{secrets.token_hex(16)}{suffix}"


def absolute(path: str) -> Path:
    return Path(settings.MEDIA_ROOT) / path


def keep(upload: UploadedFile) -> str:
    """Store an upload; returns its path under MEDIA_ROOT."""
    path = new_path(Path(str(upload.name)).suffix.lower()[:8])
    with absolute(path).open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
    return path


def forget(path: str) -> None:
    """Delete an upload or a report; nothing happens where it is gone already."""
    if path:
        absolute(path).unlink(missing_ok=True)
