"""Turns answers into the bytes that AWS sends, by the service models that boto3 ships.

A member that the model does not know is an error, so that no answer has a shape that AWS would not give.
"""

import base64
import datetime
from xml.sax.saxutils import escape

import botocore.loaders
import botocore.model

_LOADER = botocore.loaders.Loader()
_MODELS = {}

# The SDK for Go names some packages otherwise than botocore its models.
_BOTOCORE = {
    "cloudwatchlogs": "logs",
    "configservice": "config",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "eventbridge": "events",
    "bedrockagent": "bedrock-agent",
}


def model(package):
    if package not in _MODELS:
        raw = _LOADER.load_service_model(_BOTOCORE.get(package, package), "service-2")
        _MODELS[package] = botocore.model.ServiceModel(raw, _BOTOCORE.get(package, package))
    return _MODELS[package]


def _protocol(service):
    protocols = service.metadata.get("protocols") or [service.metadata["protocol"]]
    return service.metadata["protocol"] if service.metadata["protocol"] in ("query", "ec2", "rest-xml") else protocols[0]


def go_name(name):
    return name[0].upper() + name[1:]


def request(package, operation, given):
    """The input as the SDK for Go names its members."""
    known = model(package).operation_model(operation).input_shape
    for name in given:
        if name not in known.members:
            raise ValueError(f"{package}.{operation}: no input member {name!r}")
    return {go_name(k): v for k, v in given.items()}


def answer(package, operation, output):
    """A successful answer: body and headers."""
    service = model(package)
    op = service.operation_model(operation)
    shape = op.output_shape
    protocol = _protocol(service)
    headers, body, payload = {}, {}, None
    for name, value in (output or {}).items():
        if shape is None or name not in shape.members:
            raise ValueError(f"{package}.{operation}: no output member {name!r}")
        member = shape.members[name]
        location = member.serialization.get("location")
        if location == "header":
            headers[member.serialization["name"]] = str(value)
        elif location == "statusCode":
            pass
        elif shape.serialization.get("payload") == name:
            payload = (member, value)
        else:
            body[name] = value
    if protocol in ("query", "ec2", "rest-xml"):
        return _xml_body(protocol, service, op, shape, body, payload), headers
    if payload:
        member, value = payload
        return (_json(member, value) if member.type_name == "structure" else value), headers
    return (_json(shape, body) if shape is not None else {}), headers


def failure(package, status, code, message):
    """An error in the service's own protocol."""
    protocol = _protocol(model(package))
    text, code_text = escape(message), escape(code)
    if package == "s3":
        return f"<Error><Code>{code_text}</Code><Message>{text}</Message></Error>", {}
    if protocol == "ec2":
        return f"<Response><Errors><Error><Code>{code_text}</Code><Message>{text}</Message></Error></Errors></Response>", {}
    if protocol in ("query", "rest-xml"):
        return f"<ErrorResponse><Error><Type>Sender</Type><Code>{code_text}</Code><Message>{text}</Message></Error></ErrorResponse>", {}
    return {"__type": code, "message": message}, {"X-Amzn-Errortype": code}


def _json(shape, value):
    kind = shape.type_name
    if kind == "structure":
        if shape.metadata.get("document"):
            return value
        for name in value:
            if name not in shape.members:
                raise ValueError(f"{shape.name}: no member {name!r}")
        return {shape.members[n].serialization.get("name", n): _json(shape.members[n], v) for n, v in value.items()}
    if kind == "list":
        return [_json(shape.member, v) for v in value]
    if kind == "map":
        return {k: _json(shape.value, v) for k, v in value.items()}
    if kind == "timestamp":
        return value if shape.serialization.get("timestampFormat") == "iso8601" else _epoch(value)
    if kind == "blob":
        return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()
    _check(shape, value)
    return value


def _epoch(text):
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return int(moment.timestamp())


def _check(shape, value):
    wanted = {"string": str, "boolean": bool, "integer": int, "long": int}.get(shape.type_name)
    if wanted and not isinstance(value, wanted):
        raise ValueError(f"{shape.name}: {value!r} is no {shape.type_name}")
    if shape.type_name == "string" and shape.metadata.get("enum") and value not in shape.metadata["enum"]:
        raise ValueError(f"{shape.name}: {value!r} is none of {shape.metadata['enum']}")


def _xml_body(protocol, service, op, shape, body, payload):
    if protocol == "rest-xml":
        if payload:
            member, value = payload
            if member.type_name != "structure":
                return value
            return _element(member.serialization.get("name", member.name), member, value)
        if op.name == "GetBucketLocation":  # the one answer whose only member is the root
            return f"<LocationConstraint>{escape(body.get('LocationConstraint', ''))}</LocationConstraint>"
        root = shape.serialization.get("name", op.name + "Result") if shape is not None else op.name + "Result"
        return _element(root, shape, body)
    inner = "".join(_member(shape, n, v) for n, v in body.items()) if shape is not None else ""
    if protocol == "query" and shape is not None and shape.serialization.get("resultWrapper"):
        wrapper = shape.serialization["resultWrapper"]
        inner = f"<{wrapper}>{inner}</{wrapper}>"
    request_id = "<requestId>recorded</requestId>" if protocol == "ec2" else "<ResponseMetadata><RequestId>recorded</RequestId></ResponseMetadata>"
    return f"<{op.name}Response>{inner}{request_id}</{op.name}Response>"


def _member(shape, name, value):
    if name not in shape.members:
        raise ValueError(f"{shape.name}: no member {name!r}")
    member = shape.members[name]
    tag = member.serialization.get("name", name)
    if member.type_name == "list" and member.serialization.get("flattened"):
        tag = member.member.serialization.get("name", tag)
        return "".join(_element(tag, member.member, v) for v in value)
    return _element(tag, member, value)


def _element(tag, shape, value):
    kind, attributes = shape.type_name, ""
    if kind == "structure":
        inner = ""
        for name, v in value.items():
            if name not in shape.members:
                raise ValueError(f"{shape.name}: no member {name!r}")
            if shape.members[name].serialization.get("xmlAttribute"):
                attributes = f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="{v}"'
                continue
            inner += _member(shape, name, v)
    elif kind == "list":
        inner = "".join(_element(shape.member.serialization.get("name", "member"), shape.member, v) for v in value)
    elif kind == "map":
        key, val = shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")
        inner = "".join(f"<entry><{key}>{escape(k)}</{key}>{_element(val, shape.value, v)}</entry>" for k, v in value.items())
    elif kind == "boolean":
        _check(shape, value)
        inner = "true" if value else "false"
    else:
        _check(shape, value)
        inner = escape(str(value))
    tag_name = tag.split(" ")[0]
    return f"<{tag_name}{attributes}>{inner}</{tag_name}>"
