#!/usr/bin/env python3
"""Prints a CycloneDX 1.5 bill of materials of the program: Swift packages, and the Debian packages of its libraries.

    scripts/package/sbom.py Package.resolved BINARY VERSION COMMIT SECONDS
"""
import datetime
import hashlib
import json
import re
import subprocess
import sys
import uuid


def swift_packages(path):
    with open(path, encoding="utf-8") as file:
        pins = json.load(file)["pins"]
    for pin in sorted(pins, key=lambda p: p["identity"]):
        place = re.sub(r"^https://|\.git$", "", pin["location"])
        version = pin["state"].get("version") or pin["state"]["revision"]
        yield {
            "type": "library", "bom-ref": f"pkg:swift/{place}@{version}", "name": pin["identity"], "version": version,
            "purl": f"pkg:swift/{place}@{version}", "licenses": [{"license": {"id": "Apache-2.0"}}],
            "externalReferences": [{"type": "vcs", "url": pin["location"]}],
            "properties": [{"name": "swift:revision", "value": pin["state"]["revision"]}],
        }


def output(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def debian_packages(binary):
    """Of the libraries that the program names itself: what these need, dpkg installs with them."""
    needed = set(re.findall(r"NEEDED.*\[(.*)\]", output("readelf", "-d", binary)))
    paths = [p for name, p in re.findall(r"(\S+) => (/\S+)", output("ldd", binary)) if name in needed]
    # dpkg may list a library below / or below /usr.
    bare = [re.sub(r"^/usr", "", p) for p in paths if re.match(r"/(usr/)?lib/", p)]
    found = subprocess.run(
        ["dpkg-query", "-S"] + bare + ["/usr" + p for p in bare], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    names = sorted({line.split(": ")[0].split(",")[0] for line in found.stdout.splitlines() if ": /" in line})
    rows = output("dpkg-query", "-W", "-f", "${Package} ${Version} ${Architecture}\n", *names) if names else ""
    for row in sorted(rows.splitlines()):
        package, version, architecture = row.split()
        purl = f"pkg:deb/debian/{package}@{version}?arch={architecture}"
        yield {"type": "library", "bom-ref": purl, "name": package, "version": version, "purl": purl, "scope": "required"}


def main():
    resolved, binary, version, commit, seconds = sys.argv[1:]
    with open(binary, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    components = list(swift_packages(resolved)) + list(debian_packages(binary))
    program = {
        "type": "application", "bom-ref": "changefeed", "name": "changefeed", "version": version,
        "hashes": [{"alg": "SHA-256", "content": digest}], "properties": [{"name": "git:commit", "value": commit}],
    }
    when = datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc)
    bill = {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "serialNumber": "urn:uuid:" + str(uuid.uuid5(uuid.NAMESPACE_URL, digest + commit)),
        "metadata": {"timestamp": when.strftime("%Y-%m-%dT%H:%M:%SZ"), "component": program},
        "components": components,
        "dependencies": [{"ref": "changefeed", "dependsOn": [c["bom-ref"] for c in components]}],
    }
    json.dump(bill, sys.stdout, indent=1)
    print()


main()
