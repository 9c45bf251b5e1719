"""The recording under construction: what moto answered, and over it what is written by hand.

Answers lie in aws/<account>/<region>/<service>/<Operation>.json; "any" in place of account or region answers for all that
have no answer of their own. Every answer that is written by hand says so itself, by the member "by".
"""

import json
import pathlib
import re

import wire

ANY = "any"


class Recording:
    def __init__(self):
        self.files = {}  # (account, region, package, operation): answers

    # What is written by hand.

    def put(self, account, region, package, operation, output, given=None, status=200):
        body, headers = wire.answer(package, operation, output)
        self._add(account, region, package, operation, given, status, body, headers)

    def fail(self, account, region, package, operation, status, code, message, given=None, headers=None):
        body, own = wire.failure(package, status, code, message)
        self._add(account, region, package, operation, given, status, body, own | (headers or {}))

    def _add(self, account, region, package, operation, given, status, body, headers):
        entry = {"by": "hand"}
        if given is not None:
            entry["input"] = wire.request(package, operation, given)
        if status != 200:
            entry["status"] = status
        if headers:
            entry["headers"] = headers
        entry["body"] = body
        answers = self.files.setdefault((account, region, package, operation), [])
        answers[:] = [a for a in answers if a.get("input") != entry.get("input")]
        answers.append(entry)

    def drop(self, package, operation):
        """Forget what moto answered."""
        for key in [k for k in self.files if k[2:] == (package, operation)]:
            del self.files[key]

    # What moto answered.

    def load(self, folder):
        for path in sorted(pathlib.Path(folder).rglob("*.json")):
            account, region, package, name = path.relative_to(folder).parts
            answers = [a for a in json.loads(path.read_text()) if a.get("status", 200) < 500 and "html" not in str(a.get("body", ""))[:80]]
            for a in answers:
                a["body"] = _steady(a["body"]) if "body" in a else None
                a["headers"] = {k: v for k, v in a.get("headers", {}).items() if k != "Content-Type"}
                for member in ("headers", "input"):
                    if not a.get(member):
                        a.pop(member, None)
            if answers:
                self.files[(account, region, package, name[:-5])] = answers

    def page_on(self, account, region, package, operation, token, output, body_token, given):
        """A second page behind the one that moto gave: its end announces more."""
        first = self.files[(account, region, package, operation)][0]
        for old, new in [(f"</{operation}Result>", f"<{body_token}>{token}</{body_token}></{operation}Result>")]:
            if isinstance(first["body"], str):
                if old not in first["body"]:
                    raise ValueError(f"{package}.{operation}: no end of the answer")
                first["body"] = first["body"].replace(old, new)
            else:
                first["body"][body_token] = token
        first["by"] = "moto, and by hand that there is more"
        self.put(account, region, package, operation, output, given)

    def prune(self):
        """Leave out what the answer for any account and region says as well."""
        for key in list(self.files):
            account, region, package, operation = key
            usual = self.files.get((ANY, ANY, package, operation))
            if account == ANY and region == ANY or not usual:
                continue
            wild = [u for u in usual if "input" not in u]
            keep = [a for a in self.files[key] if a.get("by") or not wild or not _says_the_same(a, wild[0])]
            if keep:
                self.files[key] = keep
            else:
                del self.files[key]
        for answers in self.files.values():  # one answer of moto's serves whatever else a later version asks
            if len(answers) == 1 and "by" not in answers[0] and answers[0].get("input") and not _of_one(answers[0]["input"]):
                del answers[0]["input"]

    def write(self, folder):
        folder = pathlib.Path(folder)
        for path in sorted(folder.rglob("*.json"), reverse=True):
            path.unlink()
        for path in sorted((p for p in folder.rglob("*") if p.is_dir()), reverse=True):
            path.rmdir()
        for (account, region, package, operation), answers in sorted(self.files.items()):
            path = folder / account / region / package / f"{operation}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            answers = sorted(answers, key=lambda a: json.dumps(a.get("input", {}), sort_keys=True))
            path.write_text(json.dumps(answers, indent=1, ensure_ascii=False) + "\n")


# What a list is asked with; an input that holds more asks about one thing.
_PAGING = {"MaxResults", "MaxBuckets", "Limit", "MaxItems", "BackupType", "IncludeShadowTrails", "AllRegions"}


def _of_one(given):
    return not set(given) <= _PAGING


def _text(body):
    return body if isinstance(body, str) else json.dumps(body, sort_keys=True)


_NOISE = re.compile(r"<(RequestId|HostId|BucketName|Key|Resource|Message|Type)>[^<]*</\1>|\sxmlns(:\w+)?=\"[^\"]*\"|<\?xml[^>]*\?>|\s+|<ResponseMetadata>|</ResponseMetadata>")


def _says_the_same(a, b):
    if a.get("status", 200) != b.get("status", 200):
        return False
    x, y = a["body"], b["body"]
    if isinstance(x, str) != isinstance(y, str):
        return _empty(x) and _empty(y)
    if not isinstance(x, str):
        return x == y or x.get("__type") is not None and x.get("__type") == y.get("__type") or _empty(x) and _empty(y)
    code = re.compile(r"<Code>([^<]*)</Code>")
    if code.search(x) and code.search(y):
        return code.search(x).group(1) == code.search(y).group(1)
    return _NOISE.sub("", x) == _NOISE.sub("", y) or _empty(x) and _empty(y)


def _empty(body):
    """No text in any element; no member but empty lists and flags that are off."""
    if isinstance(body, str):
        return re.sub(r"<(MaxResults|IsTruncated)>[^<]*</\1>|<[^>]*>", "", _NOISE.sub("", body)).strip() == ""
    return all(v in ([], {}, None, False, "") for k, v in body.items())


def _steady(body):
    """Times and request ids differ from one recording to the next: these are the fixture's own."""
    text = body if isinstance(body, str) else json.dumps(body)
    text = re.sub(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?", "2026-11-21T01:00:00Z", text)
    text = re.sub(r"-20\d\d-\d\d-\d\d-\d\d-\d\d\b", "-2026-11-21-01-00", text)
    text = re.sub(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?", "2026-11-21T01:00:00Z", text)
    text = re.sub(r"<RequestId>[^<]*</RequestId>", "<RequestId>recorded</RequestId>", text)
    text = re.sub(r'("(?:[a-z]\w*|\w*)(?:[tT]ime|[dD]ate|Timestamp|CreationDateTime)":\s*)1[78]\d{8}(\d{3})?(\.\d+)?', lambda m: m.group(1) + ("1795222800000" if m.group(2) else "1795222800"), text)
    text = re.sub(r"/backup/01[78]\d{11}-", "/backup/01795222800000-", text)
    text = re.sub(r'"CreatorRequestId": "[^"]*"', '"CreatorRequestId": "recorded"', text)
    return text if isinstance(body, str) else json.loads(text)
