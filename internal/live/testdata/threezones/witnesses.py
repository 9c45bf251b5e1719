"""The tagging API: what it knows of the estate, against which the inventory is held."""

from places import *


def write(r):
    package = "resourcegroupstaggingapi"

    def page(token, *resources):
        return {"PaginationToken": token, "ResourceTagMappingList": [{"ResourceARN": name, "Tags": tag_list(**tags)} for name, tags in resources]}

    deleted = arn("ec2", EU, HOME, "snapshot/snap-0ac3e0000000000ff")  # had tags, and is gone at a second look
    r.drop(package, "GetResources")
    r.put(ANY, ANY, package, "GetResources", page(""))
    r.put(HOME, EU, package, "GetResources", page("page-2", (bucket("acme-eu-files"), {"data_residency": "eu"}),
          (arn("logs", EU, HOME, "log-group:/acme/eu/api"), {"data_residency": "eu"})))
    r.put(HOME, EU, package, "GetResources", page("", (arn("ec2", EU, HOME, "snapshot/snap-0ac3e000000000001"), {"data_residency": "eu"}), (deleted, {}),
          (arn("ec2", EU, HOME, "vpc/vpc-0ac3e000000000001"), {"Name": "acme-eu"})), {"PaginationToken": "page-2", "ResourcesPerPage": 100})
    r.put(HOME, EU, package, "GetResources", page(""), {"ResourceARNList": [deleted]})
    r.put(AUSTRALIA, AU, package, "GetResources", page("", (arn("kinesis", AU, AUSTRALIA, "stream/acme-au-events"), {"data_residency": "au"})))
