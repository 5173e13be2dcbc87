"""The evidence package: built once (``package``), verified anywhere (``verify``, and ``verify.py`` inside it).

What a package holds, and what its events must name, so that every file is anchored in the chain. The rules look at
the keys of event bodies (at any depth); of event types, only ``identity.accepted``, ``recording.started``,
``recording.head``, ``recording.lost`` and ``document.voided`` count:

======================================= ========================================================================
file                                    anchored by an event body with
======================================= ========================================================================
``case.json``                           ``case_sha256`` (canonical JSON)
``documents/{document_id}.pdf``         ``document_id`` + any of ``sha256 frozen_sha256 current_sha256
                                        revision_sha256 final_sha256``: each is the digest of a prefix of the file
                                        that ends a PDF revision; the last one named is the whole file
``recordings/{recording_id}.mp4``       ``recording_id`` + ``sha256`` (the newest event that has one counts)
``recordings/{id}.segments.json``       canonical ``{"recording_id", "segments": [{index, offset, size,
                                        start_seconds, sha256, chain}]}``, checked against the MP4; an event's
                                        ``recording_id`` + ``chain`` is the last segment's chain, and of each
                                        ``recording.head`` the chain of the segment ``index``
``tracks/*.mkv`` and their lists        ``track_id``, ``file``, ``sha256`` and ``chain`` of the ``track.…`` events; the
                                        rules are in ``core.tracks``
``snapshots/*.jpg`` (or ``.png``)       ``image_sha256``
``strokes/*.json``                      ``strokes_sha256``
``consents/*.json``                     ``text_sha256``: the words the customer was shown when they answered
``seals/*.ses``                         ``national_seal_sha256``: SES_Signature (GB/T 38540-2020) over a document
``backfill/*``                          ``backfill_sha256``: what a customer's phone kept of its own side while the line
                                        was lost; the phone is its only witness
certificates inside documents           ``document_id`` + ``certificate_sha256`` (SHA-256 of the DER)
``log/inclusion.json``                  the log entry itself names the head of ``events.jsonl``; see ``core.log``
======================================= ========================================================================

A document of which ``document.voided`` tells was replaced by a change of terms before anybody signed it: its file is
here as it was frozen, has no signature and may have none. A recording of which ``recording.lost`` tells has no file
here; that is a finding of its own in the report and in its headline. Any other digest named without its file, and any
other recording that began without one, makes a package incomplete; a file not named, or another than named, makes it
altered. Other names that may appear: ``certificates/*.pem``, ``revocation/*.crl``.
"""
