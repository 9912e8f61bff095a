"""A bucket that speaks S3, in memory: AWS4-HMAC-SHA256 of headers, bodies and links verified; the rest as OSS has it.

The signature is computed here from its description
(https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html).
"""

from __future__ import annotations

import time
from calendar import timegm

from aiohttp import web

from fakes.oss import Oss, Params, Refused, canonical_query, chain, sha256


class S3(Oss):
    vendor = "amz"
    parts_namespace = "{http://s3.amazonaws.com/doc/2006-03-01/}"

    def __init__(self, bucket: str = "films", region: str = "us-east-1") -> None:
        super().__init__(bucket, region)
        self.key_id, self.secret = "AKIAFAKEKEYID", "fake-secret-of-the-owner"

    def checksum(self, body: bytes) -> dict[str, str]:
        return {}

    def verify(self, request: web.Request, bucket: str, key: str, path: str, params: Params) -> None:
        headers = {name.lower(): " ".join(value.split()) for name, value in request.headers.items()}
        query, told = dict(params), headers.get("authorization", "")
        if told.startswith("AWS4-HMAC-SHA256 "):
            facts = dict(part.strip().split("=", 1) for part in told.partition(" ")[2].split(","))
            credential, signature, names = facts["Credential"], facts["Signature"], facts["SignedHeaders"]
            moment, payload = headers["x-amz-date"], headers["x-amz-content-sha256"]
            if payload != sha256(self.sent[-1].body):
                raise Refused(400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header is wrong.")
            if not {name for name in headers if name.startswith("x-amz-")} <= set(names.split(";")):
                raise Refused(403, "AccessDenied", "There were headers present in the request which were not signed")
        elif query.get("X-Amz-Algorithm") == "AWS4-HMAC-SHA256":
            credential, signature, names = (
                query["X-Amz-Credential"],
                query["X-Amz-Signature"],
                query["X-Amz-SignedHeaders"],
            )
            moment, payload = query["X-Amz-Date"], "UNSIGNED-PAYLOAD"
            if time.time() > timegm(time.strptime(moment, "%Y%m%dT%H%M%SZ")) + int(query["X-Amz-Expires"]):
                raise Refused(403, "AccessDenied", "Request has expired")
        else:
            raise Refused(403, "AccessDenied", "Access Denied")
        key_id, *scope = credential.split("/")
        if key_id != self.key_id:
            raise Refused(
                403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."
            )
        if scope != [moment[:8], self.region, "s3", "aws4_request"]:
            raise Refused(400, "AuthorizationHeaderMalformed", f"the region is wrong; expecting '{self.region}'")
        lines = [
            request.method,
            path,
            canonical_query([one for one in params if one[0] != "X-Amz-Signature"], blank="="),
            "".join(f"{name}:{headers.get(name, '')}\n" for name in names.split(";")),
            names,
            payload,
        ]
        text = "\n".join(["AWS4-HMAC-SHA256", moment, "/".join(scope), sha256("\n".join(lines).encode())])
        self.compare(text, chain(f"AWS4{self.secret}", scope), signature)
