"""Our own receiving over aiortc 1.16, without a fork; the only importer of its inner parts is this package."""
