"""The description of everything that can be asked over HTTP (OpenAPI 3.1), with every status and an example of each."""

from signing.web.openapi.document import document

__all__ = ["document"]
