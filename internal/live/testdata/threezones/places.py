"""The places and names of the estate that the hand-written answers share."""

EU, AU, US = "eu-west-1", "ap-southeast-2", "us-east-1"
HOME, AUSTRALIA, GONE = "111111111111", "222222222222", "333333333333"
SANDBOX, ARCHIVE = "444444444444", "555555555555"  # of the organisation too, and not scanned
VENDOR, STRANGER = "888888888888", "999999999999"  # a trusted account, and one that nobody knows
ORGANIZATION = "o-acme123456"
THEN = "2026-11-21T01:00:00Z"
ANY = "any"


def arn(service, region, account, resource):
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def bucket(name):
    return f"arn:aws:s3:::{name}"


def tag_list(**pairs):
    return [{"Key": k.replace("_", "-"), "Value": v} for k, v in pairs.items()]


def key(region, account=HOME):
    return arn("kms", region, account, "key/mrk-0a1b2c3d4e5f60718293a4b5c6d7e8f9" if region != US else "key/5f6e7d8c-9b0a-4c1d-8e2f-3a4b5c6d7e8f")
