"""``VERIFY.md``: the same check by hand, in Chinese and English."""

from datetime import datetime, timedelta, timezone

_BEIJING = timezone(timedelta(hours=8))
_TEXT = """# 如何核对这个证据包 / How to verify this package

生成时间 / made at: {at} （北京时间 / UTC+8）

这是一个 ASiC-E 证据包（ETSI EN 319 162-1），用任何解压软件都能打开。核对不需要联网，也不需要我们的服务器。
This is an ASiC-E container (ETSI EN 319 162-1); any unzip program opens it. No network and no server is needed.

## 一、一条命令 / One command

    unzip -p PACKAGE.asice verify.py > verify.py
    python3 -I verify.py PACKAGE.asice --trust ROOT.pem

只需要 Python 3.11 以上和 `openssl`。退出码 0 为有效，1 为无效（会指出第一个不符的文件），2 为无法读取。
`ROOT.pem` 请从您信任的渠道取得，不要用包里的；不带 `--trust` 时程序会如实说明根证书取自包内。
如果担心包里的 `verify.py` 也被换过，请用另外取得的同一程序，或按下面的步骤逐项核对。

Needs Python 3.11 or later and `openssl`. Exit status 0 valid, 1 not valid (the first bad item is named), 2 not
readable. Get `ROOT.pem` from a source you trust, not from the package; without `--trust` the program says that the
root came from the package. If you do not trust the `verify.py` in here, use a copy from elsewhere or go step by step.

证据包旁边如有同名的 `PACKAGE.asice.ers`，那是归档时间戳的续期记录（RFC 4998 EvidenceRecord），程序会自动用上，
请与证据包放在一起保管。每一次续期的时间戳盖在“证据包的摘要 + 之前全部续期的摘要”上，前一个到期之前做成。
A `PACKAGE.asice.ers` beside the package holds the renewals of its time-stamp (RFC 4998) and is picked up by itself;
keep the two together. Each renewal is over the digests of the package and of all renewals before it.

## 二、逐步核对 / Step by step

先解压，以下命令都在解压出来的目录里执行。 / Unzip first; run everything below in that folder.

    unzip PACKAGE.asice -d case && cd case
    cat certificates/*.pem > all.pem          # 包内证书，只用来补全证书链 / links of the chain only

1. **时间戳 / Time-stamp** 盖在归档清单上 / over the archive manifest:

       openssl ts -verify -data META-INF/ASiCArchiveManifest001.xml -in META-INF/timestamp001.tst -token_in \\
         -CAfile ROOT.pem -untrusted all.pem
       openssl ts -reply -token_in -in META-INF/timestamp001.tst -token_out -text   # 加盖时间 / its time

2. **签名 / Signature** 签在清单上 / over the manifest:

       openssl cms -verify -binary -inform DER -in META-INF/signature001.p7s -content META-INF/ASiCManifest001.xml \\
         -CAfile ROOT.pem -certfile all.pem -purpose any -out /dev/null

3. **每个文件的摘要 / Digest of every file** 与两份清单比较 / against both manifests:

       python3 - <<'END'
       import base64, hashlib, pathlib, re
       for name in ("ASiCManifest001.xml", "ASiCArchiveManifest001.xml"):
           text = pathlib.Path("META-INF", name).read_text("utf-8")
           for uri, digest in re.findall(r'ObjectReference URI="([^"]+)".*?DigestValue>([^<]+)<', text, re.S):
               found = hashlib.sha256(pathlib.Path(uri).read_bytes()).digest()
               print("OK " if found == base64.b64decode(digest) else "BAD", name, uri)
       END

   除 `mimetype`、归档清单和时间戳外，目录里不应有归档清单没有列出的文件。
   Apart from `mimetype`, the archive manifest and the time-stamp, no file may be missing from the archive manifest.

4. **事件链 / Chain of events** 每行的 `prev` 是上一行的 SHA-256 / each `prev` is the SHA-256 of the line before:

       python3 - <<'END'
       import hashlib, json
       prev = "0" * 64
       for number, line in enumerate(open("events.jsonl", "rb").read().splitlines(), 1):
           event = json.loads(line)
           print("OK " if (event["prev"], event["seq"]) == (prev, number) else "BAD", number, event["type"])
           prev = hashlib.sha256(line).hexdigest()
       print("head", prev)
       END

5. **事件里的摘要 / Digests in events** 用
   `sha256sum documents/* recordings/* snapshots/* strokes/* consents/* seals/* tracks/* backfill/*` 的结果，与事件中的
   `sha256`、`revision_sha256`、`image_sha256`、`strokes_sha256`、`text_sha256`、`national_seal_sha256`、
   `backfill_sha256` 比较。
   Compare that output with the digests the events name.
   通话进行中，录像的链值已写进 `recording.head` 事件：它的 `chain` 应等于 `recordings/*.segments.json` 中
   `index` 相同那一段的 `chain`。While the call ran, heads of the recording's chain went on record: the
   `chain` of each `recording.head` is that of the segment with the same `index`.
   `recording.started` 提到的每段录像都应在 `recordings/` 里，或另有 `recording.lost` 事件声明遗失。
   Each recording that a `recording.started` names is in `recordings/`, or a `recording.lost` declares it lost.
   `tracks/*.mkv` 是各位当事人单独的画面和声音，未经转码，按角色命名；`track.started` 写明文件名和当事人，`track.head`、
   `track.finished` 写明链值、缺失之处及原因，没有收到的另有 `track.lost`。`tracks/*.mkv` are the parties' own picture
   and sound as they came, named by role; `track.started` names file and party, `track.head` and `track.finished` the
   chain, what is missing and why, and `track.lost` each one that never came.
   `backfill/*` 是网络中断时客户手机自己保存、事后补传的画面和声音，只有这部手机见证，时间以手机时钟为准。
   `backfill/*` is what a customer's phone kept while the line was lost and brought later: the phone alone saw it, by
   its own clock.

6. **PDF 签名 / PDF signatures** 用任何 PDF 阅读器或 `pdfsig documents/*.pdf` 查看（请读文字，不要只看退出码）。
   Any PDF reader shows them, or `pdfsig` (read its words, not its exit status).

   `seals/*.ses` 是同一文书上的国密电子签章（GB/T 38540-2020 的 SES_Signature，SM2 与 SM3），用 `openssl asn1parse`
   可读；其 dataHash 是文书的 SM3 摘要（`openssl dgst -sm3`），签名值用 `openssl pkeyutl -verify -rawin -digest sm3
   -pkeyopt distid:1234567812345678` 核对。`seals/*.ses` is the electronic seal of GB/T 38540-2020 over the same
   document: `openssl` reads it, makes the SM3 digest it holds, and verifies its SM2 signatures.

7. **总日志 / Service-wide log** `log/inclusion.json`（如有）按 RFC 6962 把本案的链尾连到检查点的根；
   `verify.py` 的 `verify_inclusion` 只有二十行，可以对照阅读。
   If there, it links the case's head to the checkpoint's root by RFC 6962; see `verify_inclusion` in `verify.py`.
"""


def guide(at: datetime) -> bytes:
    """``at`` is an aware time; the text shows it as Beijing time."""
    return _TEXT.format(at=f"{at.astimezone(_BEIJING):%Y-%m-%d %H:%M:%S}").encode()
