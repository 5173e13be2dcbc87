"""The outside of the ports: database, blobs, documents, signer, identity, text messages."""
