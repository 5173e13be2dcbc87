"""新建业务: the form of a product, checked as it is typed, with its papers beside it, kept as a draft until opened."""
