"""The one error of this package: a sentence for the person at the keyboard."""


class EmbeddedError(RuntimeError):
    """The embedded PostgreSQL or Valkey cannot run here; the message says why and what to do."""
