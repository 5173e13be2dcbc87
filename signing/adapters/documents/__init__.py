"""Templates in, frozen PDFs out. ``PaperDocuments`` implements the ``Documents`` port."""

from signing.adapters.documents.generate import PaperDocuments

__all__ = ["PaperDocuments"]
