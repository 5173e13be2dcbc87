"""Data: the texts of documents and products, edited by the legal department."""
