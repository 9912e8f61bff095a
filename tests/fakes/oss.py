"""A bucket of Alibaba Cloud OSS in memory: V4 signatures of headers and links verified, parts, CRC64, pages, errors.

The signature is computed here from its description (OSS4-HMAC-SHA256: canonical request, string to sign, signing key
by date, region, product), not by the client's library. What S3 does otherwise stands in s3.py.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from calendar import timegm
from dataclasses import dataclass, field
from email.utils import formatdate
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import crcmod
from aiohttp import web

from fakes.base import Fake, Fault

_crc64 = crcmod.mkCrcFun(0x142F0E1EBA9EA3693, initCrc=0, xorOut=0xFFFFFFFFFFFFFFFF, rev=True)
_SKEW_S = 900
_KEPT = ("content-type", "content-disposition", "cache-control")
Params = list[tuple[str, str]]


@dataclass
class Thing:
    """An object."""

    body: bytes
    headers: dict[str, str]
    """What it answers with: content type and the like, and its metadata."""
    changed_at: float


@dataclass
class Upload:
    key: str
    headers: dict[str, str]
    parts: dict[int, bytes] = field(default_factory=dict)


class Refused(Exception):
    def __init__(self, status: int, code: str, message: str, **more: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.more = status, code, message, more


class Oss(Fake):
    """``objects`` by key; the bucket is asked for by path, by ``{bucket}.host`` or by one of ``domains``."""

    vendor = "oss"
    """Of header names, ``x-oss-...``."""
    parts_namespace = ""

    def __init__(self, bucket: str = "films", region: str = "cn-hangzhou") -> None:
        super().__init__()
        self.bucket, self.region = bucket, region
        self.key_id, self.secret, self.token = "LTAI5tFakeKeyId", "fake-secret-of-the-owner", ""
        self.domains: set[str] = set()
        self.objects: dict[str, Thing] = {}
        self.uploads: dict[str, Upload] = {}
        self.corrupt_crc = 0
        """So many answers to come tell a wrong CRC64."""
        self.damage = 0
        """So many bodies to come are stored with a wrong byte, as their CRC64 then tells."""
        self.lose = 0
        """So many uploads to come are said to have gone well, and are not kept."""
        self.page_size = 1000
        self._requests = 0

    def routes(self) -> list[web.RouteDef]:
        return [web.route("*", "/{tail:.*}", self._answer)]

    # -- for tests -------------------------------------------------------------------------------------

    def age(self, seconds: float) -> None:
        """Make everything so much older."""
        for thing in self.objects.values():
            thing.changed_at -= seconds

    def refuse(self, where: str, status: int, code: str, message: str, times: int = 1_000_000) -> None:
        """Let requests fail with the store's own error body."""
        body = self.error_body(Refused(status, code, message))
        headers = {"Content-Type": "application/xml", f"x-{self.vendor}-request-id": self._request_id}
        self.fail(where, Fault(status, body, headers), times=times)

    # -- inside ----------------------------------------------------------------------------------------

    async def _answer(self, request: web.Request) -> web.Response:
        self._requests += 1
        url = urlsplit(request.raw_path)
        params = parse_qsl(url.query, keep_blank_values=True)
        try:
            bucket, key = self._place(request, url.path)
            self.verify(request, bucket, key, url.path, params)
            if bucket != self.bucket:
                raise Refused(404, "NoSuchBucket", "The specified bucket does not exist.", BucketName=bucket)
            answer = await self._carried_out(request, key, dict(params))
        except Refused as error:
            answer = web.Response(
                status=error.status, body=self.error_body(error).encode(), content_type="application/xml"
            )
        answer.headers[f"x-{self.vendor}-request-id"] = self._request_id
        return answer

    @property
    def _request_id(self) -> str:
        return f"5C3D9175B6FC201293AD{self._requests:04X}"

    def error_body(self, error: Refused) -> str:
        more = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in error.more.items())
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{error.code}</Code><Message>{escape(error.message)}'
            f"</Message><RequestId>{self._request_id}</RequestId><HostId>127.0.0.1</HostId>{more}</Error>"
        )

    def _place(self, request: web.Request, path: str) -> tuple[str, str]:
        host = request.headers["Host"].partition(":")[0]
        if host in self.domains:
            return self.bucket, unquote(path[1:])
        if host.startswith(f"{self.bucket}."):
            return self.bucket, unquote(path[1:])
        bucket, _, key = path[1:].partition("/")
        return bucket, unquote(key)

    async def _carried_out(self, request: web.Request, key: str, params: dict[str, str]) -> web.Response:
        method = request.method
        if not key:
            return self._listed(params)
        if method == "POST" and "uploads" in params:
            return self._initiate(request, key)
        if "uploadId" in params:
            return await self._part(request, key, params)
        if method == "PUT" and f"x-{self.vendor}-copy-source" in request.headers:
            return self._copied(request, key)
        if method == "PUT":
            body = self._arrived(await request.read())
            self._keep(key, body, self._headers(request))
            return self._stored(body)
        if method == "DELETE":
            self.objects.pop(key, None)
            return web.Response(status=204)
        return self._got(request, key)

    # -- objects ---------------------------------------------------------------------------------------

    def _headers(self, request: web.Request) -> dict[str, str]:
        meta = f"x-{self.vendor}-meta-"
        headers = {name.lower(): value for name, value in request.headers.items()}
        return {name: value for name, value in headers.items() if name in _KEPT or name.startswith(meta)}

    def _keep(self, key: str, body: bytes, headers: dict[str, str]) -> None:
        if self.lose:
            self.lose -= 1
            return
        self.objects[key] = Thing(body, headers, time.time())

    def _arrived(self, body: bytes) -> bytes:
        if self.damage:
            self.damage -= 1
            return bytes([body[0] ^ 1]) + body[1:]
        return body

    def checksum(self, body: bytes) -> dict[str, str]:
        wrong = 0
        if self.corrupt_crc:
            self.corrupt_crc -= 1
            wrong = 1
        return {"x-oss-hash-crc64ecma": str(_crc64(body) ^ wrong)}

    def _stored(self, body: bytes) -> web.Response:
        return web.Response(headers={"ETag": _etag(body), **self.checksum(body)})

    def _found(self, key: str) -> Thing:
        thing = self.objects.get(key)
        if thing is None:
            raise Refused(404, "NoSuchKey", "The specified key does not exist.", Key=key)
        return thing

    def _copied(self, request: web.Request, key: str) -> web.Response:
        source = unquote(request.headers[f"x-{self.vendor}-copy-source"]).lstrip("/")
        bucket, _, source_key = source.partition("/")
        replace = request.headers.get(f"x-{self.vendor}-metadata-directive", "COPY") == "REPLACE"
        if (bucket, source_key) == (self.bucket, key) and not replace:
            raise Refused(400, "InvalidRequest", "A copy onto itself must change metadata.")
        thing = self._found(source_key)
        self._keep(key, thing.body, self._headers(request) if replace else thing.headers)
        fields = f"<ETag>{_etag(thing.body)}</ETag><LastModified>{_iso(time.time())}</LastModified>"
        return _xml(f"<CopyObjectResult>{fields}</CopyObjectResult>")

    def _got(self, request: web.Request, key: str) -> web.Response:
        thing = self._found(key)
        headers = {"ETag": _etag(thing.body), "Last-Modified": formatdate(thing.changed_at, usegmt=True)}
        headers |= {"Accept-Ranges": "bytes", **thing.headers}
        if self.vendor == "oss":
            headers["x-oss-hash-crc64ecma"] = str(_crc64(thing.body))
        wanted = request.http_range
        if wanted.start is None and wanted.stop is None:
            return web.Response(body=thing.body, headers=headers)
        if not thing.body:
            raise Refused(416, "InvalidRange", "The requested range cannot be satisfied.")
        first, end, _ = wanted.indices(len(thing.body))
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{len(thing.body)}"
        return web.Response(status=206, body=thing.body[first:end], headers=headers)

    def _listed(self, params: dict[str, str]) -> web.Response:
        prefix, after = params.get("prefix", ""), params.get("continuation-token", "")
        names = [name for name in sorted(self.objects) if name.startswith(prefix) and name > after]
        page = names[: min(self.page_size, int(params.get("max-keys") or 1000))]
        more = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if len(names) > len(page) else ""
        coded = (lambda name: quote(name)) if params.get("encoding-type") == "url" else escape
        things = "".join(
            f"<Contents><Key>{coded(name)}</Key><LastModified>{_iso(self.objects[name].changed_at)}</LastModified>"
            f"<ETag>{_etag(self.objects[name].body)}</ETag><Type>Normal</Type><Size>{len(self.objects[name].body)}</Size>"
            "<StorageClass>Standard</StorageClass></Contents>"
            for name in page
        )
        kind = "<EncodingType>url</EncodingType>" if params.get("encoding-type") == "url" else ""
        return _xml(
            f"<ListBucketResult><Name>{self.bucket}</Name><Prefix>{escape(prefix)}</Prefix><MaxKeys>1000</MaxKeys>{kind}"
            f"<IsTruncated>{'true' if more else 'false'}</IsTruncated><KeyCount>{len(page)}</KeyCount>{more}{things}"
            "</ListBucketResult>"
        )

    # -- uploads in parts ------------------------------------------------------------------------------

    def _initiate(self, request: web.Request, key: str) -> web.Response:
        upload_id = f"0004B9895DBBB6EC98E36{len(self.uploads)}"
        self.uploads[upload_id] = Upload(key, self._headers(request))
        fields = f"<Bucket>{self.bucket}</Bucket><Key>{escape(key)}</Key><UploadId>{upload_id}</UploadId>"
        return _xml(f"<InitiateMultipartUploadResult>{fields}</InitiateMultipartUploadResult>")

    async def _part(self, request: web.Request, key: str, params: dict[str, str]) -> web.Response:
        upload_id, method = params["uploadId"], request.method
        upload = self.uploads.get(upload_id)
        if upload is None or upload.key != key:
            raise Refused(404, "NoSuchUpload", "The specified upload does not exist.", UploadId=upload_id)
        if method == "PUT":
            body = self._arrived(await request.read())
            upload.parts[int(params["partNumber"])] = body
            return self._stored(body)
        if method == "DELETE":
            del self.uploads[upload_id]
            return web.Response(status=204)
        if method == "GET":
            return self._parts(upload_id, upload)
        root = ElementTree.fromstring(await request.read())
        space = self.parts_namespace
        numbers = [int(one.findtext(f"{space}PartNumber") or 0) for one in root.findall(f"{space}Part")]
        tags = [(one.findtext(f"{space}ETag") or "").strip('"') for one in root.findall(f"{space}Part")]
        if numbers != sorted(numbers) or tags != [_etag(upload.parts[number]).strip('"') for number in numbers]:
            raise Refused(400, "InvalidPart", "One or more of the specified parts could not be found.")
        body = b"".join(upload.parts[number] for number in numbers)
        self._keep(key, body, upload.headers)
        del self.uploads[upload_id]
        fields = f"<Bucket>{self.bucket}</Bucket><Key>{escape(key)}</Key><ETag>{_etag(body)}</ETag>"
        answer = _xml(f"<CompleteMultipartUploadResult>{fields}</CompleteMultipartUploadResult>")
        answer.headers.update(self.checksum(body))
        return answer

    def _parts(self, upload_id: str, upload: Upload) -> web.Response:
        rows = "".join(
            f"<Part><PartNumber>{number}</PartNumber><LastModified>{_iso(time.time())}</LastModified>"
            f"<ETag>{_etag(body)}</ETag><HashCrc64ecma>{_crc64(body)}</HashCrc64ecma><Size>{len(body)}</Size></Part>"
            for number, body in sorted(upload.parts.items())
        )
        return _xml(
            f"<ListPartsResult><Bucket>{self.bucket}</Bucket><Key>{escape(upload.key)}</Key><UploadId>{upload_id}"
            f"</UploadId><NextPartNumberMarker>{max(upload.parts, default=0)}</NextPartNumberMarker><MaxParts>1000"
            f"</MaxParts><IsTruncated>false</IsTruncated>{rows}</ListPartsResult>"
        )

    # -- signatures ------------------------------------------------------------------------------------

    def verify(self, request: web.Request, bucket: str, key: str, path: str, params: Params) -> None:
        """Raises Refused unless the request is signed, by header or in its address."""
        headers = {name.lower(): value.strip() for name, value in request.headers.items()}
        query, told = dict(params), headers.get("authorization", "")
        if told.startswith("OSS4-HMAC-SHA256 "):
            facts = dict(part.strip().split("=", 1) for part in told.partition(" ")[2].split(","))
            credential, signature = facts["Credential"], facts["Signature"]
            moment, additional = headers["x-oss-date"], facts.get("AdditionalHeaders", "")
            if abs(time.time() - _seconds(moment)) > _SKEW_S:
                raise Refused(403, "RequestTimeTooSkewed", "The difference between the request time is too large.")
            token = headers.get("x-oss-security-token", "")
        elif query.get("x-oss-signature-version") == "OSS4-HMAC-SHA256":
            credential, signature = query["x-oss-credential"], query["x-oss-signature"]
            moment, additional = query["x-oss-date"], query.get("x-oss-additional-headers", "")
            if not 0 < int(query["x-oss-expires"]) <= 604_800:
                raise Refused(400, "AuthorizationQueryParametersError", "x-oss-expires is out of range.")
            if time.time() > _seconds(moment) + int(query["x-oss-expires"]):
                raise Refused(403, "AccessDenied", "Request has expired.")
            token = query.get("x-oss-security-token", "")
        else:
            raise Refused(403, "AccessDenied", "You have no right to access this object because of bucket acl.")
        key_id, *scope = credential.split("/")
        if key_id != self.key_id:
            raise Refused(
                403, "InvalidAccessKeyId", "The OSS Access Key Id you provided does not exist in our records."
            )
        if token != self.token:
            raise Refused(403, "InvalidSecurityToken", "The security token you provided is invalid.")
        if scope != [moment[:8], self.region, "oss", "aliyun_v4_request"]:
            raise Refused(403, "SignatureDoesNotMatch", "Invalid signing region, date or product in the credential.")
        signed = {*additional.split(";"), "content-type", "content-md5"}
        lines = [
            request.method,
            quote(f"/{bucket}/{key}", safe="/-_.~"),
            canonical_query([one for one in params if one[0] != "x-oss-signature"], blank=""),
            "".join(f"{n}:{v}\n" for n, v in sorted(headers.items()) if n.startswith("x-oss-") or n in signed),
            additional,
            headers.get("x-oss-content-sha256", "UNSIGNED-PAYLOAD"),
        ]
        text = "\n".join(["OSS4-HMAC-SHA256", moment, "/".join(scope), sha256("\n".join(lines).encode())])
        self.compare(text, chain(f"aliyun_v4{self.secret}", scope), signature)

    def compare(self, text: str, signing_key: bytes, signature: str) -> None:
        expected = hmac.new(signing_key, text.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, signature):
            raise Refused(
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. "
                "Check your key and signing method.",
                OSSAccessKeyId=self.key_id,
                SignatureProvided=signature,
                StringToSign=text,
            )


def canonical_query(params: Params, blank: str) -> str:
    """Sorted and encoded; ``blank`` stands behind a name without a value."""
    coded = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in params)
    return "&".join(f"{name}={value}" if value else f"{name}{blank}" for name, value in coded)


def chain(secret: str, scope: list[str]) -> bytes:
    """The signing key: the secret, then each part of the scope, one HMAC after the other."""
    key = secret.encode()
    for part in scope:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _seconds(moment: str) -> float:
    return timegm(time.strptime(moment, "%Y%m%dT%H%M%SZ"))


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body).hexdigest().upper()}"'


def _iso(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(moment))


def _xml(text: str) -> web.Response:
    return web.Response(body=f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode(), content_type="application/xml")
