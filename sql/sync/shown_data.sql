-- Whether a device's copy may have other data than its user sees of the same records now.

CREATE OR REPLACE FUNCTION changefeed.may_show_otherwise(d changefeed.device, data_stamp text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN d.data_stamp IS DISTINCT FROM may_show_otherwise.data_stamp
        OR d.data_checked_at < clock_timestamp() - interval '1 minute'
           AND d.rights_stamp IS DISTINCT FROM changefeed.odoo_rights_stamp();
END $$;
COMMENT ON FUNCTION changefeed.may_show_otherwise(changefeed.device, text) IS
    'True when odoo_data_stamp() or, checked once a minute, '
    'odoo_rights_stamp() has changed since the device''s data_scopes were computed.';

CREATE OR REPLACE FUNCTION changefeed.note_data(d changefeed.device, models text[], companies int[], data_stamp text)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    shown jsonb := changefeed.odoo_data_scopes(d.user_id, models, companies);
    changed text[] := ARRAY(SELECT m FROM unnest(models) m WHERE d.data_scopes -> m <> shown -> m);
BEGIN
    PERFORM changefeed.durable();
    IF changed <> '{}' THEN
        PERFORM changefeed.mark_resync(d.id, changed, 'scope_changed', 'replace', false);
    END IF;
    UPDATE changefeed.device v
    SET data_stamp = note_data.data_stamp, rights_stamp = changefeed.odoo_rights_stamp(),
        data_checked_at = clock_timestamp(), data_scopes = shown, bases = v.bases - changed
    WHERE v.id = d.id;
END $$;
COMMENT ON FUNCTION changefeed.note_data(changefeed.device, text[], int[], text) IS
    'Records the present dependencies of the data of a device''s models, '
    'and that models for which they have changed must be resynced.';
