"""Faults that a soak must find; each is done to the database or to the script, none to the service's code."""

import asyncio

from http_client import Connection

PLANTS = {
    "stale": "changes of access are no longer noted: the triggers' function does nothing, so that caches stay",
    "sight": "the operator lets a record rule pass everything, which the script does not know of",
    "field": "the field with groups loses them behind the script's back, and is everybody's",
    "revoked": "keys are not revoked, though the script believes so",
    "loss": "of every tenth change of records the event is taken out of the log",
    "leak": "streams are opened on and on, each of which costs the service memory",
    "drift": "a record is changed behind the script's back",
}
DEAF = """CREATE OR REPLACE FUNCTION changefeed.capture_access() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$ BEGIN RETURN NULL; END $$"""


async def plant(name, soak, session):
    """Plants it once the run goes; session: a superuser's."""
    if name == "stale":
        await session.run(DEAF)
    elif name == "sight":
        for rule, values in soak.world.access.newest.rules.items():
            if values.model == "sale.order" and values.groups:
                await session.run(f"SELECT changefeed.decide_rule({rule}, 'allow', NULL, 'planted')")
    elif name == "field":
        await session.run(f"DELETE FROM ir_model_fields_group_rel WHERE field_id = {soak.setup.field}")
    elif name == "revoked":
        soak.access_writer.spares_key = True
    elif name == "loss":
        soak.record_writer.loses = 10
    elif name == "drift":
        await session.run("UPDATE sale_order SET name = 'Drift' WHERE id = (SELECT min(id) FROM sale_order)")
    elif name == "leak":
        await open_streams(soak)


async def open_streams(soak):
    """600 over the run, so that a short one shows them as well; below what the service takes of connections."""
    for number in range(600):
        device = soak.devices[number % len(soak.devices)]
        connection = Connection(soak.ports[number % len(soak.ports)], f"127.2.{number // 250}.{number % 250 + 1}")
        await connection.send(
            "GET",
            f"/api/v2/sync/stream?device_id=leak&app_type={device.app_type}",
            {"Authorization": f"Bearer {soak.world.handed[device.user]}"},
        )
        soak.leaked.append(connection)
        await asyncio.sleep(soak.seconds / 600)
