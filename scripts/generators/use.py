"""Uses generated clients against a running service: every operation is there, and the loop of a device works.

    use.py DOCUMENT URL KEY        run by scripts/generators.sh

Prints what it did and ends with 1 and a traceback where something is not as the document says.
"""

import importlib
import json
import sys
import urllib.request
import uuid

MODELS = ["res.partner", "sale.order"]
FIELDS = ["res.partner:name,email", "sale.order:name"]


class First:
    """openapi-python-client."""

    def __init__(self, url, key):
        from first import AuthenticatedClient

        self.client = AuthenticatedClient(base_url=url, token=key)

    def operation(self, tag, name):
        return importlib.import_module(f"first.api.{tag}.{name}")

    def call(self, tag, name, **arguments):
        answer = self.operation(tag, name).sync_detailed(client=self.client, **arguments)
        return int(answer.status_code), answer.parsed

    def acknowledge(self, **members):
        from first.models import AcknowledgeRequest

        return self.call("sync", "acknowledge", body=AcknowledgeRequest(**members))

    def reset(self, **members):
        from first.models import ResetRequest

        return self.call("sync", "reset", body=ResetRequest(**members))

    def older_pull(self, **members):
        from first.models import OlderPullRequest

        return self.call("sync", "older_pull", body=OlderPullRequest(**members))

    def read(self, schema, members):
        return getattr(importlib.import_module("first.models"), schema).from_dict(members)

    @staticmethod
    def members(data):
        return data.additional_properties


class Second:
    """OpenAPI Generator."""

    def __init__(self, url, key):
        import second

        self.client = second.ApiClient(second.Configuration(host=url, access_token=key))

    def operation(self, tag, name):
        import second

        return getattr(getattr(second, f"{tag.capitalize()}Api")(self.client), name + "_with_http_info")

    def call(self, tag, name, **arguments):
        from second.exceptions import ApiException

        try:
            answer = self.operation(tag, name)(**arguments)
        except ApiException as error:
            return error.status, error.data
        return answer.status_code, answer.data

    def acknowledge(self, **members):
        from second import AcknowledgeRequest

        return self.call("sync", "acknowledge", acknowledge_request=AcknowledgeRequest(**members))

    def reset(self, **members):
        from second import ResetRequest

        return self.call("sync", "reset", reset_request=ResetRequest(**members))

    def older_pull(self, **members):
        from second import OlderPullRequest

        return self.call("sync", "older_pull", older_pull_request=OlderPullRequest(**members))

    def read(self, schema, members):
        import second

        return getattr(second, schema).from_dict(members)

    @staticmethod
    def members(data):
        return data


def snake(name):
    return "".join("_" + c.lower() if c.isupper() else c for c in name)


def operations(document):
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation.get("tags"), f"{path} has no tag"
            yield operation["tags"][0], snake(operation["operationId"])


def good(answer):
    status, parsed = answer
    assert status == 200, (status, parsed)
    assert parsed is not None
    return parsed


def loop(client):
    """Pulls with fields, acknowledges by ids and by token, asks for the state."""
    device = str(uuid.uuid4())

    def pull():
        return good(client.call("sync", "pull", device_id=device, app_type="sales", models=MODELS, fields=FIELDS, limit=2))

    first = pull()
    assert first.has_update and len(first.events) == 2 and first.has_more, first
    for event in first.events:
        names = {"id", "name", "email"} if event.model == "res.partner" else {"id", "name"}
        assert set(client.members(event.data)) == names, event
    done = good(client.acknowledge(device_id=device, event_ids=[event.id for event in first.events]))
    assert done.acknowledged == 2, done
    next_pull = pull()
    assert next_pull.events and next_pull.events[0].id > first.events[-1].id, next_pull
    done = good(client.acknowledge(device_id=device, sync_token=next_pull.next_sync_token))
    assert done.acknowledged == len(next_pull.events), done
    state = good(client.call("sync", "state", device_id=device))
    assert state.acknowledgements == 2 and state.user_id == first.user_id == next_pull.user_id, state
    assert sorted(state.models) == MODELS, state
    return f"pulled and acknowledged {len(first.events) + len(next_pull.events)} events of user {state.user_id}"


def lists(client):
    device = str(uuid.uuid4())
    page = good(client.call("sync", "snapshot", device_id=device, model="res.partner", fields=["name", "email"], limit=500))
    assert page.records and page.complete and page.user_id > 0, page
    for record in page.records:
        assert set(client.members(record.data)) == {"id", "name", "email"}, record
    digest = good(client.call("sync", "digest", device_id=device, model="res.partner"))
    assert digest.records == len(page.records), digest
    good(client.reset(device_id=device, to="earliest"))
    good(client.call("sync", "app_types"))
    older = good(client.older_pull(device_id=str(uuid.uuid4()), app_type="sales_app", limit=3))
    assert older.new_events_count == 3, older
    return f"listed {len(page.records)} partners"


def others(client):
    events = good(client.call("events", "list_events", model="res.partner", limit=5))
    assert events, events
    assert good(client.call("events", "check_updates")).has_update
    assert good(client.call("service", "root")).version
    status, problem = client.call("sync", "state", device_id="never-seen")
    assert status == 404 and problem.code == "device_unknown", (status, problem)
    return f"read {len(events)} events of version 1 and a problem"


def grown(document, read, url, key):
    """Answers with a member of a later version are read by a client of today."""
    def get(path):
        request = urllib.request.Request(url + path, headers={"Authorization": f"Bearer {key}"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    device = str(uuid.uuid4())
    answers = {
        "Pull": get(f"/api/v2/sync/pull?device_id={device}&app_type=sales&limit=2"),
        "DeviceState": get(f"/api/v2/sync/state?device_id={device}"),
        "SnapshotPage": get(f"/api/v2/sync/snapshot?device_id={device}&model=res.partner&limit=2"),
        "Updates": get("/api/v1/check-updates"),
        "Status": get("/"),
    }
    for schema, members in answers.items():
        # As it is, and grown in every object that the document describes.
        read(schema, members)
        read(schema, grow(members))
    return f"read {len(answers)} kinds of answers that have grown"


def grow(value, within=""):
    if isinstance(value, list):
        return [grow(element, within) for element in value]
    if not isinstance(value, dict):
        return value
    members = {name: grow(member, name) for name, member in value.items()}
    return members if within == "data" else {**members, "of_a_later_version": True}


def main():
    document = json.load(open(sys.argv[1]))
    url, key = sys.argv[2:]
    for kind in (First, Second):
        client = kind(url, key)
        wanted = list(operations(document))
        for tag, name in wanted:
            assert client.operation(tag, name)
        done = [f"{len(wanted)} operations"]
        done += [step(client) for step in (loop, lists, others)]
        done.append(grown(document, client.read, url, key))
        print(f"{kind.__doc__} {'; '.join(done)}")
    import models

    print(f"datamodel-code-generator. {grown(document, lambda schema, members: getattr(models, schema).model_validate(members), url, key)}")


if __name__ == "__main__":
    main()
