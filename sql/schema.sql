-- Written by scripts/schema.sh: a fresh installation as pg_dump has it, without the bodies of functions.
CREATE SCHEMA changefeed;
ALTER SCHEMA changefeed OWNER TO changefeed_owner;
COMMENT ON SCHEMA changefeed IS 'odoo-changefeed: change capture, event log and the functions of the feed. sql/uninstall.sql removes all of it.';
CREATE TYPE changefeed.model_scope AS (
	model text,
	user_id integer,
	company_id integer,
	company_ids integer[],
	digest text,
	predicate text,
	numbers bigint[],
	texts text[],
	own_columns text[],
	formerly text,
	reads jsonb,
	former_tables text[],
	filter jsonb
);
ALTER TYPE changefeed.model_scope OWNER TO changefeed_owner;
COMMENT ON TYPE changefeed.model_scope IS 'What one user may see of one model: the condition of the record rules (null: all records) with its parameters, and a digest of what it came from.';
CREATE FUNCTION changefeed.access_changed() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.access_changed() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.access_changed() IS 'Invalidates everything cached about access, after rights were granted.';
CREATE FUNCTION changefeed.access_rules(user_id integer, companies integer[] DEFAULT NULL::integer[], only_models text[] DEFAULT NULL::text[]) RETURNS TABLE(model text, key text, holder text, rule_id integer, rule_name text, is_global boolean, digest text, domain text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.access_rules(user_id integer, companies integer[], only_models text[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.access_rules(user_id integer, companies integer[], only_models text[]) IS 'The sets of record rules that apply to a user, of the tracked models and of those whose records they list, and are not compiled yet, one row per rule: the model, the key of the set, the rule''s model, and its domain, or the operator''s decision instead.';
CREATE FUNCTION changefeed.access_scopes(user_id integer, models text[], companies integer[], in_lists boolean DEFAULT false, OUT problem text, OUT scopes changefeed.model_scope[], OUT data_stamp text) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.access_scopes(user_id integer, models text[], companies integer[], in_lists boolean, OUT problem text, OUT scopes changefeed.model_scope[], OUT data_stamp text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.access_scopes(user_id integer, models text[], companies integer[], in_lists boolean, OUT problem text, OUT scopes changefeed.model_scope[], OUT data_stamp text) IS 'What a user may see of each of the models that may be read. Models closed by their rules or by Odoo''s Python code are omitted. in_lists: for lists of their records. data_stamp: from odoo_data_stamp(). problem: company_not_allowed, or rules_not_compiled: call keep_rules() for the result of access_rules(), and retry.';
CREATE FUNCTION changefeed.access_stamp(user_id integer) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.access_stamp(user_id integer) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.access_stamp(user_id integer) IS 'odoo_access_stamp(), with odoo_recent_mark(); null also if this transaction caches nothing.';
CREATE FUNCTION changefeed.acknowledge(user_id integer, device_id text, event_ids bigint[] DEFAULT NULL::bigint[], sync_token text DEFAULT NULL::text, OUT problem text, OUT resync json, OUT acknowledged integer) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.acknowledge(user_id integer, device_id text, event_ids bigint[], sync_token text, OUT problem text, OUT resync json, OUT acknowledged integer) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.acknowledge(user_id integer, device_id text, event_ids bigint[], sync_token text, OUT problem text, OUT resync json, OUT acknowledged integer) IS 'Settles events that pull() sent to the device: by their ids, or all up to the pull of the token. Earlier events of the same records are settled with them. acknowledged: how many were settled by this call; 0 if repeated. problem: device_unknown, events_not_handed, cursor_malformed, cursor_mismatch, user_changed or resync; then nothing was changed.';
CREATE FUNCTION changefeed.acknowledge_handed(device bigint, batch bigint, upto bigint) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.acknowledge_handed(device bigint, batch bigint, upto bigint) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.acknowledge_handed(device bigint, batch bigint, upto bigint) IS 'Settles the sent entries of this window, or of this page of a first copy, up to an event id. Returns how many entries that settled.';
CREATE FUNCTION changefeed.active_devices(inactive_after interval DEFAULT '30 days'::interval) RETURNS TABLE(device bigint, seen pg_snapshot, takes_snapshot boolean)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.active_devices(inactive_after interval) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.active_devices(inactive_after interval) IS 'Devices that hold retention back: those of this epoch that pulled recently or are resyncing a model (takes_snapshot, begun within a day).';
CREATE FUNCTION changefeed.add_watermark(model text, before timestamp with time zone, settled xid8, archived_by text) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.add_watermark(model text, before timestamp with time zone, settled xid8, archived_by text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.add_watermark(model text, before timestamp with time zone, settled xid8, archived_by text) IS 'Archives visible events before this time, of this model and of transactions below settled (null: all). Returns how many events version 1 lost; if none, there is no watermark.';
CREATE FUNCTION changefeed.adopt(reason text DEFAULT NULL::text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.adopt(reason text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.adopt(reason text) IS 'Declares this copy the feed''s home; false if it was not a copy. Stored in changefeed.home with the author.';
CREATE FUNCTION changefeed.app_type_models(app_type text) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.app_type_models(app_type text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.app_type_models(app_type text) IS 'Models of an app type (NAME_app means NAME, unless it is one itself); null for an unknown one.';
CREATE FUNCTION changefeed.app_types() RETURNS json
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.app_types() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.app_types() IS 'The app types, each with its tracked models.';
CREATE FUNCTION changefeed.app_types_of(user_id integer, OUT problem text, OUT app_types json) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.app_types_of(user_id integer, OUT problem text, OUT app_types json) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.app_types_of(user_id integer, OUT problem text, OUT app_types json) IS 'The app types, each with the models that a device of this user would follow: tracked, readable for the user, and not closed. problem: as in access_scopes().';
CREATE FUNCTION changefeed.archivable(model text, before timestamp with time zone, settled xid8, since timestamp with time zone DEFAULT '-infinity'::timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.archivable(model text, before timestamp with time zone, settled xid8, since timestamp with time zone) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.archivable(model text, before timestamp with time zone, settled xid8, since timestamp with time zone) IS 'How many events version 1 would lose if these were archived: of a model (null: all), from since to before, of transactions below settled (null: all).';
CREATE FUNCTION changefeed.archive(dry_run boolean DEFAULT true, only_step text DEFAULT NULL::text, archive_after interval DEFAULT '7 days'::interval, force_after interval DEFAULT '30 days'::interval, delete_after interval DEFAULT '90 days'::interval, inactive_after interval DEFAULT '30 days'::interval) RETURNS TABLE(step text, object text, events bigint, state text, detail text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS ...;
ALTER FUNCTION changefeed.archive(dry_run boolean, only_step text, archive_after interval, force_after interval, delete_after interval, inactive_after interval) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.archive(dry_run boolean, only_step text, archive_after interval, force_after interval, delete_after interval, inactive_after interval) IS 'One run of retention, or one step of it (force, settled, orphans, delete, rotate, count), as rows of what was done, is due (dry_run) or is held back. force: archives after force_after; settled: archives, after archive_after, events that every active device has settled; orphans: hides events of deleted records; delete: empties one slot whose events are older than delete_after (call again until it reports nothing new); rotate: sends writers on; count: for archive_stats.';
CREATE FUNCTION changefeed.archive_before(before timestamp with time zone, archived_by text) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.archive_before(before timestamp with time zone, archived_by text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.archive_before(before timestamp with time zone, archived_by text) IS 'Archives visible events before this time (at most now): version 1 stops showing them, the log keeps them. Returns how many of its events disappeared.';
CREATE FUNCTION changefeed.archive_floors(models text[]) RETURNS bigint[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.archive_floors(models text[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.archive_floors(models text[]) IS 'For each of these models a log id below which everything is archived; null if nothing ever was.';
CREATE FUNCTION changefeed.archive_model(model text, before timestamp with time zone, archived_by text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.archive_model(model text, before timestamp with time zone, archived_by text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.archive_model(model text, before timestamp with time zone, archived_by text) IS 'Archives visible events of a model (null: all) before this time (at most now), settled or not: version 1 stops showing them, the log keeps them. Returns how many of its events disappeared.';
CREATE FUNCTION changefeed.archived_at(model text, occurred_at timestamp with time zone, xid xid8) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.archived_at(model text, occurred_at timestamp with time zone, xid xid8) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.archived_at(model text, occurred_at timestamp with time zone, xid xid8) IS 'Since when an existing watermark has archived this row of the log; null if none does.';
CREATE FUNCTION changefeed.archiver_key() RETURNS bigint
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.archiver_key() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.archiver_key() IS 'Advisory lock key of the session that runs a step of retention.';
CREATE PROCEDURE changefeed.attach_default_models()
    LANGUAGE plpgsql
    AS ...;
ALTER PROCEDURE changefeed.attach_default_models() OWNER TO changefeed_owner;
COMMENT ON PROCEDURE changefeed.attach_default_models() IS 'Tracks the models of changefeed.default_model, one table at a time with a commit after each. Skips models that were untracked by hand. May be run again.';
CREATE FUNCTION changefeed.audit_data(user_id integer, model text, ids bigint[], OUT problem text, OUT records json) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.audit_data(user_id integer, model text, ids bigint[], OUT problem text, OUT records json) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.audit_data(user_id integer, model text, ids bigint[], OUT problem text, OUT records json) IS 'Records as a device of this user gets them, a JSON array; the caller has to check that the user may see them. problem: as in access_scopes().';
CREATE FUNCTION changefeed.audit_ids(user_id integer, model text, from_id bigint, to_id bigint, OUT problem text, OUT is_open boolean, OUT ids bigint[]) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.audit_ids(user_id integer, model text, from_id bigint, to_id bigint, OUT problem text, OUT is_open boolean, OUT ids bigint[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.audit_ids(user_id integer, model text, from_id bigint, to_id bigint, OUT problem text, OUT is_open boolean, OUT ids bigint[]) IS 'The ids in a range that a user gets of a model. is_open: false if the user gets nothing of it. problem: as in access_scopes().';
CREATE FUNCTION changefeed.begin_retention(archive_every interval) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.begin_retention(archive_every interval) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.begin_retention(archive_every interval) IS 'True for the one replica that should run retention now: it is due, and no run has begun within the hour.';
CREATE FUNCTION changefeed.bell_key() RETURNS bigint
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.bell_key() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.bell_key() IS 'Advisory lock key K of the doorbell: held exclusively by the tailer while it sleeps.';
CREATE FUNCTION changefeed.capture_access() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_access() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_access() IS 'Trigger function: records that this transaction changes what users see.';
CREATE FUNCTION changefeed.capture_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_delete() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_delete() IS 'Trigger function: logs the records of one DELETE statement as unlink. Argument: the model.';
CREATE FUNCTION changefeed.capture_delete_account_move() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS ...;
ALTER FUNCTION changefeed.capture_delete_account_move() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_delete_account_move() IS 'Trigger function of account.move: as capture_delete(), and keeps the old values of partner_id. Written by track().';
CREATE FUNCTION changefeed.capture_delete_hr_employee() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS ...;
ALTER FUNCTION changefeed.capture_delete_hr_employee() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_delete_hr_employee() IS 'Trigger function of hr.employee: as capture_delete(), and keeps the old values of user_id. Written by track().';
CREATE FUNCTION changefeed.capture_delete_product_product() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS ...;
ALTER FUNCTION changefeed.capture_delete_product_product() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_delete_product_product() IS 'Trigger function of product.product: as capture_delete(), and keeps the old values of product_tmpl_id, active. Written by track().';
CREATE FUNCTION changefeed.capture_delete_product_template() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS ...;
ALTER FUNCTION changefeed.capture_delete_product_template() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_delete_product_template() IS 'Trigger function of product.template: as capture_delete(), and keeps the old values of active. Written by track().';
CREATE FUNCTION changefeed.capture_delete_purchase_order() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS ...;
ALTER FUNCTION changefeed.capture_delete_purchase_order() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_delete_purchase_order() IS 'Trigger function of purchase.order: as capture_delete(), and keeps the old values of partner_id. Written by track().';
CREATE FUNCTION changefeed.capture_delete_res_partner() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS ...;
ALTER FUNCTION changefeed.capture_delete_res_partner() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_delete_res_partner() IS 'Trigger function of res.partner: as capture_delete(), and keeps the old values of active, company_id. Written by track().';
CREATE FUNCTION changefeed.capture_delete_sale_order() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS ...;
ALTER FUNCTION changefeed.capture_delete_sale_order() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_delete_sale_order() IS 'Trigger function of sale.order: as capture_delete(), and keeps the old values of partner_id, user_id. Written by track().';
CREATE FUNCTION changefeed.capture_delete_stock_picking() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS ...;
ALTER FUNCTION changefeed.capture_delete_stock_picking() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_delete_stock_picking() IS 'Trigger function of stock.picking: as capture_delete(), and keeps the old values of partner_id. Written by track().';
CREATE FUNCTION changefeed.capture_delete_template(followers boolean) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_delete_template(followers boolean) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_delete_template(followers boolean) IS 'The template of capture_text() for DELETE functions, with or without the records'' followers.';
CREATE FUNCTION changefeed.capture_filled(template text, event text, numbered text DEFAULT ''::text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_filled(template text, event text, numbered text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_filled(template text, event text, numbered text) IS 'The text of a trigger function from its template: each line <append chunk>, <append chunks> or <ring> becomes that part, <event> the kind of event that it writes, <numbered> the query of the ids that <append chunks> writes, with their positions.';
CREATE FUNCTION changefeed.capture_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_insert() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_insert() IS 'Trigger function: logs the records of one INSERT statement as create. Argument: the model.';
CREATE FUNCTION changefeed.capture_name(model text, kind text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_name(model text, kind text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_name(model text, kind text) IS 'Name of a model''s own trigger function, with a digest if the model''s name is too long or not unique.';
CREATE FUNCTION changefeed.capture_object(columns name[], what text[]) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_object(columns name[], what text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_object(columns name[], what text[]) IS 'SQL text of a JSON object: columns'' names and the expressions of their values.';
CREATE FUNCTION changefeed.capture_parent_drop(function_name name) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_parent_drop(function_name name) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_parent_drop(function_name name) IS 'Drops a trigger function for the parent of a model that no trigger calls any more. For link_parents().';
CREATE FUNCTION changefeed.capture_parent_name(model text, key name) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_parent_name(model text, key name) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_parent_name(model text, key name) IS 'Name of the trigger function that logs the writes of a model''s parent, to which the column refers.';
CREATE FUNCTION changefeed.capture_parent_text(child regclass, key name) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_parent_text(child regclass, key name) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_parent_text(child regclass, key name) IS 'Body of the trigger function on a parent''s table: finds the records of the child''s table whose column contains the written ids.';
CREATE FUNCTION changefeed.capture_parent_write(model text, key name, child regclass) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_parent_write(model text, key name, child regclass) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_parent_write(model text, key name, child regclass) IS 'Creates the trigger function for the parent of a model. For link_parents().';
CREATE FUNCTION changefeed.capture_text(kind text, target regclass, columns name[], followers boolean) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS ...;
ALTER FUNCTION changefeed.capture_text(kind text, target regclass, columns name[], followers boolean) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_text(kind text, target regclass, columns name[], followers boolean) IS 'Body of the trigger function (update or delete) that keeps these columns of a table; null if the general one is used.';
CREATE FUNCTION changefeed.capture_truncate() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_truncate() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_truncate() IS 'Trigger function: logs one truncate event for the model, without record ids. Argument: the model.';
CREATE FUNCTION changefeed.capture_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_update() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_update() IS 'Trigger function: logs the records of one UPDATE statement as write. Argument: the model.';
CREATE FUNCTION changefeed.capture_update_account_move() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_update_account_move() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_update_account_move() IS 'Trigger function of account.move: as capture_update(), and keeps the old values of partner_id. Written by track().';
CREATE FUNCTION changefeed.capture_update_hr_employee() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_update_hr_employee() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_update_hr_employee() IS 'Trigger function of hr.employee: as capture_update(), and keeps the old values of user_id. Written by track().';
CREATE FUNCTION changefeed.capture_update_product_product() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_update_product_product() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_update_product_product() IS 'Trigger function of product.product: as capture_update(), and keeps the old values of product_tmpl_id, active. Written by track().';
CREATE FUNCTION changefeed.capture_update_product_template() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_update_product_template() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_update_product_template() IS 'Trigger function of product.template: as capture_update(), and keeps the old values of active. Written by track().';
CREATE FUNCTION changefeed.capture_update_purchase_order() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_update_purchase_order() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_update_purchase_order() IS 'Trigger function of purchase.order: as capture_update(), and keeps the old values of partner_id. Written by track().';
CREATE FUNCTION changefeed.capture_update_res_partner() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_update_res_partner() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_update_res_partner() IS 'Trigger function of res.partner: as capture_update(), and keeps the old values of active, company_id. Written by track().';
CREATE FUNCTION changefeed.capture_update_sale_order() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_update_sale_order() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_update_sale_order() IS 'Trigger function of sale.order: as capture_update(), and keeps the old values of partner_id, user_id. Written by track().';
CREATE FUNCTION changefeed.capture_update_stock_picking() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_update_stock_picking() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_update_stock_picking() IS 'Trigger function of stock.picking: as capture_update(), and keeps the old values of partner_id. Written by track().';
CREATE FUNCTION changefeed.capture_update_template() RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_update_template() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_update_template() IS 'The template of capture_text() for UPDATE functions.';
CREATE FUNCTION changefeed.capture_write(model text, kind text, target regclass, columns name[], followers boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.capture_write(model text, kind text, target regclass, columns name[], followers boolean) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.capture_write(model text, kind text, target regclass, columns name[], followers boolean) IS 'Creates a model''s own trigger function, or drops it if the general one is used. For write_captures().';
CREATE FUNCTION changefeed.captures_are_fine(model text, target regclass, columns name[], followers boolean) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.captures_are_fine(model text, target regclass, columns name[], followers boolean) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.captures_are_fine(model text, target regclass, columns name[], followers boolean) IS 'True when triggers and functions are correct, after replacing the functions'' text if necessary. False: triggers have to change.';
CREATE FUNCTION changefeed.captures_drift(model text, target regclass, columns name[], followers boolean) RETURNS integer
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.captures_drift(model text, target regclass, columns name[], followers boolean) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.captures_drift(model text, target regclass, columns name[], followers boolean) IS 'How a model''s own trigger functions differ from those for these columns: 0 not at all, 1 by their text, 2 one is missing or superfluous.';
CREATE FUNCTION changefeed.change_triggers(model text, target regclass, attach boolean) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.change_triggers(model text, target regclass, attach boolean) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.change_triggers(model text, target regclass, attach boolean) IS 'Attaches or detaches triggers in up to 20 tries with growing pauses that hold no lock on the table, naming the lock holders.';
CREATE FUNCTION changefeed.check_identity(OUT epoch integer, OUT changed boolean, OUT reason text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.check_identity(OUT epoch integer, OUT changed boolean, OUT reason text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.check_identity(OUT epoch integer, OUT changed boolean, OUT reason text) IS 'Compares cluster, timeline, database and database.uuid with the recorded ones; raises the epoch when they differ and returns the reason, and settles rows with another cluster''s transaction ids. Fails on a standby.';
CREATE FUNCTION changefeed.console_access() RETURNS json
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.console_access() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_access() IS 'Record rules that are not understood or were decided about, models whose access code decides, decisions about fields.';
CREATE FUNCTION changefeed.console_act(method text, subject integer, proof text, session text, idle_seconds double precision, database text, operators text, readers text, client text, action text, arguments jsonb) RETURNS TABLE(user_id integer, standing text, outcome text, detail text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.console_act(method text, subject integer, proof text, session text, idle_seconds double precision, database text, operators text, readers text, client text, action text, arguments jsonb) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_act(method text, subject integer, proof text, session text, idle_seconds double precision, database text, operators text, readers text, client text, action text, arguments jsonb) IS 'Does one act of the console, for a user in the operators'' group, and adds it to the audit; of what is refused, one row per user, action and hour. outcome: done, refused, failed; detail: what came of it, or why not. No row: the credential is not valid.';
CREATE FUNCTION changefeed.console_audit_page(arguments jsonb) RETURNS json
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.console_audit_page(arguments jsonb) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_audit_page(arguments jsonb) IS 'The audit, newest first: fifty rows; argument before (a number). next: the number with which to go on.';
CREATE FUNCTION changefeed.console_caller(method text, subject integer, proof text, session text, idle_seconds double precision, database text, operators text, readers text) RETURNS TABLE(user_id integer, standing text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.console_caller(method text, subject integer, proof text, session text, idle_seconds double precision, database text, operators text, readers text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_caller(method text, subject integer, proof text, session text, idle_seconds double precision, database text, operators text, readers text) IS 'The user of a credential, as odoo_caller() has it, and what the user may do in the console: operator, reader, null. operators, readers: XML ids of Odoo groups; readers may be null. No row: the credential is not valid.';
CREATE FUNCTION changefeed.console_device(arguments jsonb) RETURNS json
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.console_device(arguments jsonb) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_device(arguments jsonb) IS 'device_state() of any user''s device. problem: device_unknown, or as in access_scopes().';
CREATE FUNCTION changefeed.console_devices(arguments jsonb) RETURNS json
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.console_devices(arguments jsonb) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_devices(arguments jsonb) IS 'Devices by user and name: arguments login, after_user and after_device, limit. next: the arguments with which to go on; null: that was all.';
CREATE FUNCTION changefeed.console_do(user_id integer, action text, arguments jsonb) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.console_do(user_id integer, action text, arguments jsonb) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_do(user_id integer, action text, arguments jsonb) IS 'Does one act of the console for a user. Returns what came of it. Only for console_act(): no role may call it.';
CREATE FUNCTION changefeed.console_endpoint(arguments jsonb) RETURNS json
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.console_endpoint(arguments jsonb) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_endpoint(arguments jsonb) IS 'An endpoint with its last 50 attempts and 100 of the records that wait. endpoint null: there is none.';
CREATE FUNCTION changefeed.console_endpoints(arguments jsonb) RETURNS json
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.console_endpoints(arguments jsonb) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_endpoints(arguments jsonb) IS 'All endpoints by name: arguments after, limit. Never with secrets.';
CREATE FUNCTION changefeed.console_event(arguments jsonb) RETURNS json
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.console_event(arguments jsonb) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_event(arguments jsonb) IS 'One row of the log, with 100 of its records from a place on, the values that were kept of them, and other rows of the same transaction. Null: there is none.';
CREATE FUNCTION changefeed.console_event_rows(found bigint[], wanted integer, searched_to bigint) RETURNS json
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.console_event_rows(found bigint[], wanted integer, searched_to bigint) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_event_rows(found bigint[], wanted integer, searched_to bigint) IS 'The first rows of these, as console_events() answers. searched_to: where the search stopped; null: at the end.';
CREATE FUNCTION changefeed.console_events(arguments jsonb) RETURNS json
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS ...;
ALTER FUNCTION changefeed.console_events(arguments jsonb) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_events(arguments jsonb) IS 'Rows of the log, newest first: arguments before (a log id), model, event, record, since, limit. next: the log id with which to go on; null: that was all. With event or record, 30,000 rows are searched at a time.';
CREATE FUNCTION changefeed.console_explain(arguments jsonb, OUT problem text, OUT answer json) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.console_explain(arguments jsonb, OUT problem text, OUT answer json) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_explain(arguments jsonb, OUT problem text, OUT answer json) IS 'explain_access(), and explain_record() if a record is given: arguments login, model, record. facts null: no such user. problem: rules_not_compiled, with the user whose rules the service has to compile.';
CREATE FUNCTION changefeed.console_findings() RETURNS json
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.console_findings() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_findings() IS 'verify() as JSON. action: what the console can do about it itself; null: the remediation is for a terminal.';
CREATE FUNCTION changefeed.console_me(user_id integer) RETURNS json
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.console_me(user_id integer) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_me(user_id integer) IS 'Who is signed in, and to which database.';
CREATE FUNCTION changefeed.console_models() RETURNS json
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.console_models() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_models() IS 'The tracked models with the state of their triggers, their events of the last hour and their access; untracked: default models that are not tracked.';
CREATE FUNCTION changefeed.console_note(user_id integer, client text, action text, arguments jsonb, outcome text, detail text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.console_note(user_id integer, client text, action text, arguments jsonb, outcome text, detail text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_note(user_id integer, client text, action text, arguments jsonb, outcome text, detail text) IS 'Adds a row to the audit, which keeps the newest 10,000 and none older than 90 days.';
CREATE FUNCTION changefeed.console_overview() RETURNS json
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.console_overview() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_overview() IS 'The state of the feed for the console''s first page; minutes: [minute, model, events] of the last hour.';
CREATE FUNCTION changefeed.console_plan(arguments jsonb) RETURNS json
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.console_plan(arguments jsonb) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_plan(arguments jsonb) IS 'What tracking a model, or no longer tracking it, takes: the statement for a terminal, the lock on its table, and who holds locks there now. table null: there is no such model, or it has no ordinary table.';
CREATE FUNCTION changefeed.console_read(method text, subject integer, proof text, session text, idle_seconds double precision, database text, operators text, readers text, page text, arguments jsonb) RETURNS TABLE(user_id integer, standing text, problem text, answer json)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS ...;
ALTER FUNCTION changefeed.console_read(method text, subject integer, proof text, session text, idle_seconds double precision, database text, operators text, readers text, page text, arguments jsonb) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_read(method text, subject integer, proof text, session text, idle_seconds double precision, database text, operators text, readers text, page text, arguments jsonb) IS 'A page of the console as JSON, for a user in one of its groups. No row: the credential is not valid. standing null: the user is in neither group, and nothing was read. problem: rules_not_compiled, as in access_scopes().';
CREATE FUNCTION changefeed.console_recent(OUT first_id bigint, OUT is_cut boolean) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.console_recent(OUT first_id bigint, OUT is_cut boolean) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_recent(OUT first_id bigint, OUT is_cut boolean) IS 'The first log id of the last hour, or, is_cut, of the newest 40,000 rows of it.';
CREATE FUNCTION changefeed.console_verdicts(arguments jsonb) RETURNS json
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.console_verdicts(arguments jsonb) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.console_verdicts(arguments jsonb) IS 'Whether each of these compiled conditions matches a record, as explain_rule() says, in their order: arguments user_id, company, companies, model, record, conditions (sql, numbers, texts).';
CREATE FUNCTION changefeed.control_is_seen() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.control_is_seen() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.control_is_seen() IS 'True when every snapshot that is in use in this database, and so every later one, sees the last change of changefeed.control.';
CREATE FUNCTION changefeed.copy_estimate(models text[]) RETURNS bigint
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.copy_estimate(models text[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.copy_estimate(models text[]) IS 'Estimated number of records of these models, from PostgreSQL''s statistics; ignores record rules.';
CREATE TABLE changefeed.device (
    id bigint NOT NULL,
    user_id integer NOT NULL,
    device_id text NOT NULL,
    app_type text,
    models text[] DEFAULT '{}'::text[] NOT NULL,
    scopes jsonb DEFAULT '{}'::jsonb NOT NULL,
    epoch integer NOT NULL,
    base pg_snapshot DEFAULT pg_current_snapshot() NOT NULL,
    bases jsonb DEFAULT '{}'::jsonb NOT NULL,
    resync jsonb DEFAULT '{}'::jsonb NOT NULL,
    began pg_snapshot NOT NULL,
    seen pg_snapshot NOT NULL,
    seen_log_id bigint NOT NULL,
    seen_next xid8,
    target pg_snapshot,
    target_low_id bigint,
    target_high_id bigint,
    target_next xid8,
    batch bigint DEFAULT 0 NOT NULL,
    window_from bigint DEFAULT 0 NOT NULL,
    window_to bigint,
    window_is_last boolean DEFAULT false NOT NULL,
    handed bigint DEFAULT 0 NOT NULL,
    "position" bigint DEFAULT 0 NOT NULL,
    acked bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    hidden bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    acknowledgements bigint DEFAULT 0 NOT NULL,
    token_epoch integer DEFAULT 0 NOT NULL,
    registered_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_pull_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_acknowledgement_at timestamp with time zone,
    last_resync_at timestamp with time zone,
    last_resync_reason text,
    retired_at timestamp with time zone,
    data_stamp text,
    rights_stamp text,
    data_scopes jsonb DEFAULT '{}'::jsonb NOT NULL,
    data_checked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    settled_batch bigint DEFAULT 0 NOT NULL,
    settled_id bigint DEFAULT 0 NOT NULL,
    told_batch bigint,
    told_id bigint,
    is_copying boolean DEFAULT false NOT NULL,
    window_is_kept boolean DEFAULT false NOT NULL,
    CONSTRAINT device_device_id CHECK (((length(device_id) >= 1) AND (length(device_id) <= 255)))
)
WITH (fillfactor='50');
ALTER TABLE changefeed.device OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.device IS 'Devices of the second API. What is visible in seen is settled for them; of what is visible in target and not in seen, one window after another is handed out and settled by acknowledgement.';
COMMENT ON COLUMN changefeed.device.id IS 'Number of the device.';
COMMENT ON COLUMN changefeed.device.user_id IS 'Odoo user (res_users.id) to whom it belongs.';
COMMENT ON COLUMN changefeed.device.device_id IS 'The name that the client gave it; another user''s same name is another device.';
COMMENT ON COLUMN changefeed.device.app_type IS 'App type that it last pulled with; null before its first pull.';
COMMENT ON COLUMN changefeed.device.models IS 'Models that it follows: those asked for that are tracked and readable for the user.';
COMMENT ON COLUMN changefeed.device.scopes IS 'Per model, a digest of what its user could see when it last pulled.';
COMMENT ON COLUMN changefeed.device.epoch IS 'Epoch of the feed in which its snapshots were taken.';
COMMENT ON COLUMN changefeed.device.base IS 'Snapshot at its registration or last reset: gaps and truncations that this has passed do not concern it.';
COMMENT ON COLUMN changefeed.device.bases IS 'Per model, a list of all records that it took: {"id", "since", "until", "at"}: snapshots at the first page and (null while it lasts) at the last.';
COMMENT ON COLUMN changefeed.device.resync IS 'Per model, why it must be taken anew before pulls go on: {"code", "mode"}.';
COMMENT ON COLUMN changefeed.device.began IS 'What seen was when it last began: nothing visible here was ever handed out to it.';
COMMENT ON COLUMN changefeed.device.seen IS 'Everything visible in this snapshot is settled.';
COMMENT ON COLUMN changefeed.device.seen_log_id IS 'Last log id drawn before seen was taken: what is not visible in it and has a lower one belongs to a transaction that was running then.';
COMMENT ON COLUMN changefeed.device.seen_next IS 'Transactions from this number on began after seen was taken; null where that is not known.';
COMMENT ON COLUMN changefeed.device.target IS 'Snapshot that bounds the batch being drained; null when there is none.';
COMMENT ON COLUMN changefeed.device.target_low_id IS 'What seen_log_id becomes with the batch''s end.';
COMMENT ON COLUMN changefeed.device.target_high_id IS 'No log row above this id is visible in target.';
COMMENT ON COLUMN changefeed.device.target_next IS 'What seen_next becomes then.';
COMMENT ON COLUMN changefeed.device.batch IS 'Number of the window: rises with each that is opened.';
COMMENT ON COLUMN changefeed.device.window_from IS 'The batch is settled up to this log id.';
COMMENT ON COLUMN changefeed.device.window_to IS 'Last log id of the window; null when the next pull is to open one.';
COMMENT ON COLUMN changefeed.device.window_is_last IS 'The batch ends with the window.';
COMMENT ON COLUMN changefeed.device.handed IS 'Highest event id that was handed out from the window.';
COMMENT ON COLUMN changefeed.device."position" IS 'The window is settled up to this event id.';
COMMENT ON COLUMN changefeed.device.acked IS 'Event ids above position that are settled.';
COMMENT ON COLUMN changefeed.device.hidden IS 'Event ids of the window, up to handed, that are not for its user: they settle themselves.';
COMMENT ON COLUMN changefeed.device.acknowledgements IS 'Rises with each acknowledgement: a token that names more comes from a future that this database has lost.';
COMMENT ON COLUMN changefeed.device.token_epoch IS 'Highest epoch that a token of it has named: told once, it is not told again.';
COMMENT ON COLUMN changefeed.device.registered_at IS 'When it first came.';
COMMENT ON COLUMN changefeed.device.last_pull_at IS 'When it last pulled; up to five minutes behind while it gets nothing new.';
COMMENT ON COLUMN changefeed.device.last_acknowledgement_at IS 'When it last settled something.';
COMMENT ON COLUMN changefeed.device.last_resync_at IS 'When it was last told to take something anew, or began anew.';
COMMENT ON COLUMN changefeed.device.last_resync_reason IS 'Why.';
COMMENT ON COLUMN changefeed.device.retired_at IS 'When it made room for another device of its user; null while it counts.';
COMMENT ON COLUMN changefeed.device.data_stamp IS 'What odoo_data_stamp() said when data_scopes was made; null: it is to be made anew.';
COMMENT ON COLUMN changefeed.device.rights_stamp IS 'What odoo_rights_stamp() said then.';
COMMENT ON COLUMN changefeed.device.data_scopes IS 'Per model, a digest of what its records'' data depended on for the user beside the records when the device took it or last pulled.';
COMMENT ON COLUMN changefeed.device.data_checked_at IS 'When rights_stamp was last compared, to the minute.';
COMMENT ON COLUMN changefeed.device.settled_batch IS 'Window in which its client last settled something, or from which on tokens count.';
COMMENT ON COLUMN changefeed.device.settled_id IS 'Highest event that its client settled in that window.';
COMMENT ON COLUMN changefeed.device.told_batch IS 'Window of the token that was last answered by a resync, until the client comes with another one; a client that keeps it is not told again.';
COMMENT ON COLUMN changefeed.device.told_id IS 'Last event of that token.';
COMMENT ON COLUMN changefeed.device.is_copying IS 'Pulls hand it the records that exist before they hand it changes (first_copy).';
COMMENT ON COLUMN changefeed.device.window_is_kept IS 'Whether the open window was written to kept_window.';
CREATE FUNCTION changefeed.copy_page(d changefeed.device, scopes changefeed.model_scope[], max_entries integer, OUT is_current boolean, OUT ids bigint[], OUT models text[], OUT record_ids bigint[], OUT events text[], OUT times timestamp with time zone[]) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.copy_page(d changefeed.device, scopes changefeed.model_scope[], max_entries integer, OUT is_current boolean, OUT ids bigint[], OUT models text[], OUT record_ids bigint[], OUT events text[], OUT times timestamp with time zone[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.copy_page(d changefeed.device, scopes changefeed.model_scope[], max_entries integer, OUT is_current boolean, OUT ids bigint[], OUT models text[], OUT record_ids bigint[], OUT events text[], OUT times timestamp with time zone[]) IS 'The next part of the device''s first copy: the open page, or a new one, without its settled entries, max_entries at most. is_current false: another session was faster, or the copy is complete; read the device again.';
CREATE FUNCTION changefeed.copy_progress(d changefeed.device) RETURNS json
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.copy_progress(d changefeed.device) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.copy_progress(d changefeed.device) IS 'For a device with a first copy in progress, {"lists_due": models that are not complete, "progress": {"records": sent so far, "estimate": estimated total, before record rules; null before the first pull}}; else null.';
CREATE FUNCTION changefeed.count_archive() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.count_archive() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.count_archive() IS 'Counts the events of version 1 for archive_stats. It unfolds the whole log, which takes seconds for a million events.';
CREATE FUNCTION changefeed.counted_domain(domain text, decision text, decided_domain text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.counted_domain(domain text, decision text, decided_domain text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.counted_domain(domain text, decision text, decided_domain text) IS 'The effective domain of a record rule: Odoo''s, or the operator''s decision about it (decision null: none).';
CREATE FUNCTION changefeed.data_digest(scope changefeed.model_scope, lists changefeed.model_scope[], buckets integer, fields text[], from_id bigint, to_id bigint, OUT ranges json, OUT next_from_id bigint) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.data_digest(scope changefeed.model_scope, lists changefeed.model_scope[], buckets integer, fields text[], from_id bigint, to_id bigint, OUT ranges json, OUT next_from_id bigint) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.data_digest(scope changefeed.model_scope, lists changefeed.model_scope[], buckets integer, fields text[], from_id bigint, to_id bigint, OUT ranges json, OUT next_from_id bigint) IS 'Per range of ids, how many records the scope shows and the sum, modulo 2^48, of data_hash() of their data: of at most 2,000 records, from from_id on. next_from_id: where it continues; null when that was all.';
CREATE FUNCTION changefeed.data_hash(data text) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.data_hash(data text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.data_hash(data text) IS 'The first 48 bits of SHA-256 of a record''s data as they are handed out, as a whole number.';
CREATE FUNCTION changefeed.decide_delivery(decision text, reason text DEFAULT NULL::text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.decide_delivery(decision text, reason text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.decide_delivery(decision text, reason text) IS 'forbid: nothing is ever pushed from this database and its copies. allow: revokes that. Returns the decision''s number.';
CREATE FUNCTION changefeed.decide_field(model text, field text, decision text, reason text DEFAULT NULL::text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.decide_field(model text, field text, decision text, reason text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.decide_field(model text, field text, decision text, reason text) IS 'Adds a decision about a field (* : all fields of the model that are not secrets): allow, for users who may read the record and are in the field''s groups, if known; deny, for all users; clear, back to the known facts. Returns its number. After allow, SELECT changefeed.grant_data(model) if changefeed_definer may not read the column.';
CREATE FUNCTION changefeed.decide_model(model text, decision text, reason text DEFAULT NULL::text, OUT code text, OUT state text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.decide_model(model text, decision text, reason text, OUT code text, OUT state text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.decide_model(model text, decision text, reason text, OUT code text, OUT state text) IS 'Decides about a model whose access Odoo decides in Python: allow (rights and record rules alone count), deny (closed to all users) or clear. Returns the known facts about its code and the resulting state.';
CREATE FUNCTION changefeed.decide_rule(rule_id integer, decision text, domain text DEFAULT NULL::text, reason text DEFAULT NULL::text) RETURNS TABLE(model text, to_run text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.decide_rule(rule_id integer, decision text, domain text, reason text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.decide_rule(rule_id integer, decision text, domain text, reason text) IS 'Decides about a record rule''s present text: allow, deny, override (a domain that replaces it) or clear. For an override that needs columns which changefeed_reader may not read, returns the models, each with the statement to run; no row: nothing is missing.';
CREATE FUNCTION changefeed.delivery_allowed() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.delivery_allowed() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.delivery_allowed() IS 'Every push checks this first, in the transaction that reads its data: false means that nothing leaves this database.';
CREATE FUNCTION changefeed.delivery_state(OUT allowed boolean, OUT reasons text[], OUT details text[]) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.delivery_state(OUT allowed boolean, OUT reasons text[], OUT details text[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.delivery_state(OUT allowed boolean, OUT reasons text[], OUT details text[]) IS 'Whether this database may push. reasons, if it may not: copy, neutralized, forbidden, standby; details: one line for each, for people.';
CREATE FUNCTION changefeed.device_list(user_id integer, after text DEFAULT NULL::text, max_rows integer DEFAULT 100, OUT devices json, OUT next_after text) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.device_list(user_id integer, after text, max_rows integer, OUT devices json, OUT next_after text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.device_list(user_id integer, after text, max_rows integer, OUT devices json, OUT next_after text) IS 'A user''s devices by name, as a JSON array: max_rows after a name. next_after: the name with which it continues; null when that was all.';
CREATE FUNCTION changefeed.device_state(user_id integer, device_id text, companies integer[] DEFAULT NULL::integer[], OUT problem text, OUT state json) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.device_state(user_id integer, device_id text, companies integer[], OUT problem text, OUT state json) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.device_state(user_id integer, device_id text, companies integer[], OUT problem text, OUT state json) IS 'A device as one JSON object: the missing part of its first copy (lists_due, progress: from copy_progress()), its waiting events (pending: entries of its window; pending_more: more follow), their age, and its last pull, acknowledgement and resync. problem: device_unknown, or as in access_scopes().';
CREATE FUNCTION changefeed.device_window(d changefeed.device, max_events integer, OUT log_rows integer, OUT last_log_id bigint, OUT is_last boolean, OUT truncated text[], OUT ids bigint[], OUT models text[], OUT record_ids bigint[], OUT events text[], OUT times timestamp with time zone[], OUT olds jsonb[]) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.device_window(d changefeed.device, max_events integer, OUT log_rows integer, OUT last_log_id bigint, OUT is_last boolean, OUT truncated text[], OUT ids bigint[], OUT models text[], OUT record_ids bigint[], OUT events text[], OUT times timestamp with time zone[], OUT olds jsonb[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.device_window(d changefeed.device, max_events integer, OUT log_rows integer, OUT last_log_id bigint, OUT is_last boolean, OUT truncated text[], OUT ids bigint[], OUT models text[], OUT record_ids bigint[], OUT events text[], OUT times timestamp with time zone[], OUT olds jsonb[]) IS 'As sync_window(), from kept_window where the open window of the device is there.';
CREATE FUNCTION changefeed.digest(user_id integer, device_id text, model text, buckets integer, companies integer[] DEFAULT NULL::integer[], of_data boolean DEFAULT false, fields text[] DEFAULT NULL::text[], from_id bigint DEFAULT NULL::bigint, to_id bigint DEFAULT NULL::bigint, filters jsonb DEFAULT NULL::jsonb, OUT problem text, OUT digest json) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.digest(user_id integer, device_id text, model text, buckets integer, companies integer[], of_data boolean, fields text[], from_id bigint, to_id bigint, filters jsonb, OUT problem text, OUT digest json) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.digest(user_id integer, device_id text, model text, buckets integer, companies integer[], of_data boolean, fields text[], from_id bigint, to_id bigint, filters jsonb, OUT problem text, OUT digest json) IS 'The expected copy of a device that has settled everything: per range of ids, count and hash of its records (see rules_record_digest(), or data_digest() if of_data), and how many of them have waiting events (pending). pull_first: more events may be waiting than are counted here. next_from_id: a digest of data continues there.';
CREATE FUNCTION changefeed.due_slots(delete_after interval DEFAULT '90 days'::interval) RETURNS TABLE(slot smallint, events bigint, newest_at timestamp with time zone, held_by bigint)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.due_slots(delete_after interval) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.due_slots(delete_after interval) IS 'Retired slots whose events are all older than that, oldest first; held_by: a device that is resyncing a model and has not passed it, for at most a day.';
CREATE FUNCTION changefeed.durable() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.durable() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.durable() IS 'Makes the commit of this transaction wait for the disk.';
CREATE FUNCTION changefeed.empty_slot(slot smallint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.empty_slot(slot smallint) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.empty_slot(slot smallint) IS 'Empties a retired slot by TRUNCATE, waiting at most 50 ms per try for its lock, in ten tries. Devices that have not settled everything in it must resync their models (emptied_below, emptied_snapshot). False: it is in use (pg_dump, an old transaction), try later.';
CREATE FUNCTION changefeed.end_retention(report jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.end_retention(report jsonb) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.end_retention(report jsonb) IS 'Records the steps of a run, and that it completed unless a step was held back.';
CREATE FUNCTION changefeed.endpoint_add(name text, url text, user_id integer, app_type text DEFAULT 'all'::text, models text[] DEFAULT NULL::text[], companies integer[] DEFAULT NULL::integer[], filters jsonb DEFAULT NULL::jsonb, events text[] DEFAULT '{create,write,unlink}'::text[], with_data boolean DEFAULT false, fields jsonb DEFAULT NULL::jsonb, in_order boolean DEFAULT false, concurrency integer DEFAULT NULL::integer, batch_size integer DEFAULT 1, start text DEFAULT 'now'::text, since timestamp with time zone DEFAULT NULL::timestamp with time zone, secret bytea DEFAULT NULL::bytea, secret_key text DEFAULT NULL::text, api_key integer DEFAULT NULL::integer, max_endpoints integer DEFAULT 1000, kind text DEFAULT 'webhook'::text, OUT problem text, OUT id integer) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_add(name text, url text, user_id integer, app_type text, models text[], companies integer[], filters jsonb, events text[], with_data boolean, fields jsonb, in_order boolean, concurrency integer, batch_size integer, start text, since timestamp with time zone, secret bytea, secret_key text, api_key integer, max_endpoints integer, kind text, OUT problem text, OUT id integer) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_add(name text, url text, user_id integer, app_type text, models text[], companies integer[], filters jsonb, events text[], with_data boolean, fields jsonb, in_order boolean, concurrency integer, batch_size integer, start text, since timestamp with time zone, secret bytea, secret_key text, api_key integer, max_endpoints integer, kind text, OUT problem text, OUT id integer) IS 'Adds an endpoint that gets what an Odoo user sees: a webhook, a stream of NATS (jetstream) or a topic of Kafka. start: now, all (the existing records first), earliest, or time with since. Without a secret (null) a webhook gets nothing until the service has made one: changefeed endpoint rotate. problem: too_many_endpoints, endpoint_exists, kind_for_operators (a stream with an api_key), credentials_in_url, user_unknown, or as in followed_models(); then nothing was added.';
CREATE FUNCTION changefeed.endpoint_attempts(user_id integer, is_member boolean, name text, max_rows integer) RETURNS json
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_attempts(user_id integer, is_member boolean, name text, max_rows integer) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_attempts(user_id integer, is_member boolean, name text, max_rows integer) IS 'The last attempts of an endpoint that a user may manage, newest first, as a JSON array; answers of the receiver for members only. Null: there is none.';
CREATE FUNCTION changefeed.endpoint_concerned(user_id integer, companies integer[], models text[], filters jsonb, log_ids bigint[], OUT problem text, OUT scope text, OUT changed text[], OUT endpoints integer[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_concerned(user_id integer, companies integer[], models text[], filters jsonb, log_ids bigint[], OUT problem text, OUT scope text, OUT changed text[], OUT endpoints integer[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_concerned(user_id integer, companies integer[], models text[], filters jsonb, log_ids bigint[], OUT problem text, OUT scope text, OUT changed text[], OUT endpoints integer[]) IS 'For rows of the log and endpoints of one user that follow the same models: the models of which the user sees a change, for endpoints without a filter of these, and the numbers of endpoints whose filter of a model the change may concern. filters: {model: {condition: [[number, numbers, texts]]}}. scope: from news(). problem: as in pull(). Only a hint: what an endpoint is sent, its pull decides.';
CREATE FUNCTION changefeed.endpoint_create(user_id integer, is_member boolean, users_may boolean, max_own integer, of_user integer, name text, url text, app_type text, models text[], companies integer[], filters jsonb, events text[], with_data boolean, fields jsonb, in_order boolean, concurrency integer, batch_size integer, start text, since timestamp with time zone, secret bytea, secret_key text, api_key integer, OUT problem text, OUT endpoint json) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_create(user_id integer, is_member boolean, users_may boolean, max_own integer, of_user integer, name text, url text, app_type text, models text[], companies integer[], filters jsonb, events text[], with_data boolean, fields jsonb, in_order boolean, concurrency integer, batch_size integer, start text, since timestamp with time zone, secret bytea, secret_key text, api_key integer, OUT problem text, OUT endpoint json) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_create(user_id integer, is_member boolean, users_may boolean, max_own integer, of_user integer, name text, url text, app_type text, models text[], companies integer[], filters jsonb, events text[], with_data boolean, fields jsonb, in_order boolean, concurrency integer, batch_size integer, start text, since timestamp with time zone, secret bytea, secret_key text, api_key integer, OUT problem text, OUT endpoint json) IS 'endpoint_add() of a webhook for a user who asks for it: a member of the operator''s group (is_member), also for another user (of_user); others if users_may, for themselves, max_own at most. problem: endpoint_not_allowed, user_mismatch, or as in endpoint_add().';
CREATE FUNCTION changefeed.endpoint_device(endpoint integer) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_device(endpoint integer) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_device(endpoint integer) IS 'The device_id of an endpoint.';
CREATE FUNCTION changefeed.endpoint_drop(name text, model text DEFAULT NULL::text, record_id bigint DEFAULT NULL::bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_drop(name text, model text, record_id bigint) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_drop(name text, model text, record_id bigint) IS 'Drops dead letters: all of an endpoint, of a model, or one. Returns how many.';
CREATE FUNCTION changefeed.endpoint_due(user_id integer, endpoint integer, app_type text, only_models text[], companies integer[], filters jsonb, with_data boolean, fields jsonb, max_entries integer, max_bytes bigint, at_once boolean, in_order boolean, OUT problem text, OUT events text, OUT entries integer, OUT attempts integer[], OUT waiting boolean, OUT next_seconds double precision) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_due(user_id integer, endpoint integer, app_type text, only_models text[], companies integer[], filters jsonb, with_data boolean, fields jsonb, max_entries integer, max_bytes bigint, at_once boolean, in_order boolean, OUT problem text, OUT events text, OUT entries integer, OUT attempts integer[], OUT waiting boolean, OUT next_seconds double precision) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_due(user_id integer, endpoint integer, app_type text, only_models text[], companies integer[], filters jsonb, with_data boolean, fields jsonb, max_entries integer, max_bytes bigint, at_once boolean, in_order boolean, OUT problem text, OUT events text, OUT entries integer, OUT attempts integer[], OUT waiting boolean, OUT next_seconds double precision) IS 'The records of an endpoint that wait and are due (at_once: or not; in_order: oldest event first, and none while an older one is not due), as entries of a pull with their state of now, and how often each was tried. waiting: more wait; next_seconds: until the next of them is due. problem: as in pull().';
CREATE FUNCTION changefeed.endpoint_held(endpoint integer, max_rows integer) RETURNS TABLE(model text, record_id bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_held(endpoint integer, max_rows integer) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_held(endpoint integer, max_rows integer) IS 'Records of an endpoint that wait for another attempt, max_rows at most.';
CREATE FUNCTION changefeed.endpoint_judged(scopes changefeed.model_scope[], models text[], record_ids bigint[], kinds text[]) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.endpoint_judged(scopes changefeed.model_scope[], models text[], record_ids bigint[], kinds text[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_judged(scopes changefeed.model_scope[], models text[], record_ids bigint[], kinds text[]) IS 'The kinds of waiting entries as of now: access for one that the user does not see any more, filter for one that the filter hides.';
CREATE FUNCTION changefeed.endpoint_lease(owner uuid, seconds double precision DEFAULT 10, wanted boolean DEFAULT true, known jsonb DEFAULT NULL::jsonb) RETURNS TABLE(id integer, revision integer, settings text, secret text, former_secret text, secret_key text, signs_twice boolean, held_for double precision)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_lease(owner uuid, seconds double precision, wanted boolean, known jsonb) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_lease(owner uuid, seconds double precision, wanted boolean, known jsonb) IS 'Renews the leases of a replica, takes those that have run out or end later than any lease (the server''s clock was set back), and returns the endpoints that it delivers to, for how many seconds (held_for), with their settings and encrypted secrets (null for those that the replica knows: {id: revision}). signs_twice: the former secret signs, too. wanted false: gives them back. Nothing where this database may not push.';
CREATE FUNCTION changefeed.endpoint_list(user_id integer, endpoint integer, owner uuid, model text, cursor text, max_rows integer, companies integer[], filters jsonb, OUT problem text, OUT record_ids bigint[], OUT next_cursor text, OUT complete boolean) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_list(user_id integer, endpoint integer, owner uuid, model text, cursor text, max_rows integer, companies integer[], filters jsonb, OUT problem text, OUT record_ids bigint[], OUT next_cursor text, OUT complete boolean) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_list(user_id integer, endpoint integer, owner uuid, model text, cursor text, max_rows integer, companies integer[], filters jsonb, OUT problem text, OUT record_ids bigint[], OUT next_cursor text, OUT complete boolean) IS 'A page of the list of a model that an endpoint must resync, as snapshot_page(): its records wait to be sent when it returns. problem: not_owner, then nothing was read; or as in snapshot_page().';
CREATE FUNCTION changefeed.endpoint_managed(user_id integer, is_member boolean, name text) RETURNS integer
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_managed(user_id integer, is_member boolean, name text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_managed(user_id integer, is_member boolean, name text) IS 'The number of the endpoint with this name that the user may manage: one of their own, or any (is_member). Null: there is none.';
CREATE TABLE changefeed.endpoint (
    id integer NOT NULL,
    name text NOT NULL,
    kind text DEFAULT 'webhook'::text NOT NULL,
    user_id integer NOT NULL,
    url text NOT NULL,
    app_type text DEFAULT 'all'::text NOT NULL,
    models text[],
    companies integer[],
    filters jsonb,
    events text[] DEFAULT '{create,write,unlink}'::text[] NOT NULL,
    with_data boolean DEFAULT false NOT NULL,
    fields jsonb,
    in_order boolean DEFAULT false NOT NULL,
    concurrency integer DEFAULT 8 NOT NULL,
    batch_size integer DEFAULT 1 NOT NULL,
    api_key integer,
    secret bytea,
    former_secret bytea,
    former_until timestamp with time zone,
    secret_key text,
    state text DEFAULT 'active'::text NOT NULL,
    reason text,
    state_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    generation integer DEFAULT 0 NOT NULL,
    revision integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by text DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT endpoint_batch_size CHECK (((batch_size >= 1) AND (batch_size <=
CASE kind
    WHEN 'webhook'::text THEN 100
    ELSE 1
END))),
    CONSTRAINT endpoint_concurrency CHECK (((concurrency >= 1) AND (concurrency <=
CASE kind
    WHEN 'webhook'::text THEN 64
    ELSE 1024
END))),
    CONSTRAINT endpoint_events CHECK (((events <> '{}'::text[]) AND (events <@ '{create,write,unlink}'::text[]))),
    CONSTRAINT endpoint_kind CHECK ((kind = ANY (ARRAY['webhook'::text, 'jetstream'::text, 'kafka'::text]))),
    CONSTRAINT endpoint_name_plain CHECK ((name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'::text)),
    CONSTRAINT endpoint_state CHECK ((state = ANY (ARRAY['active'::text, 'paused'::text, 'disabled'::text]))),
    CONSTRAINT endpoint_url CHECK (((octet_length(url) >= 1) AND (octet_length(url) <= 2048))),
    CONSTRAINT endpoint_url_open CHECK ((url !~ '^[a-z]+://[^/?]*@'::text))
);
ALTER TABLE changefeed.endpoint OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.endpoint IS 'Where the service delivers changes to. Each is a device of its user (device_id: endpoint:ID), and gets what that user sees.';
COMMENT ON COLUMN changefeed.endpoint.id IS 'Number, in the name of its device.';
COMMENT ON COLUMN changefeed.endpoint.name IS 'Unique name, by which operators and clients know it.';
COMMENT ON COLUMN changefeed.endpoint.kind IS 'What is at its address: webhook, jetstream (a stream of NATS) or kafka (a topic).';
COMMENT ON COLUMN changefeed.endpoint.user_id IS 'The Odoo user with whose access rights it gets records.';
COMMENT ON COLUMN changefeed.endpoint.url IS 'Its address, without credentials.';
COMMENT ON COLUMN changefeed.endpoint.app_type IS 'Its app type, as a pull names it.';
COMMENT ON COLUMN changefeed.endpoint.models IS 'Models of the app type; null: all.';
COMMENT ON COLUMN changefeed.endpoint.companies IS 'Enabled companies; null: all of the user''s.';
COMMENT ON COLUMN changefeed.endpoint.filters IS 'Row filters, {model: domain}; null: none.';
COMMENT ON COLUMN changefeed.endpoint.events IS 'Kinds of events that it gets.';
COMMENT ON COLUMN changefeed.endpoint.with_data IS 'Messages hold the records'' data.';
COMMENT ON COLUMN changefeed.endpoint.fields IS 'Fields of the data, {model: [names]}; null: the usual ones.';
COMMENT ON COLUMN changefeed.endpoint.in_order IS 'One message after another: a message that fails holds up all later ones.';
COMMENT ON COLUMN changefeed.endpoint.concurrency IS 'How many messages may be under way.';
COMMENT ON COLUMN changefeed.endpoint.batch_size IS 'How many events one message may hold.';
COMMENT ON COLUMN changefeed.endpoint.api_key IS 'The row of the API key with which it was created: without that key nothing is delivered. Null: an operator created it.';
COMMENT ON COLUMN changefeed.endpoint.secret IS 'The secret that signs messages, or the credentials for the server of a stream, encrypted by the service. Null: none; then a webhook gets nothing.';
COMMENT ON COLUMN changefeed.endpoint.former_secret IS 'The secret before the last rotation, encrypted.';
COMMENT ON COLUMN changefeed.endpoint.former_until IS 'Until when the former secret signs, too.';
COMMENT ON COLUMN changefeed.endpoint.secret_key IS 'Names the key that encrypts the secrets.';
COMMENT ON COLUMN changefeed.endpoint.state IS 'active; paused by a decision or because its user lost a right; disabled because its receiver refused or failed.';
COMMENT ON COLUMN changefeed.endpoint.reason IS 'Why it is paused or disabled.';
COMMENT ON COLUMN changefeed.endpoint.state_at IS 'Since when it has this state.';
COMMENT ON COLUMN changefeed.endpoint.generation IS 'How often it was replayed: messages that are sent again by a replay have other ids.';
COMMENT ON COLUMN changefeed.endpoint.revision IS 'Rises with each change of its settings, so that the service notices.';
COMMENT ON COLUMN changefeed.endpoint.created_at IS 'When it was created.';
COMMENT ON COLUMN changefeed.endpoint.created_by IS 'Role that created it.';
CREATE FUNCTION changefeed.endpoint_named(name text) RETURNS changefeed.endpoint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_named(name text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_named(name text) IS 'The endpoint with a name, locked until the end of the transaction. Fails (P0002) if there is none.';
CREATE FUNCTION changefeed.endpoint_page(user_id integer, is_member boolean, only_name text, after text, max_rows integer, OUT endpoints json, OUT next_after text) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_page(user_id integer, is_member boolean, only_name text, after text, max_rows integer, OUT endpoints json, OUT next_after text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_page(user_id integer, is_member boolean, only_name text, after text, max_rows integer, OUT endpoints json, OUT next_after text) IS 'The endpoints that a user may manage, or one of them (only_name), by name as a JSON array: max_rows after a name. Never with secrets. next_after: the name with which it continues; null when that was all.';
CREATE FUNCTION changefeed.endpoint_reached(user_id integer, is_member boolean, name text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_reached(user_id integer, is_member boolean, name text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_reached(user_id integer, is_member boolean, name text) IS 'Whether there is an endpoint with this name that the user may manage: one of their own, or any (is_member). Locks it until the end of the transaction.';
CREATE FUNCTION changefeed.endpoint_remove(name text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_remove(name text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_remove(name text) IS 'Removes an endpoint with its waiting records, dead letters and attempts.';
CREATE FUNCTION changefeed.endpoint_replay(name text, start text, since timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_replay(name text, start text, since timestamp with time zone) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_replay(name text, start text, since timestamp with time zone) IS 'Delivers again: changes since a time (start time, with since), from the oldest event of the log (earliest), or all records, then changes (all). start now skips what was not delivered yet; records that wait for another attempt stay. Messages get other ids.';
CREATE FUNCTION changefeed.endpoint_retry(name text, model text DEFAULT NULL::text, record_id bigint DEFAULT NULL::bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_retry(name text, model text, record_id bigint) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_retry(name text, model text, record_id bigint) IS 'Tries records that wait and dead letters again, without waiting: all of an endpoint, of a model, or one. Returns how many.';
CREATE FUNCTION changefeed.endpoint_rotate(name text, secret bytea, secret_key text, overlap interval DEFAULT '24:00:00'::interval) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_rotate(name text, secret bytea, secret_key text, overlap interval) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_rotate(name text, secret bytea, secret_key text, overlap interval) IS 'Gives an endpoint a new secret, encrypted with the service''s key of that name; both sign during the overlap.';
CREATE FUNCTION changefeed.endpoint_secret(name text) RETURNS TABLE(id integer, url text, secret bytea, secret_key text, kind text, database text, source text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_secret(name text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_secret(name text) IS 'An endpoint''s address and its encrypted secret, for a test event, and where its messages come from.';
CREATE FUNCTION changefeed.endpoint_set_state(name text, state text, reason text DEFAULT NULL::text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_set_state(name text, state text, reason text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_set_state(name text, state text, reason text) IS 'Pauses (paused), disables (disabled) or resumes (active) an endpoint. Changes meanwhile come later. False if it was in that state.';
CREATE FUNCTION changefeed.endpoint_settings(e changefeed.endpoint, wanted boolean, OUT settings text, OUT secret text, OUT former_secret text, OUT secret_key text) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_settings(e changefeed.endpoint, wanted boolean, OUT settings text, OUT secret text, OUT former_secret text, OUT secret_key text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_settings(e changefeed.endpoint, wanted boolean, OUT settings text, OUT secret text, OUT former_secret text, OUT secret_key text) IS 'What a replica needs to deliver to an endpoint: its settings as a JSON object, and its encrypted secrets in hexadecimal. Nulls unless wanted.';
CREATE FUNCTION changefeed.endpoint_settle(endpoint integer, owner uuid, sent jsonb, log jsonb DEFAULT NULL::jsonb, sync_token text DEFAULT NULL::text, failure text DEFAULT NULL::text, is_gone boolean DEFAULT false, disable_after interval DEFAULT '5 days'::interval, more_accepted bigint DEFAULT 0, OUT problem text, OUT state text, OUT is_queued boolean) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_settle(endpoint integer, owner uuid, sent jsonb, log jsonb, sync_token text, failure text, is_gone boolean, disable_after interval, more_accepted bigint, OUT problem text, OUT state text, OUT is_queued boolean) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_settle(endpoint integer, owner uuid, sent jsonb, log jsonb, sync_token text, failure text, is_gone boolean, disable_after interval, more_accepted bigint, OUT problem text, OUT state text, OUT is_queued boolean) IS 'Settles attempts in one transaction. sent: [{model, record_id, event_id (0: it gets one), kind, occurred_at, outcome (accepted, failed, dead, waits), attempts, due_in (seconds), status, error}]; log: attempts for the record (columns of endpoint_attempt); sync_token: the endpoint''s last pull, which is settled with them; failure: the last reason; is_gone: the receiver answered 410; disable_after: how long an endpoint may only fail; more_accepted: how many were accepted besides sent, while the endpoint has no row in the queue. problem: not_owner, then nothing was changed. state: of the endpoint afterwards; is_queued: it has rows in the queue.';
CREATE FUNCTION changefeed.endpoint_source() RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_source() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_source() IS 'Where messages come from, for streams: Odoo''s parameter database.uuid, or without it the feed''s identity.';
CREATE FUNCTION changefeed.endpoint_standing(endpoint integer, revision integer) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_standing(endpoint integer, revision integer) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_standing(endpoint integer, revision integer) IS 'Why nothing may be delivered to an endpoint: inactive, changed (its revision is another one), forbidden (this database may not push), user_inactive, api_key_revoked, portal_user (which the service may allow); null: it may.';
CREATE FUNCTION changefeed.endpoint_trial(user_id integer, is_member boolean, name text, OUT problem text, OUT id integer, OUT kind text, OUT url text, OUT secret text, OUT secret_key text, OUT database text, OUT source text) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_trial(user_id integer, is_member boolean, name text, OUT problem text, OUT id integer, OUT kind text, OUT url text, OUT secret text, OUT secret_key text, OUT database text, OUT source text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_trial(user_id integer, is_member boolean, name text, OUT problem text, OUT id integer, OUT kind text, OUT url text, OUT secret text, OUT secret_key text, OUT database text, OUT source text) IS 'What a test event of an endpoint that a user may manage needs: its address, its secret or credentials, encrypted, in hexadecimal, and where its messages come from. problem: endpoint_unknown, delivery_forbidden (this database may not push).';
CREATE FUNCTION changefeed.endpoint_waiting(user_id integer, is_member boolean, name text, max_rows integer) RETURNS json
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_waiting(user_id integer, is_member boolean, name text, max_rows integer) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_waiting(user_id integer, is_member boolean, name text, max_rows integer) IS 'Dead letters and waiting records of an endpoint that a user may manage, as a JSON array. Null: there is none.';
CREATE FUNCTION changefeed.endpoint_wake(endpoint integer, owner uuid) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.endpoint_wake(endpoint integer, owner uuid) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.endpoint_wake(endpoint integer, owner uuid) IS 'Makes all waiting records of an endpoint due, after an outage of its receiver. Returns how many.';
CREATE FUNCTION changefeed.explain_access(login text, model text, companies integer[] DEFAULT NULL::integer[]) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.explain_access(login text, model text, companies integer[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.explain_access(login text, model text, companies integer[]) IS 'The facts that decide whether a user reads a model: the user, the lines of ir_model_access, the record rules that apply, the withheld fields. Null: no such user. as_model null: it may not be read.';
CREATE FUNCTION changefeed.explain_record(user_id integer, model text, record_id bigint, companies integer[] DEFAULT NULL::integer[], OUT problem text, OUT is_readable boolean, OUT is_closed boolean, OUT is_there boolean, OUT is_visible boolean, OUT failure text) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.explain_record(user_id integer, model text, record_id bigint, companies integer[], OUT problem text, OUT is_readable boolean, OUT is_closed boolean, OUT is_there boolean, OUT is_visible boolean, OUT failure text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.explain_record(user_id integer, model text, record_id bigint, companies integer[], OUT problem text, OUT is_readable boolean, OUT is_closed boolean, OUT is_there boolean, OUT is_visible boolean, OUT failure text) IS 'What a request of this user would see of a record. problem: as in access_scopes(); is_closed: a rule closes the model; is_there: null if unknown; failure: how the rules failed.';
CREATE FUNCTION changefeed.explain_rule(user_id integer, company_id integer, company_ids integer[], model text, record_id bigint, predicate text, numbers bigint[], texts text[], OUT lets_pass boolean, OUT failure text) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.explain_rule(user_id integer, company_id integer, company_ids integer[], model text, record_id bigint, predicate text, numbers bigint[], texts text[], OUT lets_pass boolean, OUT failure text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.explain_rule(user_id integer, company_id integer, company_ids integer[], model text, record_id bigint, predicate text, numbers bigint[], texts text[], OUT lets_pass boolean, OUT failure text) IS 'Whether one compiled condition matches a record, run as changefeed_reader as in a request. failure: how it failed.';
CREATE FUNCTION changefeed.fields_to_ask(user_id integer, app_type text, only_models text[]) RETURNS TABLE(groups_key text, models text[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.fields_to_ask(user_id integer, app_type text, only_models text[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.fields_to_ask(user_id integer, app_type text, only_models text[]) IS 'The models that a user follows and for whose fields Odoo has no recent answer for the user''s groups. No row: none.';
CREATE FUNCTION changefeed.filter_fields(user_id integer, models text[], companies integer[] DEFAULT NULL::integer[], OUT problem text, OUT fields jsonb, OUT release integer) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.filter_fields(user_id integer, models text[], companies integer[], OUT problem text, OUT fields jsonb, OUT release integer) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.filter_fields(user_id integer, models text[], companies integer[], OUT problem text, OUT fields jsonb, OUT release integer) IS 'By which fields a user may filter those of the models that are tracked and that the user may read, as {model: {field: [type, type of the column]}}, and the release of Odoo, on which a filter''s meaning depends. problem: as in access_scopes().';
CREATE FUNCTION changefeed.filtered_scopes(user_id integer, scopes changefeed.model_scope[], filters jsonb, asked text[], companies integer[], stamp text, OUT problem text, OUT filtered changefeed.model_scope[]) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.filtered_scopes(user_id integer, scopes changefeed.model_scope[], filters jsonb, asked text[], companies integer[], stamp text, OUT problem text, OUT filtered changefeed.model_scope[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.filtered_scopes(user_id integer, scopes changefeed.model_scope[], filters jsonb, asked text[], companies integer[], stamp text, OUT problem text, OUT filtered changefeed.model_scope[]) IS 'Scopes narrowed by the filters: {model: {domain, condition, numbers, texts}}, the condition as in odoo/filter.sql; filters of requested models that are not in scopes are ignored. Null: no filters. problem: filter_model (not a requested model) or filter_invalid.';
CREATE FUNCTION changefeed.first_id_since(since timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.first_id_since(since timestamp with time zone) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.first_id_since(since timestamp with time zone) IS 'A log id below which nothing is as recent as that time (with a margin of five minutes), found by bisection.';
CREATE FUNCTION changefeed.followed_models(user_id integer, app_type text, only_models text[], companies integer[] DEFAULT NULL::integer[], OUT models text[], OUT problem text, OUT scopes changefeed.model_scope[], OUT asked text[], OUT data_stamp text, OUT stamp text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.followed_models(user_id integer, app_type text, only_models text[], companies integer[], OUT models text[], OUT problem text, OUT scopes changefeed.model_scope[], OUT asked text[], OUT data_stamp text, OUT stamp text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.followed_models(user_id integer, app_type text, only_models text[], companies integer[], OUT models text[], OUT problem text, OUT scopes changefeed.model_scope[], OUT asked text[], OUT data_stamp text, OUT stamp text) IS 'Models that a device of this user follows: of the app type, narrowed by only_models (null: not), tracked, and readable for the user in these companies (null: all of the user''s); scopes: the visibility of each; asked: all that would be followed if they could be read; data_stamp, stamp: from odoo_data_stamp() and access_stamp(). problem: app_type_unknown, model_not_in_app_type, model_not_readable, or as in access_scopes().';
CREATE FUNCTION changefeed.follower_key() RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.follower_key() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.follower_key() IS 'Advisory lock key that replicas which do not lead share, so that the leader relays to them.';
CREATE FUNCTION changefeed.forget_access() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.forget_access() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.forget_access() IS 'Drops cached answers that are no longer valid, and the oldest beyond 50,000.';
CREATE FUNCTION changefeed.forget_conditions() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.forget_conditions() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.forget_conditions() IS 'Drops functions of make_condition() that no compiled set of record rules uses any more. Returns how many.';
CREATE FUNCTION changefeed.forget_device(user_id integer, device_id text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.forget_device(user_id integer, device_id text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.forget_device(user_id integer, device_id text) IS 'Removes a device. False if there is none with that name.';
CREATE FUNCTION changefeed.forget_rules(compiler integer, only_closed boolean DEFAULT false) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.forget_rules(compiler integer, only_closed boolean) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.forget_rules(compiler integer, only_closed boolean) IS 'Drops compiled sets of record rules, so that they are compiled again when needed: those of older compilers, closed ones whose columns can be read now or that are an hour old, and, unless only_closed, all closed ones and all others of this compiler, too.';
CREATE FUNCTION changefeed.forget_windows(of_device bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.forget_windows(of_device bigint) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.forget_windows(of_device bigint) IS 'Drops the kept windows of the device, if one is given, and all that are no longer valid.';
CREATE FUNCTION changefeed.former_rows(scope changefeed.model_scope, log_ids bigint[], since_id bigint) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET quote_all_identifiers TO 'off'
    AS ...;
ALTER FUNCTION changefeed.former_rows(scope changefeed.model_scope, log_ids bigint[], since_id bigint) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.former_rows(scope changefeed.model_scope, log_ids bigint[], since_id bigint) IS 'Rows of other tables that the rules of a scope read, as they were before these rows of the log, as {table: {id: [values]}}, in order: the old values since since_id, and in the transactions of those rows and after them. since_id null: each on its own, by the old values in their transactions, and of rows deleted since. Null: no change is known.';
CREATE FUNCTION changefeed.gap_models(d changefeed.device, OUT due text[], OUT lasting text[]) RETURNS record
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.gap_models(d changefeed.device, OUT due text[], OUT lasting text[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.gap_models(d changefeed.device, OUT due text[], OUT lasting text[]) IS 'Models of which the device lacks changes that were not captured. due: it can resync them now. lasting: transactions of the gap are still running.';
CREATE FUNCTION changefeed.give_up_table(target regclass) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.give_up_table(target regclass) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.give_up_table(target regclass) IS 'The error after 20 tries to lock a table, with its holders.';
CREATE FUNCTION changefeed.grant_columns(columns text[], grantee name DEFAULT 'changefeed_definer'::name) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.grant_columns(columns text[], grantee name) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.grant_columns(columns text[], grantee name) IS 'Lets a role read columns, each given as its table''s oid:number. Does nothing for those that it may read.';
CREATE FUNCTION changefeed.grant_data(model text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.grant_data(model text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.grant_data(model text) IS 'Lets changefeed_definer read the columns that odoo_record_data() needs for a model. May be run again, for instance after an upgrade of Odoo. Does nothing for a model that Odoo does not have.';
CREATE FUNCTION changefeed.grant_records(model text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.grant_records(model text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.grant_records(model text) IS 'Lets changefeed_definer read a model''s table, except secret columns that no operator allowed by name.';
CREATE FUNCTION changefeed.grant_rule_texts() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.grant_rule_texts() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.grant_rule_texts() IS 'Lets changefeed_definer read the columns that rule_columns() and the DELETE triggers need: the record rules and records'' followers.';
CREATE FUNCTION changefeed.grant_rules(model text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.grant_rules(model text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.grant_rules(model text) IS 'Lets changefeed_reader read the columns that the record rules of a model need, and those of the models whose records it lists. Run it again when rules have changed and verify() reports it.';
CREATE FUNCTION changefeed.has_new_events(d changefeed.device) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.has_new_events(d changefeed.device) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.has_new_events(d changefeed.device) IS 'Whether anything of its models is visible in the device''s target and not in seen.';
CREATE FUNCTION changefeed.hide_orphans(dry_run boolean) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.hide_orphans(dry_run boolean) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.hide_orphans(dry_run boolean) IS 'Hides from version 1 the creates and writes of records that Odoo no longer has. Returns the number of events (dry_run: that would be hidden).';
CREATE FUNCTION changefeed.hinted(user_id integer, companies integer[], models text[], log_ids bigint[], OUT problem text, OUT scope text, OUT changed text[], OUT counts integer[], OUT newest bigint[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.hinted(user_id integer, companies integer[], models text[], log_ids bigint[], OUT problem text, OUT scope text, OUT changed text[], OUT counts integer[], OUT newest bigint[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.hinted(user_id integer, companies integer[], models text[], log_ids bigint[], OUT problem text, OUT scope text, OUT changed text[], OUT counts integer[], OUT newest bigint[]) IS 'For rows of the log, how many events are visible to the user, per model, and the highest event id among them. scope: from news().';
CREATE FUNCTION changefeed.idle_facts(with_rights boolean, OUT server text, OUT sessions text, OUT rights text) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '50ms'
    AS ...;
ALTER FUNCTION changefeed.idle_facts(with_rights boolean, OUT server text, OUT sessions text, OUT rights text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.idle_facts(with_rights boolean, OUT server text, OUT sessions text, OUT rights text) IS 'What idle_state() takes from Odoo''s tables. While one of them is locked, sessions is null and server empty.';
CREATE FUNCTION changefeed.idle_news(seen text, OUT access text, OUT devices boolean) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.idle_news(seen text, OUT access text, OUT devices boolean) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.idle_news(seen text, OUT access text, OUT devices boolean) IS 'The two parts of idle_state() that change most often, for a tenth of its price. access: a text that changes with every change of access that triggers note; devices: whether devices were changed by transactions that are not visible in seen.';
CREATE FUNCTION changefeed.idle_state(seen text DEFAULT NULL::text, with_rights boolean DEFAULT false, OUT server text, OUT state text, OUT rights text, OUT snapshot text, OUT devices json, OUT all_devices boolean, OUT changes integer) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.idle_state(seen text, with_rights boolean, OUT server text, OUT state text, OUT rights text, OUT snapshot text, OUT devices json, OUT all_devices boolean, OUT changes integer) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.idle_state(seen text, with_rights boolean, OUT server text, OUT state text, OUT rights text, OUT snapshot text, OUT devices json, OUT all_devices boolean, OUT changes integer) IS 'server, state: a text that changes whenever a fact on which access, credentials and devices'' cursors depend has changed, other than events and devices (null: unknown, because a table of Odoo is locked, or capture is paused). rights (with_rights; until Odoo 17): odoo_rights_stamp(). snapshot: of this moment. devices, all_devices: those changed by transactions that are not visible in seen; changes: rows of device_change.';
CREATE FUNCTION changefeed.installation_key() RETURNS bigint
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.installation_key() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.installation_key() IS 'Advisory lock key of an installation, and of all else that creates trigger functions or changes rights.';
CREATE FUNCTION changefeed.installed_objects() RETURNS TABLE(kind text, name text)
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.installed_objects() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.installed_objects() IS 'The functions, procedures and views of the last installation, as it recorded them; verify() compares.';
CREATE FUNCTION changefeed.is_set_back(d changefeed.device, batch bigint, last_id bigint, settled_id bigint) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.is_set_back(d changefeed.device, batch bigint, last_id bigint, settled_id bigint) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.is_set_back(d changefeed.device, batch bigint, last_id bigint, settled_id bigint) IS 'Whether the device has settled more than the pull of this token (its window, last_id and settled_id) had sent: the copy was restored from a backup, or another installation uses the same device_id.';
CREATE FUNCTION changefeed.is_wanted() RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.is_wanted() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.is_wanted() IS 'True while this database is being copied, renamed, moved or dropped, or a command waits for its sessions to end in order to do so.';
CREATE FUNCTION changefeed.json_time(moment timestamp with time zone) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.json_time(moment timestamp with time zone) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.json_time(moment timestamp with time zone) IS 'A time as RFC 3339 text, in UTC, with microseconds.';
CREATE FUNCTION changefeed.keep_home() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.keep_home() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.keep_home() IS 'For check_identity(): records the feed''s home if none is known yet, after pg_upgrade, and once Odoo is there. A copy stays one.';
CREATE FUNCTION changefeed.keep_log_budget(log_budget bigint, log_budget_action text DEFAULT 'oldest'::text, dry_run boolean DEFAULT true) RETURNS TABLE(step text, object text, events bigint, state text, detail text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS ...;
ALTER FUNCTION changefeed.keep_log_budget(log_budget bigint, log_budget_action text, dry_run boolean) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.keep_log_budget(log_budget bigint, log_budget_action text, dry_run boolean) IS 'Checks the size of the log. From 80 % of the budget on it reports that (near); at 100 % it empties the oldest slot (oldest; devices that are behind resync their models) or pauses capture (pause). One step per call: repeat while it reports done.';
CREATE FUNCTION changefeed.keep_odoo_fields(user_id integer, model text, fields text[], expected_key text DEFAULT NULL::text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.keep_odoo_fields(user_id integer, model text, fields text[], expected_key text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.keep_odoo_fields(user_id integer, model text, fields text[], expected_key text) IS 'Stores for a day the fields that Odoo''s fields_get() showed to a user, for all users with the same groups. expected_key: stores nothing and returns false when this is no longer the digest of the user''s groups.';
CREATE FUNCTION changefeed.keep_rules(key text, model text, predicate text, numbers bigint[], texts text[], own_columns text[], uses text[], crossings text[], reads jsonb, compiler integer, findings jsonb DEFAULT '[]'::jsonb, formerly text DEFAULT NULL::text, former_tables text[] DEFAULT '{}'::text[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.keep_rules(key text, model text, predicate text, numbers bigint[], texts text[], own_columns text[], uses text[], crossings text[], reads jsonb, compiler integer, findings jsonb, formerly text, former_tables text[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.keep_rules(key text, model text, predicate text, numbers bigint[], texts text[], own_columns text[], uses text[], crossings text[], reads jsonb, compiler integer, findings jsonb, formerly text, former_tables text[]) IS 'Stores a compiled set of record rules; predicate null: it is closed. formerly, former_tables: as in compiled_rules. findings: per rule {id, name, digest, reason}, reason null for one that compiles. False when it is closed, also because changefeed_reader may not read the columns that it needs.';
CREATE FUNCTION changefeed.keep_window(d changefeed.device, log_rows integer, last_log_id bigint, is_last boolean, ids bigint[], models text[], record_ids bigint[], events text[], times timestamp with time zone[], olds jsonb[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.keep_window(d changefeed.device, log_rows integer, last_log_id bigint, is_last boolean, ids bigint[], models text[], record_ids bigint[], events text[], times timestamp with time zone[], olds jsonb[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.keep_window(d changefeed.device, log_rows integer, last_log_id bigint, is_last boolean, ids bigint[], models text[], record_ids bigint[], events text[], times timestamp with time zone[], olds jsonb[]) IS 'Keeps the window that was just opened for the device, for ten minutes.';
CREATE FUNCTION changefeed.keeps_window() RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.keeps_window() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.keeps_window() IS 'Whether another window may be kept: not while all of them take 128 MB. Then it drops those that are over.';
CREATE FUNCTION changefeed.known_access(kind text, user_id integer, models text[], fields jsonb, companies integer[], stamp text, OUT problem text, OUT scopes changefeed.model_scope[], OUT data_stamp text, OUT shape text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.known_access(kind text, user_id integer, models text[], fields jsonb, companies integer[], stamp text, OUT problem text, OUT scopes changefeed.model_scope[], OUT data_stamp text, OUT shape text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.known_access(kind text, user_id integer, models text[], fields jsonb, companies integer[], stamp text, OUT problem text, OUT scopes changefeed.model_scope[], OUT data_stamp text, OUT shape text) IS 'The result of access_scopes() (kind models), list_scopes() (lists), unknown_fields() (fields; problem: field_unknown), odoo_data_scopes() (data; in shape) or, for the first model, odoo_filter_fields() (filters; in shape), computed at most once in five minutes while access_stamp() stays the same. shape: of lists, from odoo_data_shape().';
CREATE FUNCTION changefeed.lacks_emptied(seen pg_snapshot, base pg_snapshot) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.lacks_emptied(seen pg_snapshot, base pg_snapshot) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.lacks_emptied(seen pg_snapshot, base pg_snapshot) IS 'True when retention has emptied events that a reader with snapshot seen may have missed, if it began at snapshot base: events emptied before that are no loss.';
CREATE FUNCTION changefeed.leader_key() RETURNS bigint
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.leader_key() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.leader_key() IS 'Advisory lock key that the leading replica of the service holds.';
CREATE FUNCTION changefeed.link_parents(model text) RETURNS regclass
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.link_parents(model text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.link_parents(model text) IS 'Corrects the triggers of a model on its parents'' tables, each in up to 20 tries that hold no lock in between. Returns the table that stayed in use, or null.';
CREATE FUNCTION changefeed.list_scopes(user_id integer, models text[], fields jsonb, companies integer[], OUT problem text, OUT scopes changefeed.model_scope[]) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.list_scopes(user_id integer, models text[], fields jsonb, companies integer[], OUT problem text, OUT scopes changefeed.model_scope[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.list_scopes(user_id integer, models text[], fields jsonb, companies integer[], OUT problem text, OUT scopes changefeed.model_scope[]) IS 'What a user may see of the records that the one2many and many2many fields of models list. problem: as in access_scopes().';
CREATE FUNCTION changefeed.lock_family(model text, target regclass, attach boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.lock_family(model text, target regclass, attach boolean) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.lock_family(model text, target regclass, attach boolean) IS 'Before a model is tracked (attach) or untracked: locks those of its table and its parents'' tables together whose triggers will change, in up to 20 tries with growing pauses that hold no lock on them, naming the lock holders.';
CREATE FUNCTION changefeed.lock_holders(target regclass) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.lock_holders(target regclass) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.lock_holders(target regclass) IS 'The holders of locks on a table, as one line of text.';
CREATE FUNCTION changefeed.locked_tables() RETURNS TABLE(source text, model text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.locked_tables() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.locked_tables() IS 'The tables that a session has locked, or waits to lock, against readers, with their tracked models. It waits for no lock itself.';
CREATE FUNCTION changefeed.log_bytes() RETURNS bigint
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.log_bytes() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.log_bytes() IS 'Size of the event log with its indexes, in bytes.';
CREATE FUNCTION changefeed.log_position(OUT low_id bigint, OUT snapshot pg_snapshot, OUT high_id bigint, OUT comes_first boolean) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.log_position(OUT low_id bigint, OUT snapshot pg_snapshot, OUT high_id bigint, OUT comes_first boolean) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.log_position(OUT low_id bigint, OUT snapshot pg_snapshot, OUT high_id bigint, OUT comes_first boolean) IS 'A snapshot of now, and log ids around it. comes_first: this transaction has no number yet, so the one that it draws is above all that run now.';
CREATE FUNCTION changefeed.looking_now(d changefeed.device) RETURNS changefeed.device
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.looking_now(d changefeed.device) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.looking_now(d changefeed.device) IS 'The device with a target for sync_window(): that of its batch, or else of now, for reading only.';
CREATE FUNCTION changefeed.make_condition(model text, predicate text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.make_condition(model text, predicate text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.make_condition(model text, predicate text) IS 'Makes a function of a condition on the records of a model, so that sessions plan it once. Does nothing if there is one, if there is no table or changefeed_reader may not run it, and beyond 1,000.';
CREATE FUNCTION changefeed.make_conditions() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.make_conditions() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.make_conditions() IS 'make_condition() for every compiled set of record rules.';
CREATE FUNCTION changefeed.make_sync_token(d changefeed.device, filter text, last_id bigint) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.make_sync_token(d changefeed.device, filter text, last_id bigint) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.make_sync_token(d changefeed.device, filter text, last_id bigint) IS 'A token for clients: feed, epoch, device, acknowledgements, window, last event sent, filter, the last settled event if that is later, and a checksum against damage.';
CREATE FUNCTION changefeed.mark_resync(device bigint, models text[], code text, mode text, restart boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.mark_resync(device bigint, models text[], code text, mode text, restart boolean) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.mark_resync(device bigint, models text[], code text, mode text, restart boolean) IS 'Records that a device must resync these models. restart: its cursor is no longer valid and is moved to now.';
CREATE FUNCTION changefeed.may_show_otherwise(d changefeed.device, data_stamp text) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.may_show_otherwise(d changefeed.device, data_stamp text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.may_show_otherwise(d changefeed.device, data_stamp text) IS 'True when odoo_data_stamp() or, checked once a minute, odoo_rights_stamp() has changed since the device''s data_scopes were computed.';
CREATE FUNCTION changefeed.migrated(migration_version integer) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.migrated(migration_version integer) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.migrated(migration_version integer) IS 'True when the migration of that number was applied.';
CREATE FUNCTION changefeed.missing_grants() RETURNS TABLE(model text, grantee text, source regclass, columns text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS ...;
ALTER FUNCTION changefeed.missing_grants() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.missing_grants() IS 'The columns that grant_data() and grant_rules() would now let changefeed_definer and changefeed_reader read in addition, by tracked model.';
CREATE FUNCTION changefeed.model_states(only_model text DEFAULT NULL::text) RETURNS TABLE(model text, kind text, code text, state text, decision text, decision_counts boolean, decided_at timestamp with time zone, decided_by text, reason text, extended_by text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.model_states(only_model text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.model_states(only_model text) IS 'The tracked models, or one of them: whether Odoo''s Python code decides who reads it (kind code: known to decide; unknown; null: does not decide) and how, open or closed, the last decision and whether it counts, and modules other than Odoo''s own that create or extend it.';
CREATE FUNCTION changefeed.narrow_copy(device bigint, kept text[], dropped text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.narrow_copy(device bigint, kept text[], dropped text[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.narrow_copy(device bigint, kept text[], dropped text[]) IS 'Removes models from a device''s first copy: those that are not among kept (null: none), and those that are among dropped.';
CREATE FUNCTION changefeed.news(user_id integer, device_id text, app_type text DEFAULT 'all'::text, only_models text[] DEFAULT NULL::text[], companies integer[] DEFAULT NULL::integer[], filters jsonb DEFAULT NULL::jsonb, OUT problem text, OUT models text[], OUT is_waiting boolean, OUT newest_id bigint, OUT scope text, OUT is_filtered boolean) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.news(user_id integer, device_id text, app_type text, only_models text[], companies integer[], filters jsonb, OUT problem text, OUT models text[], OUT is_waiting boolean, OUT newest_id bigint, OUT scope text, OUT is_filtered boolean) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.news(user_id integer, device_id text, app_type text, only_models text[], companies integer[], filters jsonb, OUT problem text, OUT models text[], OUT is_waiting boolean, OUT newest_id bigint, OUT scope text, OUT is_filtered boolean) IS 'Whether a pull by this device would give it something, without a write: which models it follows, the highest event id there is of them, a digest that users with the same sight have in common (scope), and whether record rules narrow it.';
CREATE FUNCTION changefeed.note_data(d changefeed.device, models text[], companies integer[], data_stamp text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.note_data(d changefeed.device, models text[], companies integer[], data_stamp text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.note_data(d changefeed.device, models text[], companies integer[], data_stamp text) IS 'Records the present dependencies of the data of a device''s models, and that models for which they have changed must be resynced.';
CREATE FUNCTION changefeed.note_device_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.note_device_change() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.note_device_change() IS 'Trigger function: records that a device was removed or changed other than by receiving and settling events (emptied: all of them), and rings.';
CREATE FUNCTION changefeed.note_error(source text, message text, context jsonb DEFAULT '{}'::jsonb) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.note_error(source text, message text, context jsonb) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.note_error(source text, message text, context jsonb) IS 'Records an error and keeps the newest 1,000. Returns its number.';
CREATE FUNCTION changefeed.note_retention_settings(archive_every interval, delete_after interval, log_budget bigint, log_budget_action text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.note_retention_settings(archive_every interval, delete_after interval, log_budget bigint, log_budget_action text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.note_retention_settings(archive_every interval, delete_after interval, log_budget bigint, log_budget_action text) IS 'Records the service''s settings, for status() and verify().';
CREATE FUNCTION changefeed.note_tracked(model text, target regclass) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.note_tracked(model text, target regclass) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.note_tracked(model text, target regclass) IS 'Records that a model is tracked and ends its open gap; settle() finds its snapshot.';
CREATE FUNCTION changefeed.odoo_access(user_id integer, models text[], companies integer[], OUT problem text, OUT company_id integer, OUT company_ids integer[], OUT readable text[], OUT as_models text[], OUT keys text[], OUT closed_fields text[], OUT member integer[], OUT data_stamp text) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.odoo_access(user_id integer, models text[], companies integer[], OUT problem text, OUT company_id integer, OUT company_ids integer[], OUT readable text[], OUT as_models text[], OUT keys text[], OUT closed_fields text[], OUT member integer[], OUT data_stamp text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_access(user_id integer, models text[], companies integer[], OUT problem text, OUT company_id integer, OUT company_ids integer[], OUT readable text[], OUT as_models text[], OUT keys text[], OUT closed_fields text[], OUT member integer[], OUT data_stamp text) IS 'A user''s access in these companies (null: all of the user''s): current and enabled companies, the models that may be read, by whose rights, a digest of the rules that apply to each (null: none), the fields of each that groups close to the user, and a stamp of the facts on which their data depend. problem: company_not_allowed.';
CREATE FUNCTION changefeed.odoo_access_lines(user_id integer, models text[]) RETURNS TABLE(name text, model text, group_name text, applies boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_access_lines(user_id integer, models text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_access_lines(user_id integer, models text[]) IS 'The lines of ir_model_access that grant reading of the models, and whether each applies to the user; group_name null: to all users.';
CREATE FUNCTION changefeed.odoo_access_mark() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.odoo_access_mark() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_access_mark() IS 'A text that differs for every state of the triggers that notice changes of access. Null: one is missing or altered.';
CREATE FUNCTION changefeed.odoo_access_stamp(user_id integer, mark text DEFAULT changefeed.odoo_access_mark()) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.odoo_access_stamp(user_id integer, mark text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_access_stamp(user_id integer, mark text) IS 'odoo_access_version(), and the languages of a user and of the user''s company. Null: nothing may be cached for this user.';
CREATE FUNCTION changefeed.odoo_access_version(mark text DEFAULT changefeed.odoo_access_mark()) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.odoo_access_version(mark text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_access_version(mark text) IS 'A text that differs for every version of access. Null: unknown, because a trigger is missing (mark, from odoo_access_mark(), is null) or this transaction itself changes access.';
CREATE FUNCTION changefeed.odoo_api_key_candidates(prefix text) RETURNS TABLE(key_id integer, rounds integer, salt text, expires_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_api_key_candidates(prefix text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_api_key_candidates(prefix text) IS 'Odoo API keys with these first eight characters: rounds and salt of the hash, never the hash itself.';
CREATE FUNCTION changefeed.odoo_api_key_user(key_id integer, derived text) RETURNS TABLE(user_id integer, login text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_api_key_user(key_id integer, derived text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_api_key_user(key_id integer, derived text) IS 'The active user whose API key hashes to this text, if the key is valid now and its scope is none or rpc. Never the superuser.';
CREATE FUNCTION changefeed.odoo_applicable_rules(user_id integer, models text[], as_models text[]) RETURNS TABLE(model text, holder text, rule_id integer, rule_name text, domain text, is_global boolean, decision text, decided_domain text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.odoo_applicable_rules(user_id integer, models text[], as_models text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_applicable_rules(user_id integer, models text[], as_models text[]) IS 'The record rules of models that apply to a user, each with its model and the operator''s decision about its present text.';
CREATE FUNCTION changefeed.odoo_caller(method text, subject integer, proof text, session text, idle_seconds double precision, database text, allow_portal boolean) RETURNS TABLE(user_id integer, refused boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_caller(method text, subject integer, proof text, session text, idle_seconds double precision, database text, allow_portal boolean) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_caller(method text, subject integer, proof text, session text, idle_seconds double precision, database text, allow_portal boolean) IS 'The active user of a credential: an API key (subject: its row, proof: its hash), a session (subject: the user, proof: its token), a session that Odoo has just confirmed, or an endpoint (subject: its number, proof: its revision, or null), while it is active, its API key is valid and this database may push. Never the superuser. refused: a portal or public user where these are not allowed. No row for another database.';
CREATE FUNCTION changefeed.odoo_catalog(models text[]) RETURNS TABLE(model text, source text, field text, ttype text, column_name text, column_type text, relation text, relation_table text, column1 text, column2 text, relation_field text, translate boolean, company_dependent boolean, store boolean, related text, parent text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET quote_all_identifiers TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_catalog(models text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_catalog(models text[]) IS 'Facts of Odoo and PostgreSQL about the fields of models, one row per field; names of tables and columns quoted. parent: for a field by which the model delegates (_inherits), the model at its other end.';
CREATE FUNCTION changefeed.odoo_catalog_stamp() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_catalog_stamp() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_catalog_stamp() IS 'Odoo''s release and a digest of its fields and of the existing columns: the basis of compiled rules, in addition to the rules.';
CREATE FUNCTION changefeed.odoo_closed_models(user_id integer, models text[], in_lists boolean DEFAULT false) RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.odoo_closed_models(user_id integer, models text[], in_lists boolean) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_closed_models(user_id integer, models text[], in_lists boolean) IS 'Those of the models that are closed to a user because Odoo decides about them in Python, or by a decision. in_lists: those whose lists and names are not sent either.';
CREATE FUNCTION changefeed.odoo_code_extensions(models text[]) RETURNS TABLE(model text, modules text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_code_extensions(models text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_code_extensions(models text[]) IS 'The modules other than Odoo''s standard ones that create or extend each model: the effect of their Python code is unknown.';
CREATE FUNCTION changefeed.odoo_code_rules() RETURNS TABLE(model text, first_release integer, last_release integer, of_share boolean, lists text, reason text)
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_code_rules() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_code_rules() IS 'Odoo''s standard models whose Python code decides who reads which of their records or fields, by release, with the method and the effect.';
CREATE FUNCTION changefeed.odoo_code_states(models text[]) RETURNS TABLE(model text, kind text, of_share boolean, lists text, reason text, decision text, decision_counts boolean, decided_at timestamp with time zone, decided_by text, decision_reason text, state text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.odoo_code_states(models text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_code_states(models text[]) IS 'For each model whether Python code decides about access to it: kind code (known to decide), unknown or null (does not decide), the reason, the operator''s last decision and whether it counts, and the resulting state: open, closed, closed to external users.';
CREATE FUNCTION changefeed.odoo_company_fallback(model text, field text, company integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_company_fallback(model text, field text, company integer) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_company_fallback(model text, field text, company integer) IS 'The value of a company-dependent field for records without their own value for this company (ir.default, from Odoo 18 on); null if there is none.';
CREATE FUNCTION changefeed.odoo_company_fields() RETURNS TABLE(model text, fields text)
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_company_fields() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_company_fields() IS 'Fields of the standard modules whose values by company stand in ir_property until Odoo 17; each name between spaces.';
CREATE FUNCTION changefeed.odoo_company_properties(model text, field text, company integer) RETURNS TABLE(record_id integer, value_integer integer, value_float double precision, value_text text, value_datetime timestamp without time zone, reference_id integer)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_company_properties(model text, field text, company integer) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_company_properties(model text, field text, company integer) IS 'The rows of ir_property of a company-dependent field that count in a company (Odoo 16 and 17). record_id: null for the default of all records; reference_id: 0 for anything but a record of the field''s model.';
CREATE FUNCTION changefeed.odoo_company_value(field_id integer, model text, ttype text, relation text, alias text, column_name text, company integer) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_company_value(field_id integer, model text, ttype text, relation text, alias text, column_name text, company integer) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_company_value(field_id integer, model text, ttype text, relation text, alias text, column_name text, company integer) IS 'SQL for the value of a field in a company: of its column, or where it has none of ir_property. It cannot raise.';
CREATE FUNCTION changefeed.odoo_data_apart(user_id integer, model text, ids bigint[], fields text[], company integer, scopes changefeed.model_scope[]) RETURNS TABLE(record_id bigint, data json)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET "DateStyle" TO 'ISO, YMD'
    SET extra_float_digits TO '1'
    SET jit TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_data_apart(user_id integer, model text, ids bigint[], fields text[], company integer, scopes changefeed.model_scope[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_data_apart(user_id integer, model text, ids bigint[], fields text[], company integer, scopes changefeed.model_scope[]) IS 'odoo_record_data(), each field by itself, and where one fails, each record: what fails counts as none.';
CREATE FUNCTION changefeed.odoo_data_columns(model text) RETURNS SETOF text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_data_columns(model text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_data_columns(model text) IS 'The columns of other tables that the fields of a model need, as the table''s oid:number, whether or not they may be read now.';
CREATE FUNCTION changefeed.odoo_data_fields(user_id integer, model text) RETURNS TABLE(name text, ttype text, by_default boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_data_fields(user_id integer, model text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_data_fields(user_id integer, model text) IS 'What odoo_record_data() can give this user of a model''s records; by_default: without being asked for by name.';
CREATE FUNCTION changefeed.odoo_data_needs() RETURNS TABLE(table_name text, column_name text)
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_data_needs() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_data_needs() IS 'What odoo_record_data() reads of Odoo''s tables whatever the model is. Not every release has all of it.';
CREATE FUNCTION changefeed.odoo_data_scopes(user_id integer, models text[], companies integer[]) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.odoo_data_scopes(user_id integer, models text[], companies integer[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_data_scopes(user_id integer, models text[], companies integer[]) IS 'Per model, a digest of the facts on which its records'' data depend for this user, other than the records and their record rules. Empty: there are no data.';
CREATE FUNCTION changefeed.odoo_data_shape(user_id integer) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_data_shape(user_id integer) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_data_shape(user_id integer) IS 'A digest shared by users for whom odoo_record_query() writes the same SQL in the same company. Null: there are no data.';
CREATE FUNCTION changefeed.odoo_data_stamp(user_id integer, company_id integer, company_ids integer[], member integer[]) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.odoo_data_stamp(user_id integer, company_id integer, company_ids integer[], member integer[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_data_stamp(user_id integer, company_id integer, company_ids integer[], member integer[]) IS 'A text that changes whenever a user''s language, companies or groups have changed, on which the data of records depend. Null: there are no data.';
CREATE FUNCTION changefeed.odoo_data_user(user_id integer, in_company integer DEFAULT NULL::integer) RETURNS TABLE(lang text, company integer, root_company integer)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_data_user(user_id integer, in_company integer) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_data_user(user_id integer, in_company integer) IS 'Language, company (in_company, or the user''s own) and that company''s root, of an active user. No row: no such user, or Odoo''s tables may not be read.';
CREATE FUNCTION changefeed.odoo_database_uuid() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_database_uuid() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_database_uuid() IS 'Odoo''s parameter database.uuid; null without Odoo.';
CREATE FUNCTION changefeed.odoo_default_value(value jsonb, ttype text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_default_value(value jsonb, ttype text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_default_value(value jsonb, ttype text) IS 'A value of ir_default as JSON of the field''s own type, as Odoo converts it; null where it is none, or Odoo could not.';
CREATE FUNCTION changefeed.odoo_delegated(models text[]) RETURNS TABLE(model text, parent text, field text, column_name text, is_stored boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 5
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.odoo_delegated(models text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_delegated(models text[]) IS 'The fields by which models delegate to others (_inherits), and the columns that hold them. is_stored: the field itself has the column, so that the parent''s record rules count.';
CREATE FUNCTION changefeed.odoo_delegations(model text) RETURNS TABLE(alias text, parent text, source regclass, field text, column_name text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_delegations(model text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_delegations(model text) IS 'The models whose fields this one carries as its own (_inherits), their tables and the columns that lead there.';
CREATE FUNCTION changefeed.odoo_external_names(model text, ids integer[]) RETURNS TABLE(id integer, name text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_external_names(model text, ids integer[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_external_names(model text, ids integer[]) IS 'The XML ids of records, such as base.group_user; model(id) for one that has none.';
CREATE FUNCTION changefeed.odoo_facts() RETURNS TABLE(model text, groups text[], fields text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_facts() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_facts() IS 'What is known of the stored fields of this database''s release of Odoo; nothing of one that was never asked.';
CREATE FUNCTION changefeed.odoo_facts_16() RETURNS TABLE(model text, groups text[], fields text)
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_facts_16() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_facts_16() IS 'Stored fields of Odoo 16''s models, each name between spaces, and the groups of which a reader needs one; none: {}.';
CREATE FUNCTION changefeed.odoo_facts_17() RETURNS TABLE(model text, groups text[], fields text)
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_facts_17() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_facts_17() IS 'Stored fields of Odoo 17''s models, each name between spaces, and the groups of which a reader needs one; none: {}.';
CREATE FUNCTION changefeed.odoo_facts_18() RETURNS TABLE(model text, groups text[], fields text)
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_facts_18() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_facts_18() IS 'Stored fields of Odoo 18''s models, each name between spaces, and the groups of which a reader needs one; none: {}.';
CREATE FUNCTION changefeed.odoo_facts_19() RETURNS TABLE(model text, groups text[], fields text)
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_facts_19() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_facts_19() IS 'Stored fields of Odoo 19''s models, each name between spaces, and the groups of which a reader needs one; none: {}.';
CREATE FUNCTION changefeed.odoo_far_moment(written text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_far_moment(written text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_far_moment(written text) IS 'A date or timestamp as Odoo would show it, out of PostgreSQL''s text (DateStyle ISO); null where Odoo could not.';
CREATE FUNCTION changefeed.odoo_field_conditions() RETURNS TABLE(model text, field text, comodel text, tables text[], condition text, archived_too boolean, left_out boolean)
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_field_conditions() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_field_conditions() IS 'Which records a one2many or many2many field holds, where Odoo''s Python code says so (domain=, context= of the field).';
CREATE FUNCTION changefeed.odoo_field_groups(models text[]) RETURNS TABLE(model text, field text, groups text[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_field_groups(models text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_field_groups(models text[]) IS 'Fields that Odoo''s Python code restricts to groups (groups= of the field), by XML id; a user needs one of the groups.';
CREATE FUNCTION changefeed.odoo_field_parts(user_id integer, model text, fields text[], in_company integer DEFAULT NULL::integer, scoped text[] DEFAULT NULL::text[]) RETURNS TABLE(name text, ttype text, by_default boolean, alias text, via text, source regclass, raw text, shown text, lookup text, lookup_start text, lookup_ids text, lookup_end text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_field_parts(user_id integer, model text, fields text[], in_company integer, scoped text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_field_parts(user_id integer, model text, fields text[], in_company integer, scoped text[]) IS 'The fields that odoo_record_data() gives this user, each with the pieces of SQL that make its value.';
CREATE FUNCTION changefeed.odoo_field_states(models text[]) RETURNS TABLE(model text, field text, ttype text, state text, groups text[], decision text, decided_at timestamp with time zone, decided_by text, reason text, missing_grant text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_field_states(models text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_field_states(models text[]) IS 'The stored fields of models without regard to a user: open (to whoever reads the record), groups, or withheld from everybody: unknown, secret, denied. decision: allow or deny, with * where it is about all fields. missing_grant: what changefeed_definer lacks. What Odoo''s own answers say is not looked at.';
CREATE FUNCTION changefeed.odoo_field_verdicts(user_id integer, model text) RETURNS TABLE(field text, is_shown boolean, reason text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_field_verdicts(user_id integer, model text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_field_verdicts(user_id integer, model text) IS 'Every stored field of a model with whether this user is shown it, and why or why not.';
CREATE FUNCTION changefeed.odoo_fields_of(models text[]) RETURNS TABLE(id integer, model text, name text, ttype text, relation text, relation_table text, column1 text, column2 text, relation_field text, related text, store boolean, required boolean, state text, translate boolean, company_dependent boolean, in_properties boolean, column_name name)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_fields_of(models text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_fields_of(models text[]) IS 'The rows of ir_model_fields of some models, alike in every release. in_properties: its values by company are in ir_property. column_name: the column that holds it, by another name where Odoo''s code says so.';
CREATE FUNCTION changefeed.odoo_fill(template text, tables text[], lang text, company integer, OUT filled text, OUT needs text[]) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_fill(template text, tables text[], lang text, company integer, OUT filled text, OUT needs text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_fill(template text, tables text[], lang text, company integer, OUT filled text, OUT needs text[]) IS 'Puts columns and tables in the place of placeholders. needs: the columns, as the table''s oid:number; null where one does not exist. filled: null where one may not be read.';
CREATE FUNCTION changefeed.odoo_filter_array(filter jsonb, member text) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_filter_array(filter jsonb, member text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_filter_array(filter jsonb, member text) IS 'A list of a filter, such as its texts, in order.';
CREATE FUNCTION changefeed.odoo_filter_columns(condition text) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_filter_columns(condition text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_filter_columns(condition text) IS 'The columns that the condition of a filter names.';
CREATE FUNCTION changefeed.odoo_filter_failed(model text, state text, reason text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_filter_failed(model text, state text, reason text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_filter_failed(model text, state text, reason text) IS 'Raises CFR03 for a filter that failed at run time, so that the fault can be attributed.';
CREATE FUNCTION changefeed.odoo_filter_fields(user_id integer, model text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_filter_fields(user_id integer, model text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_filter_fields(user_id integer, model text) IS 'The fields of a model by which this user may filter its records, as {name: [type, type of the column]}: those that odoo_record_data() shows, from a plain column of the model''s own table.';
CREATE FUNCTION changefeed.odoo_filter_is_plain(condition text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_filter_is_plain(condition text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_filter_is_plain(condition text) IS 'True for a text that consists only of the tokens of comparisons between columns of t, parameters and times: it cannot read anything else.';
CREATE FUNCTION changefeed.odoo_filter_runs(scope changefeed.model_scope) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_filter_runs(scope changefeed.model_scope) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_filter_runs(scope changefeed.model_scope) IS 'True when a scope''s filter, whose text odoo_filter_is_plain(), is a condition on the records of its model.';
CREATE FUNCTION changefeed.odoo_filter_source(scope changefeed.model_scope) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_filter_source(scope changefeed.model_scope) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_filter_source(scope changefeed.model_scope) IS 'The rows on which a scope''s filter is evaluated, as a query to which a WHERE about o can be added.';
CREATE FUNCTION changefeed.odoo_filtered(scope changefeed.model_scope, ids bigint[]) RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET jit TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_filtered(scope changefeed.model_scope, ids bigint[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_filtered(scope changefeed.model_scope, ids bigint[]) IS 'Those of the ids that are records for which the scope''s filter holds now, in no order; all of them if there is no filter. To be called for records that the record rules show.';
CREATE FUNCTION changefeed.odoo_filtered_before(scope changefeed.model_scope, record_ids bigint[], olds jsonb[], OUT places integer[], OUT kept jsonb[]) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET jit TO 'off'
    SET quote_all_identifiers TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_filtered_before(scope changefeed.model_scope, record_ids bigint[], olds jsonb[], OUT places integer[], OUT kept jsonb[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_filtered_before(scope changefeed.model_scope, record_ids bigint[], olds jsonb[], OUT places integer[], OUT kept jsonb[]) IS 'Of changed records, each with the values that the log kept of its row before each change (an array; null: none of the filter''s columns changed), those that may have been in the scope''s filter: their positions, and the values with which they matched. Unknown values count as matching.';
CREATE FUNCTION changefeed.odoo_fitted(cell text, ttype text, type oid, lang text, OUT expression text, OUT fitted_type oid) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_fitted(cell text, ttype text, type oid, lang text, OUT expression text, OUT fitted_type oid) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_fitted(cell text, ttype text, type oid, lang text, OUT expression text, OUT fitted_type oid) IS 'SQL for what a column (cell, of this type) holds as the value of a field, and the type of that; it cannot raise, and is null for a value that the field cannot have. It supposes DateStyle ISO.';
CREATE FUNCTION changefeed.odoo_forget_statements(asked bytea) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_forget_statements(asked bytea) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_forget_statements(asked bytea) IS 'Forgets the kept statements of a question, or, null, those that do not count any more and the oldest beyond 2,000.';
CREATE FUNCTION changefeed.odoo_groups_key(user_id integer) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_groups_key(user_id integer) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_groups_key(user_id integer) IS 'Digest of a user''s groups, closed over implied groups: users with the same one see the same fields.';
CREATE FUNCTION changefeed.odoo_groups_of(field_id integer, holder text, field text) RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_groups_of(field_id integer, holder text, field text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_groups_of(field_id integer, holder text, field text) IS 'The groups, by XML id, of which a user needs one to read a field, as far as they are known; empty: none.';
CREATE FUNCTION changefeed.odoo_has_field(model text, field text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_has_field(model text, field text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_has_field(model text, field text) IS 'True for a stored field of a model, its own or one that it carries by delegation.';
CREATE FUNCTION changefeed.odoo_has_model(model text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_has_model(model text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_has_model(model text) IS 'True when Odoo knows the model in this database.';
CREATE FUNCTION changefeed.odoo_hmac_sha256(key bytea, message bytea) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_hmac_sha256(key bytea, message bytea) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_hmac_sha256(key bytea, message bytea) IS 'HMAC-SHA-256 (RFC 2104).';
CREATE FUNCTION changefeed.odoo_id_lists(pairs bigint[]) RETURNS jsonb
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_id_lists(pairs bigint[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_id_lists(pairs bigint[]) IS 'Of pairs of an owner and an id, in order, the JSON text of each owner''s list of ids.';
CREATE FUNCTION changefeed.odoo_idle_caller(method text, subject integer, user_id integer, idle_seconds double precision, OUT server text, OUT partners integer[], OUT seconds double precision) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.odoo_idle_caller(method text, subject integer, user_id integer, idle_seconds double precision, OUT server text, OUT partners integer[], OUT seconds double precision) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_idle_caller(method text, subject integer, user_id integer, idle_seconds double precision, OUT server text, OUT partners integer[], OUT seconds double precision) IS 'For a caller admitted by odoo_caller(): the server and database, the partners of the user and of the user''s company, whose language affects data, and for how many seconds the credential and an answer may be trusted (at most 300; null: not at all).';
CREATE FUNCTION changefeed.odoo_in_group(user_id integer, group_name text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_in_group(user_id integer, group_name text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_in_group(user_id integer, group_name text) IS 'True when the user is in the group with this XML id (such as base.group_system), directly or by implied groups.';
CREATE FUNCTION changefeed.odoo_is_allowed(model text, field text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_is_allowed(model text, field text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_is_allowed(model text, field text) IS 'True for a field that the operator allowed by its name, so that it counts as no secret.';
CREATE FUNCTION changefeed.odoo_is_neutralized() RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_is_neutralized() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_is_neutralized() IS 'True if Odoo''s parameter database.is_neutralized is set, as on test copies.';
CREATE FUNCTION changefeed.odoo_json(value text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_json(value text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_json(value text) IS 'A text as JSON; null where it is none.';
CREATE FUNCTION changefeed.odoo_json_cell(cell text, ttype text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_json_cell(cell text, ttype text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_json_cell(cell text, ttype text) IS 'SQL for a JSON value as the value of a field of this type, which cannot raise; null where the JSON is of another type.';
CREATE FUNCTION changefeed.odoo_judged_fields(user_id integer, model text, fields text[]) RETURNS TABLE(field_id integer, holder text, alias text, via text, source regclass, name text, ttype text, type oid, relation text, translate boolean, company_dependent boolean, by_default boolean, withheld text, basis text, readable boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_judged_fields(user_id integer, model text, fields text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_judged_fields(user_id integer, model text, fields text[]) IS 'The stored fields of a model, its own (alias t) and those it carries by delegation (b1 ...), each with what withholds it from this user: denied, secret, answer (of Odoo), unknown, group, public (hr.employee.public lacks it) or right (of changefeed_definer). Null: nothing. User null: one without groups.';
CREATE FUNCTION changefeed.odoo_keeps_followers(model text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_keeps_followers(model text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_keeps_followers(model text) IS 'True when record rules of a model refer to a record''s followers.';
CREATE FUNCTION changefeed.odoo_known_delegations() RETURNS TABLE(model text, parent text, field text, column_name text, touched_since integer)
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_known_delegations() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_known_delegations() IS 'Models that carry the fields of another one (_inherits), the field that leads there, and the column behind it.';
CREATE FUNCTION changefeed.odoo_known_fields(models text[]) RETURNS TABLE(model text, fields text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_known_fields(models text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_known_fields(models text[]) IS 'Stored fields of models that Odoo shows to whoever reads the record, or to the groups of odoo_field_groups(); each name between spaces. model null: every model.';
CREATE FUNCTION changefeed.odoo_known_models() RETURNS TABLE(releases integer[], models text)
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_known_models() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_known_models() IS 'Models of standard modules that are not closed as unknown, by the releases that have them; each name between spaces. odoo_code_rules() lists those that decide access in Python.';
CREATE FUNCTION changefeed.odoo_list_models(models text[], fields jsonb DEFAULT NULL::jsonb) RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.odoo_list_models(models text[], fields jsonb) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_list_models(models text[], fields jsonb) IS 'The models whose records the one2many and many2many fields of these models list; fields ({model: [names]}): only for these fields.';
CREATE FUNCTION changefeed.odoo_lists(field_ids integer[], lang text, scoped text[] DEFAULT NULL::text[]) RETURNS TABLE(field_id integer, query text, ending text, needs text[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_lists(field_ids integer[], lang text, scoped text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_lists(field_ids integer[], lang text, scoped text[]) IS 'SQL for the ids of one2many and many2many fields, in Odoo''s order, without archived records and, of models in scoped, without those that record rules hide. query: null where a column may not be read. No row where it cannot be told.';
CREATE FUNCTION changefeed.odoo_logins(user_ids integer[]) RETURNS TABLE(user_id integer, login text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_logins(user_ids integer[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_logins(user_ids integer[]) IS 'The logins of these users, active or not.';
CREATE FUNCTION changefeed.odoo_medium_date(day date, lang text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_medium_date(day date, lang text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_medium_date(day date, lang text) IS 'A date as Odoo words it in the names of versions of employees.';
CREATE FUNCTION changefeed.odoo_member_of(user_id integer) RETURNS integer[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_member_of(user_id integer) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_member_of(user_id integer) IS 'The ids of a user''s groups, including implied groups.';
CREATE FUNCTION changefeed.odoo_model_rights(user_id integer, models text[], OUT models_readable text[], OUT as_models text[]) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.odoo_model_rights(user_id integer, models text[], OUT models_readable text[], OUT as_models text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_model_rights(user_id integer, models text[], OUT models_readable text[], OUT as_models text[]) IS 'Those of the models that Odoo lets this user read (ir_model_access, through the user''s groups), and by which model''s rights: its own, or hr.employee.public for hr.employee.';
CREATE FUNCTION changefeed.odoo_model_table(model text) RETURNS regclass
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_model_table(model text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_model_table(model text) IS 'The ordinary table with a model''s records; null if there is none.';
CREATE FUNCTION changefeed.odoo_model_tables(models text[]) RETURNS TABLE(model text, source regclass)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_model_tables(models text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_model_tables(models text[]) IS 'odoo_model_table() of many; no row for a model that has none.';
CREATE FUNCTION changefeed.odoo_moment_text(written text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    AS ...;
ALTER FUNCTION changefeed.odoo_moment_text(written text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_moment_text(written text) IS 'A text that says a day or a moment, as Odoo writes a moment; null where it says none.';
CREATE FUNCTION changefeed.odoo_name_rules() RETURNS TABLE(place integer, model text, releases integer[], in_group text, tables text[], joins text, expression text)
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_name_rules() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_name_rules() IS 'Display names that Odoo''s Python code makes up (_compute_display_name, name_get, _rec_name), as SQL with placeholders.';
CREATE FUNCTION changefeed.odoo_names(models text[], lang text, company integer, user_id integer) RETURNS TABLE(model text, source regclass, joins text, expression text, needs text[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_names(models text[], lang text, company integer, user_id integer) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_names(models text[], lang text, company integer, user_id integer) IS 'How records of these models are named to a user (null: every way in which they are to somebody, a row each): SQL over the table as c and its joins. expression: null where a column may not be read. No row for a model without an ordinary table.';
CREATE FUNCTION changefeed.odoo_orders(models text[], lang text) RETURNS TABLE(model text, place integer[], field text, expression text, descending boolean, needs text[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_orders(models text[], lang text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_orders(models text[], lang text) IS 'The order of the records of models, as SQL over the table as c, a row per term. field: the first field that leads to it. expression: null where a column may not be read.';
CREATE FUNCTION changefeed.odoo_other_groups() RETURNS TABLE(model text, fields text, groups text[])
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_other_groups() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_other_groups() IS 'Fields that Odoo''s Python code restricts to groups in every release, whether or not the release''s facts have them.';
CREATE FUNCTION changefeed.odoo_own_lists(models text[]) RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_own_lists(models text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_own_lists(models text[]) IS 'Those of the models of which only a record''s own dependent records are listed, because Odoo decides about them in Python.';
CREATE FUNCTION changefeed.odoo_page_data(user_id integer, model text, fields text[], scope changefeed.model_scope, ids bigint[], after_id bigint, last_id bigint, max_rows integer, lists changefeed.model_scope[], stamp text, shape text, OUT shown bigint[], OUT record_ids bigint[], OUT data text[], OUT missing bigint[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET "DateStyle" TO 'ISO, YMD'
    SET extra_float_digits TO '1'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.odoo_page_data(user_id integer, model text, fields text[], scope changefeed.model_scope, ids bigint[], after_id bigint, last_id bigint, max_rows integer, lists changefeed.model_scope[], stamp text, shape text, OUT shown bigint[], OUT record_ids bigint[], OUT data text[], OUT missing bigint[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_page_data(user_id integer, model text, fields text[], scope changefeed.model_scope, ids bigint[], after_id bigint, last_id bigint, max_rows integer, lists changefeed.model_scope[], stamp text, shape text, OUT shown bigint[], OUT record_ids bigint[], OUT data text[], OUT missing bigint[]) IS 'Of these ids (null: of the records above after_id and up to last_id, max_rows at most) those that the scope shows, and the data of those as odoo_record_data() has them; missing: of the ids without data those that are no record at all. stamp, shape: odoo_access_stamp() and odoo_data_shape() of the user; null: nothing that was kept is used. Raises CFR04 where the user has lost all of these data since stamp was taken.';
CREATE FUNCTION changefeed.odoo_page_statement(user_id integer, model text, fields text[], company integer, scoped text[], OUT name name, OUT statement text) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_page_statement(user_id integer, model text, fields text[], company integer, scoped text[], OUT name name, OUT statement text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_page_statement(user_id integer, model text, fields text[], company integer, scoped text[], OUT name name, OUT statement text) IS 'What odoo_page_data() prepares, and under which name. $1: ids, or null; $2: scopes of lists; $3: the scope; $4, $5, $6: above, up to, and how many, where $1 is null; $7: the user; $8: odoo_access_mark(). Null: there are no data.';
CREATE FUNCTION changefeed.odoo_parents(model text) RETURNS TABLE(source regclass, child regclass, key name)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_parents(model text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_parents(model text) IS 'The tables whose writes change a model''s records without writing their rows, and the column of the model''s table that refers to them.';
CREATE FUNCTION changefeed.odoo_prepared(name name, statement text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_prepared(name name, statement text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_prepared(name name, statement text) IS 'Prepares a statement of odoo_page_statement() unless the session has it; bounded, the oldest go.';
CREATE FUNCTION changefeed.odoo_profile(user_id integer) RETURNS json
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_profile(user_id integer) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_profile(user_id integer) IS 'A user as one JSON object: number, login, whether external, language, current company, companies. lang and company_id are null if Odoo''s tables may not be read.';
CREATE FUNCTION changefeed.odoo_properties(model text, holder regclass, field text, OUT container text, OUT container_id integer, OUT definition text, OUT source regclass) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_properties(model text, holder regclass, field text, OUT container text, OUT container_id integer, OUT definition text, OUT source regclass) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_properties(model text, holder regclass, field text, OUT container text, OUT container_id integer, OUT definition text, OUT source regclass) IS 'Where the definition of a properties field stands: the many2one that leads there (or container_id, for all records), the field and the table. container and container_id: null where it cannot be told or may not be read.';
CREATE FUNCTION changefeed.odoo_property_list(definitions jsonb, stored jsonb, absent text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_property_list(definitions jsonb, stored jsonb, absent text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_property_list(definitions jsonb, stored jsonb, absent text) IS 'A record''s properties as Odoo''s read() shows them: the definitions of its container, each with the record''s value. absent: nothing, null or default.';
CREATE FUNCTION changefeed.odoo_python_text(value text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_python_text(value text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_python_text(value text) IS 'Python''s repr() of a text, except for unprintable characters above U+00AD, which it would escape too.';
CREATE FUNCTION changefeed.odoo_read_rules() RETURNS TABLE(rule_id integer, rule_name text, model text, domain text, groups text[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_read_rules() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_read_rules() IS 'All of Odoo''s active read rules, each with its model, its text, and its groups (none: it is global).';
CREATE FUNCTION changefeed.odoo_readable(source regclass, column_name text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_readable(source regclass, column_name text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_readable(source regclass, column_name text) IS 'True for a column that exists and that changefeed_definer may read.';
CREATE FUNCTION changefeed.odoo_readable_models(user_id integer) RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_readable_models(user_id integer) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_readable_models(user_id integer) IS 'Tracked models that Odoo lets this user read: ir_model_access through the user''s groups, including implied groups.';
CREATE FUNCTION changefeed.odoo_recent_mark() RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_recent_mark() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_recent_mark() IS 'odoo_access_mark() as it was in this session at most half a second ago.';
CREATE FUNCTION changefeed.odoo_record_data(user_id integer, model text, ids bigint[], fields text[] DEFAULT NULL::text[], company integer DEFAULT NULL::integer, scopes changefeed.model_scope[] DEFAULT NULL::changefeed.model_scope[]) RETURNS TABLE(record_id bigint, data json)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET "DateStyle" TO 'ISO, YMD'
    SET extra_float_digits TO '1'
    SET jit TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_record_data(user_id integer, model text, ids bigint[], fields text[], company integer, scopes changefeed.model_scope[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_record_data(user_id integer, model text, ids bigint[], fields text[], company integer, scopes changefeed.model_scope[]) IS 'Records as Odoo''s read() returns their stored fields to this user, one row for each id that exists. It does not ask whether the user may read the model or the records: the caller does that first. fields: only these (and id); null: all but html and binary. company: for names and values that depend on it; null: the user''s own. scopes: of their models, lists of ids hold what the record rules show; of other models, all.';
CREATE FUNCTION changefeed.odoo_record_query(user_id integer, model text, fields text[], in_company integer DEFAULT NULL::integer, scoped text[] DEFAULT NULL::text[], ids text DEFAULT '$1'::text) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_record_query(user_id integer, model text, fields text[], in_company integer, scoped text[], ids text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_record_query(user_id integer, model text, fields text[], in_company integer, scoped text[], ids text) IS 'The SQL of odoo_record_data(), with the ids as $1 (or the expression given) and the scopes as $2. Null: no such user, model or table.';
CREATE FUNCTION changefeed.odoo_reference(value jsonb) RETURNS integer
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_reference(value jsonb) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_reference(value jsonb) IS 'The id in a JSON value of a many2one field; null where it is none.';
CREATE FUNCTION changefeed.odoo_release() RETURNS integer
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_release() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_release() IS 'The release of Odoo, such as 18; null without Odoo, and for versions between two releases (saas~17.4).';
CREATE FUNCTION changefeed.odoo_rights_stamp() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.odoo_rights_stamp() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_rights_stamp() IS 'A text that changes whenever rights on models, record rules, default values, or decisions about rules and fields have changed. Null: there are no data.';
CREATE FUNCTION changefeed.odoo_rule_columns(model text, target regclass) RETURNS name[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_rule_columns(model text, target regclass) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_rule_columns(model text, target regclass) IS 'Columns of a model''s table that its record rules name, and those on which visibility usually depends. Never secrets.';
CREATE FUNCTION changefeed.odoo_rule_reads(model text) RETURNS SETOF text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_rule_reads(model text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_rule_reads(model text) IS 'The columns that the record rules of a model may read, its own and those of other tables, as the table''s oid:number. Never a secret.';
CREATE FUNCTION changefeed.odoo_rule_sources(models text[], as_models text[], OUT held text[], OUT holders text[]) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.odoo_rule_sources(models text[], as_models text[], OUT held text[], OUT holders text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_rule_sources(models text[], as_models text[], OUT held text[], OUT holders text[]) IS 'For each model, the models whose record rules apply to it: the one by whose rights it is read, and those that one delegates to.';
CREATE FUNCTION changefeed.odoo_rule_texts(model text) RETURNS SETOF text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_rule_texts(model text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_rule_texts(model text) IS 'The domains of the active read rules of a model, and those with which the operator replaced them.';
CREATE FUNCTION changefeed.odoo_secret_field(model text, field text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_secret_field(model text, field text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_secret_field(model text, field text) IS 'True for a field that does not leave the database unless the operator allows it by its name: passwords, tokens and keys, by their names.';
CREATE FUNCTION changefeed.odoo_secret_fields(models text[], fields text[]) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_secret_fields(models text[], fields text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_secret_fields(models text[], fields text[]) IS 'Which of the fields would be secrets of each of the models, as "model field": odoo_secret_field() of many at once.';
CREATE FUNCTION changefeed.odoo_session_keys(user_id integer) RETURNS SETOF text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_session_keys(user_id integer) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_session_keys(user_id integer) IS 'The keys of Odoo''s releases for this user''s session tokens. Only for odoo_session_user(): no role may call it.';
CREATE FUNCTION changefeed.odoo_session_mark() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.odoo_session_mark() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_session_mark() IS 'A text that changes whenever a fact that session checks use has changed, other than the users. Null: unknown.';
CREATE FUNCTION changefeed.odoo_session_user(user_id integer, session text, token text, idle_seconds double precision) RETURNS integer
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_session_user(user_id integer, session text, token text, idle_seconds double precision) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_session_user(user_id integer, session text, token text, idle_seconds double precision) IS 'The user, if this is the token of their session by Odoo''s rules (HMAC-SHA-256 over the session id) and it was not idle for too long.';
CREATE FUNCTION changefeed.odoo_shown_ids(scope changefeed.model_scope, after_id bigint, last_id bigint, max_rows bigint) RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET jit TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_shown_ids(scope changefeed.model_scope, after_id bigint, last_id bigint, max_rows bigint) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_shown_ids(scope changefeed.model_scope, after_id bigint, last_id bigint, max_rows bigint) IS 'Like rules_record_ids(), for the scope''s filter.';
CREATE FUNCTION changefeed.odoo_shown_lists(scope changefeed.model_scope, pairs bigint[]) RETURNS jsonb
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_shown_lists(scope changefeed.model_scope, pairs bigint[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_shown_lists(scope changefeed.model_scope, pairs bigint[]) IS 'odoo_id_lists() of those ids that the scope shows. They are asked about once, for all owners.';
CREATE FUNCTION changefeed.odoo_shown_moment(cell text, ttype text, type oid) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_shown_moment(cell text, ttype text, type oid) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_shown_moment(cell text, ttype text, type oid) IS 'SQL for the text by which a fitted date or timestamp (see odoo_fitted()) is shown. It supposes DateStyle ISO.';
CREATE FUNCTION changefeed.odoo_shown_now(scope changefeed.model_scope, ids bigint[]) RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_shown_now(scope changefeed.model_scope, ids bigint[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_shown_now(scope changefeed.model_scope, ids bigint[]) IS 'Like rules_visible(), for the scope''s filter.';
CREATE FUNCTION changefeed.odoo_standard_modules() RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_standard_modules() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_standard_modules() IS 'The modules of Odoo 16 to 19 Community; each name between spaces.';
CREATE FUNCTION changefeed.odoo_stored_fields(user_id integer, model text, fields text[]) RETURNS TABLE(field_id integer, holder text, alias text, via text, source regclass, name text, ttype text, type oid, relation text, translate boolean, company_dependent boolean, by_default boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_stored_fields(user_id integer, model text, fields text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_stored_fields(user_id integer, model text, fields text[]) IS 'The stored fields of a model that this user may read: its own (alias t) and those it carries by delegation (b1 ...).';
CREATE FUNCTION changefeed.odoo_table(table_name name) RETURNS regclass
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_table(table_name name) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_table(table_name name) IS 'An ordinary table of schema public; null for anything else of that name.';
CREATE FUNCTION changefeed.odoo_text_of(alias text, field text, type oid, lang text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_text_of(alias text, field text, type oid, lang text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_text_of(alias text, field text, type oid, lang text) IS 'SQL for a column in a language: a translated one is jsonb of language and text, and en_US stands in for what is missing.';
CREATE FUNCTION changefeed.odoo_touched(scope changefeed.model_scope, filters jsonb, kept text[], record_ids bigint[], shown boolean[], olds jsonb[], zone text) RETURNS integer[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET jit TO 'off'
    SET quote_all_identifiers TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_touched(scope changefeed.model_scope, filters jsonb, kept text[], record_ids bigint[], shown boolean[], olds jsonb[], zone text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_touched(scope changefeed.model_scope, filters jsonb, kept text[], record_ids bigint[], shown boolean[], olds jsonb[], zone text) IS 'Of filters of a model, {condition: [[number, numbers, texts]]}, the numbers of those that changed records may have entered, left or stayed in; all of those by columns of which the log keeps no values (kept: those of which it does). shown: whether the record rules show a record now; olds: the values before each change; zone: the user''s time zone.';
CREATE FUNCTION changefeed.odoo_trial_user() RETURNS integer
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_trial_user() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_trial_user() IS 'The active internal user with the lowest number, for the trial pull; null if there is none.';
CREATE FUNCTION changefeed.odoo_unfit(cell text, ttype text, type oid, translate boolean, company_dependent boolean) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_unfit(cell text, ttype text, type oid, translate boolean, company_dependent boolean) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_unfit(cell text, ttype text, type oid, translate boolean, company_dependent boolean) IS 'SQL that is true for a column''s value that its field cannot have; null where the column holds no such values.';
CREATE FUNCTION changefeed.odoo_unfit_columns(models text[]) RETURNS TABLE(model text, field text, ttype text, column_type text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_unfit_columns(models text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_unfit_columns(models text[]) IS 'Stored fields of models whose column, or whose key in another table, is of another type than the field.';
CREATE FUNCTION changefeed.odoo_unfit_values(models text[], newest integer DEFAULT 10000) RETURNS TABLE(model text, field text, record_ids bigint[], records bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET "DateStyle" TO 'ISO, YMD'
    SET jit TO 'off'
    SET lock_timeout TO '1s'
    AS ...;
ALTER FUNCTION changefeed.odoo_unfit_values(models text[], newest integer) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_unfit_values(models text[], newest integer) IS 'Fields of models, and the values by company behind them, that hold what the field cannot have, among the newest so many records of each model: the first records by id, and how many they are.';
CREATE FUNCTION changefeed.odoo_unserved_names(models text[]) RETURNS TABLE(model text, field text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_unserved_names(models text[]) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_unserved_names(models text[]) IS 'Stored fields whose names no device is given: longer than a column''s may be, or with control characters.';
CREATE FUNCTION changefeed.odoo_user_companies(user_id integer) RETURNS integer[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_user_companies(user_id integer) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_user_companies(user_id integer) IS 'The companies of a user that are not archived, by id.';
CREATE FUNCTION changefeed.odoo_user_facts(login text) RETURNS TABLE(user_id integer, is_active boolean, is_share boolean, company_id integer, company_ids integer[], groups text[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_user_facts(login text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_user_facts(login text) IS 'A user by login: id, whether active and external, companies, and groups including implied ones.';
CREATE FUNCTION changefeed.odoo_user_id(login text) RETURNS integer
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_user_id(login text) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_user_id(login text) IS 'The active user with a login, never the superuser; null if there is none.';
CREATE FUNCTION changefeed.odoo_version() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.odoo_version() OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_version() IS 'Version of Odoo''s module base as last installed or upgraded, such as 18.0.1.3; null without Odoo.';
CREATE FUNCTION changefeed.odoo_watched_tables(table_schema name) RETURNS name[]
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.odoo_watched_tables(table_schema name) OWNER TO changefeed_definer;
COMMENT ON FUNCTION changefeed.odoo_watched_tables(table_schema name) IS 'The tables of a schema, Odoo''s (public) or the feed''s own (changefeed), whose changes are changes of access.';
CREATE FUNCTION changefeed.open_copy(device bigint) RETURNS bigint[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.open_copy(device bigint) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.open_copy(device bigint) IS 'The entries of the open page of a device''s first copy that were sent and are not settled, in no order.';
CREATE FUNCTION changefeed.origin(OUT is_copy boolean, OUT is_upgraded boolean, OUT differs text, OUT home_id bigint) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.origin(OUT is_copy boolean, OUT is_upgraded boolean, OUT differs text, OUT home_id bigint) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.origin(OUT is_copy boolean, OUT is_upgraded boolean, OUT differs text, OUT home_id bigint) IS 'Whether this database is a copy of the feed''s home, and how it differs. is_upgraded: pg_upgrade brought it here, and check_identity() will record that.';
CREATE FUNCTION changefeed.own_capture(model text, kind text) RETURNS regprocedure
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.own_capture(model text, kind text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.own_capture(model text, kind text) IS 'A model''s own trigger function; null if it uses the general one.';
CREATE FUNCTION changefeed.parent_links(model text) RETURNS TABLE(source regclass, child regclass, key name, trigger_name name, function_name name, state text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.parent_links(model text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.parent_links(model text) IS 'The triggers of a model on the tables whose fields it carries, and their state: enabled, missing, disabled, not always, foreign, stale, or unwanted (it is not tracked, or no longer carries them).';
CREATE FUNCTION changefeed.pause(reason text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.pause(reason text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.pause(reason text) IS 'Kill switch: stops all capture immediately, without a lock on any of Odoo''s tables, and records the gap. False when it was paused already.';
CREATE FUNCTION changefeed.plain_line(value text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.plain_line(value text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.plain_line(value text) IS 'A foreign text on one line, without characters that terminals and readers would interpret.';
CREATE FUNCTION changefeed.present_objects() RETURNS TABLE(kind text, name text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS ...;
ALTER FUNCTION changefeed.present_objects() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.present_objects() IS 'The functions, procedures and views of the schema, except those that track() creates for single models and make_condition() for conditions.';
CREATE FUNCTION changefeed.probe() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.probe() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.probe() IS 'Changes the scratch table: one write of model changefeed.probe in the log, as soon as it is committed and unless capture is paused.';
CREATE FUNCTION changefeed.prune_access_changes() RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.prune_access_changes() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.prune_access_changes() IS 'Replaces the rows of access_change with one, if there are many. Returns how many were removed.';
CREATE FUNCTION changefeed.prune_device_changes() RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.prune_device_changes() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.prune_device_changes() IS 'Replaces the rows of device_change with one, if there are many. Returns how many were removed.';
CREATE FUNCTION changefeed.pull(user_id integer, device_id text, app_type text DEFAULT 'all'::text, only_models text[] DEFAULT NULL::text[], sync_token text DEFAULT NULL::text, max_entries integer DEFAULT 100, with_data boolean DEFAULT true, fields jsonb DEFAULT NULL::jsonb, max_bytes bigint DEFAULT NULL::bigint, is_older_client boolean DEFAULT false, max_devices integer DEFAULT 100, companies integer[] DEFAULT NULL::integer[], with_hash boolean DEFAULT false, start text DEFAULT 'earliest'::text, filters jsonb DEFAULT NULL::jsonb, OUT problem text, OUT resync json, OUT events text, OUT entries integer, OUT next_sync_token text, OUT has_more boolean, OUT incomplete text[], OUT models text[], OUT scope text, OUT is_filtered boolean, OUT copy json) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.pull(user_id integer, device_id text, app_type text, only_models text[], sync_token text, max_entries integer, with_data boolean, fields jsonb, max_bytes bigint, is_older_client boolean, max_devices integer, companies integer[], with_hash boolean, start text, filters jsonb, OUT problem text, OUT resync json, OUT events text, OUT entries integer, OUT next_sync_token text, OUT has_more boolean, OUT incomplete text[], OUT models text[], OUT scope text, OUT is_filtered boolean, OUT copy json) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.pull(user_id integer, device_id text, app_type text, only_models text[], sync_token text, max_entries integer, with_data boolean, fields jsonb, max_bytes bigint, is_older_client boolean, max_devices integer, companies integer[], with_hash boolean, start text, filters jsonb, OUT problem text, OUT resync json, OUT events text, OUT entries integer, OUT next_sync_token text, OUT has_more boolean, OUT incomplete text[], OUT models text[], OUT scope text, OUT is_filtered boolean, OUT copy json) IS 'What is new for a device, oldest first, without moving its cursor: the same again until acknowledge() settles it; for an older client, which never acknowledges, a pull settles what the one before gave. problem: null, or why nothing is given; resync: what must be taken anew; has_more false: with this the device has everything up to one moment (true with no events: 100,000 that are not for this device were passed; pull again); incomplete: models with a gap that has not ended; models: all that the device follows; companies: those that are enabled (null: all of the user''s); with_hash: each record''s data with their data_hash(); start: what a device begins with that never pulled: all (first the records that exist, as create with the reason copy, then what changes; copy tells how far that is, as copy_progress() has it), now (what changes from now on) or earliest (the oldest event of the log); filters: as filtered_scopes() takes them. scope, is_filtered: as news() has them. No write when nothing is new.';
CREATE FUNCTION changefeed.rate_limit(key text, quota integer, period_seconds integer, OUT allowed boolean, OUT spent_seconds double precision) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS ...;
ALTER FUNCTION changefeed.rate_limit(key text, quota integer, period_seconds integer, OUT allowed boolean, OUT spent_seconds double precision) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.rate_limit(key text, quota integer, period_seconds integer, OUT allowed boolean, OUT spent_seconds double precision) IS 'Counts one request: allowed, or refused, in which case nothing is written. spent_seconds: how far the client is ahead of the clock; it has (period - spent) / (period / quota) requests left.';
CREATE FUNCTION changefeed.read_list_cursor(cursor text, model text, OUT snapshot_id text, OUT device bigint, OUT last_id bigint, OUT from_id bigint, OUT to_id bigint) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.read_list_cursor(cursor text, model text, OUT snapshot_id text, OUT device bigint, OUT last_id bigint, OUT from_id bigint, OUT to_id bigint) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.read_list_cursor(cursor text, model text, OUT snapshot_id text, OUT device bigint, OUT last_id bigint, OUT from_id bigint, OUT to_id bigint) IS 'The parts of a cursor of a list of this model; all null if it is malformed.';
CREATE FUNCTION changefeed.read_sync_token(token text, OUT feed text, OUT epoch integer, OUT device bigint, OUT acknowledgements bigint, OUT batch bigint, OUT last_id bigint, OUT filter text, OUT settled_id bigint) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.read_sync_token(token text, OUT feed text, OUT epoch integer, OUT device bigint, OUT acknowledgements bigint, OUT batch bigint, OUT last_id bigint, OUT filter text, OUT settled_id bigint) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.read_sync_token(token text, OUT feed text, OUT epoch integer, OUT device bigint, OUT acknowledgements bigint, OUT batch bigint, OUT last_id bigint, OUT filter text, OUT settled_id bigint) IS 'The parts of a token; all null if it is malformed.';
CREATE FUNCTION changefeed.record_home(cause text, reason text DEFAULT NULL::text) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.record_home(cause text, reason text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.record_home(cause text, reason text) IS 'Records this database as the feed''s home.';
CREATE PROCEDURE changefeed.refresh_captures()
    LANGUAGE plpgsql
    AS ...;
ALTER PROCEDURE changefeed.refresh_captures() OWNER TO changefeed_owner;
COMMENT ON PROCEDURE changefeed.refresh_captures() IS 'Corrects the triggers of all tracked models, and those on the tables whose fields they carry, one table at a time with a commit after each.';
CREATE FUNCTION changefeed.register_device(user_id integer, device_id text, max_devices integer, start text DEFAULT 'earliest'::text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.register_device(user_id integer, device_id text, max_devices integer, start text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.register_device(user_id integer, device_id text, max_devices integer, start text) IS 'Creates a device that starts at the oldest event of the log (start: earliest), with changes from now on (now), or with a first copy (all). False when the user has max_devices. Devices not seen for 30 days are retired to make room; one that returns must resync everything.';
CREATE FUNCTION changefeed.replicas() RETURNS TABLE(pid integer, application_name text, client_addr inet, backend_start timestamp with time zone, state_change timestamp with time zone, leads boolean, sleeps boolean)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.replicas() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.replicas() IS 'The running services, by the session of each that holds the leader''s or the followers'' lock: whether it leads, and whether it sleeps, so that the bell rings for it. For status() and the console.';
CREATE FUNCTION changefeed.require_grantable(source regclass) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.require_grantable(source regclass) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.require_grantable(source regclass) IS 'Refuses a table on which the caller may not grant, and says which right is missing.';
CREATE FUNCTION changefeed.require_parents(model text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.require_parents(model text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.require_parents(model text) IS 'link_parents(), or an error that names the table that stayed in use.';
CREATE FUNCTION changefeed.require_read_committed() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.require_read_committed() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.require_read_committed() IS 'Refuses a transaction whose snapshot may be older than its locks.';
CREATE FUNCTION changefeed.reset_device(user_id integer, device_id text, start text DEFAULT 'now'::text, since timestamp with time zone DEFAULT NULL::timestamp with time zone, max_devices integer DEFAULT 100, OUT problem text, OUT device bigint) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.reset_device(user_id integer, device_id text, start text, since timestamp with time zone, max_devices integer, OUT problem text, OUT device bigint) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.reset_device(user_id integer, device_id text, start text, since timestamp with time zone, max_devices integer, OUT problem text, OUT device bigint) IS 'Starts a device over, or creates it: with a first copy (all), with changes from now on (now), at the oldest event of the log (earliest), or with changes since a time (some minutes more). Drops any pending resync.';
CREATE FUNCTION changefeed.resume() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.resume() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.resume() IS 'Ends a pause. False when capture was not paused.';
CREATE FUNCTION changefeed.resync_answer(resync jsonb) RETURNS json
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.resync_answer(resync jsonb) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.resync_answer(resync jsonb) IS 'The answer to a device that must resync: code, mode and models.';
CREATE FUNCTION changefeed.ring() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.ring() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.ring() IS 'Rings the doorbell through the path of the captures. True when the bell rings at commit, false when no tailer sleeps.';
CREATE FUNCTION changefeed.rotate() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.rotate() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.rotate() IS 'Sends writers to the next slot of the ring. Returns it, or null when it is not empty yet; then nothing changes and the present slot stays in use.';
CREATE FUNCTION changefeed.rule_columns(model text) RETURNS name[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.rule_columns(model text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.rule_columns(model text) IS 'Columns of a model whose old values its triggers should keep: those that Odoo''s record rules name now. track() applies them.';
CREATE FUNCTION changefeed.rule_holders() RETURNS TABLE(model text, holder text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.rule_holders() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.rule_holders() IS 'The tracked models, each with the models whose record rules apply to it: its own, those that it delegates to, hr.employee.public for hr.employee.';
CREATE FUNCTION changefeed.rule_states(only_model text DEFAULT NULL::text) RETURNS TABLE(rule_id integer, rule_name text, model text, models text[], groups text[], domain text, counted_domain text, decision text, decided_domain text, decision_counts boolean, decided_at timestamp with time zone, decided_by text, reason text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.rule_states(only_model text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.rule_states(only_model text) IS 'The read rules of the tracked models, or of one: each rule''s model and the tracked models that it filters, its groups (none: global), its text, the effective text, and the last decision. decision_counts false: it was about another text.';
CREATE FUNCTION changefeed.rules_condition_name(target regclass, predicate text) RETURNS name
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS ...;
ALTER FUNCTION changefeed.rules_condition_name(target regclass, predicate text) OWNER TO changefeed_reader;
COMMENT ON FUNCTION changefeed.rules_condition_name(target regclass, predicate text) IS 'The name of the function that make_condition() creates for a condition on the records of a table.';
CREATE FUNCTION changefeed.rules_failed(model text, state text, reason text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.rules_failed(model text, state text, reason text) OWNER TO changefeed_reader;
COMMENT ON FUNCTION changefeed.rules_failed(model text, state text, reason text) IS 'Raises CFR01 for record rules that failed at run time, CFR02 if they read a table or column that may not be read, so that the fault can be attributed.';
CREATE FUNCTION changefeed.rules_former_tables(scope changefeed.model_scope, former jsonb, at_any_time boolean, OUT definitions text, OUT unknown boolean[]) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.rules_former_tables(scope changefeed.model_scope, former jsonb, at_any_time boolean, OUT definitions text, OUT unknown boolean[]) OWNER TO changefeed_reader;
COMMENT ON FUNCTION changefeed.rules_former_tables(scope changefeed.model_scope, former jsonb, at_any_time boolean, OUT definitions text, OUT unknown boolean[]) IS 'The former rows of a scope''s other tables (former_1 ...), as parts of a WITH clause: in their first state, or in any state from then until now. former, the result''s parameter $10: per table, the old values by id, in order. unknown: for each whether the former state of its rows is unknown.';
CREATE FUNCTION changefeed.rules_is_condition(target regclass, predicate text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET lock_timeout TO '10ms'
    AS ...;
ALTER FUNCTION changefeed.rules_is_condition(target regclass, predicate text) OWNER TO changefeed_reader;
COMMENT ON FUNCTION changefeed.rules_is_condition(target regclass, predicate text) IS 'True when a text is a condition on the records of a table that changefeed_reader may run; false also while another session locks the table.';
CREATE FUNCTION changefeed.rules_missing_records(model text, ids bigint[]) RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.rules_missing_records(model text, ids bigint[]) OWNER TO changefeed_reader;
COMMENT ON FUNCTION changefeed.rules_missing_records(model text, ids bigint[]) IS 'Those of the ids that are not records of the model at all; none if that is unknown.';
CREATE FUNCTION changefeed.rules_record_digest(scope changefeed.model_scope, buckets integer, ids bigint[] DEFAULT NULL::bigint[]) RETURNS TABLE(from_id bigint, to_id bigint, records bigint, hash bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET "DateStyle" TO 'ISO, YMD'
    SET jit TO 'off'
    AS ...;
ALTER FUNCTION changefeed.rules_record_digest(scope changefeed.model_scope, buckets integer, ids bigint[]) OWNER TO changefeed_reader;
COMMENT ON FUNCTION changefeed.rules_record_digest(scope changefeed.model_scope, buckets integer, ids bigint[]) IS 'Per range of ids, how many records the scope shows (of these ids; null: of all) and a hash that does not depend on their order: the sum, modulo 2^48, of the first 48 bits of SHA-256 of "id,write_date" (write_date as YYYY-MM-DD HH:MM:SS).';
CREATE FUNCTION changefeed.rules_record_ids(scope changefeed.model_scope, after_id bigint, last_id bigint, max_rows integer) RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET jit TO 'off'
    AS ...;
ALTER FUNCTION changefeed.rules_record_ids(scope changefeed.model_scope, after_id bigint, last_id bigint, max_rows integer) OWNER TO changefeed_reader;
COMMENT ON FUNCTION changefeed.rules_record_ids(scope changefeed.model_scope, after_id bigint, last_id bigint, max_rows integer) IS 'Ids of the records that the scope shows, above after_id and up to last_id, in order.';
CREATE FUNCTION changefeed.rules_table(model text) RETURNS regclass
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.rules_table(model text) OWNER TO changefeed_reader;
COMMENT ON FUNCTION changefeed.rules_table(model text) IS 'The table of a model; null if there is none whose ids changefeed_reader may read.';
CREATE FUNCTION changefeed.rules_user_zone(user_id integer) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    AS ...;
ALTER FUNCTION changefeed.rules_user_zone(user_id integer) OWNER TO changefeed_reader;
COMMENT ON FUNCTION changefeed.rules_user_zone(user_id integer) IS 'The time zone of a user; UTC if there is none.';
CREATE FUNCTION changefeed.rules_visible(scope changefeed.model_scope, ids bigint[]) RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET jit TO 'off'
    AS ...;
ALTER FUNCTION changefeed.rules_visible(scope changefeed.model_scope, ids bigint[]) OWNER TO changefeed_reader;
COMMENT ON FUNCTION changefeed.rules_visible(scope changefeed.model_scope, ids bigint[]) IS 'Those of the ids that are records which the scope shows now, in no order. A scope without a condition returns all ids; no scope (null) returns none.';
CREATE FUNCTION changefeed.rules_were_visible(scope changefeed.model_scope, ids bigint[], olds jsonb[], former jsonb DEFAULT NULL::jsonb, is_gone boolean DEFAULT false, at_any_time boolean DEFAULT false) RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET jit TO 'off'
    SET quote_all_identifiers TO 'off'
    AS ...;
ALTER FUNCTION changefeed.rules_were_visible(scope changefeed.model_scope, ids bigint[], olds jsonb[], former jsonb, is_gone boolean, at_any_time boolean) OWNER TO changefeed_reader;
COMMENT ON FUNCTION changefeed.rules_were_visible(scope changefeed.model_scope, ids bigint[], olds jsonb[], former jsonb, is_gone boolean, at_any_time boolean) IS 'Those of the ids that the scope showed while their rows had these values (event.olds; null: their present ones). Other tables are read in their present state, except for the rows in former: per table, their old values by id, of which the first count, or, at_any_time, each of them and the present ones. is_gone: deleted records; also those for which it is no longer known whether the scope showed them.';
CREATE FUNCTION changefeed.rules_windows(model text, windows integer, max_rows integer) RETURNS TABLE(from_id bigint, to_id bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET jit TO 'off'
    AS ...;
ALTER FUNCTION changefeed.rules_windows(model text, windows integer, max_rows integer) OWNER TO changefeed_reader;
COMMENT ON FUNCTION changefeed.rules_windows(model text, windows integer, max_rows integer) IS 'Up to this many ranges of ids, spread over a table, the last one at its end, of at most max_rows records each.';
CREATE FUNCTION changefeed.schema_version() RETURNS integer
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.schema_version() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.schema_version() IS 'Number of the newest migration applied.';
CREATE FUNCTION changefeed.secure_sequences() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.secure_sequences() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.secure_sequences() IS 'Writes the feed''s sequences to the WAL of this database, so that a crash soon after it was copied assigns no number twice.';
CREATE FUNCTION changefeed.seen_before(scope changefeed.model_scope, ids bigint[], record_ids bigint[], events text[], olds jsonb[], since_id bigint) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.seen_before(scope changefeed.model_scope, ids bigint[], record_ids bigint[], events text[], olds jsonb[], since_id bigint) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.seen_before(scope changefeed.model_scope, ids bigint[], record_ids bigint[], events text[], olds jsonb[], since_id bigint) IS 'Of the records of write and unlink events that the scope does not show now: those that it showed before, by the log''s values since since_id of them (olds: values, or an array of them) and of the rows on which they depend; and of deleted records also those for which that is unknown. A record may occur twice.';
CREATE FUNCTION changefeed.settle() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.settle() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.settle() IS 'Determines where ended gaps really end and which closed slots have no more writers, once no transaction is left that uses an older control row. Also prunes access_change and device_change. The service calls it every 20 seconds.';
CREATE FUNCTION changefeed.settle_copy(d changefeed.device, newly bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.settle_copy(d changefeed.device, newly bigint[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.settle_copy(d changefeed.device, newly bigint[]) IS 'Settles entries of a first copy that open_copy() names. The device''s row is locked by the caller.';
CREATE FUNCTION changefeed.settle_entries(d changefeed.device, window_ids bigint[], newly bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.settle_entries(d changefeed.device, window_ids bigint[], newly bigint[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.settle_entries(d changefeed.device, window_ids bigint[], newly bigint[]) IS 'Settles entries of a device''s window and moves the device as far as everything is settled. The device''s row is locked by the caller.';
CREATE FUNCTION changefeed.settled_below(inactive_after interval DEFAULT '30 days'::interval) RETURNS xid8
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.settled_below(inactive_after interval) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.settled_below(inactive_after interval) IS 'Every active device has settled all transactions below this number; null: there is no active device.';
CREATE FUNCTION changefeed.shared_scope(scopes changefeed.model_scope[]) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.shared_scope(scopes changefeed.model_scope[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.shared_scope(scopes changefeed.model_scope[]) IS 'A digest that is the same for users who see the same records of the same models; null for no model.';
CREATE FUNCTION changefeed.short_app_type(app_type text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.short_app_type(app_type text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.short_app_type(app_type text) IS 'The name of an app type without _app at its end.';
CREATE FUNCTION changefeed.shown_before(scope changefeed.model_scope, ids bigint[], record_ids bigint[], events text[], olds jsonb[], since_id bigint, ruled bigint[]) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.shown_before(scope changefeed.model_scope, ids bigint[], record_ids bigint[], events text[], olds jsonb[], since_id bigint, ruled bigint[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.shown_before(scope changefeed.model_scope, ids bigint[], record_ids bigint[], events text[], olds jsonb[], since_id bigint, ruled bigint[]) IS 'Like seen_before(), for the scope''s filter: those that may have been in it while the rules showed them. ruled: those that the rules show now.';
CREATE FUNCTION changefeed.shown_entries(scopes changefeed.model_scope[], ids bigint[], models text[], record_ids bigint[], events text[], olds jsonb[], settled bigint[], max_shown integer, since_id bigint, OUT places integer[], OUT kinds text[], OUT hidden bigint[]) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.shown_entries(scopes changefeed.model_scope[], ids bigint[], models text[], record_ids bigint[], events text[], olds jsonb[], settled bigint[], max_shown integer, since_id bigint, OUT places integer[], OUT kinds text[], OUT hidden bigint[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.shown_entries(scopes changefeed.model_scope[], ids bigint[], models text[], record_ids bigint[], events text[], olds jsonb[], settled bigint[], max_shown integer, since_id bigint, OUT places integer[], OUT kinds text[], OUT hidden bigint[]) IS 'Of the unsettled entries of a window, in order, the first max_shown for a user: their positions, and their kinds: create, write, unlink, access for a record that the user could see before and cannot now, or filter for one that the user can see and that may have been in the scope''s filter before. since_id: the log up to this id is not in the window. hidden: ids of skipped entries that are not visible to the user.';
CREATE FUNCTION changefeed.slot_length(delete_after interval DEFAULT '90 days'::interval) RETURNS interval
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.slot_length(delete_after interval) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.slot_length(delete_after interval) IS 'How long a slot of the log is written to, so that the retained events fit into the ring: a thirteenth, in whole seconds.';
CREATE FUNCTION changefeed.slot_table(slot integer) RETURNS regclass
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.slot_table(slot integer) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.slot_table(slot integer) IS 'Child table of a slot.';
CREATE FUNCTION changefeed.snapshot_contains(larger pg_snapshot, smaller pg_snapshot) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.snapshot_contains(larger pg_snapshot, smaller pg_snapshot) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.snapshot_contains(larger pg_snapshot, smaller pg_snapshot) IS 'True when everything visible in the second is visible in the first.';
CREATE FUNCTION changefeed.snapshot_page(user_id integer, device_id text, model text, cursor text DEFAULT NULL::text, max_rows integer DEFAULT 100, from_id bigint DEFAULT NULL::bigint, to_id bigint DEFAULT NULL::bigint, fields text[] DEFAULT NULL::text[], max_devices integer DEFAULT 100, companies integer[] DEFAULT NULL::integer[], with_hash boolean DEFAULT false, filters jsonb DEFAULT NULL::jsonb, OUT problem text, OUT snapshot_id text, OUT records text, OUT entries integer, OUT next_cursor text, OUT complete boolean) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.snapshot_page(user_id integer, device_id text, model text, cursor text, max_rows integer, from_id bigint, to_id bigint, fields text[], max_devices integer, companies integer[], with_hash boolean, filters jsonb, OUT problem text, OUT snapshot_id text, OUT records text, OUT entries integer, OUT next_cursor text, OUT complete boolean) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.snapshot_page(user_id integer, device_id text, model text, cursor text, max_rows integer, from_id bigint, to_id bigint, fields text[], max_devices integer, companies integer[], with_hash boolean, filters jsonb, OUT problem text, OUT snapshot_id text, OUT records text, OUT entries integer, OUT next_cursor text, OUT complete boolean) IS 'A page of the records of a model, by id, for a device that resyncs it (cursor null: starts), or of a range of ids. After the last page (complete) the device drops records that no page contained, and pull() continues without the model''s older events. problem: model_not_readable, field_unknown, cursor_malformed, cursor_mismatch (start again), too_many_devices, or as in access_scopes().';
CREATE FUNCTION changefeed.snapshot_up_to(snapshot pg_snapshot, last_xid xid8) RETURNS pg_snapshot
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.snapshot_up_to(snapshot pg_snapshot, last_xid xid8) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.snapshot_up_to(snapshot pg_snapshot, last_xid xid8) IS 'The snapshot restricted to transactions up to this number; later ones count as not ended.';
CREATE FUNCTION changefeed.start_copy(device bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.start_copy(device bigint) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.start_copy(device bigint) IS 'From the next pull on the device is sent all records of the models that it follows, except those of which it has taken a whole list.';
CREATE FUNCTION changefeed.status() RETURNS json
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.status() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.status() IS 'The state of the feed: one JSON object with stable keys.';
CREATE FUNCTION changefeed.status_of(with_counts boolean) RETURNS json
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.status_of(with_counts boolean) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.status_of(with_counts boolean) IS 'The state of the feed, with the events of each model in the last 24 hours (with_counts: that takes as long as reading these) or with zeros in their place, for metrics.';
CREATE FUNCTION changefeed.surroundings(OUT odoo text, OUT server text, OUT odoo_was_run boolean, OUT server_was_run boolean, OUT line text) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.surroundings(OUT odoo text, OUT server text, OUT odoo_was_run boolean, OUT server_was_run boolean, OUT line text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.surroundings(OUT odoo text, OUT server text, OUT odoo_was_run boolean, OUT server_was_run boolean, OUT line text) IS 'The release of Odoo (null: none) and the version of PostgreSQL, whether the feed was tested on each, and the same as a line for people.';
CREATE FUNCTION changefeed.sync_filter(app_type text, only_models text[]) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.sync_filter(app_type text, only_models text[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.sync_filter(app_type text, only_models text[]) IS 'Digest of a pull''s parameters: a token is valid only for the same ones.';
CREATE FUNCTION changefeed.sync_page(user_id integer, scopes changefeed.model_scope[], ids bigint[], models text[], record_ids bigint[], events text[], times timestamp with time zone[], with_data boolean, fields jsonb, companies integer[], max_bytes bigint, time_name text, with_hash boolean, stamp text, OUT problem text, OUT events_json text, OUT entries integer, OUT last_id bigint) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.sync_page(user_id integer, scopes changefeed.model_scope[], ids bigint[], models text[], record_ids bigint[], events text[], times timestamp with time zone[], with_data boolean, fields jsonb, companies integer[], max_bytes bigint, time_name text, with_hash boolean, stamp text, OUT problem text, OUT events_json text, OUT entries integer, OUT last_id bigint) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.sync_page(user_id integer, scopes changefeed.model_scope[], ids bigint[], models text[], record_ids bigint[], events text[], times timestamp with time zone[], with_data boolean, fields jsonb, companies integer[], max_bytes bigint, time_name text, with_hash boolean, stamp text, OUT problem text, OUT events_json text, OUT entries integer, OUT last_id bigint) IS 'Entries (as shown_entries() has them) as a JSON array, with the records'' present data if wanted (fields: {model: [names]}; companies, stamp: as known_access() takes them) and, with_hash, data_hash() of these, cut at max_bytes. problem: as in known_access().';
CREATE FUNCTION changefeed.sync_window(d changefeed.device, max_events integer, OUT log_rows integer, OUT last_log_id bigint, OUT is_last boolean, OUT truncated text[], OUT ids bigint[], OUT models text[], OUT record_ids bigint[], OUT events text[], OUT times timestamp with time zone[], OUT olds jsonb[]) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.sync_window(d changefeed.device, max_events integer, OUT log_rows integer, OUT last_log_id bigint, OUT is_last boolean, OUT truncated text[], OUT ids bigint[], OUT models text[], OUT record_ids bigint[], OUT events text[], OUT times timestamp with time zone[], OUT olds jsonb[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.sync_window(d changefeed.device, max_events integer, OUT log_rows integer, OUT last_log_id bigint, OUT is_last boolean, OUT truncated text[], OUT ids bigint[], OUT models text[], OUT record_ids bigint[], OUT events text[], OUT times timestamp with time zone[], OUT olds jsonb[]) IS 'The window of a device that has a target: its entries above the device''s position, one per record, in id order, each with the row''s values before each change that rules may read (olds: an array); how many log rows it has and which is the last, whether the batch ends with it, and models that were truncated in it.';
CREATE FUNCTION changefeed.table_if_any(model text) RETURNS regclass
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.table_if_any(model text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.table_if_any(model text) IS 'The table of a model, or null if this Odoo does not have the model.';
CREATE FUNCTION changefeed.table_of(model text) RETURNS regclass
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.table_of(model text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.table_of(model text) IS 'The table of an Odoo model, found in the database. Refuses unknown models and views.';
CREATE FUNCTION changefeed.tail(seen text, until text DEFAULT NULL::text, after_id bigint DEFAULT 0, max_rows integer DEFAULT 1000) RETURNS TABLE(target text, id bigint, epoch integer, xid text, model text, event text, occurred_at timestamp with time zone, ids bigint[])
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.tail(seen text, until text, after_id bigint, max_rows integer) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.tail(seen text, until text, after_id bigint, max_rows integer) IS 'Log rows visible in snapshot until (null: now) and not in snapshot seen, after log id after_id, in id order. Column target is the snapshot that bounds the set: pass it as until for the next window.';
CREATE FUNCTION changefeed.tail_start() RETURNS pg_snapshot
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.tail_start() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.tail_start() IS 'For tail(), a snapshot in which everything visible now is seen. Unlike pg_current_snapshot() it is valid also after a crash, which assigns transaction numbers again.';
CREATE FUNCTION changefeed.tell_closed_models(only_model text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.tell_closed_models(only_model text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.tell_closed_models(only_model text) IS 'Reports by notices which tracked models, or whether one, are closed until an operator decides.';
CREATE FUNCTION changefeed.tell_installed() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.tell_installed() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.tell_installed() IS 'Reports to the installer, by notices and warnings, the state of the feed and whether a trial pull succeeded.';
CREATE FUNCTION changefeed.token_problem(feed text, device bigint, user_id integer) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.token_problem(feed text, device bigint, user_id integer) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.token_problem(feed text, device bigint, user_id integer) IS 'The error for a token (its feed and device) that does not belong to the device: user_changed, if it is of another user''s device, and so is the copy beside it; otherwise cursor_mismatch.';
CREATE FUNCTION changefeed.track(model text) RETURNS text
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.track(model text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.track(model text) IS 'Starts capturing a model, for instance track(''sale.order''). Returns its table.';
CREATE FUNCTION changefeed.track(model text, target regclass) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS ...;
ALTER FUNCTION changefeed.track(model text, target regclass) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.track(model text, target regclass) IS 'Starts capturing a model on the given table, for a model whose table has another name. Returns the table.';
CREATE FUNCTION changefeed.trigger_function(model text, kind text) RETURNS regproc
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.trigger_function(model text, kind text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.trigger_function(model text, kind text) IS 'The function that a model''s trigger calls: its own, or the general one.';
CREATE FUNCTION changefeed.trigger_state(target regclass, model text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.trigger_state(target regclass, model text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.trigger_state(target regclass, model text) IS 'State of the four triggers on a table: enabled, missing, incomplete, disabled, not always, foreign (other function, model or form), stale (their functions keep other columns than tracked_model lists, or are older), no table.';
CREATE FUNCTION changefeed.try_change_triggers(model text, target regclass, attach boolean, columns name[], followers boolean) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.try_change_triggers(model text, target regclass, attach boolean, columns name[], followers boolean) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.try_change_triggers(model text, target regclass, attach boolean, columns name[], followers boolean) IS 'One try to attach (or detach) the triggers of a table, waiting at most 100 ms for its lock. False: another session holds it.';
CREATE FUNCTION changefeed.try_link_parent(model text, source regclass, child regclass, key name, trigger_name name, function_name name, is_wanted boolean) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.try_link_parent(model text, source regclass, child regclass, key name, trigger_name name, function_name name, is_wanted boolean) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.try_link_parent(model text, source regclass, child regclass, key name, trigger_name name, function_name name, is_wanted boolean) IS 'One try to attach (or detach) the trigger of a model on the table of its parent, waiting at most 100 ms for its lock. False: another session holds it.';
CREATE FUNCTION changefeed.try_lock_family(model text, target regclass, parents regclass[], attach boolean) RETURNS regclass
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.try_lock_family(model text, target regclass, parents regclass[], attach boolean) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.try_lock_family(model text, target regclass, parents regclass[], attach boolean) IS 'One try to lock the table of a model (null: it need not be) and those of its parents together, waiting at most 100 ms for each. Returns the one that another session holds; then none is locked.';
CREATE FUNCTION changefeed.try_pull(OUT user_id integer, OUT records integer, OUT stand_ins integer, OUT problem text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.try_pull(OUT user_id integer, OUT records integer, OUT stand_ins integer, OUT problem text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.try_pull(OUT user_id integer, OUT records integer, OUT stand_ins integer, OUT problem text) IS 'A pull with data, for the active internal user with the lowest number, of up to three records of each tracked model, rolled back. user_id: null if there is no such user; records: how many were sent; stand_ins: sets of record rules that were not compiled yet and filtered nothing; problem: why it failed, null if it did not.';
CREATE FUNCTION changefeed.unknown_fields(user_id integer, models text[], fields jsonb) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.unknown_fields(user_id integer, models text[], fields jsonb) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.unknown_fields(user_id integer, models text[], fields jsonb) IS 'Of the fields asked for ({model: [names]}) those that the models do not have, or that this user may not see; null: none.';
CREATE FUNCTION changefeed.unreadable_columns(reads jsonb) RETURNS TABLE(source text, name text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS ...;
ALTER FUNCTION changefeed.unreadable_columns(reads jsonb) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.unreadable_columns(reads jsonb) IS 'Of columns by table (compiled_rules.reads), those that changefeed_reader may not read.';
CREATE FUNCTION changefeed.untrack(model text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.untrack(model text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.untrack(model text) IS 'Stops capturing a model and records the gap. False when it was not tracked.';
CREATE FUNCTION changefeed.unwatched_tables() RETURNS TABLE(source regclass)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.unwatched_tables() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.unwatched_tables() IS 'The tables of odoo_watched_tables() whose trigger is missing or altered. While there is one, nothing about access is cached.';
CREATE FUNCTION changefeed.used_slots(OUT first_slot smallint, OUT last_slot smallint) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.used_slots(OUT first_slot smallint, OUT last_slot smallint) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.used_slots(OUT first_slot smallint, OUT last_slot smallint) IS 'The first and last slot that may have rows: a condition on this range keeps a statement from opening the others.';
CREATE FUNCTION changefeed.v1_counts(user_id integer, since timestamp with time zone, companies integer[] DEFAULT NULL::integer[], OUT problem text, OUT summary text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.v1_counts(user_id integer, since timestamp with time zone, companies integer[], OUT problem text, OUT summary text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.v1_counts(user_id integer, since timestamp with time zone, companies integer[], OUT problem text, OUT summary text) IS 'v1_summary() limited to what the user may see, as one JSON object.';
CREATE FUNCTION changefeed.v1_events(models text[], record_id bigint, event text, since timestamp with time zone, max_rows integer, skip_rows integer, scopes changefeed.model_scope[] DEFAULT NULL::changefeed.model_scope[]) RETURNS TABLE(id bigint, model text, record_id bigint, event text, occurred_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.v1_events(models text[], record_id bigint, event text, since timestamp with time zone, max_rows integer, skip_rows integer, scopes changefeed.model_scope[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.v1_events(models text[], record_id bigint, event text, since timestamp with time zone, max_rows integer, skip_rows integer, scopes changefeed.model_scope[]) IS 'A page of events of these models, newest first, by the webhook mixin''s rules; record_id, event and since may be null. scopes: only what they show; null: everything.';
CREATE FUNCTION changefeed.v1_keep(question bytea, scopes changefeed.model_scope[], answer text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.v1_keep(question bytea, scopes changefeed.model_scope[], answer text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.v1_keep(question bytea, scopes changefeed.model_scope[], answer text) IS 'Caches an answer of version 1 for a minute, beside those of known_access().';
CREATE FUNCTION changefeed.v1_lasting(scopes changefeed.model_scope[]) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET quote_all_identifiers TO 'off'
    AS ...;
ALTER FUNCTION changefeed.v1_lasting(scopes changefeed.model_scope[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.v1_lasting(scopes changefeed.model_scope[]) IS 'The models of which scopes show the same as long as v1_state() stays: their conditions read only tables of tracked models and those whose changes are changes of access.';
CREATE FUNCTION changefeed.v1_list(user_id integer, only_model text, record_id bigint, event text, since timestamp with time zone, max_rows integer, skip_rows integer, companies integer[] DEFAULT NULL::integer[], OUT problem text, OUT events text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.v1_list(user_id integer, only_model text, record_id bigint, event text, since timestamp with time zone, max_rows integer, skip_rows integer, companies integer[], OUT problem text, OUT events text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.v1_list(user_id integer, only_model text, record_id bigint, event text, since timestamp with time zone, max_rows integer, skip_rows integer, companies integer[], OUT problem text, OUT events text) IS 'A page of v1_events() as a JSON array, limited to what the user may see (only_model null: of every model). problem: model_not_readable, or as in access_scopes().';
CREATE FUNCTION changefeed.v1_newest(only_models text[], only_record bigint, only_event text, since timestamp with time zone, max_rows integer, skip_rows integer, scopes changefeed.model_scope[], OUT ids bigint[], OUT places integer[], OUT records bigint[], OUT kinds integer[], OUT times timestamp with time zone[]) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET jit TO 'off'
    AS ...;
ALTER FUNCTION changefeed.v1_newest(only_models text[], only_record bigint, only_event text, since timestamp with time zone, max_rows integer, skip_rows integer, scopes changefeed.model_scope[], OUT ids bigint[], OUT places integer[], OUT records bigint[], OUT kinds integer[], OUT times timestamp with time zone[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.v1_newest(only_models text[], only_record bigint, only_event text, since timestamp with time zone, max_rows integer, skip_rows integer, scopes changefeed.model_scope[], OUT ids bigint[], OUT places integer[], OUT records bigint[], OUT kinds integer[], OUT times timestamp with time zone[]) IS 'The newest max_rows + skip_rows events by the rules of v1_events(), in windows of at most 4,000 log rows and about 20,000 records. places: of the models in only_models; kinds: 1 write, 2 create, 3 unlink.';
CREATE FUNCTION changefeed.v1_page(only_models text[], only_record bigint, only_event text, since timestamp with time zone, max_rows integer, skip_rows integer, scopes changefeed.model_scope[] DEFAULT NULL::changefeed.model_scope[]) RETURNS TABLE(id bigint, model text, record bigint, kind text, at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.v1_page(only_models text[], only_record bigint, only_event text, since timestamp with time zone, max_rows integer, skip_rows integer, scopes changefeed.model_scope[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.v1_page(only_models text[], only_record bigint, only_event text, since timestamp with time zone, max_rows integer, skip_rows integer, scopes changefeed.model_scope[]) IS 'The rows of v1_events(), from v1_newest().';
CREATE FUNCTION changefeed.v1_seen(scope changefeed.model_scope, ids bigint[], record_ids bigint[]) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.v1_seen(scope changefeed.model_scope, ids bigint[], record_ids bigint[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.v1_seen(scope changefeed.model_scope, ids bigint[], record_ids bigint[]) IS 'Of records that unlink events (ids) name, those that a scope showed, from seen_before().';
CREATE FUNCTION changefeed.v1_state(stamp text, before text DEFAULT NULL::text) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS ...;
ALTER FUNCTION changefeed.v1_state(stamp text, before text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.v1_state(stamp text, before text) IS 'A text that differs for every state of the log and of what decides what a user sees (stamp, from access_stamp()). Null: unknown, or this transaction writes. before: what it was earlier in the same request.';
CREATE FUNCTION changefeed.v1_summary(models text[], since timestamp with time zone, scopes changefeed.model_scope[] DEFAULT NULL::changefeed.model_scope[]) RETURNS TABLE(model text, events bigint, last_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET jit TO 'off'
    AS ...;
ALTER FUNCTION changefeed.v1_summary(models text[], since timestamp with time zone, scopes changefeed.model_scope[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.v1_summary(models text[], since timestamp with time zone, scopes changefeed.model_scope[]) IS 'How many events v1_events() would show of each of these models, and when the newest occurred; since may be null.';
CREATE FUNCTION changefeed.verify() RETURNS TABLE(code text, level text, object text, detail text, remediation text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS ...;
ALTER FUNCTION changefeed.verify() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.verify() IS 'The problems of the feed: code, level (error, warning, info), object, detail and the command that corrects it. No row: no problem.';
CREATE FUNCTION changefeed.verify_access() RETURNS TABLE(code text, level text, object text, detail text, remediation text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.verify_access() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.verify_access() IS 'The part of verify() about access, from the record rules compiled so far; changefeed verify first compiles them all.';
CREATE FUNCTION changefeed.verify_delivery() RETURNS TABLE(code text, level text, object text, detail text, remediation text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.verify_delivery() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.verify_delivery() IS 'The part of verify() about why this database may not push.';
CREATE FUNCTION changefeed.verify_endpoints() RETURNS TABLE(code text, level text, object text, detail text, remediation text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.verify_endpoints() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.verify_endpoints() IS 'The part of verify() about endpoints that get nothing, only fail, or have dead letters.';
CREATE FUNCTION changefeed.verify_feed() RETURNS TABLE(code text, level text, object text, detail text, remediation text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS ...;
ALTER FUNCTION changefeed.verify_feed() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.verify_feed() IS 'The part of verify() that reads the feed and Odoo''s tables.';
CREATE FUNCTION changefeed.verify_grants() RETURNS TABLE(code text, level text, object text, detail text, remediation text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.verify_grants() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.verify_grants() IS 'The part of verify() that is about rights on newer tables and columns, and about row level security.';
CREATE FUNCTION changefeed.verify_models() RETURNS TABLE(code text, level text, object text, detail text, remediation text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.verify_models() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.verify_models() IS 'The part of verify() about access that Odoo decides in Python: models closed for it, opened by decision, or extended by unknown modules.';
CREATE FUNCTION changefeed.verify_objects() RETURNS TABLE(code text, level text, object text, detail text, remediation text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS ...;
ALTER FUNCTION changefeed.verify_objects() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.verify_objects() IS 'The part of verify() without which the rest of it would fail: functions and views of the installation that were dropped or lost in a restore.';
CREATE FUNCTION changefeed.verify_pull() RETURNS TABLE(code text, level text, object text, detail text, remediation text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.verify_pull() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.verify_pull() IS 'A finding in the form of verify() when try_pull() fails. It is separate from verify(), which writes nothing: this one writes, and rolls back.';
CREATE FUNCTION changefeed.verify_rights() RETURNS TABLE(code text, level text, object text, detail text, remediation text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.verify_rights() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.verify_rights() IS 'The part of verify() without which the rest of it would fail: whether the feed''s roles may use the schema of Odoo''s tables.';
CREATE FUNCTION changefeed.verify_values() RETURNS TABLE(code text, level text, object text, detail text, remediation text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.verify_values() OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.verify_values() IS 'The part of verify() about values and columns that do not fit their fields.';
CREATE FUNCTION changefeed.wait_for_table(target regclass, attempt integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.wait_for_table(target regclass, attempt integer) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.wait_for_table(target regclass, attempt integer) IS 'After a try of 20 to lock a table that failed: names the lock holders now and then, and pauses, longer each time. The caller holds no lock on it meanwhile.';
CREATE FUNCTION changefeed.waits_for_copy(d changefeed.device, models text[]) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.waits_for_copy(d changefeed.device, models text[]) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.waits_for_copy(d changefeed.device, models text[]) IS 'Those of these models that the device''s first copy has not reached: they are not resynced.';
CREATE FUNCTION changefeed.was_handed(d changefeed.device, event_id bigint) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.was_handed(d changefeed.device, event_id bigint) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.was_handed(d changefeed.device, event_id bigint) IS 'True for an event that is settled for this device, as far as that is still known.';
CREATE PROCEDURE changefeed.watch_access()
    LANGUAGE plpgsql
    AS ...;
ALTER PROCEDURE changefeed.watch_access() OWNER TO changefeed_owner;
COMMENT ON PROCEDURE changefeed.watch_access() IS 'Attaches missing triggers to the tables of odoo_watched_tables(), with a commit after each table. May be run again.';
CREATE FUNCTION changefeed.watch_table(target regclass) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.watch_table(target regclass) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.watch_table(target regclass) IS 'Attaches the trigger that notices changes of access, in up to 20 tries. False when the table stayed in use.';
CREATE FUNCTION changefeed.window_question(d changefeed.device) RETURNS bytea
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.window_question(d changefeed.device) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.window_question(d changefeed.device) IS 'Digest of all of a device''s row on which the entries of its open window depend, but for its position.';
CREATE FUNCTION changefeed.withheld_unknown(model text) RETURNS SETOF text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.withheld_unknown(model text) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.withheld_unknown(model text) IS 'The stored fields of a model of which nothing is known, so that no user gets them: those whose state in odoo_field_states() is unknown.';
CREATE FUNCTION changefeed.write_captures(model text, target regclass, columns name[], followers boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.write_captures(model text, target regclass, columns name[], followers boolean) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.write_captures(model text, target regclass, columns name[], followers boolean) IS 'Creates, replaces or drops a model''s own trigger functions.';
CREATE FUNCTION changefeed.write_parent_capture(model text, key name, child regclass) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS ...;
ALTER FUNCTION changefeed.write_parent_capture(model text, key name, child regclass) OWNER TO changefeed_owner;
COMMENT ON FUNCTION changefeed.write_parent_capture(model text, key name, child regclass) IS 'Creates the trigger function of a model for its parent.';
CREATE TABLE changefeed.access_change (
    id bigint NOT NULL,
    xid xid8 NOT NULL
);
ALTER TABLE changefeed.access_change OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.access_change IS 'One row per transaction that wrote to a table by which access and the form of data are decided. Rows are added and never changed.';
COMMENT ON COLUMN changefeed.access_change.id IS 'Never given twice.';
COMMENT ON COLUMN changefeed.access_change.xid IS 'The transaction.';
ALTER TABLE changefeed.access_change ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME changefeed.access_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE changefeed.app_type (
    name text NOT NULL,
    models text[],
    CONSTRAINT app_type_name CHECK ((name ~ '^[a-z][a-z0-9_]{0,63}$'::text))
);
ALTER TABLE changefeed.app_type OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.app_type IS 'App types: names for sets of models that devices follow. Edit as you like; devices learn of added models at their next pull.';
COMMENT ON COLUMN changefeed.app_type.name IS 'Name, as clients give it; NAME_app means the same.';
COMMENT ON COLUMN changefeed.app_type.models IS 'Odoo models; null means everything that is tracked.';
CREATE SEQUENCE changefeed.event_id
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    MAXVALUE 2199023255551
    CACHE 1;
ALTER TABLE changefeed.event_id OWNER TO changefeed_owner;
COMMENT ON SEQUENCE changefeed.event_id IS 'Ids of log rows. An event''s id is 4096 times this plus an ordinal and stays below 2^53, which JavaScript holds exactly.';
CREATE TABLE changefeed.event (
    id bigint DEFAULT nextval('changefeed.event_id'::regclass) NOT NULL,
    xid xid8 NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    epoch integer NOT NULL,
    slot smallint NOT NULL,
    model text NOT NULL,
    event text NOT NULL,
    ids bigint[] NOT NULL,
    olds jsonb[]
)
PARTITION BY LIST (slot);
ALTER TABLE changefeed.event OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.event IS 'The event log: one row per statement and model, at most 4,096 record ids each. Append-only; emptied slot by slot.';
COMMENT ON COLUMN changefeed.event.id IS 'Log id. Rows of one record rise with its history; ids do not rise in commit order.';
COMMENT ON COLUMN changefeed.event.xid IS 'Top-level transaction that wrote it (pg_current_xact_id).';
COMMENT ON COLUMN changefeed.event.occurred_at IS 'Time of the statement, not of the commit (clock_timestamp).';
COMMENT ON COLUMN changefeed.event.epoch IS 'Epoch of the feed in which it was written.';
COMMENT ON COLUMN changefeed.event.slot IS 'Child table of the ring.';
COMMENT ON COLUMN changefeed.event.model IS 'Odoo model, for instance sale.order.';
COMMENT ON COLUMN changefeed.event.event IS 'create, write, unlink, or truncate (all records of the model went; no ids).';
COMMENT ON COLUMN changefeed.event.ids IS 'Ids of the records, in the order of the statement.';
COMMENT ON COLUMN changefeed.event.olds IS 'In the place of each id, the values that the rule columns of the record had before the statement; null where an UPDATE changed none of them. Null as a whole where there is nothing to keep.';
CREATE TABLE changefeed.retention (
    only_row boolean DEFAULT true NOT NULL,
    noted_at timestamp with time zone,
    archive_every interval,
    slot_length interval DEFAULT '166:09:13'::interval NOT NULL,
    log_budget bigint DEFAULT 0 NOT NULL,
    log_budget_action text DEFAULT 'oldest'::text NOT NULL,
    started_at timestamp with time zone,
    ran_at timestamp with time zone,
    report jsonb DEFAULT '[]'::jsonb NOT NULL,
    counted_at timestamp with time zone,
    active_events bigint,
    archived_events bigint,
    CONSTRAINT retention_only_row CHECK (only_row)
)
WITH (fillfactor='50');
ALTER TABLE changefeed.retention OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.retention IS 'One row: what the service was told about retention, when it last ran, and what it counted then.';
COMMENT ON COLUMN changefeed.retention.only_row IS 'Keeps the table at one row.';
COMMENT ON COLUMN changefeed.retention.noted_at IS 'When a service last came with other settings than these.';
COMMENT ON COLUMN changefeed.retention.archive_every IS 'How often the service is to run it; zero or null: not at all.';
COMMENT ON COLUMN changefeed.retention.slot_length IS 'How long a slot of the log is written to.';
COMMENT ON COLUMN changefeed.retention.log_budget IS 'Bytes that the log may have; 0: no limit.';
COMMENT ON COLUMN changefeed.retention.log_budget_action IS 'What happens when it has more: oldest or pause.';
COMMENT ON COLUMN changefeed.retention.started_at IS 'When a replica last began a run.';
COMMENT ON COLUMN changefeed.retention.ran_at IS 'When a run last came to its end with nothing left to do.';
COMMENT ON COLUMN changefeed.retention.report IS 'The steps of the last run.';
COMMENT ON COLUMN changefeed.retention.counted_at IS 'When the events of the first API were last counted.';
COMMENT ON COLUMN changefeed.retention.active_events IS 'Events that it showed then.';
COMMENT ON COLUMN changefeed.retention.archived_events IS 'Events that were archived then.';
CREATE VIEW changefeed.archive_stats AS
 SELECT (r.active_events + r.archived_events) AS total,
    r.active_events AS active,
    r.archived_events AS archived,
    ( SELECT e.occurred_at
           FROM changefeed.event e
          ORDER BY e.id
         LIMIT 1) AS oldest_event_at,
    round(((100.0 * (r.archived_events)::numeric) / (NULLIF((r.active_events + r.archived_events), 0))::numeric), 1) AS archived_percentage,
    r.counted_at
   FROM changefeed.retention r;
ALTER TABLE changefeed.archive_stats OWNER TO changefeed_owner;
COMMENT ON VIEW changefeed.archive_stats IS 'How many events of version 1 are archived, as counted by the last run of retention (counting unfolds the whole log). SELECT changefeed.count_archive() counts again.';
COMMENT ON COLUMN changefeed.archive_stats.total IS 'Events by version 1''s rules; null before the first count.';
COMMENT ON COLUMN changefeed.archive_stats.active IS 'Events that version 1 shows.';
COMMENT ON COLUMN changefeed.archive_stats.archived IS 'Events that it no longer shows but the log still has.';
COMMENT ON COLUMN changefeed.archive_stats.oldest_event_at IS 'Time of the oldest event of the log, now.';
COMMENT ON COLUMN changefeed.archive_stats.archived_percentage IS 'archived of total, in percent.';
COMMENT ON COLUMN changefeed.archive_stats.counted_at IS 'When that was counted.';
CREATE TABLE changefeed.archived (
    id bigint NOT NULL,
    model text,
    before timestamp with time zone NOT NULL,
    seen pg_snapshot NOT NULL,
    from_log_id bigint NOT NULL,
    events bigint NOT NULL,
    archived_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    archived_by text NOT NULL,
    settled xid8
);
ALTER TABLE changefeed.archived OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.archived IS 'Watermarks of the archive: an event is archived when it occurred before the time and was visible in the snapshot. No row of the log is touched.';
COMMENT ON COLUMN changefeed.archived.id IS 'Number of the watermark.';
COMMENT ON COLUMN changefeed.archived.model IS 'The model, or null for all models.';
COMMENT ON COLUMN changefeed.archived.before IS 'Events that occurred before this time are archived,';
COMMENT ON COLUMN changefeed.archived.seen IS 'if they were visible then: what a transaction still held back was never shown to anybody.';
COMMENT ON COLUMN changefeed.archived.from_log_id IS 'A log id below which everything visible then is archived: readers begin here.';
COMMENT ON COLUMN changefeed.archived.events IS 'Events of the first API that disappeared.';
COMMENT ON COLUMN changefeed.archived.archived_at IS 'When.';
COMMENT ON COLUMN changefeed.archived.archived_by IS 'Who asked for it.';
COMMENT ON COLUMN changefeed.archived.settled IS 'and, where it is not null, if their transaction is below this number: what an active device had not settled yet is not archived.';
ALTER TABLE changefeed.archived ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME changefeed.archived_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
COMMENT ON SEQUENCE changefeed.archived_id_seq IS 'Numbers of watermarks.';
CREATE TABLE changefeed.compiled_rules (
    key text NOT NULL,
    model text NOT NULL,
    predicate text,
    numbers bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    texts text[] DEFAULT '{}'::text[] NOT NULL,
    own_columns text[] DEFAULT '{}'::text[] NOT NULL,
    uses text[] DEFAULT '{}'::text[] NOT NULL,
    crossings text[] DEFAULT '{}'::text[] NOT NULL,
    reads jsonb DEFAULT '{}'::jsonb NOT NULL,
    rules jsonb DEFAULT '{}'::jsonb NOT NULL,
    is_closed boolean NOT NULL,
    compiler integer NOT NULL,
    compiled_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    formerly text,
    closed_by text,
    former_tables text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT compiled_rules_predicate CHECK ((is_closed OR (predicate IS NOT NULL)))
);
ALTER TABLE changefeed.compiled_rules OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.compiled_rules IS 'Sets of record rules as SQL, one row for each set that applies to some user. The service writes them; they run with the rights of changefeed_reader.';
COMMENT ON COLUMN changefeed.compiled_rules.key IS 'Digest of the rules'' texts, of the decisions about them and of what Odoo says about fields.';
COMMENT ON COLUMN changefeed.compiled_rules.model IS 'The model whose records they filter.';
COMMENT ON COLUMN changefeed.compiled_rules.predicate IS 'Condition on a row t of the model''s table. $1 user, $2 company, $3 companies, $4 numbers, $5 texts. Null when closed.';
COMMENT ON COLUMN changefeed.compiled_rules.numbers IS 'Whole numbers out of the rules'' texts.';
COMMENT ON COLUMN changefeed.compiled_rules.texts IS 'Texts out of the rules'' texts.';
COMMENT ON COLUMN changefeed.compiled_rules.own_columns IS 'Columns of the model''s own table that the condition reads.';
COMMENT ON COLUMN changefeed.compiled_rules.uses IS 'What of the user it depends on: uid, company_id, company_ids, groups, user, time.';
COMMENT ON COLUMN changefeed.compiled_rules.crossings IS 'Fields of other models on which visibility hangs, too.';
COMMENT ON COLUMN changefeed.compiled_rules.reads IS 'Columns that the condition reads, by table.';
COMMENT ON COLUMN changefeed.compiled_rules.rules IS 'The rules of the set: id and digest of the text. A set of texts that are no more says nothing about today.';
COMMENT ON COLUMN changefeed.compiled_rules.is_closed IS 'A rule among them could not be turned into SQL: nobody to whom they apply sees the model.';
COMMENT ON COLUMN changefeed.compiled_rules.compiler IS 'Version of the compiler.';
COMMENT ON COLUMN changefeed.compiled_rules.compiled_at IS 'When it was made.';
COMMENT ON COLUMN changefeed.compiled_rules.formerly IS 'The condition about a row as it was, over former_1 ... in place of former_tables; $11: the row is gone, and it is true for each that could have been let pass; $12: for each of former_tables, whether it is not known how its rows were. Null where only the row and the user decide.';
COMMENT ON COLUMN changefeed.compiled_rules.closed_by IS 'Why it is closed, as it was when it was compiled; null: it is open.';
COMMENT ON COLUMN changefeed.compiled_rules.former_tables IS 'Tables of whose former rows the condition formerly reads, as former_1, former_2 and so on.';
CREATE TABLE changefeed.console (
    only_row boolean DEFAULT true NOT NULL,
    may_act boolean DEFAULT true NOT NULL,
    CONSTRAINT console_only_row CHECK (only_row)
);
ALTER TABLE changefeed.console OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.console IS 'One row: the database administrator''s word on the console.';
COMMENT ON COLUMN changefeed.console.only_row IS 'Keeps the table at one row.';
COMMENT ON COLUMN changefeed.console.may_act IS 'False: the console only shows, whatever group its user is in. UPDATE changefeed.console SET may_act = false;';
CREATE TABLE changefeed.console_audit (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    user_id integer NOT NULL,
    login text,
    client text,
    action text NOT NULL,
    arguments jsonb DEFAULT '{}'::jsonb NOT NULL,
    outcome text NOT NULL,
    detail text,
    CONSTRAINT console_audit_outcome CHECK ((outcome = ANY (ARRAY['done'::text, 'refused'::text, 'failed'::text])))
);
ALTER TABLE changefeed.console_audit OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.console_audit IS 'What was done in the console: the newest 10,000 rows, and none older than 90 days. No secrets.';
COMMENT ON COLUMN changefeed.console_audit.id IS 'Ascending number.';
COMMENT ON COLUMN changefeed.console_audit.at IS 'When.';
COMMENT ON COLUMN changefeed.console_audit.user_id IS 'The Odoo user who did it.';
COMMENT ON COLUMN changefeed.console_audit.login IS 'The user''s login at that time.';
COMMENT ON COLUMN changefeed.console_audit.client IS 'Address of the browser.';
COMMENT ON COLUMN changefeed.console_audit.action IS 'What was asked for.';
COMMENT ON COLUMN changefeed.console_audit.arguments IS 'On what.';
COMMENT ON COLUMN changefeed.console_audit.outcome IS 'done; refused: the user may not; failed: the database did not do it.';
COMMENT ON COLUMN changefeed.console_audit.detail IS 'What came of it, or why not.';
ALTER TABLE changefeed.console_audit ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME changefeed.console_audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
COMMENT ON SEQUENCE changefeed.console_audit_id_seq IS 'Numbers of the audit''s rows.';
CREATE TABLE changefeed.control (
    only_row boolean DEFAULT true NOT NULL,
    slot smallint DEFAULT 0 NOT NULL,
    epoch integer DEFAULT 1 NOT NULL,
    paused boolean DEFAULT false NOT NULL,
    pause_reason text,
    paused_by text,
    paused_at timestamp with time zone,
    slot_opened_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT control_epoch CHECK ((epoch > 0)),
    CONSTRAINT control_only_row CHECK (only_row),
    CONSTRAINT control_slot CHECK (((slot >= 0) AND (slot <= 15)))
)
WITH (fillfactor='50');
ALTER TABLE changefeed.control OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.control IS 'One row: where the log is written to, in which epoch, and whether capture is paused.';
COMMENT ON COLUMN changefeed.control.only_row IS 'Keeps the table at one row.';
COMMENT ON COLUMN changefeed.control.slot IS 'Child table event_00 to event_15 that new events go to.';
COMMENT ON COLUMN changefeed.control.epoch IS 'Rises when the identity of the feed changes: transaction ids of different epochs do not compare.';
COMMENT ON COLUMN changefeed.control.paused IS 'While true, captures write nothing.';
COMMENT ON COLUMN changefeed.control.pause_reason IS 'Why capture is paused.';
COMMENT ON COLUMN changefeed.control.paused_by IS 'Role that paused it.';
COMMENT ON COLUMN changefeed.control.paused_at IS 'Since when.';
COMMENT ON COLUMN changefeed.control.slot_opened_at IS 'When the present slot became the one written to.';
CREATE TABLE changefeed.default_model (
    model text NOT NULL
);
ALTER TABLE changefeed.default_model OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.default_model IS 'The models that an installation tracks by itself, where Odoo has them. Edit as you like.';
COMMENT ON COLUMN changefeed.default_model.model IS 'Odoo model.';
CREATE TABLE changefeed.delivery_decision (
    id bigint NOT NULL,
    decision text NOT NULL,
    reason text,
    decided_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    decided_by text DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT delivery_decision_decision CHECK ((decision = ANY (ARRAY['forbid'::text, 'allow'::text])))
);
ALTER TABLE changefeed.delivery_decision OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.delivery_decision IS 'What the operator decided about pushing anything from this database; rows are added and never changed, the last one counts.';
COMMENT ON COLUMN changefeed.delivery_decision.id IS 'Number of the decision.';
COMMENT ON COLUMN changefeed.delivery_decision.decision IS 'forbid: nothing is ever pushed. allow: back to what the database is; a copy or a neutralized one still pushes nothing.';
COMMENT ON COLUMN changefeed.delivery_decision.reason IS 'Why, in the operator''s words.';
COMMENT ON COLUMN changefeed.delivery_decision.decided_at IS 'When.';
COMMENT ON COLUMN changefeed.delivery_decision.decided_by IS 'By which role.';
ALTER TABLE changefeed.delivery_decision ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME changefeed.delivery_decision_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
COMMENT ON SEQUENCE changefeed.delivery_decision_id_seq IS 'Numbers of decisions about delivery.';
CREATE UNLOGGED TABLE changefeed.device_change (
    xid xid8 NOT NULL,
    device_id text
);
ALTER TABLE changefeed.device_change OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.device_change IS 'One row per device and change that makes what it was answered before no answer any more. Lost in a crash.';
COMMENT ON COLUMN changefeed.device_change.xid IS 'The transaction.';
COMMENT ON COLUMN changefeed.device_change.device_id IS 'The name of the device, whoever''s it is; null: all devices.';
ALTER TABLE changefeed.device ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME changefeed.device_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
COMMENT ON SEQUENCE changefeed.device_id_seq IS 'Numbers of devices.';
CREATE TABLE changefeed.endpoint_attempt (
    id bigint NOT NULL,
    endpoint integer NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    message_id text NOT NULL,
    model text,
    record_id bigint,
    events integer DEFAULT 1 NOT NULL,
    attempt integer NOT NULL,
    milliseconds integer NOT NULL,
    status integer,
    error text,
    answer text
);
ALTER TABLE changefeed.endpoint_attempt OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.endpoint_attempt IS 'The last attempts of each endpoint: all failures, and of the successes a sample, about 1,000 in all.';
COMMENT ON COLUMN changefeed.endpoint_attempt.id IS 'Ascending number.';
COMMENT ON COLUMN changefeed.endpoint_attempt.endpoint IS 'The endpoint.';
COMMENT ON COLUMN changefeed.endpoint_attempt.at IS 'When the attempt ended.';
COMMENT ON COLUMN changefeed.endpoint_attempt.message_id IS 'The message''s webhook-id.';
COMMENT ON COLUMN changefeed.endpoint_attempt.model IS 'The model, of a message about one record.';
COMMENT ON COLUMN changefeed.endpoint_attempt.record_id IS 'The record''s id, of a message about one record.';
COMMENT ON COLUMN changefeed.endpoint_attempt.events IS 'How many events the message held.';
COMMENT ON COLUMN changefeed.endpoint_attempt.attempt IS 'Which attempt it was; the first is 1.';
COMMENT ON COLUMN changefeed.endpoint_attempt.milliseconds IS 'How long it took.';
COMMENT ON COLUMN changefeed.endpoint_attempt.status IS 'HTTP status; null: no answer.';
COMMENT ON COLUMN changefeed.endpoint_attempt.error IS 'Why it failed; null: it succeeded.';
COMMENT ON COLUMN changefeed.endpoint_attempt.answer IS 'The beginning of the receiver''s answer, 1 KB at most.';
ALTER TABLE changefeed.endpoint_attempt ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME changefeed.endpoint_attempt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE changefeed.endpoint ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME changefeed.endpoint_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE VIEW changefeed.endpoint_numbers AS
 SELECT e.id,
    e.name
   FROM changefeed.endpoint e;
ALTER TABLE changefeed.endpoint_numbers OWNER TO changefeed_owner;
COMMENT ON VIEW changefeed.endpoint_numbers IS 'The numbers of endpoints, which endpoint_queue and endpoint_attempt hold.';
COMMENT ON COLUMN changefeed.endpoint_numbers.id IS 'The number.';
COMMENT ON COLUMN changefeed.endpoint_numbers.name IS 'The name.';
CREATE TABLE changefeed.endpoint_progress (
    endpoint integer NOT NULL,
    owner uuid,
    owned_until timestamp with time zone,
    delivered bigint DEFAULT 0 NOT NULL,
    failed bigint DEFAULT 0 NOT NULL,
    failing_since timestamp with time zone,
    last_delivery_at timestamp with time zone,
    last_failure_at timestamp with time zone,
    last_failure text
)
WITH (fillfactor='50');
ALTER TABLE changefeed.endpoint_progress OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.endpoint_progress IS 'Which replica delivers to an endpoint, and how that goes.';
COMMENT ON COLUMN changefeed.endpoint_progress.endpoint IS 'The endpoint.';
COMMENT ON COLUMN changefeed.endpoint_progress.owner IS 'The replica that delivers; null: none.';
COMMENT ON COLUMN changefeed.endpoint_progress.owned_until IS 'When another replica may take over.';
COMMENT ON COLUMN changefeed.endpoint_progress.delivered IS 'Events that its receiver has accepted.';
COMMENT ON COLUMN changefeed.endpoint_progress.failed IS 'Attempts that failed.';
COMMENT ON COLUMN changefeed.endpoint_progress.failing_since IS 'The first failure since the last success; null: the last attempt succeeded.';
COMMENT ON COLUMN changefeed.endpoint_progress.last_delivery_at IS 'The last success.';
COMMENT ON COLUMN changefeed.endpoint_progress.last_failure_at IS 'The last failure.';
COMMENT ON COLUMN changefeed.endpoint_progress.last_failure IS 'Why that failed.';
CREATE TABLE changefeed.endpoint_queue (
    endpoint integer NOT NULL,
    model text NOT NULL,
    record_id bigint NOT NULL,
    event_id bigint NOT NULL,
    kind text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    is_dead boolean DEFAULT false NOT NULL,
    queued_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_status integer,
    last_error text
);
ALTER TABLE changefeed.endpoint_queue OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.endpoint_queue IS 'Records whose newest change an endpoint has not accepted: one row per record, whatever the number of its changes. A dead letter is one that is not tried again.';
COMMENT ON COLUMN changefeed.endpoint_queue.endpoint IS 'The endpoint.';
COMMENT ON COLUMN changefeed.endpoint_queue.model IS 'The record''s model.';
COMMENT ON COLUMN changefeed.endpoint_queue.record_id IS 'The record''s id.';
COMMENT ON COLUMN changefeed.endpoint_queue.event_id IS 'The newest event of the record.';
COMMENT ON COLUMN changefeed.endpoint_queue.kind IS 'create, write, unlink, access, filter or copy, as shown_entries() names them.';
COMMENT ON COLUMN changefeed.endpoint_queue.occurred_at IS 'When the newest event occurred.';
COMMENT ON COLUMN changefeed.endpoint_queue.attempts IS 'How often this event was tried.';
COMMENT ON COLUMN changefeed.endpoint_queue.due_at IS 'When it is tried next.';
COMMENT ON COLUMN changefeed.endpoint_queue.is_dead IS 'It is not tried again by itself.';
COMMENT ON COLUMN changefeed.endpoint_queue.queued_at IS 'Since when the record waits.';
COMMENT ON COLUMN changefeed.endpoint_queue.last_status IS 'HTTP status of the last attempt; null: no answer.';
COMMENT ON COLUMN changefeed.endpoint_queue.last_error IS 'Why the last attempt failed.';
CREATE VIEW changefeed.endpoints AS
 SELECT e.name,
    e.kind,
    e.user_id,
    e.url,
    e.app_type,
    e.models,
    e.companies,
    e.filters,
    e.events,
    e.with_data,
    e.fields,
    e.in_order,
    e.concurrency,
    e.batch_size,
    (e.api_key IS NOT NULL) AS needs_api_key,
    (e.secret IS NOT NULL) AS has_secret,
    e.former_until,
    e.state,
    e.reason,
    e.state_at,
    e.created_at,
    e.created_by,
    (p.owned_until > clock_timestamp()) AS is_owned,
    p.delivered,
    p.failed,
    p.failing_since,
    p.last_delivery_at,
    p.last_failure_at,
    p.last_failure,
    q.waiting,
    q.dead,
    q.next_due_at
   FROM ((changefeed.endpoint e
     JOIN changefeed.endpoint_progress p ON ((p.endpoint = e.id)))
     CROSS JOIN LATERAL ( SELECT count(*) FILTER (WHERE (NOT w.is_dead)) AS waiting,
            count(*) FILTER (WHERE w.is_dead) AS dead,
            min(w.due_at) FILTER (WHERE (NOT w.is_dead)) AS next_due_at
           FROM changefeed.endpoint_queue w
          WHERE (w.endpoint = e.id)) q);
ALTER TABLE changefeed.endpoints OWNER TO changefeed_owner;
COMMENT ON VIEW changefeed.endpoints IS 'Endpoints without their secrets, and how delivery goes: waiting: records that wait for another attempt; dead: dead letters.';
COMMENT ON COLUMN changefeed.endpoints.name IS 'Unique name.';
COMMENT ON COLUMN changefeed.endpoints.kind IS 'What is at its address.';
COMMENT ON COLUMN changefeed.endpoints.user_id IS 'The Odoo user with whose access rights it gets records.';
COMMENT ON COLUMN changefeed.endpoints.url IS 'Its address.';
COMMENT ON COLUMN changefeed.endpoints.app_type IS 'Its app type.';
COMMENT ON COLUMN changefeed.endpoints.models IS 'Models of the app type; null: all.';
COMMENT ON COLUMN changefeed.endpoints.companies IS 'Enabled companies; null: all of the user''s.';
COMMENT ON COLUMN changefeed.endpoints.filters IS 'Row filters, {model: domain}; null: none.';
COMMENT ON COLUMN changefeed.endpoints.events IS 'Kinds of events that it gets.';
COMMENT ON COLUMN changefeed.endpoints.with_data IS 'Messages hold the records'' data.';
COMMENT ON COLUMN changefeed.endpoints.fields IS 'Fields of the data, {model: [names]}; null: the usual ones.';
COMMENT ON COLUMN changefeed.endpoints.in_order IS 'A message that fails holds up all later ones.';
COMMENT ON COLUMN changefeed.endpoints.concurrency IS 'How many messages may be under way.';
COMMENT ON COLUMN changefeed.endpoints.batch_size IS 'How many events one message may hold.';
COMMENT ON COLUMN changefeed.endpoints.needs_api_key IS 'It was created with an API key, without which nothing is delivered.';
COMMENT ON COLUMN changefeed.endpoints.has_secret IS 'It has a secret, or credentials for its server. A webhook without one gets nothing.';
COMMENT ON COLUMN changefeed.endpoints.former_until IS 'Until when the former secret signs, too.';
COMMENT ON COLUMN changefeed.endpoints.state IS 'active, paused or disabled.';
COMMENT ON COLUMN changefeed.endpoints.reason IS 'Why it is paused or disabled.';
COMMENT ON COLUMN changefeed.endpoints.state_at IS 'Since when it has this state.';
COMMENT ON COLUMN changefeed.endpoints.created_at IS 'When it was created.';
COMMENT ON COLUMN changefeed.endpoints.created_by IS 'Role that created it.';
COMMENT ON COLUMN changefeed.endpoints.is_owned IS 'A replica delivers to it.';
COMMENT ON COLUMN changefeed.endpoints.delivered IS 'Events that its receiver has accepted.';
COMMENT ON COLUMN changefeed.endpoints.failed IS 'Attempts that failed.';
COMMENT ON COLUMN changefeed.endpoints.failing_since IS 'The first failure since the last success.';
COMMENT ON COLUMN changefeed.endpoints.last_delivery_at IS 'The last success.';
COMMENT ON COLUMN changefeed.endpoints.last_failure_at IS 'The last failure.';
COMMENT ON COLUMN changefeed.endpoints.last_failure IS 'Why that failed.';
COMMENT ON COLUMN changefeed.endpoints.waiting IS 'Records that wait for another attempt.';
COMMENT ON COLUMN changefeed.endpoints.dead IS 'Dead letters.';
COMMENT ON COLUMN changefeed.endpoints.next_due_at IS 'When the next record that waits is tried.';
CREATE TABLE changefeed.error (
    id bigint NOT NULL,
    occurred_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    source text NOT NULL,
    message text NOT NULL,
    context jsonb DEFAULT '{}'::jsonb NOT NULL
);
ALTER TABLE changefeed.error OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.error IS 'What went wrong in the service, the newest 1,000. No secrets and no values that users sent.';
COMMENT ON COLUMN changefeed.error.id IS 'Number of the error.';
COMMENT ON COLUMN changefeed.error.occurred_at IS 'When.';
COMMENT ON COLUMN changefeed.error.source IS 'Part of the service, such as retention.';
COMMENT ON COLUMN changefeed.error.message IS 'What happened, at most 2,000 characters.';
COMMENT ON COLUMN changefeed.error.context IS 'What helps to understand it, such as the step.';
ALTER TABLE changefeed.error ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME changefeed.error_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
COMMENT ON SEQUENCE changefeed.error_id_seq IS 'Numbers of errors.';
CREATE TABLE changefeed.event_00 (
    id bigint DEFAULT nextval('changefeed.event_id'::regclass) NOT NULL,
    xid xid8 NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    epoch integer NOT NULL,
    slot smallint NOT NULL,
    model text NOT NULL,
    event text NOT NULL,
    ids bigint[] NOT NULL,
    olds jsonb[]
);
ALTER TABLE ONLY changefeed.event_00 REPLICA IDENTITY FULL;
ALTER TABLE changefeed.event_00 OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.event_00 IS 'Slot 0 of the event log.';
CREATE TABLE changefeed.event_01 (
    id bigint DEFAULT nextval('changefeed.event_id'::regclass) NOT NULL,
    xid xid8 NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    epoch integer NOT NULL,
    slot smallint NOT NULL,
    model text NOT NULL,
    event text NOT NULL,
    ids bigint[] NOT NULL,
    olds jsonb[]
);
ALTER TABLE ONLY changefeed.event_01 REPLICA IDENTITY FULL;
ALTER TABLE changefeed.event_01 OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.event_01 IS 'Slot 1 of the event log.';
CREATE TABLE changefeed.event_02 (
    id bigint DEFAULT nextval('changefeed.event_id'::regclass) NOT NULL,
    xid xid8 NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    epoch integer NOT NULL,
    slot smallint NOT NULL,
    model text NOT NULL,
    event text NOT NULL,
    ids bigint[] NOT NULL,
    olds jsonb[]
);
ALTER TABLE ONLY changefeed.event_02 REPLICA IDENTITY FULL;
ALTER TABLE changefeed.event_02 OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.event_02 IS 'Slot 2 of the event log.';
CREATE TABLE changefeed.event_03 (
    id bigint DEFAULT nextval('changefeed.event_id'::regclass) NOT NULL,
    xid xid8 NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    epoch integer NOT NULL,
    slot smallint NOT NULL,
    model text NOT NULL,
    event text NOT NULL,
    ids bigint[] NOT NULL,
    olds jsonb[]
);
ALTER TABLE ONLY changefeed.event_03 REPLICA IDENTITY FULL;
ALTER TABLE changefeed.event_03 OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.event_03 IS 'Slot 3 of the event log.';
CREATE TABLE changefeed.event_04 (
    id bigint DEFAULT nextval('changefeed.event_id'::regclass) NOT NULL,
    xid xid8 NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    epoch integer NOT NULL,
    slot smallint NOT NULL,
    model text NOT NULL,
    event text NOT NULL,
    ids bigint[] NOT NULL,
    olds jsonb[]
);
ALTER TABLE ONLY changefeed.event_04 REPLICA IDENTITY FULL;
ALTER TABLE changefeed.event_04 OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.event_04 IS 'Slot 4 of the event log.';
CREATE TABLE changefeed.event_05 (
    id bigint DEFAULT nextval('changefeed.event_id'::regclass) NOT NULL,
    xid xid8 NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    epoch integer NOT NULL,
    slot smallint NOT NULL,
    model text NOT NULL,
    event text NOT NULL,
    ids bigint[] NOT NULL,
    olds jsonb[]
);
ALTER TABLE ONLY changefeed.event_05 REPLICA IDENTITY FULL;
ALTER TABLE changefeed.event_05 OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.event_05 IS 'Slot 5 of the event log.';
CREATE TABLE changefeed.event_06 (
    id bigint DEFAULT nextval('changefeed.event_id'::regclass) NOT NULL,
    xid xid8 NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    epoch integer NOT NULL,
    slot smallint NOT NULL,
    model text NOT NULL,
    event text NOT NULL,
    ids bigint[] NOT NULL,
    olds jsonb[]
);
ALTER TABLE ONLY changefeed.event_06 REPLICA IDENTITY FULL;
ALTER TABLE changefeed.event_06 OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.event_06 IS 'Slot 6 of the event log.';
CREATE TABLE changefeed.event_07 (
    id bigint DEFAULT nextval('changefeed.event_id'::regclass) NOT NULL,
    xid xid8 NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    epoch integer NOT NULL,
    slot smallint NOT NULL,
    model text NOT NULL,
    event text NOT NULL,
    ids bigint[] NOT NULL,
    olds jsonb[]
);
ALTER TABLE ONLY changefeed.event_07 REPLICA IDENTITY FULL;
ALTER TABLE changefeed.event_07 OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.event_07 IS 'Slot 7 of the event log.';
CREATE TABLE changefeed.event_08 (
    id bigint DEFAULT nextval('changefeed.event_id'::regclass) NOT NULL,
    xid xid8 NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    epoch integer NOT NULL,
    slot smallint NOT NULL,
    model text NOT NULL,
    event text NOT NULL,
    ids bigint[] NOT NULL,
    olds jsonb[]
);
ALTER TABLE ONLY changefeed.event_08 REPLICA IDENTITY FULL;
ALTER TABLE changefeed.event_08 OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.event_08 IS 'Slot 8 of the event log.';
CREATE TABLE changefeed.event_09 (
    id bigint DEFAULT nextval('changefeed.event_id'::regclass) NOT NULL,
    xid xid8 NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    epoch integer NOT NULL,
    slot smallint NOT NULL,
    model text NOT NULL,
    event text NOT NULL,
    ids bigint[] NOT NULL,
    olds jsonb[]
);
ALTER TABLE ONLY changefeed.event_09 REPLICA IDENTITY FULL;
ALTER TABLE changefeed.event_09 OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.event_09 IS 'Slot 9 of the event log.';
CREATE TABLE changefeed.event_10 (
    id bigint DEFAULT nextval('changefeed.event_id'::regclass) NOT NULL,
    xid xid8 NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    epoch integer NOT NULL,
    slot smallint NOT NULL,
    model text NOT NULL,
    event text NOT NULL,
    ids bigint[] NOT NULL,
    olds jsonb[]
);
ALTER TABLE ONLY changefeed.event_10 REPLICA IDENTITY FULL;
ALTER TABLE changefeed.event_10 OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.event_10 IS 'Slot 10 of the event log.';
CREATE TABLE changefeed.event_11 (
    id bigint DEFAULT nextval('changefeed.event_id'::regclass) NOT NULL,
    xid xid8 NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    epoch integer NOT NULL,
    slot smallint NOT NULL,
    model text NOT NULL,
    event text NOT NULL,
    ids bigint[] NOT NULL,
    olds jsonb[]
);
ALTER TABLE ONLY changefeed.event_11 REPLICA IDENTITY FULL;
ALTER TABLE changefeed.event_11 OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.event_11 IS 'Slot 11 of the event log.';
CREATE TABLE changefeed.event_12 (
    id bigint DEFAULT nextval('changefeed.event_id'::regclass) NOT NULL,
    xid xid8 NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    epoch integer NOT NULL,
    slot smallint NOT NULL,
    model text NOT NULL,
    event text NOT NULL,
    ids bigint[] NOT NULL,
    olds jsonb[]
);
ALTER TABLE ONLY changefeed.event_12 REPLICA IDENTITY FULL;
ALTER TABLE changefeed.event_12 OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.event_12 IS 'Slot 12 of the event log.';
CREATE TABLE changefeed.event_13 (
    id bigint DEFAULT nextval('changefeed.event_id'::regclass) NOT NULL,
    xid xid8 NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    epoch integer NOT NULL,
    slot smallint NOT NULL,
    model text NOT NULL,
    event text NOT NULL,
    ids bigint[] NOT NULL,
    olds jsonb[]
);
ALTER TABLE ONLY changefeed.event_13 REPLICA IDENTITY FULL;
ALTER TABLE changefeed.event_13 OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.event_13 IS 'Slot 13 of the event log.';
CREATE TABLE changefeed.event_14 (
    id bigint DEFAULT nextval('changefeed.event_id'::regclass) NOT NULL,
    xid xid8 NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    epoch integer NOT NULL,
    slot smallint NOT NULL,
    model text NOT NULL,
    event text NOT NULL,
    ids bigint[] NOT NULL,
    olds jsonb[]
);
ALTER TABLE ONLY changefeed.event_14 REPLICA IDENTITY FULL;
ALTER TABLE changefeed.event_14 OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.event_14 IS 'Slot 14 of the event log.';
CREATE TABLE changefeed.event_15 (
    id bigint DEFAULT nextval('changefeed.event_id'::regclass) NOT NULL,
    xid xid8 NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    epoch integer NOT NULL,
    slot smallint NOT NULL,
    model text NOT NULL,
    event text NOT NULL,
    ids bigint[] NOT NULL,
    olds jsonb[]
);
ALTER TABLE ONLY changefeed.event_15 REPLICA IDENTITY FULL;
ALTER TABLE changefeed.event_15 OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.event_15 IS 'Slot 15 of the event log.';
CREATE VIEW changefeed.event_record AS
 SELECT ((e.id * 4096) + (r.ordinal - 1)) AS id,
    e.id AS log_id,
    e.model,
    r.record_id,
    e.event,
    e.occurred_at
   FROM (changefeed.event e
     CROSS JOIN LATERAL unnest(e.ids) WITH ORDINALITY r(record_id, ordinal));
ALTER TABLE changefeed.event_record OWNER TO changefeed_owner;
COMMENT ON VIEW changefeed.event_record IS 'One row per event: what happened to which record.';
COMMENT ON COLUMN changefeed.event_record.id IS 'Id of the event: log id * 4096 + place in the statement.';
COMMENT ON COLUMN changefeed.event_record.log_id IS 'Row of the log.';
COMMENT ON COLUMN changefeed.event_record.model IS 'Odoo model.';
COMMENT ON COLUMN changefeed.event_record.record_id IS 'The record.';
COMMENT ON COLUMN changefeed.event_record.event IS 'create, write or unlink.';
COMMENT ON COLUMN changefeed.event_record.occurred_at IS 'Time of the statement.';
CREATE TABLE changefeed.field_decision (
    id bigint NOT NULL,
    model text NOT NULL,
    field text NOT NULL,
    decision text NOT NULL,
    reason text,
    decided_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    decided_by text DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT field_decision_decision CHECK ((decision = ANY (ARRAY['allow'::text, 'deny'::text, 'clear'::text])))
);
ALTER TABLE changefeed.field_decision OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.field_decision IS 'What the operator decided about fields; rows are added and never changed, the last one of a field counts.';
COMMENT ON COLUMN changefeed.field_decision.id IS 'Number of the decision.';
COMMENT ON COLUMN changefeed.field_decision.model IS 'Odoo model.';
COMMENT ON COLUMN changefeed.field_decision.field IS 'Field of it; * for all that are not secrets.';
COMMENT ON COLUMN changefeed.field_decision.decision IS 'allow: whoever reads the record reads the field. deny: nobody does. clear: back to what is known of it.';
COMMENT ON COLUMN changefeed.field_decision.reason IS 'Why, in the operator''s words.';
COMMENT ON COLUMN changefeed.field_decision.decided_at IS 'When.';
COMMENT ON COLUMN changefeed.field_decision.decided_by IS 'By which role.';
ALTER TABLE changefeed.field_decision ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME changefeed.field_decision_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
COMMENT ON SEQUENCE changefeed.field_decision_id_seq IS 'Numbers of decisions about fields.';
CREATE TABLE changefeed.first_copy (
    device bigint NOT NULL,
    models text[],
    list_id text,
    after_id bigint,
    page bigint[],
    page_at timestamp with time zone,
    is_last boolean DEFAULT false NOT NULL,
    log_id bigint DEFAULT 0 NOT NULL,
    first_log_id bigint,
    handed bigint DEFAULT 0 NOT NULL,
    settled bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    records bigint DEFAULT 0 NOT NULL,
    estimate bigint
);
ALTER TABLE changefeed.first_copy OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.first_copy IS 'How far devices are that are handed the records that exist, model after model, in pages by id. A page stays the same until it is settled.';
COMMENT ON COLUMN changefeed.first_copy.device IS 'The device.';
COMMENT ON COLUMN changefeed.first_copy.models IS 'Models that are due; the first one is being handed out if list_id is set. Null: all that the device follows when it pulls.';
COMMENT ON COLUMN changefeed.first_copy.list_id IS 'The list in device.bases that the pages belong to; null before the first page of a model.';
COMMENT ON COLUMN changefeed.first_copy.after_id IS 'Records of the model up to this id are settled.';
COMMENT ON COLUMN changefeed.first_copy.page IS 'Ids of the records of the page that is open, in ascending order; null when the next pull is to open one.';
COMMENT ON COLUMN changefeed.first_copy.page_at IS 'When the page was opened.';
COMMENT ON COLUMN changefeed.first_copy.is_last IS 'The model has no records behind the page.';
COMMENT ON COLUMN changefeed.first_copy.log_id IS 'Number from the log''s sequence that no event has: the entries of the page have the ids log_id * 4096 + 0, 1, ….';
COMMENT ON COLUMN changefeed.first_copy.first_log_id IS 'That of the first page of all.';
COMMENT ON COLUMN changefeed.first_copy.handed IS 'The highest id of an entry that was handed out.';
COMMENT ON COLUMN changefeed.first_copy.settled IS 'Entries of the page that are settled.';
COMMENT ON COLUMN changefeed.first_copy.records IS 'How many records of earlier pages are settled.';
COMMENT ON COLUMN changefeed.first_copy.estimate IS 'About how many records the models had in all when the copy began, before any rule; null before that.';
CREATE TABLE changefeed.gap (
    id bigint NOT NULL,
    model text,
    epoch integer NOT NULL,
    reason text NOT NULL,
    began_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    began_by text DEFAULT SESSION_USER NOT NULL,
    from_log_id bigint NOT NULL,
    from_snapshot pg_snapshot DEFAULT pg_current_snapshot() NOT NULL,
    ended_at timestamp with time zone,
    ended_by text,
    to_log_id bigint,
    to_snapshot pg_snapshot
);
ALTER TABLE changefeed.gap OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.gap IS 'Times in which changes were not captured: devices that follow these models need a resync.';
COMMENT ON COLUMN changefeed.gap.id IS 'Number of the gap.';
COMMENT ON COLUMN changefeed.gap.model IS 'The model, or null for all models.';
COMMENT ON COLUMN changefeed.gap.epoch IS 'Epoch of the feed in which it began.';
COMMENT ON COLUMN changefeed.gap.reason IS 'Why: what was given to pause(), or untrack.';
COMMENT ON COLUMN changefeed.gap.began_at IS 'When it began.';
COMMENT ON COLUMN changefeed.gap.began_by IS 'Role that began it.';
COMMENT ON COLUMN changefeed.gap.from_log_id IS 'Newest log id when it began.';
COMMENT ON COLUMN changefeed.gap.from_snapshot IS 'Snapshot when it began.';
COMMENT ON COLUMN changefeed.gap.ended_at IS 'When it ended; null while it lasts.';
COMMENT ON COLUMN changefeed.gap.ended_by IS 'Role that ended it.';
COMMENT ON COLUMN changefeed.gap.to_log_id IS 'Newest log id at to_snapshot.';
COMMENT ON COLUMN changefeed.gap.to_snapshot IS 'A snapshot after which everything is captured again; null until settle() knows one. A reader is past the gap when its snapshot''s xmin is not below the xmax of this one.';
ALTER TABLE changefeed.gap ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME changefeed.gap_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
COMMENT ON SEQUENCE changefeed.gap_id_seq IS 'Numbers of gaps.';
CREATE TABLE changefeed.tracked_model (
    model text NOT NULL,
    table_schema name NOT NULL,
    table_name name NOT NULL,
    tracked_at timestamp with time zone DEFAULT now() NOT NULL,
    rule_columns name[] DEFAULT '{}'::name[] NOT NULL,
    keeps_followers boolean DEFAULT false NOT NULL
);
ALTER TABLE changefeed.tracked_model OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.tracked_model IS 'The models that are captured. changefeed.track() and untrack() keep it.';
COMMENT ON COLUMN changefeed.tracked_model.model IS 'Odoo model.';
COMMENT ON COLUMN changefeed.tracked_model.table_schema IS 'Schema of its table.';
COMMENT ON COLUMN changefeed.tracked_model.table_name IS 'Its table.';
COMMENT ON COLUMN changefeed.tracked_model.tracked_at IS 'Since when.';
COMMENT ON COLUMN changefeed.tracked_model.rule_columns IS 'Columns that Odoo''s record rules look at: its triggers keep their old values (event.olds). track() chooses them anew.';
COMMENT ON COLUMN changefeed.tracked_model.keeps_followers IS 'Record rules of the model look at followers: an unlink keeps who followed the record (message_partner_ids).';
CREATE VIEW changefeed.granted AS
 WITH needed(table_name, reason) AS (
         VALUES ('ir_model'::text,'which models there are'::text), ('ir_model_fields'::text,'which fields there are'::text), ('ir_model_fields_group_rel'::text,'groups of fields'::text), ('ir_default'::text,'values by default'::text), ('res_lang'::text,'languages'::text), ('ir_model_data'::text,'names of groups'::text), ('ir_model_inherit'::text,'models that carry others'' fields'::text), ('ir_model_constraint'::text,'models whose table has a name of its own'::text), ('ir_model_access'::text,'access rights'::text), ('ir_rule'::text,'record rules'::text), ('rule_group_rel'::text,'groups of record rules'::text), ('res_groups_users_rel'::text,'groups of users'::text), ('res_groups_implied_rel'::text,'implied groups'::text), ('res_users'::text,'authentication: password, session keys; companies'::text), ('res_users_apikeys'::text,'authentication: API keys'::text), ('auth_passkey_key'::text,'authentication: session keys'::text), ('ir_config_parameter'::text,'identity of the database, session keys'::text), ('res_company'::text,'companies'::text), ('res_company_users_rel'::text,'companies of users'::text), ('ir_module_module'::text,'release of Odoo'::text)
        ), held AS (
         SELECT c.oid AS relation,
            NULL::name AS column_name,
            a.grantee,
            a.privilege_type
           FROM (pg_class c
             CROSS JOIN LATERAL aclexplode(c.relacl) a(grantor, grantee, privilege_type, is_grantable))
          WHERE (c.relnamespace <> ('changefeed'::regnamespace)::oid)
        UNION ALL
         SELECT c.oid,
            t.attname,
            a.grantee,
            a.privilege_type
           FROM ((pg_attribute t
             JOIN pg_class c ON ((c.oid = t.attrelid)))
             CROSS JOIN LATERAL aclexplode(t.attacl) a(grantor, grantee, privilege_type, is_grantable))
          WHERE ((c.relnamespace <> ('changefeed'::regnamespace)::oid) AND (NOT t.attisdropped))
        )
 SELECT r.rolname AS grantee,
    h.privilege_type AS privilege,
    ('TABLE '::text || (h.relation)::regclass) AS object,
    array_agg(h.column_name ORDER BY h.column_name) FILTER (WHERE (h.column_name IS NOT NULL)) AS columns,
    concat_ws('; '::text,
        CASE
            WHEN (r.rolname = 'changefeed_definer'::name) THEN max(n.reason)
            ELSE NULL::text
        END,
        CASE
            WHEN (r.rolname = 'changefeed_definer'::name) THEN max(('records of '::text || m.model))
            ELSE NULL::text
        END,
        CASE
            WHEN ((r.rolname = 'changefeed_definer'::name) AND (max(m.model) IS NULL) AND (max(n.reason) IS NULL)) THEN 'names, lists and values in records of tracked models'::text
            ELSE NULL::text
        END,
        CASE
            WHEN (r.rolname = 'changefeed_reader'::name) THEN 'record rules, ids of records, write dates'::text
            ELSE NULL::text
        END,
        CASE
            WHEN (r.rolname <> ALL (ARRAY['changefeed_definer'::name, 'changefeed_reader'::name])) THEN 'not granted by the feed'::text
            ELSE NULL::text
        END) AS reason
   FROM (((((held h
     JOIN pg_roles r ON (((r.oid = h.grantee) AND (r.rolname = ANY (ARRAY['changefeed_owner'::name, 'changefeed_definer'::name, 'changefeed_reader'::name, 'changefeed_service'::name, 'changefeed_monitor'::name])))))
     JOIN pg_class c ON ((c.oid = h.relation)))
     JOIN pg_namespace s ON ((s.oid = c.relnamespace)))
     LEFT JOIN needed n ON (((s.nspname = 'public'::name) AND (n.table_name = c.relname))))
     LEFT JOIN changefeed.tracked_model m ON (((m.table_schema = s.nspname) AND (m.table_name = c.relname))))
  GROUP BY r.rolname, h.relation, h.privilege_type
UNION ALL
 SELECT r.rolname AS grantee,
    a.privilege_type AS privilege,
    ('SCHEMA '::text || (s.oid)::regnamespace) AS object,
    NULL::name[] AS columns,
    'to access Odoo''s tables'::text AS reason
   FROM ((pg_namespace s
     CROSS JOIN LATERAL aclexplode(s.nspacl) a(grantor, grantee, privilege_type, is_grantable))
     JOIN pg_roles r ON (((r.oid = a.grantee) AND (r.rolname = ANY (ARRAY['changefeed_owner'::name, 'changefeed_definer'::name, 'changefeed_reader'::name, 'changefeed_service'::name, 'changefeed_monitor'::name])))))
  WHERE (s.nspname <> 'changefeed'::name);
ALTER TABLE changefeed.granted OWNER TO changefeed_owner;
COMMENT ON VIEW changefeed.granted IS 'Rights of the feed''s roles on tables and schemas outside the feed: role, right, object (columns null: the whole table), and reason.';
COMMENT ON COLUMN changefeed.granted.grantee IS 'The role of the feed that has the right.';
COMMENT ON COLUMN changefeed.granted.privilege IS 'SELECT, USAGE and others.';
COMMENT ON COLUMN changefeed.granted.object IS 'TABLE or SCHEMA with its name.';
COMMENT ON COLUMN changefeed.granted.columns IS 'The columns, if the right is only on these; null: on all.';
COMMENT ON COLUMN changefeed.granted.reason IS 'The purpose of the right.';
CREATE TABLE changefeed.home (
    id bigint NOT NULL,
    cause text NOT NULL,
    reason text,
    system_identifier bigint NOT NULL,
    database_oid oid NOT NULL,
    database_name text DEFAULT current_database() NOT NULL,
    database_uuid text,
    server_release integer DEFAULT ((current_setting('server_version_num'::text))::integer / 10000),
    table_oid oid DEFAULT ('changefeed.home'::regclass)::oid,
    written_in xid8 DEFAULT pg_current_xact_id(),
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    recorded_by text DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT home_cause CHECK ((cause = ANY (ARRAY['first'::text, 'server upgrade'::text, 'adopted'::text])))
);
ALTER TABLE changefeed.home OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.home IS 'The database in which the feed is at home; rows are added and never changed, the last one counts. A database that differs from it is a copy until somebody adopts it.';
COMMENT ON COLUMN changefeed.home.id IS 'Number of the row.';
COMMENT ON COLUMN changefeed.home.cause IS 'first: none was known. server upgrade: pg_upgrade brought the database into another cluster. adopted: somebody said so.';
COMMENT ON COLUMN changefeed.home.reason IS 'Why, in the operator''s words.';
COMMENT ON COLUMN changefeed.home.system_identifier IS 'Of the cluster (pg_control_system).';
COMMENT ON COLUMN changefeed.home.database_oid IS 'Of the database.';
COMMENT ON COLUMN changefeed.home.database_name IS 'Its name then; a new name makes no copy.';
COMMENT ON COLUMN changefeed.home.database_uuid IS 'Odoo''s parameter database.uuid, if Odoo was there.';
COMMENT ON COLUMN changefeed.home.server_release IS 'Release of PostgreSQL, such as 15; null: not known.';
COMMENT ON COLUMN changefeed.home.table_oid IS 'Of this table: pg_upgrade keeps it, a restore of a dump gives another one.';
COMMENT ON COLUMN changefeed.home.written_in IS 'Transaction that wrote the row: pg_upgrade keeps it as the row''s xmin, a restore of a dump does not.';
COMMENT ON COLUMN changefeed.home.recorded_at IS 'When.';
COMMENT ON COLUMN changefeed.home.recorded_by IS 'By which role.';
ALTER TABLE changefeed.home ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME changefeed.home_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
COMMENT ON SEQUENCE changefeed.home_id_seq IS 'Numbers of homes.';
CREATE TABLE changefeed.identity (
    only_row boolean DEFAULT true NOT NULL,
    feed uuid DEFAULT gen_random_uuid() NOT NULL,
    system_identifier bigint NOT NULL,
    timeline integer NOT NULL,
    database_oid oid NOT NULL,
    database_uuid text,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT identity_only_row CHECK (only_row)
);
ALTER TABLE changefeed.identity OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.identity IS 'One row: the cluster, timeline and database for which the present epoch counts.';
COMMENT ON COLUMN changefeed.identity.only_row IS 'Keeps the table at one row.';
COMMENT ON COLUMN changefeed.identity.feed IS 'Name of this feed, made at the installation: copies and restores keep it, and differ by the epoch.';
COMMENT ON COLUMN changefeed.identity.system_identifier IS 'Of the cluster (pg_control_system).';
COMMENT ON COLUMN changefeed.identity.timeline IS 'Of the write-ahead log: rises with each promotion and point-in-time recovery.';
COMMENT ON COLUMN changefeed.identity.database_oid IS 'Of this database.';
COMMENT ON COLUMN changefeed.identity.database_uuid IS 'Odoo''s parameter database.uuid, if Odoo is here.';
COMMENT ON COLUMN changefeed.identity.recorded_at IS 'When this identity was first seen.';
CREATE UNLOGGED TABLE changefeed.kept_access (
    question bytea NOT NULL,
    until timestamp with time zone NOT NULL,
    scopes changefeed.model_scope[] NOT NULL,
    data_stamp text,
    shape text
);
ALTER TABLE changefeed.kept_access OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.kept_access IS 'Answers of known_access(). Lost in a crash, and may be emptied at any time.';
COMMENT ON COLUMN changefeed.kept_access.question IS 'Digest of what was asked, on whose behalf, and of access_stamp().';
COMMENT ON COLUMN changefeed.kept_access.until IS 'From then on it does not count.';
COMMENT ON COLUMN changefeed.kept_access.scopes IS 'What the user may see.';
COMMENT ON COLUMN changefeed.kept_access.data_stamp IS 'As odoo_data_stamp() has it.';
COMMENT ON COLUMN changefeed.kept_access.shape IS 'As odoo_data_shape() has it.';
CREATE UNLOGGED TABLE changefeed.kept_statement (
    question bytea NOT NULL,
    until timestamp with time zone NOT NULL,
    name name NOT NULL,
    statement text NOT NULL
);
ALTER TABLE changefeed.kept_statement OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.kept_statement IS 'Statements of odoo_page_data(). Lost in a crash, and may be emptied at any time.';
COMMENT ON COLUMN changefeed.kept_statement.question IS 'Digest of all that the statement depends on.';
COMMENT ON COLUMN changefeed.kept_statement.until IS 'From then on it does not count.';
COMMENT ON COLUMN changefeed.kept_statement.name IS 'Name under which a session prepares it.';
COMMENT ON COLUMN changefeed.kept_statement.statement IS 'The PREPARE statement.';
CREATE UNLOGGED TABLE changefeed.kept_window (
    device bigint NOT NULL,
    question bytea NOT NULL,
    until timestamp with time zone NOT NULL,
    log_rows integer NOT NULL,
    last_log_id bigint NOT NULL,
    is_last boolean NOT NULL,
    ids bigint[] NOT NULL,
    models text[] NOT NULL,
    record_ids bigint[] NOT NULL,
    events text[] NOT NULL,
    times timestamp with time zone[] NOT NULL,
    olds jsonb[] NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='50', toast.autovacuum_vacuum_scale_factor='0', toast.autovacuum_vacuum_threshold='5000');
ALTER TABLE ONLY changefeed.kept_window ALTER COLUMN ids SET STORAGE EXTERNAL;
ALTER TABLE ONLY changefeed.kept_window ALTER COLUMN models SET STORAGE EXTERNAL;
ALTER TABLE ONLY changefeed.kept_window ALTER COLUMN record_ids SET STORAGE EXTERNAL;
ALTER TABLE ONLY changefeed.kept_window ALTER COLUMN events SET STORAGE EXTERNAL;
ALTER TABLE ONLY changefeed.kept_window ALTER COLUMN times SET STORAGE EXTERNAL;
ALTER TABLE changefeed.kept_window OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.kept_window IS 'Open windows of devices that are far behind. Lost in a crash, and may be emptied at any time.';
COMMENT ON COLUMN changefeed.kept_window.device IS 'Id of the device.';
COMMENT ON COLUMN changefeed.kept_window.question IS 'Digest of all of the device''s row on which the window depends, from window_question().';
COMMENT ON COLUMN changefeed.kept_window.until IS 'From then on it does not count.';
COMMENT ON COLUMN changefeed.kept_window.log_rows IS 'As sync_window() has it, like the following columns.';
COMMENT ON COLUMN changefeed.kept_window.last_log_id IS 'The last log row of the window.';
COMMENT ON COLUMN changefeed.kept_window.is_last IS 'Whether the batch ends with the window.';
COMMENT ON COLUMN changefeed.kept_window.ids IS 'Ids of the entries, ascending.';
COMMENT ON COLUMN changefeed.kept_window.models IS 'Their models; one element: all are of this one.';
COMMENT ON COLUMN changefeed.kept_window.record_ids IS 'Their records.';
COMMENT ON COLUMN changefeed.kept_window.events IS 'create, write or unlink; one element: all are this.';
COMMENT ON COLUMN changefeed.kept_window.times IS 'When the last event of each happened.';
COMMENT ON COLUMN changefeed.kept_window.olds IS 'Earlier values that rules may read.';
CREATE TABLE changefeed.migration (
    version integer NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE changefeed.migration OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.migration IS 'The numbered migrations of sql/migrations/ that this database has had.';
COMMENT ON COLUMN changefeed.migration.version IS 'Number of the migration file.';
COMMENT ON COLUMN changefeed.migration.applied_at IS 'When it was applied.';
CREATE TABLE changefeed.model_decision (
    id bigint NOT NULL,
    model text NOT NULL,
    decision text NOT NULL,
    code text NOT NULL,
    reason text,
    decided_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    decided_by text DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT model_decision_decision CHECK ((decision = ANY (ARRAY['allow'::text, 'deny'::text, 'clear'::text])))
);
ALTER TABLE changefeed.model_decision OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.model_decision IS 'What the operator decided about models whose access Odoo decides in Python; rows are added and never changed, the last one of a model counts.';
COMMENT ON COLUMN changefeed.model_decision.id IS 'Number of the decision.';
COMMENT ON COLUMN changefeed.model_decision.model IS 'Odoo model.';
COMMENT ON COLUMN changefeed.model_decision.decision IS 'allow: its records are shown by rights and record rules alone. deny: to nobody. clear: back to what is known of its code.';
COMMENT ON COLUMN changefeed.model_decision.code IS 'What was known of its code at that time; empty: that it decides nothing. allow counts as long as that is so.';
COMMENT ON COLUMN changefeed.model_decision.reason IS 'Why, in the operator''s words.';
COMMENT ON COLUMN changefeed.model_decision.decided_at IS 'When.';
COMMENT ON COLUMN changefeed.model_decision.decided_by IS 'By which role.';
ALTER TABLE changefeed.model_decision ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME changefeed.model_decision_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
COMMENT ON SEQUENCE changefeed.model_decision_id_seq IS 'Numbers of decisions about models.';
CREATE TABLE changefeed.odoo_fields (
    groups_key text NOT NULL,
    model text NOT NULL,
    fields text[] NOT NULL,
    asked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE changefeed.odoo_fields OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.odoo_fields IS 'Fields that Odoo''s fields_get() showed to a user with these groups.';
COMMENT ON COLUMN changefeed.odoo_fields.groups_key IS 'Digest of the user''s groups.';
COMMENT ON COLUMN changefeed.odoo_fields.model IS 'Odoo model.';
COMMENT ON COLUMN changefeed.odoo_fields.fields IS 'Names of the fields.';
COMMENT ON COLUMN changefeed.odoo_fields.asked_at IS 'When Odoo was asked.';
CREATE TABLE changefeed.orphan (
    model text NOT NULL,
    record_id bigint NOT NULL,
    event_id bigint NOT NULL
);
ALTER TABLE changefeed.orphan OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.orphan IS 'Records that Odoo no longer has: the first API hides their creates and writes. Devices still get them.';
COMMENT ON COLUMN changefeed.orphan.model IS 'Odoo model.';
COMMENT ON COLUMN changefeed.orphan.record_id IS 'The record that is gone.';
COMMENT ON COLUMN changefeed.orphan.event_id IS 'Events up to this id are hidden; a record that comes again with the same id is not.';
CREATE TABLE changefeed.probe (
    id integer NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT probe_one_row CHECK ((id = 1))
)
WITH (fillfactor='50');
ALTER TABLE changefeed.probe OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.probe IS 'Scratch table of changefeed.probe(): captured as model changefeed.probe, which no client sees.';
COMMENT ON COLUMN changefeed.probe.id IS 'Always 1.';
COMMENT ON COLUMN changefeed.probe.at IS 'When it was last probed.';
CREATE UNLOGGED TABLE changefeed.rate_limit (
    key text NOT NULL,
    arrival timestamp with time zone NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE changefeed.rate_limit OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.rate_limit IS 'Rate limits by GCRA: one row per limit and client that asked lately.';
COMMENT ON COLUMN changefeed.rate_limit.key IS 'Name of the limit, and the user or address.';
COMMENT ON COLUMN changefeed.rate_limit.arrival IS 'Theoretical arrival time: until then the client has spent its requests in advance.';
CREATE TABLE changefeed.rule_decision (
    id bigint NOT NULL,
    rule_id integer NOT NULL,
    decision text NOT NULL,
    domain text,
    rule_name text,
    rule_domain text,
    reason text,
    decided_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    decided_by text DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT rule_decision_decision CHECK ((decision = ANY (ARRAY['allow'::text, 'deny'::text, 'override'::text, 'clear'::text]))),
    CONSTRAINT rule_decision_domain CHECK (((decision = 'override'::text) = (domain IS NOT NULL)))
);
ALTER TABLE changefeed.rule_decision OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.rule_decision IS 'What the operator decided about record rules; rows are added and never changed, the last one of a rule counts.';
COMMENT ON COLUMN changefeed.rule_decision.id IS 'Number of the decision.';
COMMENT ON COLUMN changefeed.rule_decision.rule_id IS 'Odoo''s ir_rule.id.';
COMMENT ON COLUMN changefeed.rule_decision.decision IS 'allow: as if it let everything pass. deny: as if it let nothing pass. override: domain in its place. clear: back to Odoo''s rule.';
COMMENT ON COLUMN changefeed.rule_decision.domain IS 'The domain that stands in the rule''s place.';
COMMENT ON COLUMN changefeed.rule_decision.rule_name IS 'The rule''s name at that time.';
COMMENT ON COLUMN changefeed.rule_decision.rule_domain IS 'The rule''s text at that time: a decision counts for this text only.';
COMMENT ON COLUMN changefeed.rule_decision.reason IS 'Why, in the operator''s words.';
COMMENT ON COLUMN changefeed.rule_decision.decided_at IS 'When.';
COMMENT ON COLUMN changefeed.rule_decision.decided_by IS 'By which role.';
ALTER TABLE changefeed.rule_decision ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME changefeed.rule_decision_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
COMMENT ON SEQUENCE changefeed.rule_decision_id_seq IS 'Numbers of decisions about rules.';
CREATE TABLE changefeed.rule_finding (
    rule_id integer NOT NULL,
    model text NOT NULL,
    rule_name text NOT NULL,
    rule_digest text NOT NULL,
    reason text NOT NULL,
    found_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE changefeed.rule_finding OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.rule_finding IS 'Record rules that could not be turned into SQL, or that failed while they ran.';
COMMENT ON COLUMN changefeed.rule_finding.rule_id IS 'Odoo''s ir_rule.id.';
COMMENT ON COLUMN changefeed.rule_finding.model IS 'Model that it closes.';
COMMENT ON COLUMN changefeed.rule_finding.rule_name IS 'Its name in Odoo.';
COMMENT ON COLUMN changefeed.rule_finding.rule_digest IS 'Digest of its text: a changed rule is looked at anew.';
COMMENT ON COLUMN changefeed.rule_finding.reason IS 'What could not be understood, or the error.';
COMMENT ON COLUMN changefeed.rule_finding.found_at IS 'When that was found.';
CREATE TABLE changefeed.slot (
    slot smallint NOT NULL,
    opened_at timestamp with time zone,
    closed_at timestamp with time zone,
    quiet_snapshot pg_snapshot,
    emptied_at timestamp with time zone,
    emptied_below xid8,
    emptied_snapshot pg_snapshot,
    CONSTRAINT slot_range CHECK (((slot >= 0) AND (slot <= 15)))
);
ALTER TABLE changefeed.slot OWNER TO changefeed_owner;
COMMENT ON TABLE changefeed.slot IS 'The 16 slots of the ring: when each was last opened, closed and emptied.';
COMMENT ON COLUMN changefeed.slot.slot IS 'Number of the slot: child table event_NN.';
COMMENT ON COLUMN changefeed.slot.opened_at IS 'When writers were last sent to it.';
COMMENT ON COLUMN changefeed.slot.closed_at IS 'When writers were sent on to the next one.';
COMMENT ON COLUMN changefeed.slot.quiet_snapshot IS 'A snapshot after which nobody writes here: readers that have seen it pass the slot over. Null while somebody may.';
COMMENT ON COLUMN changefeed.slot.emptied_at IS 'When it was last emptied.';
COMMENT ON COLUMN changefeed.slot.emptied_below IS 'What was emptied were events of transactions below this number: readers whose snapshot has this as its xmin had seen them all. Null when nothing was.';
COMMENT ON COLUMN changefeed.slot.emptied_snapshot IS 'Snapshot in which all that was emptied was visible: readers that contain it miss nothing.';
CREATE VIEW changefeed.tracked AS
 SELECT m.model,
    (m.table_name)::text AS table_name,
    changefeed.trigger_state((c.oid)::regclass, m.model) AS trigger_state
   FROM ((changefeed.tracked_model m
     LEFT JOIN pg_namespace n ON ((n.nspname = m.table_schema)))
     LEFT JOIN pg_class c ON (((c.relnamespace = n.oid) AND (c.relname = m.table_name) AND (c.relkind = 'r'::"char"))))
  ORDER BY m.model;
ALTER TABLE changefeed.tracked OWNER TO changefeed_owner;
COMMENT ON VIEW changefeed.tracked IS 'The tracked models, their tables and the state of their triggers (enabled is the normal state).';
COMMENT ON COLUMN changefeed.tracked.model IS 'Odoo model.';
COMMENT ON COLUMN changefeed.tracked.table_name IS 'Its table.';
COMMENT ON COLUMN changefeed.tracked.trigger_state IS 'enabled, missing, incomplete, disabled, not always, foreign, stale or no table.';
CREATE VIEW changefeed.v1_event AS
 WITH log AS MATERIALIZED (
         SELECT e.id,
            e.model,
            e.event,
            e.occurred_at,
            e.ids,
            changefeed.archived_at(e.model, e.occurred_at, e.xid) AS archived_at
           FROM changefeed.event e
          WHERE (e.model <> 'changefeed.probe'::text)
        ), record AS (
         SELECT ((l.id * 4096) + (r.ordinal - 1)) AS id,
            l.model,
            r.record_id,
            l.event,
            l.occurred_at,
            l.archived_at
           FROM ((log l
             CROSS JOIN LATERAL unnest(l.ids) WITH ORDINALITY r(record_id, ordinal))
             LEFT JOIN changefeed.orphan o ON (((o.model = l.model) AND (o.record_id = r.record_id) AND (l.event = ANY (ARRAY['create'::text, 'write'::text])) AND (((l.id * 4096) + (r.ordinal - 1)) <= o.event_id))))
          WHERE (o.model IS NULL)
        )
 SELECT newest.id,
    newest.model,
    newest.record_id,
    newest.event,
    newest.occurred_at AS "timestamp",
    (newest.archived_at IS NOT NULL) AS archived,
    newest.archived_at
   FROM (( SELECT DISTINCT ON ((r.archived_at IS NULL), r.model, r.record_id, r.event) r.id,
            r.model,
            r.record_id,
            r.event,
            r.occurred_at,
            r.archived_at
           FROM record r
          ORDER BY (r.archived_at IS NULL), r.model, r.record_id, r.event, r.id DESC) newest
     LEFT JOIN ( SELECT DISTINCT (r.archived_at IS NULL) AS live,
            r.model,
            r.record_id
           FROM record r
          WHERE (r.event = 'create'::text)) created ON (((newest.event = 'write'::text) AND (created.live = (newest.archived_at IS NULL)) AND (created.model = newest.model) AND (created.record_id = newest.record_id))))
  WHERE (created.record_id IS NULL);
ALTER TABLE changefeed.v1_event OWNER TO changefeed_owner;
COMMENT ON VIEW changefeed.v1_event IS 'The events by the webhook mixin''s rules: the newest per record and kind; a create in the log hides the record''s writes. Archived events stand apart by the same rules.';
COMMENT ON COLUMN changefeed.v1_event.id IS 'Id of the event.';
COMMENT ON COLUMN changefeed.v1_event.model IS 'Odoo model.';
COMMENT ON COLUMN changefeed.v1_event.record_id IS 'The record.';
COMMENT ON COLUMN changefeed.v1_event.event IS 'create, write or unlink.';
COMMENT ON COLUMN changefeed.v1_event."timestamp" IS 'Time of the statement.';
COMMENT ON COLUMN changefeed.v1_event.archived IS 'True when the first API no longer shows it.';
COMMENT ON COLUMN changefeed.v1_event.archived_at IS 'When it was archived.';
ALTER TABLE ONLY changefeed.event ATTACH PARTITION changefeed.event_00 FOR VALUES IN ('0');
ALTER TABLE ONLY changefeed.event ATTACH PARTITION changefeed.event_01 FOR VALUES IN ('1');
ALTER TABLE ONLY changefeed.event ATTACH PARTITION changefeed.event_02 FOR VALUES IN ('2');
ALTER TABLE ONLY changefeed.event ATTACH PARTITION changefeed.event_03 FOR VALUES IN ('3');
ALTER TABLE ONLY changefeed.event ATTACH PARTITION changefeed.event_04 FOR VALUES IN ('4');
ALTER TABLE ONLY changefeed.event ATTACH PARTITION changefeed.event_05 FOR VALUES IN ('5');
ALTER TABLE ONLY changefeed.event ATTACH PARTITION changefeed.event_06 FOR VALUES IN ('6');
ALTER TABLE ONLY changefeed.event ATTACH PARTITION changefeed.event_07 FOR VALUES IN ('7');
ALTER TABLE ONLY changefeed.event ATTACH PARTITION changefeed.event_08 FOR VALUES IN ('8');
ALTER TABLE ONLY changefeed.event ATTACH PARTITION changefeed.event_09 FOR VALUES IN ('9');
ALTER TABLE ONLY changefeed.event ATTACH PARTITION changefeed.event_10 FOR VALUES IN ('10');
ALTER TABLE ONLY changefeed.event ATTACH PARTITION changefeed.event_11 FOR VALUES IN ('11');
ALTER TABLE ONLY changefeed.event ATTACH PARTITION changefeed.event_12 FOR VALUES IN ('12');
ALTER TABLE ONLY changefeed.event ATTACH PARTITION changefeed.event_13 FOR VALUES IN ('13');
ALTER TABLE ONLY changefeed.event ATTACH PARTITION changefeed.event_14 FOR VALUES IN ('14');
ALTER TABLE ONLY changefeed.event ATTACH PARTITION changefeed.event_15 FOR VALUES IN ('15');
ALTER TABLE ONLY changefeed.app_type
    ADD CONSTRAINT app_type_pkey PRIMARY KEY (name);
ALTER TABLE ONLY changefeed.archived
    ADD CONSTRAINT archived_pkey PRIMARY KEY (id);
ALTER TABLE ONLY changefeed.compiled_rules
    ADD CONSTRAINT compiled_rules_pkey PRIMARY KEY (key);
ALTER TABLE ONLY changefeed.console_audit
    ADD CONSTRAINT console_audit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY changefeed.console
    ADD CONSTRAINT console_pkey PRIMARY KEY (only_row);
ALTER TABLE ONLY changefeed.control
    ADD CONSTRAINT control_pkey PRIMARY KEY (only_row);
ALTER TABLE ONLY changefeed.default_model
    ADD CONSTRAINT default_model_pkey PRIMARY KEY (model);
ALTER TABLE ONLY changefeed.delivery_decision
    ADD CONSTRAINT delivery_decision_pkey PRIMARY KEY (id);
ALTER TABLE ONLY changefeed.device
    ADD CONSTRAINT device_pkey PRIMARY KEY (id);
ALTER TABLE ONLY changefeed.device
    ADD CONSTRAINT device_user UNIQUE (user_id, device_id);
ALTER TABLE ONLY changefeed.endpoint_attempt
    ADD CONSTRAINT endpoint_attempt_pkey PRIMARY KEY (endpoint, id);
ALTER TABLE ONLY changefeed.endpoint
    ADD CONSTRAINT endpoint_name UNIQUE (name);
ALTER TABLE ONLY changefeed.endpoint
    ADD CONSTRAINT endpoint_pkey PRIMARY KEY (id);
ALTER TABLE ONLY changefeed.endpoint_progress
    ADD CONSTRAINT endpoint_progress_pkey PRIMARY KEY (endpoint);
ALTER TABLE ONLY changefeed.endpoint_queue
    ADD CONSTRAINT endpoint_queue_pkey PRIMARY KEY (endpoint, model, record_id);
ALTER TABLE ONLY changefeed.error
    ADD CONSTRAINT error_pkey PRIMARY KEY (id);
ALTER TABLE ONLY changefeed.field_decision
    ADD CONSTRAINT field_decision_pkey PRIMARY KEY (id);
ALTER TABLE ONLY changefeed.first_copy
    ADD CONSTRAINT first_copy_pkey PRIMARY KEY (device);
ALTER TABLE ONLY changefeed.gap
    ADD CONSTRAINT gap_pkey PRIMARY KEY (id);
ALTER TABLE ONLY changefeed.home
    ADD CONSTRAINT home_pkey PRIMARY KEY (id);
ALTER TABLE ONLY changefeed.identity
    ADD CONSTRAINT identity_pkey PRIMARY KEY (only_row);
ALTER TABLE ONLY changefeed.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (version);
ALTER TABLE ONLY changefeed.model_decision
    ADD CONSTRAINT model_decision_pkey PRIMARY KEY (id);
ALTER TABLE ONLY changefeed.odoo_fields
    ADD CONSTRAINT odoo_fields_groups PRIMARY KEY (groups_key, model);
ALTER TABLE ONLY changefeed.orphan
    ADD CONSTRAINT orphan_pkey PRIMARY KEY (model, record_id);
ALTER TABLE ONLY changefeed.probe
    ADD CONSTRAINT probe_pkey PRIMARY KEY (id);
ALTER TABLE ONLY changefeed.rate_limit
    ADD CONSTRAINT rate_limit_pkey PRIMARY KEY (key);
ALTER TABLE ONLY changefeed.retention
    ADD CONSTRAINT retention_pkey PRIMARY KEY (only_row);
ALTER TABLE ONLY changefeed.rule_decision
    ADD CONSTRAINT rule_decision_pkey PRIMARY KEY (id);
ALTER TABLE ONLY changefeed.rule_finding
    ADD CONSTRAINT rule_finding_rule PRIMARY KEY (rule_id, model);
ALTER TABLE ONLY changefeed.slot
    ADD CONSTRAINT slot_pkey PRIMARY KEY (slot);
ALTER TABLE ONLY changefeed.tracked_model
    ADD CONSTRAINT tracked_model_pkey PRIMARY KEY (model);
ALTER TABLE ONLY changefeed.tracked_model
    ADD CONSTRAINT tracked_model_table UNIQUE (table_schema, table_name);
CREATE INDEX compiled_rules_model ON changefeed.compiled_rules USING btree (model);
COMMENT ON INDEX changefeed.compiled_rules_model IS 'For v1_lasting().';
CREATE INDEX endpoint_queue_due ON changefeed.endpoint_queue USING btree (endpoint, due_at) WHERE (NOT is_dead);
COMMENT ON INDEX changefeed.endpoint_queue_due IS 'What is due next.';
CREATE INDEX endpoint_queue_order ON changefeed.endpoint_queue USING btree (endpoint, event_id) WHERE (NOT is_dead);
COMMENT ON INDEX changefeed.endpoint_queue_order IS 'What comes next, for an endpoint that keeps the order.';
CREATE INDEX event_log_id ON ONLY changefeed.event USING btree (id);
COMMENT ON INDEX changefeed.event_log_id IS 'Drains a large set in id order.';
CREATE INDEX event_00_id_idx ON changefeed.event_00 USING btree (id);
CREATE INDEX event_model ON ONLY changefeed.event USING btree (model, ((- id)));
COMMENT ON INDEX changefeed.event_model IS 'Walks one model newest first.';
CREATE INDEX event_00_model_expr_idx ON changefeed.event_00 USING btree (model, ((- id)));
CREATE INDEX event_created ON ONLY changefeed.event USING btree (model, id) WHERE (event = 'create'::text);
COMMENT ON INDEX changefeed.event_created IS 'Walks the creates of one model.';
CREATE INDEX event_00_model_id_idx ON changefeed.event_00 USING btree (model, id) WHERE (event = 'create'::text);
CREATE INDEX event_xid ON ONLY changefeed.event USING btree (xid, id);
COMMENT ON INDEX changefeed.event_xid IS 'Finds what became visible between two snapshots.';
CREATE INDEX event_00_xid_id_idx ON changefeed.event_00 USING btree (xid, id);
CREATE INDEX event_01_id_idx ON changefeed.event_01 USING btree (id);
CREATE INDEX event_01_model_expr_idx ON changefeed.event_01 USING btree (model, ((- id)));
CREATE INDEX event_01_model_id_idx ON changefeed.event_01 USING btree (model, id) WHERE (event = 'create'::text);
CREATE INDEX event_01_xid_id_idx ON changefeed.event_01 USING btree (xid, id);
CREATE INDEX event_02_id_idx ON changefeed.event_02 USING btree (id);
CREATE INDEX event_02_model_expr_idx ON changefeed.event_02 USING btree (model, ((- id)));
CREATE INDEX event_02_model_id_idx ON changefeed.event_02 USING btree (model, id) WHERE (event = 'create'::text);
CREATE INDEX event_02_xid_id_idx ON changefeed.event_02 USING btree (xid, id);
CREATE INDEX event_03_id_idx ON changefeed.event_03 USING btree (id);
CREATE INDEX event_03_model_expr_idx ON changefeed.event_03 USING btree (model, ((- id)));
CREATE INDEX event_03_model_id_idx ON changefeed.event_03 USING btree (model, id) WHERE (event = 'create'::text);
CREATE INDEX event_03_xid_id_idx ON changefeed.event_03 USING btree (xid, id);
CREATE INDEX event_04_id_idx ON changefeed.event_04 USING btree (id);
CREATE INDEX event_04_model_expr_idx ON changefeed.event_04 USING btree (model, ((- id)));
CREATE INDEX event_04_model_id_idx ON changefeed.event_04 USING btree (model, id) WHERE (event = 'create'::text);
CREATE INDEX event_04_xid_id_idx ON changefeed.event_04 USING btree (xid, id);
CREATE INDEX event_05_id_idx ON changefeed.event_05 USING btree (id);
CREATE INDEX event_05_model_expr_idx ON changefeed.event_05 USING btree (model, ((- id)));
CREATE INDEX event_05_model_id_idx ON changefeed.event_05 USING btree (model, id) WHERE (event = 'create'::text);
CREATE INDEX event_05_xid_id_idx ON changefeed.event_05 USING btree (xid, id);
CREATE INDEX event_06_id_idx ON changefeed.event_06 USING btree (id);
CREATE INDEX event_06_model_expr_idx ON changefeed.event_06 USING btree (model, ((- id)));
CREATE INDEX event_06_model_id_idx ON changefeed.event_06 USING btree (model, id) WHERE (event = 'create'::text);
CREATE INDEX event_06_xid_id_idx ON changefeed.event_06 USING btree (xid, id);
CREATE INDEX event_07_id_idx ON changefeed.event_07 USING btree (id);
CREATE INDEX event_07_model_expr_idx ON changefeed.event_07 USING btree (model, ((- id)));
CREATE INDEX event_07_model_id_idx ON changefeed.event_07 USING btree (model, id) WHERE (event = 'create'::text);
CREATE INDEX event_07_xid_id_idx ON changefeed.event_07 USING btree (xid, id);
CREATE INDEX event_08_id_idx ON changefeed.event_08 USING btree (id);
CREATE INDEX event_08_model_expr_idx ON changefeed.event_08 USING btree (model, ((- id)));
CREATE INDEX event_08_model_id_idx ON changefeed.event_08 USING btree (model, id) WHERE (event = 'create'::text);
CREATE INDEX event_08_xid_id_idx ON changefeed.event_08 USING btree (xid, id);
CREATE INDEX event_09_id_idx ON changefeed.event_09 USING btree (id);
CREATE INDEX event_09_model_expr_idx ON changefeed.event_09 USING btree (model, ((- id)));
CREATE INDEX event_09_model_id_idx ON changefeed.event_09 USING btree (model, id) WHERE (event = 'create'::text);
CREATE INDEX event_09_xid_id_idx ON changefeed.event_09 USING btree (xid, id);
CREATE INDEX event_10_id_idx ON changefeed.event_10 USING btree (id);
CREATE INDEX event_10_model_expr_idx ON changefeed.event_10 USING btree (model, ((- id)));
CREATE INDEX event_10_model_id_idx ON changefeed.event_10 USING btree (model, id) WHERE (event = 'create'::text);
CREATE INDEX event_10_xid_id_idx ON changefeed.event_10 USING btree (xid, id);
CREATE INDEX event_11_id_idx ON changefeed.event_11 USING btree (id);
CREATE INDEX event_11_model_expr_idx ON changefeed.event_11 USING btree (model, ((- id)));
CREATE INDEX event_11_model_id_idx ON changefeed.event_11 USING btree (model, id) WHERE (event = 'create'::text);
CREATE INDEX event_11_xid_id_idx ON changefeed.event_11 USING btree (xid, id);
CREATE INDEX event_12_id_idx ON changefeed.event_12 USING btree (id);
CREATE INDEX event_12_model_expr_idx ON changefeed.event_12 USING btree (model, ((- id)));
CREATE INDEX event_12_model_id_idx ON changefeed.event_12 USING btree (model, id) WHERE (event = 'create'::text);
CREATE INDEX event_12_xid_id_idx ON changefeed.event_12 USING btree (xid, id);
CREATE INDEX event_13_id_idx ON changefeed.event_13 USING btree (id);
CREATE INDEX event_13_model_expr_idx ON changefeed.event_13 USING btree (model, ((- id)));
CREATE INDEX event_13_model_id_idx ON changefeed.event_13 USING btree (model, id) WHERE (event = 'create'::text);
CREATE INDEX event_13_xid_id_idx ON changefeed.event_13 USING btree (xid, id);
CREATE INDEX event_14_id_idx ON changefeed.event_14 USING btree (id);
CREATE INDEX event_14_model_expr_idx ON changefeed.event_14 USING btree (model, ((- id)));
CREATE INDEX event_14_model_id_idx ON changefeed.event_14 USING btree (model, id) WHERE (event = 'create'::text);
CREATE INDEX event_14_xid_id_idx ON changefeed.event_14 USING btree (xid, id);
CREATE INDEX event_15_id_idx ON changefeed.event_15 USING btree (id);
CREATE INDEX event_15_model_expr_idx ON changefeed.event_15 USING btree (model, ((- id)));
CREATE INDEX event_15_model_id_idx ON changefeed.event_15 USING btree (model, id) WHERE (event = 'create'::text);
CREATE INDEX event_15_xid_id_idx ON changefeed.event_15 USING btree (xid, id);
CREATE INDEX field_decision_field ON changefeed.field_decision USING btree (model, field, id);
COMMENT ON INDEX changefeed.field_decision_field IS 'Finds the last decision about a field.';
CREATE INDEX gap_open ON changefeed.gap USING btree (model) WHERE (ended_at IS NULL);
COMMENT ON INDEX changefeed.gap_open IS 'Finds the gaps that have not ended.';
CREATE INDEX kept_access_question ON changefeed.kept_access USING btree (question);
COMMENT ON INDEX changefeed.kept_access_question IS 'For known_access().';
CREATE INDEX kept_access_until ON changefeed.kept_access USING btree (until);
COMMENT ON INDEX changefeed.kept_access_until IS 'For forget_access().';
CREATE INDEX kept_statement_question ON changefeed.kept_statement USING btree (question);
COMMENT ON INDEX changefeed.kept_statement_question IS 'For odoo_page_data().';
CREATE INDEX kept_window_device ON changefeed.kept_window USING btree (device);
COMMENT ON INDEX changefeed.kept_window_device IS 'For device_window().';
CREATE INDEX model_decision_model ON changefeed.model_decision USING btree (model, id);
COMMENT ON INDEX changefeed.model_decision_model IS 'Finds the last decision about a model.';
CREATE INDEX rule_decision_rule ON changefeed.rule_decision USING btree (rule_id, id);
COMMENT ON INDEX changefeed.rule_decision_rule IS 'Finds the last decision about a rule.';
ALTER INDEX changefeed.event_log_id ATTACH PARTITION changefeed.event_00_id_idx;
ALTER INDEX changefeed.event_model ATTACH PARTITION changefeed.event_00_model_expr_idx;
ALTER INDEX changefeed.event_created ATTACH PARTITION changefeed.event_00_model_id_idx;
ALTER INDEX changefeed.event_xid ATTACH PARTITION changefeed.event_00_xid_id_idx;
ALTER INDEX changefeed.event_log_id ATTACH PARTITION changefeed.event_01_id_idx;
ALTER INDEX changefeed.event_model ATTACH PARTITION changefeed.event_01_model_expr_idx;
ALTER INDEX changefeed.event_created ATTACH PARTITION changefeed.event_01_model_id_idx;
ALTER INDEX changefeed.event_xid ATTACH PARTITION changefeed.event_01_xid_id_idx;
ALTER INDEX changefeed.event_log_id ATTACH PARTITION changefeed.event_02_id_idx;
ALTER INDEX changefeed.event_model ATTACH PARTITION changefeed.event_02_model_expr_idx;
ALTER INDEX changefeed.event_created ATTACH PARTITION changefeed.event_02_model_id_idx;
ALTER INDEX changefeed.event_xid ATTACH PARTITION changefeed.event_02_xid_id_idx;
ALTER INDEX changefeed.event_log_id ATTACH PARTITION changefeed.event_03_id_idx;
ALTER INDEX changefeed.event_model ATTACH PARTITION changefeed.event_03_model_expr_idx;
ALTER INDEX changefeed.event_created ATTACH PARTITION changefeed.event_03_model_id_idx;
ALTER INDEX changefeed.event_xid ATTACH PARTITION changefeed.event_03_xid_id_idx;
ALTER INDEX changefeed.event_log_id ATTACH PARTITION changefeed.event_04_id_idx;
ALTER INDEX changefeed.event_model ATTACH PARTITION changefeed.event_04_model_expr_idx;
ALTER INDEX changefeed.event_created ATTACH PARTITION changefeed.event_04_model_id_idx;
ALTER INDEX changefeed.event_xid ATTACH PARTITION changefeed.event_04_xid_id_idx;
ALTER INDEX changefeed.event_log_id ATTACH PARTITION changefeed.event_05_id_idx;
ALTER INDEX changefeed.event_model ATTACH PARTITION changefeed.event_05_model_expr_idx;
ALTER INDEX changefeed.event_created ATTACH PARTITION changefeed.event_05_model_id_idx;
ALTER INDEX changefeed.event_xid ATTACH PARTITION changefeed.event_05_xid_id_idx;
ALTER INDEX changefeed.event_log_id ATTACH PARTITION changefeed.event_06_id_idx;
ALTER INDEX changefeed.event_model ATTACH PARTITION changefeed.event_06_model_expr_idx;
ALTER INDEX changefeed.event_created ATTACH PARTITION changefeed.event_06_model_id_idx;
ALTER INDEX changefeed.event_xid ATTACH PARTITION changefeed.event_06_xid_id_idx;
ALTER INDEX changefeed.event_log_id ATTACH PARTITION changefeed.event_07_id_idx;
ALTER INDEX changefeed.event_model ATTACH PARTITION changefeed.event_07_model_expr_idx;
ALTER INDEX changefeed.event_created ATTACH PARTITION changefeed.event_07_model_id_idx;
ALTER INDEX changefeed.event_xid ATTACH PARTITION changefeed.event_07_xid_id_idx;
ALTER INDEX changefeed.event_log_id ATTACH PARTITION changefeed.event_08_id_idx;
ALTER INDEX changefeed.event_model ATTACH PARTITION changefeed.event_08_model_expr_idx;
ALTER INDEX changefeed.event_created ATTACH PARTITION changefeed.event_08_model_id_idx;
ALTER INDEX changefeed.event_xid ATTACH PARTITION changefeed.event_08_xid_id_idx;
ALTER INDEX changefeed.event_log_id ATTACH PARTITION changefeed.event_09_id_idx;
ALTER INDEX changefeed.event_model ATTACH PARTITION changefeed.event_09_model_expr_idx;
ALTER INDEX changefeed.event_created ATTACH PARTITION changefeed.event_09_model_id_idx;
ALTER INDEX changefeed.event_xid ATTACH PARTITION changefeed.event_09_xid_id_idx;
ALTER INDEX changefeed.event_log_id ATTACH PARTITION changefeed.event_10_id_idx;
ALTER INDEX changefeed.event_model ATTACH PARTITION changefeed.event_10_model_expr_idx;
ALTER INDEX changefeed.event_created ATTACH PARTITION changefeed.event_10_model_id_idx;
ALTER INDEX changefeed.event_xid ATTACH PARTITION changefeed.event_10_xid_id_idx;
ALTER INDEX changefeed.event_log_id ATTACH PARTITION changefeed.event_11_id_idx;
ALTER INDEX changefeed.event_model ATTACH PARTITION changefeed.event_11_model_expr_idx;
ALTER INDEX changefeed.event_created ATTACH PARTITION changefeed.event_11_model_id_idx;
ALTER INDEX changefeed.event_xid ATTACH PARTITION changefeed.event_11_xid_id_idx;
ALTER INDEX changefeed.event_log_id ATTACH PARTITION changefeed.event_12_id_idx;
ALTER INDEX changefeed.event_model ATTACH PARTITION changefeed.event_12_model_expr_idx;
ALTER INDEX changefeed.event_created ATTACH PARTITION changefeed.event_12_model_id_idx;
ALTER INDEX changefeed.event_xid ATTACH PARTITION changefeed.event_12_xid_id_idx;
ALTER INDEX changefeed.event_log_id ATTACH PARTITION changefeed.event_13_id_idx;
ALTER INDEX changefeed.event_model ATTACH PARTITION changefeed.event_13_model_expr_idx;
ALTER INDEX changefeed.event_created ATTACH PARTITION changefeed.event_13_model_id_idx;
ALTER INDEX changefeed.event_xid ATTACH PARTITION changefeed.event_13_xid_id_idx;
ALTER INDEX changefeed.event_log_id ATTACH PARTITION changefeed.event_14_id_idx;
ALTER INDEX changefeed.event_model ATTACH PARTITION changefeed.event_14_model_expr_idx;
ALTER INDEX changefeed.event_created ATTACH PARTITION changefeed.event_14_model_id_idx;
ALTER INDEX changefeed.event_xid ATTACH PARTITION changefeed.event_14_xid_id_idx;
ALTER INDEX changefeed.event_log_id ATTACH PARTITION changefeed.event_15_id_idx;
ALTER INDEX changefeed.event_model ATTACH PARTITION changefeed.event_15_model_expr_idx;
ALTER INDEX changefeed.event_created ATTACH PARTITION changefeed.event_15_model_id_idx;
ALTER INDEX changefeed.event_xid ATTACH PARTITION changefeed.event_15_xid_id_idx;
CREATE TRIGGER changefeed_access AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON changefeed.app_type FOR EACH STATEMENT EXECUTE FUNCTION changefeed.capture_access();
ALTER TABLE changefeed.app_type ENABLE ALWAYS TRIGGER changefeed_access;
CREATE TRIGGER changefeed_access AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON changefeed.compiled_rules FOR EACH STATEMENT EXECUTE FUNCTION changefeed.capture_access();
ALTER TABLE changefeed.compiled_rules ENABLE ALWAYS TRIGGER changefeed_access;
CREATE TRIGGER changefeed_access AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON changefeed.field_decision FOR EACH STATEMENT EXECUTE FUNCTION changefeed.capture_access();
ALTER TABLE changefeed.field_decision ENABLE ALWAYS TRIGGER changefeed_access;
CREATE TRIGGER changefeed_access AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON changefeed.model_decision FOR EACH STATEMENT EXECUTE FUNCTION changefeed.capture_access();
ALTER TABLE changefeed.model_decision ENABLE ALWAYS TRIGGER changefeed_access;
CREATE TRIGGER changefeed_access AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON changefeed.odoo_fields FOR EACH STATEMENT EXECUTE FUNCTION changefeed.capture_access();
ALTER TABLE changefeed.odoo_fields ENABLE ALWAYS TRIGGER changefeed_access;
CREATE TRIGGER changefeed_access AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON changefeed.rule_decision FOR EACH STATEMENT EXECUTE FUNCTION changefeed.capture_access();
ALTER TABLE changefeed.rule_decision ENABLE ALWAYS TRIGGER changefeed_access;
CREATE TRIGGER changefeed_access AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON changefeed.tracked_model FOR EACH STATEMENT EXECUTE FUNCTION changefeed.capture_access();
ALTER TABLE changefeed.tracked_model ENABLE ALWAYS TRIGGER changefeed_access;
CREATE TRIGGER changefeed_delete AFTER DELETE ON changefeed.probe REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION changefeed.capture_delete('changefeed.probe');
ALTER TABLE changefeed.probe ENABLE ALWAYS TRIGGER changefeed_delete;
CREATE TRIGGER changefeed_insert AFTER INSERT ON changefeed.probe REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION changefeed.capture_insert('changefeed.probe');
ALTER TABLE changefeed.probe ENABLE ALWAYS TRIGGER changefeed_insert;
CREATE TRIGGER changefeed_truncate AFTER TRUNCATE ON changefeed.probe FOR EACH STATEMENT EXECUTE FUNCTION changefeed.capture_truncate('changefeed.probe');
ALTER TABLE changefeed.probe ENABLE ALWAYS TRIGGER changefeed_truncate;
CREATE TRIGGER changefeed_update AFTER UPDATE ON changefeed.probe REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION changefeed.capture_update('changefeed.probe');
ALTER TABLE changefeed.probe ENABLE ALWAYS TRIGGER changefeed_update;
CREATE TRIGGER device_changed AFTER UPDATE ON changefeed.device FOR EACH ROW WHEN ((((((((((((((((old.user_id IS DISTINCT FROM new.user_id) OR (old.device_id IS DISTINCT FROM new.device_id)) OR (old.app_type IS DISTINCT FROM new.app_type)) OR (old.models IS DISTINCT FROM new.models)) OR (old.scopes IS DISTINCT FROM new.scopes)) OR (old.epoch IS DISTINCT FROM new.epoch)) OR (old.bases IS DISTINCT FROM new.bases)) OR (old.resync IS DISTINCT FROM new.resync)) OR (old.last_resync_at IS DISTINCT FROM new.last_resync_at)) OR (old.token_epoch IS DISTINCT FROM new.token_epoch)) OR (old.retired_at IS DISTINCT FROM new.retired_at)) OR (old.data_stamp IS DISTINCT FROM new.data_stamp)) OR (old.data_scopes IS DISTINCT FROM new.data_scopes)) OR (old.told_batch IS DISTINCT FROM new.told_batch)) OR (old.told_id IS DISTINCT FROM new.told_id))) EXECUTE FUNCTION changefeed.note_device_change();
ALTER TABLE changefeed.device ENABLE ALWAYS TRIGGER device_changed;
CREATE TRIGGER device_emptied AFTER TRUNCATE ON changefeed.device FOR EACH STATEMENT EXECUTE FUNCTION changefeed.note_device_change();
ALTER TABLE changefeed.device ENABLE ALWAYS TRIGGER device_emptied;
CREATE TRIGGER device_removed AFTER DELETE ON changefeed.device FOR EACH ROW EXECUTE FUNCTION changefeed.note_device_change();
ALTER TABLE changefeed.device ENABLE ALWAYS TRIGGER device_removed;
ALTER TABLE ONLY changefeed.endpoint_attempt
    ADD CONSTRAINT endpoint_attempt_endpoint_fkey FOREIGN KEY (endpoint) REFERENCES changefeed.endpoint(id) ON DELETE CASCADE;
ALTER TABLE ONLY changefeed.endpoint_progress
    ADD CONSTRAINT endpoint_progress_endpoint_fkey FOREIGN KEY (endpoint) REFERENCES changefeed.endpoint(id) ON DELETE CASCADE;
ALTER TABLE ONLY changefeed.endpoint_queue
    ADD CONSTRAINT endpoint_queue_endpoint_fkey FOREIGN KEY (endpoint) REFERENCES changefeed.endpoint(id) ON DELETE CASCADE;
ALTER TABLE ONLY changefeed.first_copy
    ADD CONSTRAINT first_copy_device_fkey FOREIGN KEY (device) REFERENCES changefeed.device(id) ON DELETE CASCADE;
GRANT USAGE ON SCHEMA changefeed TO changefeed_definer;
GRANT USAGE ON SCHEMA changefeed TO changefeed_reader;
GRANT USAGE ON SCHEMA changefeed TO changefeed_service;
GRANT USAGE ON SCHEMA changefeed TO changefeed_monitor;
GRANT USAGE ON SCHEMA changefeed TO odoo;
REVOKE ALL ON FUNCTION changefeed.access_changed() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.access_rules(user_id integer, companies integer[], only_models text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.access_rules(user_id integer, companies integer[], only_models text[]) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.access_scopes(user_id integer, models text[], companies integer[], in_lists boolean, OUT problem text, OUT scopes changefeed.model_scope[], OUT data_stamp text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.access_stamp(user_id integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.acknowledge(user_id integer, device_id text, event_ids bigint[], sync_token text, OUT problem text, OUT resync json, OUT acknowledged integer) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.acknowledge(user_id integer, device_id text, event_ids bigint[], sync_token text, OUT problem text, OUT resync json, OUT acknowledged integer) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.acknowledge_handed(device bigint, batch bigint, upto bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.active_devices(inactive_after interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.add_watermark(model text, before timestamp with time zone, settled xid8, archived_by text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.adopt(reason text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.app_type_models(app_type text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.app_types() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.app_types() TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.app_types_of(user_id integer, OUT problem text, OUT app_types json) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.app_types_of(user_id integer, OUT problem text, OUT app_types json) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.archivable(model text, before timestamp with time zone, settled xid8, since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.archivable(model text, before timestamp with time zone, settled xid8, since timestamp with time zone) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.archive(dry_run boolean, only_step text, archive_after interval, force_after interval, delete_after interval, inactive_after interval) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.archive(dry_run boolean, only_step text, archive_after interval, force_after interval, delete_after interval, inactive_after interval) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.archive_before(before timestamp with time zone, archived_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.archive_before(before timestamp with time zone, archived_by text) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.archive_floors(models text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.archive_floors(models text[]) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.archive_model(model text, before timestamp with time zone, archived_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.archive_model(model text, before timestamp with time zone, archived_by text) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.archived_at(model text, occurred_at timestamp with time zone, xid xid8) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.archived_at(model text, occurred_at timestamp with time zone, xid xid8) TO changefeed_service;
GRANT ALL ON FUNCTION changefeed.archived_at(model text, occurred_at timestamp with time zone, xid xid8) TO changefeed_monitor;
REVOKE ALL ON FUNCTION changefeed.archiver_key() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.archiver_key() TO changefeed_service;
REVOKE ALL ON PROCEDURE changefeed.attach_default_models() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.audit_data(user_id integer, model text, ids bigint[], OUT problem text, OUT records json) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.audit_ids(user_id integer, model text, from_id bigint, to_id bigint, OUT problem text, OUT is_open boolean, OUT ids bigint[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.begin_retention(archive_every interval) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.begin_retention(archive_every interval) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.bell_key() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.bell_key() TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.capture_access() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_access() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_delete() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_delete() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_delete_account_move() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_delete_account_move() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_delete_hr_employee() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_delete_hr_employee() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_delete_product_product() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_delete_product_product() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_delete_product_template() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_delete_product_template() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_delete_purchase_order() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_delete_purchase_order() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_delete_res_partner() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_delete_res_partner() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_delete_sale_order() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_delete_sale_order() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_delete_stock_picking() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_delete_stock_picking() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_delete_template(followers boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.capture_filled(template text, event text, numbered text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.capture_insert() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_insert() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_name(model text, kind text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_name(model text, kind text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_object(columns name[], what text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.capture_parent_drop(function_name name) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_parent_drop(function_name name) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_parent_name(model text, key name) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_parent_name(model text, key name) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_parent_text(child regclass, key name) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_parent_text(child regclass, key name) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_parent_write(model text, key name, child regclass) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_parent_write(model text, key name, child regclass) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_text(kind text, target regclass, columns name[], followers boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_text(kind text, target regclass, columns name[], followers boolean) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_truncate() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_truncate() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_update() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_update() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_update_account_move() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_update_account_move() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_update_hr_employee() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_update_hr_employee() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_update_product_product() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_update_product_product() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_update_product_template() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_update_product_template() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_update_purchase_order() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_update_purchase_order() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_update_res_partner() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_update_res_partner() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_update_sale_order() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_update_sale_order() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_update_stock_picking() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_update_stock_picking() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.capture_update_template() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.capture_write(model text, kind text, target regclass, columns name[], followers boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.capture_write(model text, kind text, target regclass, columns name[], followers boolean) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.captures_are_fine(model text, target regclass, columns name[], followers boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.captures_drift(model text, target regclass, columns name[], followers boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.change_triggers(model text, target regclass, attach boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.check_identity(OUT epoch integer, OUT changed boolean, OUT reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.check_identity(OUT epoch integer, OUT changed boolean, OUT reason text) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.console_access() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.console_act(method text, subject integer, proof text, session text, idle_seconds double precision, database text, operators text, readers text, client text, action text, arguments jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.console_act(method text, subject integer, proof text, session text, idle_seconds double precision, database text, operators text, readers text, client text, action text, arguments jsonb) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.console_audit_page(arguments jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.console_caller(method text, subject integer, proof text, session text, idle_seconds double precision, database text, operators text, readers text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.console_device(arguments jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.console_devices(arguments jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.console_do(user_id integer, action text, arguments jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.console_endpoint(arguments jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.console_endpoints(arguments jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.console_event(arguments jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.console_event_rows(found bigint[], wanted integer, searched_to bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.console_events(arguments jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.console_explain(arguments jsonb, OUT problem text, OUT answer json) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.console_findings() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.console_me(user_id integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.console_models() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.console_note(user_id integer, client text, action text, arguments jsonb, outcome text, detail text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.console_overview() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.console_plan(arguments jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.console_read(method text, subject integer, proof text, session text, idle_seconds double precision, database text, operators text, readers text, page text, arguments jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.console_read(method text, subject integer, proof text, session text, idle_seconds double precision, database text, operators text, readers text, page text, arguments jsonb) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.console_recent(OUT first_id bigint, OUT is_cut boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.console_verdicts(arguments jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.control_is_seen() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.copy_estimate(models text[]) FROM PUBLIC;
GRANT SELECT ON TABLE changefeed.device TO changefeed_monitor;
GRANT SELECT ON TABLE changefeed.device TO odoo;
REVOKE ALL ON FUNCTION changefeed.copy_page(d changefeed.device, scopes changefeed.model_scope[], max_entries integer, OUT is_current boolean, OUT ids bigint[], OUT models text[], OUT record_ids bigint[], OUT events text[], OUT times timestamp with time zone[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.copy_progress(d changefeed.device) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.count_archive() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.count_archive() TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.counted_domain(domain text, decision text, decided_domain text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.data_digest(scope changefeed.model_scope, lists changefeed.model_scope[], buckets integer, fields text[], from_id bigint, to_id bigint, OUT ranges json, OUT next_from_id bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.data_hash(data text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.decide_delivery(decision text, reason text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.decide_field(model text, field text, decision text, reason text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.decide_model(model text, decision text, reason text, OUT code text, OUT state text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.decide_rule(rule_id integer, decision text, domain text, reason text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.delivery_allowed() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.delivery_allowed() TO changefeed_definer;
GRANT ALL ON FUNCTION changefeed.delivery_allowed() TO changefeed_service;
GRANT ALL ON FUNCTION changefeed.delivery_allowed() TO changefeed_monitor;
REVOKE ALL ON FUNCTION changefeed.delivery_state(OUT allowed boolean, OUT reasons text[], OUT details text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.delivery_state(OUT allowed boolean, OUT reasons text[], OUT details text[]) TO changefeed_service;
GRANT ALL ON FUNCTION changefeed.delivery_state(OUT allowed boolean, OUT reasons text[], OUT details text[]) TO changefeed_monitor;
REVOKE ALL ON FUNCTION changefeed.device_list(user_id integer, after text, max_rows integer, OUT devices json, OUT next_after text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.device_list(user_id integer, after text, max_rows integer, OUT devices json, OUT next_after text) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.device_state(user_id integer, device_id text, companies integer[], OUT problem text, OUT state json) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.device_state(user_id integer, device_id text, companies integer[], OUT problem text, OUT state json) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.device_window(d changefeed.device, max_events integer, OUT log_rows integer, OUT last_log_id bigint, OUT is_last boolean, OUT truncated text[], OUT ids bigint[], OUT models text[], OUT record_ids bigint[], OUT events text[], OUT times timestamp with time zone[], OUT olds jsonb[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.digest(user_id integer, device_id text, model text, buckets integer, companies integer[], of_data boolean, fields text[], from_id bigint, to_id bigint, filters jsonb, OUT problem text, OUT digest json) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.digest(user_id integer, device_id text, model text, buckets integer, companies integer[], of_data boolean, fields text[], from_id bigint, to_id bigint, filters jsonb, OUT problem text, OUT digest json) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.due_slots(delete_after interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.durable() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.empty_slot(slot smallint) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.empty_slot(slot smallint) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.end_retention(report jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.end_retention(report jsonb) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_add(name text, url text, user_id integer, app_type text, models text[], companies integer[], filters jsonb, events text[], with_data boolean, fields jsonb, in_order boolean, concurrency integer, batch_size integer, start text, since timestamp with time zone, secret bytea, secret_key text, api_key integer, max_endpoints integer, kind text, OUT problem text, OUT id integer) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_add(name text, url text, user_id integer, app_type text, models text[], companies integer[], filters jsonb, events text[], with_data boolean, fields jsonb, in_order boolean, concurrency integer, batch_size integer, start text, since timestamp with time zone, secret bytea, secret_key text, api_key integer, max_endpoints integer, kind text, OUT problem text, OUT id integer) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_attempts(user_id integer, is_member boolean, name text, max_rows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_attempts(user_id integer, is_member boolean, name text, max_rows integer) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_concerned(user_id integer, companies integer[], models text[], filters jsonb, log_ids bigint[], OUT problem text, OUT scope text, OUT changed text[], OUT endpoints integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_concerned(user_id integer, companies integer[], models text[], filters jsonb, log_ids bigint[], OUT problem text, OUT scope text, OUT changed text[], OUT endpoints integer[]) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_create(user_id integer, is_member boolean, users_may boolean, max_own integer, of_user integer, name text, url text, app_type text, models text[], companies integer[], filters jsonb, events text[], with_data boolean, fields jsonb, in_order boolean, concurrency integer, batch_size integer, start text, since timestamp with time zone, secret bytea, secret_key text, api_key integer, OUT problem text, OUT endpoint json) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_create(user_id integer, is_member boolean, users_may boolean, max_own integer, of_user integer, name text, url text, app_type text, models text[], companies integer[], filters jsonb, events text[], with_data boolean, fields jsonb, in_order boolean, concurrency integer, batch_size integer, start text, since timestamp with time zone, secret bytea, secret_key text, api_key integer, OUT problem text, OUT endpoint json) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_device(endpoint integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.endpoint_drop(name text, model text, record_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_drop(name text, model text, record_id bigint) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_due(user_id integer, endpoint integer, app_type text, only_models text[], companies integer[], filters jsonb, with_data boolean, fields jsonb, max_entries integer, max_bytes bigint, at_once boolean, in_order boolean, OUT problem text, OUT events text, OUT entries integer, OUT attempts integer[], OUT waiting boolean, OUT next_seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_due(user_id integer, endpoint integer, app_type text, only_models text[], companies integer[], filters jsonb, with_data boolean, fields jsonb, max_entries integer, max_bytes bigint, at_once boolean, in_order boolean, OUT problem text, OUT events text, OUT entries integer, OUT attempts integer[], OUT waiting boolean, OUT next_seconds double precision) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_held(endpoint integer, max_rows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_held(endpoint integer, max_rows integer) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_judged(scopes changefeed.model_scope[], models text[], record_ids bigint[], kinds text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.endpoint_lease(owner uuid, seconds double precision, wanted boolean, known jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_lease(owner uuid, seconds double precision, wanted boolean, known jsonb) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_list(user_id integer, endpoint integer, owner uuid, model text, cursor text, max_rows integer, companies integer[], filters jsonb, OUT problem text, OUT record_ids bigint[], OUT next_cursor text, OUT complete boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_list(user_id integer, endpoint integer, owner uuid, model text, cursor text, max_rows integer, companies integer[], filters jsonb, OUT problem text, OUT record_ids bigint[], OUT next_cursor text, OUT complete boolean) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_managed(user_id integer, is_member boolean, name text) FROM PUBLIC;
GRANT SELECT ON TABLE changefeed.endpoint TO odoo;
GRANT SELECT(id) ON TABLE changefeed.endpoint TO changefeed_definer;
GRANT SELECT(user_id) ON TABLE changefeed.endpoint TO changefeed_definer;
GRANT SELECT(api_key) ON TABLE changefeed.endpoint TO changefeed_definer;
GRANT SELECT(state) ON TABLE changefeed.endpoint TO changefeed_definer;
GRANT SELECT(revision) ON TABLE changefeed.endpoint TO changefeed_definer;
REVOKE ALL ON FUNCTION changefeed.endpoint_named(name text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.endpoint_page(user_id integer, is_member boolean, only_name text, after text, max_rows integer, OUT endpoints json, OUT next_after text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_page(user_id integer, is_member boolean, only_name text, after text, max_rows integer, OUT endpoints json, OUT next_after text) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_reached(user_id integer, is_member boolean, name text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_reached(user_id integer, is_member boolean, name text) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_remove(name text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_remove(name text) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_replay(name text, start text, since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_replay(name text, start text, since timestamp with time zone) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_retry(name text, model text, record_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_retry(name text, model text, record_id bigint) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_rotate(name text, secret bytea, secret_key text, overlap interval) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_rotate(name text, secret bytea, secret_key text, overlap interval) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_secret(name text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_secret(name text) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_set_state(name text, state text, reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_set_state(name text, state text, reason text) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_settings(e changefeed.endpoint, wanted boolean, OUT settings text, OUT secret text, OUT former_secret text, OUT secret_key text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.endpoint_settle(endpoint integer, owner uuid, sent jsonb, log jsonb, sync_token text, failure text, is_gone boolean, disable_after interval, more_accepted bigint, OUT problem text, OUT state text, OUT is_queued boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_settle(endpoint integer, owner uuid, sent jsonb, log jsonb, sync_token text, failure text, is_gone boolean, disable_after interval, more_accepted bigint, OUT problem text, OUT state text, OUT is_queued boolean) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_source() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.endpoint_standing(endpoint integer, revision integer) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_standing(endpoint integer, revision integer) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_trial(user_id integer, is_member boolean, name text, OUT problem text, OUT id integer, OUT kind text, OUT url text, OUT secret text, OUT secret_key text, OUT database text, OUT source text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_trial(user_id integer, is_member boolean, name text, OUT problem text, OUT id integer, OUT kind text, OUT url text, OUT secret text, OUT secret_key text, OUT database text, OUT source text) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_waiting(user_id integer, is_member boolean, name text, max_rows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_waiting(user_id integer, is_member boolean, name text, max_rows integer) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.endpoint_wake(endpoint integer, owner uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.endpoint_wake(endpoint integer, owner uuid) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.explain_access(login text, model text, companies integer[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.explain_record(user_id integer, model text, record_id bigint, companies integer[], OUT problem text, OUT is_readable boolean, OUT is_closed boolean, OUT is_there boolean, OUT is_visible boolean, OUT failure text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.explain_rule(user_id integer, company_id integer, company_ids integer[], model text, record_id bigint, predicate text, numbers bigint[], texts text[], OUT lets_pass boolean, OUT failure text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.fields_to_ask(user_id integer, app_type text, only_models text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.fields_to_ask(user_id integer, app_type text, only_models text[]) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.filter_fields(user_id integer, models text[], companies integer[], OUT problem text, OUT fields jsonb, OUT release integer) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.filter_fields(user_id integer, models text[], companies integer[], OUT problem text, OUT fields jsonb, OUT release integer) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.filtered_scopes(user_id integer, scopes changefeed.model_scope[], filters jsonb, asked text[], companies integer[], stamp text, OUT problem text, OUT filtered changefeed.model_scope[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.first_id_since(since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.first_id_since(since timestamp with time zone) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.followed_models(user_id integer, app_type text, only_models text[], companies integer[], OUT models text[], OUT problem text, OUT scopes changefeed.model_scope[], OUT asked text[], OUT data_stamp text, OUT stamp text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.followed_models(user_id integer, app_type text, only_models text[], companies integer[], OUT models text[], OUT problem text, OUT scopes changefeed.model_scope[], OUT asked text[], OUT data_stamp text, OUT stamp text) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.follower_key() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.follower_key() TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.forget_access() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.forget_conditions() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.forget_device(user_id integer, device_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.forget_device(user_id integer, device_id text) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.forget_rules(compiler integer, only_closed boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.forget_rules(compiler integer, only_closed boolean) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.forget_windows(of_device bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.former_rows(scope changefeed.model_scope, log_ids bigint[], since_id bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.gap_models(d changefeed.device, OUT due text[], OUT lasting text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.give_up_table(target regclass) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.grant_columns(columns text[], grantee name) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.grant_data(model text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.grant_records(model text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.grant_rule_texts() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.grant_rules(model text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.has_new_events(d changefeed.device) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.hide_orphans(dry_run boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.hinted(user_id integer, companies integer[], models text[], log_ids bigint[], OUT problem text, OUT scope text, OUT changed text[], OUT counts integer[], OUT newest bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.hinted(user_id integer, companies integer[], models text[], log_ids bigint[], OUT problem text, OUT scope text, OUT changed text[], OUT counts integer[], OUT newest bigint[]) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.idle_facts(with_rights boolean, OUT server text, OUT sessions text, OUT rights text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.idle_news(seen text, OUT access text, OUT devices boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.idle_news(seen text, OUT access text, OUT devices boolean) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.idle_state(seen text, with_rights boolean, OUT server text, OUT state text, OUT rights text, OUT snapshot text, OUT devices json, OUT all_devices boolean, OUT changes integer) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.idle_state(seen text, with_rights boolean, OUT server text, OUT state text, OUT rights text, OUT snapshot text, OUT devices json, OUT all_devices boolean, OUT changes integer) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.installation_key() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.installed_objects() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.is_set_back(d changefeed.device, batch bigint, last_id bigint, settled_id bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.is_wanted() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.is_wanted() TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.json_time(moment timestamp with time zone) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.keep_home() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.keep_log_budget(log_budget bigint, log_budget_action text, dry_run boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.keep_log_budget(log_budget bigint, log_budget_action text, dry_run boolean) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.keep_odoo_fields(user_id integer, model text, fields text[], expected_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.keep_odoo_fields(user_id integer, model text, fields text[], expected_key text) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.keep_rules(key text, model text, predicate text, numbers bigint[], texts text[], own_columns text[], uses text[], crossings text[], reads jsonb, compiler integer, findings jsonb, formerly text, former_tables text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.keep_rules(key text, model text, predicate text, numbers bigint[], texts text[], own_columns text[], uses text[], crossings text[], reads jsonb, compiler integer, findings jsonb, formerly text, former_tables text[]) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.keep_window(d changefeed.device, log_rows integer, last_log_id bigint, is_last boolean, ids bigint[], models text[], record_ids bigint[], events text[], times timestamp with time zone[], olds jsonb[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.keeps_window() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.known_access(kind text, user_id integer, models text[], fields jsonb, companies integer[], stamp text, OUT problem text, OUT scopes changefeed.model_scope[], OUT data_stamp text, OUT shape text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.lacks_emptied(seen pg_snapshot, base pg_snapshot) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.leader_key() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.leader_key() TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.link_parents(model text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.list_scopes(user_id integer, models text[], fields jsonb, companies integer[], OUT problem text, OUT scopes changefeed.model_scope[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.lock_family(model text, target regclass, attach boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.lock_holders(target regclass) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.locked_tables() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.locked_tables() TO changefeed_service;
GRANT ALL ON FUNCTION changefeed.locked_tables() TO changefeed_monitor;
REVOKE ALL ON FUNCTION changefeed.log_bytes() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.log_position(OUT low_id bigint, OUT snapshot pg_snapshot, OUT high_id bigint, OUT comes_first boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.looking_now(d changefeed.device) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.make_condition(model text, predicate text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.make_conditions() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.make_sync_token(d changefeed.device, filter text, last_id bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.mark_resync(device bigint, models text[], code text, mode text, restart boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.may_show_otherwise(d changefeed.device, data_stamp text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.migrated(migration_version integer) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.migrated(migration_version integer) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.missing_grants() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.model_states(only_model text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.model_states(only_model text) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.narrow_copy(device bigint, kept text[], dropped text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.news(user_id integer, device_id text, app_type text, only_models text[], companies integer[], filters jsonb, OUT problem text, OUT models text[], OUT is_waiting boolean, OUT newest_id bigint, OUT scope text, OUT is_filtered boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.news(user_id integer, device_id text, app_type text, only_models text[], companies integer[], filters jsonb, OUT problem text, OUT models text[], OUT is_waiting boolean, OUT newest_id bigint, OUT scope text, OUT is_filtered boolean) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.note_data(d changefeed.device, models text[], companies integer[], data_stamp text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.note_device_change() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.note_error(source text, message text, context jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.note_error(source text, message text, context jsonb) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.note_retention_settings(archive_every interval, delete_after interval, log_budget bigint, log_budget_action text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.note_retention_settings(archive_every interval, delete_after interval, log_budget bigint, log_budget_action text) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.note_tracked(model text, target regclass) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_access(user_id integer, models text[], companies integer[], OUT problem text, OUT company_id integer, OUT company_ids integer[], OUT readable text[], OUT as_models text[], OUT keys text[], OUT closed_fields text[], OUT member integer[], OUT data_stamp text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_access(user_id integer, models text[], companies integer[], OUT problem text, OUT company_id integer, OUT company_ids integer[], OUT readable text[], OUT as_models text[], OUT keys text[], OUT closed_fields text[], OUT member integer[], OUT data_stamp text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_access_lines(user_id integer, models text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_access_lines(user_id integer, models text[]) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_access_mark() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_access_mark() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_access_stamp(user_id integer, mark text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_access_stamp(user_id integer, mark text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_access_version(mark text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_access_version(mark text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_api_key_candidates(prefix text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_api_key_candidates(prefix text) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.odoo_api_key_user(key_id integer, derived text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_applicable_rules(user_id integer, models text[], as_models text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_applicable_rules(user_id integer, models text[], as_models text[]) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_caller(method text, subject integer, proof text, session text, idle_seconds double precision, database text, allow_portal boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_caller(method text, subject integer, proof text, session text, idle_seconds double precision, database text, allow_portal boolean) TO changefeed_service;
GRANT ALL ON FUNCTION changefeed.odoo_caller(method text, subject integer, proof text, session text, idle_seconds double precision, database text, allow_portal boolean) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_catalog(models text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_catalog(models text[]) TO changefeed_service;
GRANT ALL ON FUNCTION changefeed.odoo_catalog(models text[]) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_catalog_stamp() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_catalog_stamp() TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.odoo_closed_models(user_id integer, models text[], in_lists boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_closed_models(user_id integer, models text[], in_lists boolean) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_code_extensions(models text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_code_extensions(models text[]) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_code_rules() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_code_states(models text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_code_states(models text[]) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_company_fallback(model text, field text, company integer) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_company_fallback(model text, field text, company integer) TO changefeed_reader;
REVOKE ALL ON FUNCTION changefeed.odoo_company_fields() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_company_properties(model text, field text, company integer) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_company_properties(model text, field text, company integer) TO changefeed_reader;
REVOKE ALL ON FUNCTION changefeed.odoo_company_value(field_id integer, model text, ttype text, relation text, alias text, column_name text, company integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_data_apart(user_id integer, model text, ids bigint[], fields text[], company integer, scopes changefeed.model_scope[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_data_columns(model text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_data_columns(model text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_data_fields(user_id integer, model text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_data_fields(user_id integer, model text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_data_needs() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_data_needs() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_data_scopes(user_id integer, models text[], companies integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_data_scopes(user_id integer, models text[], companies integer[]) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_data_shape(user_id integer) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_data_shape(user_id integer) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_data_stamp(user_id integer, company_id integer, company_ids integer[], member integer[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_data_user(user_id integer, in_company integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_database_uuid() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_database_uuid() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_default_value(value jsonb, ttype text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_delegated(models text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_delegations(model text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_delegations(model text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_external_names(model text, ids integer[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_facts() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_facts_16() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_facts_17() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_facts_18() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_facts_19() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_far_moment(written text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_far_moment(written text) TO changefeed_reader;
REVOKE ALL ON FUNCTION changefeed.odoo_field_conditions() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_field_groups(models text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_field_parts(user_id integer, model text, fields text[], in_company integer, scoped text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_field_states(models text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_field_states(models text[]) TO changefeed_owner;
GRANT ALL ON FUNCTION changefeed.odoo_field_states(models text[]) TO changefeed_service;
GRANT ALL ON FUNCTION changefeed.odoo_field_states(models text[]) TO changefeed_monitor;
REVOKE ALL ON FUNCTION changefeed.odoo_field_verdicts(user_id integer, model text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_field_verdicts(user_id integer, model text) TO changefeed_owner;
GRANT ALL ON FUNCTION changefeed.odoo_field_verdicts(user_id integer, model text) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.odoo_fields_of(models text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_fill(template text, tables text[], lang text, company integer, OUT filled text, OUT needs text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_filter_array(filter jsonb, member text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_filter_columns(condition text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_filter_columns(condition text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_filter_failed(model text, state text, reason text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_filter_fields(user_id integer, model text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_filter_fields(user_id integer, model text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_filter_is_plain(condition text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_filter_is_plain(condition text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_filter_runs(scope changefeed.model_scope) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_filter_runs(scope changefeed.model_scope) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_filter_source(scope changefeed.model_scope) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_filtered(scope changefeed.model_scope, ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_filtered(scope changefeed.model_scope, ids bigint[]) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_filtered_before(scope changefeed.model_scope, record_ids bigint[], olds jsonb[], OUT places integer[], OUT kept jsonb[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_filtered_before(scope changefeed.model_scope, record_ids bigint[], olds jsonb[], OUT places integer[], OUT kept jsonb[]) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_fitted(cell text, ttype text, type oid, lang text, OUT expression text, OUT fitted_type oid) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_fitted(cell text, ttype text, type oid, lang text, OUT expression text, OUT fitted_type oid) TO changefeed_reader;
REVOKE ALL ON FUNCTION changefeed.odoo_forget_statements(asked bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_forget_statements(asked bytea) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_groups_key(user_id integer) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_groups_key(user_id integer) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_groups_of(field_id integer, holder text, field text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_has_field(model text, field text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_has_field(model text, field text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_has_model(model text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_has_model(model text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_hmac_sha256(key bytea, message bytea) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_id_lists(pairs bigint[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_idle_caller(method text, subject integer, user_id integer, idle_seconds double precision, OUT server text, OUT partners integer[], OUT seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_idle_caller(method text, subject integer, user_id integer, idle_seconds double precision, OUT server text, OUT partners integer[], OUT seconds double precision) TO changefeed_owner;
GRANT ALL ON FUNCTION changefeed.odoo_idle_caller(method text, subject integer, user_id integer, idle_seconds double precision, OUT server text, OUT partners integer[], OUT seconds double precision) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.odoo_in_group(user_id integer, group_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_in_group(user_id integer, group_name text) TO changefeed_service;
GRANT ALL ON FUNCTION changefeed.odoo_in_group(user_id integer, group_name text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_is_allowed(model text, field text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_is_allowed(model text, field text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_is_neutralized() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_is_neutralized() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_json(value text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_json_cell(cell text, ttype text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_json_cell(cell text, ttype text) TO changefeed_reader;
REVOKE ALL ON FUNCTION changefeed.odoo_judged_fields(user_id integer, model text, fields text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_judged_fields(user_id integer, model text, fields text[]) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_keeps_followers(model text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_keeps_followers(model text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_known_delegations() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_known_fields(models text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_known_models() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_list_models(models text[], fields jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_list_models(models text[], fields jsonb) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_lists(field_ids integer[], lang text, scoped text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_logins(user_ids integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_logins(user_ids integer[]) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_medium_date(day date, lang text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_member_of(user_id integer) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_member_of(user_id integer) TO changefeed_reader;
REVOKE ALL ON FUNCTION changefeed.odoo_model_rights(user_id integer, models text[], OUT models_readable text[], OUT as_models text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_model_rights(user_id integer, models text[], OUT models_readable text[], OUT as_models text[]) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_model_table(model text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_model_table(model text) TO changefeed_owner;
GRANT ALL ON FUNCTION changefeed.odoo_model_table(model text) TO changefeed_reader;
REVOKE ALL ON FUNCTION changefeed.odoo_model_tables(models text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_moment_text(written text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_moment_text(written text) TO changefeed_reader;
REVOKE ALL ON FUNCTION changefeed.odoo_name_rules() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_names(models text[], lang text, company integer, user_id integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_orders(models text[], lang text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_other_groups() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_own_lists(models text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_own_lists(models text[]) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_page_data(user_id integer, model text, fields text[], scope changefeed.model_scope, ids bigint[], after_id bigint, last_id bigint, max_rows integer, lists changefeed.model_scope[], stamp text, shape text, OUT shown bigint[], OUT record_ids bigint[], OUT data text[], OUT missing bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_page_data(user_id integer, model text, fields text[], scope changefeed.model_scope, ids bigint[], after_id bigint, last_id bigint, max_rows integer, lists changefeed.model_scope[], stamp text, shape text, OUT shown bigint[], OUT record_ids bigint[], OUT data text[], OUT missing bigint[]) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_page_statement(user_id integer, model text, fields text[], company integer, scoped text[], OUT name name, OUT statement text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_parents(model text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_parents(model text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_prepared(name name, statement text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_profile(user_id integer) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_profile(user_id integer) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.odoo_properties(model text, holder regclass, field text, OUT container text, OUT container_id integer, OUT definition text, OUT source regclass) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_property_list(definitions jsonb, stored jsonb, absent text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_python_text(value text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_read_rules() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_read_rules() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_readable(source regclass, column_name text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_readable_models(user_id integer) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_readable_models(user_id integer) TO changefeed_owner;
GRANT ALL ON FUNCTION changefeed.odoo_readable_models(user_id integer) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.odoo_recent_mark() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_recent_mark() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_record_data(user_id integer, model text, ids bigint[], fields text[], company integer, scopes changefeed.model_scope[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_record_data(user_id integer, model text, ids bigint[], fields text[], company integer, scopes changefeed.model_scope[]) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_record_query(user_id integer, model text, fields text[], in_company integer, scoped text[], ids text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_reference(value jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_release() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_release() TO changefeed_service;
GRANT ALL ON FUNCTION changefeed.odoo_release() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_rights_stamp() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_rights_stamp() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_rule_columns(model text, target regclass) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_rule_columns(model text, target regclass) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_rule_reads(model text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_rule_reads(model text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_rule_sources(models text[], as_models text[], OUT held text[], OUT holders text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_rule_sources(models text[], as_models text[], OUT held text[], OUT holders text[]) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_rule_texts(model text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_secret_field(model text, field text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_secret_field(model text, field text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_secret_fields(models text[], fields text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_secret_fields(models text[], fields text[]) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_session_keys(user_id integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_session_mark() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_session_mark() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_session_user(user_id integer, session text, token text, idle_seconds double precision) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_shown_ids(scope changefeed.model_scope, after_id bigint, last_id bigint, max_rows bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_shown_ids(scope changefeed.model_scope, after_id bigint, last_id bigint, max_rows bigint) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_shown_lists(scope changefeed.model_scope, pairs bigint[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_shown_moment(cell text, ttype text, type oid) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_shown_moment(cell text, ttype text, type oid) TO changefeed_reader;
REVOKE ALL ON FUNCTION changefeed.odoo_shown_now(scope changefeed.model_scope, ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_shown_now(scope changefeed.model_scope, ids bigint[]) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_standard_modules() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_stored_fields(user_id integer, model text, fields text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_table(table_name name) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_table(table_name name) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_text_of(alias text, field text, type oid, lang text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_touched(scope changefeed.model_scope, filters jsonb, kept text[], record_ids bigint[], shown boolean[], olds jsonb[], zone text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_touched(scope changefeed.model_scope, filters jsonb, kept text[], record_ids bigint[], shown boolean[], olds jsonb[], zone text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_trial_user() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_trial_user() TO changefeed_owner;
GRANT ALL ON FUNCTION changefeed.odoo_trial_user() TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.odoo_unfit(cell text, ttype text, type oid, translate boolean, company_dependent boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_unfit_columns(models text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_unfit_columns(models text[]) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_unfit_values(models text[], newest integer) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_unfit_values(models text[], newest integer) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_unserved_names(models text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_unserved_names(models text[]) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_user_companies(user_id integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.odoo_user_facts(login text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_user_facts(login text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_user_id(login text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_user_id(login text) TO changefeed_service;
GRANT ALL ON FUNCTION changefeed.odoo_user_id(login text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_version() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_version() TO changefeed_service;
GRANT ALL ON FUNCTION changefeed.odoo_version() TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.odoo_watched_tables(table_schema name) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.odoo_watched_tables(table_schema name) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.open_copy(device bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.origin(OUT is_copy boolean, OUT is_upgraded boolean, OUT differs text, OUT home_id bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.own_capture(model text, kind text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.parent_links(model text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.pause(reason text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.plain_line(value text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.present_objects() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.probe() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.probe() TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.prune_access_changes() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.prune_device_changes() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.prune_device_changes() TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.pull(user_id integer, device_id text, app_type text, only_models text[], sync_token text, max_entries integer, with_data boolean, fields jsonb, max_bytes bigint, is_older_client boolean, max_devices integer, companies integer[], with_hash boolean, start text, filters jsonb, OUT problem text, OUT resync json, OUT events text, OUT entries integer, OUT next_sync_token text, OUT has_more boolean, OUT incomplete text[], OUT models text[], OUT scope text, OUT is_filtered boolean, OUT copy json) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.pull(user_id integer, device_id text, app_type text, only_models text[], sync_token text, max_entries integer, with_data boolean, fields jsonb, max_bytes bigint, is_older_client boolean, max_devices integer, companies integer[], with_hash boolean, start text, filters jsonb, OUT problem text, OUT resync json, OUT events text, OUT entries integer, OUT next_sync_token text, OUT has_more boolean, OUT incomplete text[], OUT models text[], OUT scope text, OUT is_filtered boolean, OUT copy json) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.rate_limit(key text, quota integer, period_seconds integer, OUT allowed boolean, OUT spent_seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.rate_limit(key text, quota integer, period_seconds integer, OUT allowed boolean, OUT spent_seconds double precision) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.read_list_cursor(cursor text, model text, OUT snapshot_id text, OUT device bigint, OUT last_id bigint, OUT from_id bigint, OUT to_id bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.read_sync_token(token text, OUT feed text, OUT epoch integer, OUT device bigint, OUT acknowledgements bigint, OUT batch bigint, OUT last_id bigint, OUT filter text, OUT settled_id bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.record_home(cause text, reason text) FROM PUBLIC;
REVOKE ALL ON PROCEDURE changefeed.refresh_captures() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.register_device(user_id integer, device_id text, max_devices integer, start text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.replicas() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.require_grantable(source regclass) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.require_parents(model text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.require_read_committed() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.reset_device(user_id integer, device_id text, start text, since timestamp with time zone, max_devices integer, OUT problem text, OUT device bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.reset_device(user_id integer, device_id text, start text, since timestamp with time zone, max_devices integer, OUT problem text, OUT device bigint) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.resume() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.resync_answer(resync jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.ring() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.ring() TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.rotate() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.rotate() TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.rule_columns(model text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.rule_holders() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.rule_states(only_model text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.rule_states(only_model text) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.rules_condition_name(target regclass, predicate text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.rules_condition_name(target regclass, predicate text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.rules_failed(model text, state text, reason text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.rules_former_tables(scope changefeed.model_scope, former jsonb, at_any_time boolean, OUT definitions text, OUT unknown boolean[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.rules_is_condition(target regclass, predicate text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.rules_is_condition(target regclass, predicate text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.rules_missing_records(model text, ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.rules_missing_records(model text, ids bigint[]) TO changefeed_owner;
GRANT ALL ON FUNCTION changefeed.rules_missing_records(model text, ids bigint[]) TO changefeed_definer;
REVOKE ALL ON FUNCTION changefeed.rules_record_digest(scope changefeed.model_scope, buckets integer, ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.rules_record_digest(scope changefeed.model_scope, buckets integer, ids bigint[]) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.rules_record_ids(scope changefeed.model_scope, after_id bigint, last_id bigint, max_rows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.rules_record_ids(scope changefeed.model_scope, after_id bigint, last_id bigint, max_rows integer) TO changefeed_owner;
GRANT ALL ON FUNCTION changefeed.rules_record_ids(scope changefeed.model_scope, after_id bigint, last_id bigint, max_rows integer) TO changefeed_definer;
REVOKE ALL ON FUNCTION changefeed.rules_table(model text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.rules_table(model text) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.rules_user_zone(user_id integer) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.rules_user_zone(user_id integer) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.rules_visible(scope changefeed.model_scope, ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.rules_visible(scope changefeed.model_scope, ids bigint[]) TO changefeed_owner;
GRANT ALL ON FUNCTION changefeed.rules_visible(scope changefeed.model_scope, ids bigint[]) TO changefeed_definer;
REVOKE ALL ON FUNCTION changefeed.rules_were_visible(scope changefeed.model_scope, ids bigint[], olds jsonb[], former jsonb, is_gone boolean, at_any_time boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.rules_were_visible(scope changefeed.model_scope, ids bigint[], olds jsonb[], former jsonb, is_gone boolean, at_any_time boolean) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.rules_windows(model text, windows integer, max_rows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.rules_windows(model text, windows integer, max_rows integer) TO changefeed_owner;
REVOKE ALL ON FUNCTION changefeed.schema_version() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.schema_version() TO changefeed_service;
GRANT ALL ON FUNCTION changefeed.schema_version() TO changefeed_monitor;
REVOKE ALL ON FUNCTION changefeed.secure_sequences() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.seen_before(scope changefeed.model_scope, ids bigint[], record_ids bigint[], events text[], olds jsonb[], since_id bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.settle() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.settle() TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.settle_copy(d changefeed.device, newly bigint[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.settle_entries(d changefeed.device, window_ids bigint[], newly bigint[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.settled_below(inactive_after interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.shared_scope(scopes changefeed.model_scope[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.short_app_type(app_type text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.shown_before(scope changefeed.model_scope, ids bigint[], record_ids bigint[], events text[], olds jsonb[], since_id bigint, ruled bigint[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.shown_entries(scopes changefeed.model_scope[], ids bigint[], models text[], record_ids bigint[], events text[], olds jsonb[], settled bigint[], max_shown integer, since_id bigint, OUT places integer[], OUT kinds text[], OUT hidden bigint[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.slot_length(delete_after interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.slot_table(slot integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.snapshot_contains(larger pg_snapshot, smaller pg_snapshot) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.snapshot_page(user_id integer, device_id text, model text, cursor text, max_rows integer, from_id bigint, to_id bigint, fields text[], max_devices integer, companies integer[], with_hash boolean, filters jsonb, OUT problem text, OUT snapshot_id text, OUT records text, OUT entries integer, OUT next_cursor text, OUT complete boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.snapshot_page(user_id integer, device_id text, model text, cursor text, max_rows integer, from_id bigint, to_id bigint, fields text[], max_devices integer, companies integer[], with_hash boolean, filters jsonb, OUT problem text, OUT snapshot_id text, OUT records text, OUT entries integer, OUT next_cursor text, OUT complete boolean) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.snapshot_up_to(snapshot pg_snapshot, last_xid xid8) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.snapshot_up_to(snapshot pg_snapshot, last_xid xid8) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.start_copy(device bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.status() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.status() TO changefeed_service;
GRANT ALL ON FUNCTION changefeed.status() TO changefeed_monitor;
REVOKE ALL ON FUNCTION changefeed.status_of(with_counts boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.status_of(with_counts boolean) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.surroundings(OUT odoo text, OUT server text, OUT odoo_was_run boolean, OUT server_was_run boolean, OUT line text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.surroundings(OUT odoo text, OUT server text, OUT odoo_was_run boolean, OUT server_was_run boolean, OUT line text) TO changefeed_service;
GRANT ALL ON FUNCTION changefeed.surroundings(OUT odoo text, OUT server text, OUT odoo_was_run boolean, OUT server_was_run boolean, OUT line text) TO changefeed_monitor;
REVOKE ALL ON FUNCTION changefeed.sync_filter(app_type text, only_models text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.sync_page(user_id integer, scopes changefeed.model_scope[], ids bigint[], models text[], record_ids bigint[], events text[], times timestamp with time zone[], with_data boolean, fields jsonb, companies integer[], max_bytes bigint, time_name text, with_hash boolean, stamp text, OUT problem text, OUT events_json text, OUT entries integer, OUT last_id bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.sync_window(d changefeed.device, max_events integer, OUT log_rows integer, OUT last_log_id bigint, OUT is_last boolean, OUT truncated text[], OUT ids bigint[], OUT models text[], OUT record_ids bigint[], OUT events text[], OUT times timestamp with time zone[], OUT olds jsonb[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.table_if_any(model text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.table_of(model text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.tail(seen text, until text, after_id bigint, max_rows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.tail(seen text, until text, after_id bigint, max_rows integer) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.tail_start() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.tail_start() TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.tell_closed_models(only_model text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.tell_installed() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.token_problem(feed text, device bigint, user_id integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.track(model text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.track(model text, target regclass) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.trigger_function(model text, kind text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.trigger_state(target regclass, model text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.trigger_state(target regclass, model text) TO changefeed_service;
GRANT ALL ON FUNCTION changefeed.trigger_state(target regclass, model text) TO changefeed_monitor;
REVOKE ALL ON FUNCTION changefeed.try_change_triggers(model text, target regclass, attach boolean, columns name[], followers boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.try_link_parent(model text, source regclass, child regclass, key name, trigger_name name, function_name name, is_wanted boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.try_lock_family(model text, target regclass, parents regclass[], attach boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.try_pull(OUT user_id integer, OUT records integer, OUT stand_ins integer, OUT problem text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.unknown_fields(user_id integer, models text[], fields jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.unreadable_columns(reads jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.unreadable_columns(reads jsonb) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.untrack(model text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.unwatched_tables() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.used_slots(OUT first_slot smallint, OUT last_slot smallint) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.used_slots(OUT first_slot smallint, OUT last_slot smallint) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.v1_counts(user_id integer, since timestamp with time zone, companies integer[], OUT problem text, OUT summary text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.v1_counts(user_id integer, since timestamp with time zone, companies integer[], OUT problem text, OUT summary text) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.v1_events(models text[], record_id bigint, event text, since timestamp with time zone, max_rows integer, skip_rows integer, scopes changefeed.model_scope[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.v1_events(models text[], record_id bigint, event text, since timestamp with time zone, max_rows integer, skip_rows integer, scopes changefeed.model_scope[]) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.v1_keep(question bytea, scopes changefeed.model_scope[], answer text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.v1_lasting(scopes changefeed.model_scope[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.v1_list(user_id integer, only_model text, record_id bigint, event text, since timestamp with time zone, max_rows integer, skip_rows integer, companies integer[], OUT problem text, OUT events text) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.v1_list(user_id integer, only_model text, record_id bigint, event text, since timestamp with time zone, max_rows integer, skip_rows integer, companies integer[], OUT problem text, OUT events text) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.v1_newest(only_models text[], only_record bigint, only_event text, since timestamp with time zone, max_rows integer, skip_rows integer, scopes changefeed.model_scope[], OUT ids bigint[], OUT places integer[], OUT records bigint[], OUT kinds integer[], OUT times timestamp with time zone[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.v1_page(only_models text[], only_record bigint, only_event text, since timestamp with time zone, max_rows integer, skip_rows integer, scopes changefeed.model_scope[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.v1_page(only_models text[], only_record bigint, only_event text, since timestamp with time zone, max_rows integer, skip_rows integer, scopes changefeed.model_scope[]) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.v1_seen(scope changefeed.model_scope, ids bigint[], record_ids bigint[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.v1_state(stamp text, before text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.v1_summary(models text[], since timestamp with time zone, scopes changefeed.model_scope[]) FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.v1_summary(models text[], since timestamp with time zone, scopes changefeed.model_scope[]) TO changefeed_service;
REVOKE ALL ON FUNCTION changefeed.verify() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.verify() TO changefeed_service;
GRANT ALL ON FUNCTION changefeed.verify() TO changefeed_monitor;
REVOKE ALL ON FUNCTION changefeed.verify_access() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.verify_delivery() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.verify_endpoints() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.verify_feed() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.verify_grants() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.verify_models() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.verify_objects() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.verify_pull() FROM PUBLIC;
GRANT ALL ON FUNCTION changefeed.verify_pull() TO changefeed_service;
GRANT ALL ON FUNCTION changefeed.verify_pull() TO changefeed_monitor;
REVOKE ALL ON FUNCTION changefeed.verify_rights() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.verify_values() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.wait_for_table(target regclass, attempt integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.waits_for_copy(d changefeed.device, models text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.was_handed(d changefeed.device, event_id bigint) FROM PUBLIC;
REVOKE ALL ON PROCEDURE changefeed.watch_access() FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.watch_table(target regclass) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.window_question(d changefeed.device) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.withheld_unknown(model text) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.write_captures(model text, target regclass, columns name[], followers boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION changefeed.write_parent_capture(model text, key name, child regclass) FROM PUBLIC;
GRANT SELECT,INSERT ON TABLE changefeed.access_change TO changefeed_definer;
GRANT SELECT ON TABLE changefeed.access_change TO odoo;
GRANT SELECT ON SEQUENCE changefeed.access_change_id_seq TO odoo;
GRANT SELECT ON TABLE changefeed.app_type TO changefeed_service;
GRANT SELECT ON TABLE changefeed.app_type TO changefeed_monitor;
GRANT SELECT ON TABLE changefeed.app_type TO odoo;
GRANT USAGE ON SEQUENCE changefeed.event_id TO changefeed_definer;
GRANT SELECT ON SEQUENCE changefeed.event_id TO odoo;
GRANT INSERT ON TABLE changefeed.event TO changefeed_definer;
GRANT SELECT ON TABLE changefeed.event TO changefeed_service;
GRANT SELECT ON TABLE changefeed.event TO odoo;
GRANT SELECT ON TABLE changefeed.retention TO changefeed_service;
GRANT SELECT ON TABLE changefeed.retention TO changefeed_monitor;
GRANT SELECT ON TABLE changefeed.retention TO odoo;
GRANT SELECT ON TABLE changefeed.archive_stats TO changefeed_service;
GRANT SELECT ON TABLE changefeed.archive_stats TO changefeed_monitor;
GRANT SELECT ON TABLE changefeed.archive_stats TO odoo;
GRANT SELECT ON TABLE changefeed.archived TO changefeed_service;
GRANT SELECT ON TABLE changefeed.archived TO changefeed_monitor;
GRANT SELECT ON TABLE changefeed.archived TO odoo;
GRANT SELECT ON SEQUENCE changefeed.archived_id_seq TO odoo;
GRANT SELECT ON TABLE changefeed.compiled_rules TO odoo;
GRANT SELECT ON TABLE changefeed.console TO odoo;
GRANT SELECT ON TABLE changefeed.console_audit TO odoo;
GRANT SELECT ON SEQUENCE changefeed.console_audit_id_seq TO odoo;
GRANT SELECT ON TABLE changefeed.control TO changefeed_definer;
GRANT SELECT ON TABLE changefeed.control TO changefeed_service;
GRANT SELECT ON TABLE changefeed.control TO odoo;
GRANT SELECT ON TABLE changefeed.default_model TO odoo;
GRANT SELECT ON TABLE changefeed.delivery_decision TO changefeed_monitor;
GRANT SELECT ON TABLE changefeed.delivery_decision TO odoo;
GRANT SELECT ON SEQUENCE changefeed.delivery_decision_id_seq TO odoo;
GRANT SELECT ON TABLE changefeed.device_change TO odoo;
GRANT SELECT ON SEQUENCE changefeed.device_id_seq TO odoo;
GRANT SELECT ON TABLE changefeed.endpoint_attempt TO changefeed_service;
GRANT SELECT ON TABLE changefeed.endpoint_attempt TO changefeed_monitor;
GRANT SELECT ON TABLE changefeed.endpoint_attempt TO odoo;
GRANT SELECT ON SEQUENCE changefeed.endpoint_attempt_id_seq TO odoo;
GRANT SELECT ON SEQUENCE changefeed.endpoint_id_seq TO odoo;
GRANT SELECT ON TABLE changefeed.endpoint_numbers TO changefeed_service;
GRANT SELECT ON TABLE changefeed.endpoint_numbers TO changefeed_monitor;
GRANT SELECT ON TABLE changefeed.endpoint_numbers TO odoo;
GRANT SELECT ON TABLE changefeed.endpoint_progress TO odoo;
GRANT SELECT ON TABLE changefeed.endpoint_queue TO changefeed_service;
GRANT SELECT ON TABLE changefeed.endpoint_queue TO changefeed_monitor;
GRANT SELECT ON TABLE changefeed.endpoint_queue TO odoo;
GRANT SELECT ON TABLE changefeed.endpoints TO changefeed_service;
GRANT SELECT ON TABLE changefeed.endpoints TO changefeed_monitor;
GRANT SELECT ON TABLE changefeed.endpoints TO odoo;
GRANT SELECT ON TABLE changefeed.error TO changefeed_service;
GRANT SELECT ON TABLE changefeed.error TO changefeed_monitor;
GRANT SELECT ON TABLE changefeed.error TO odoo;
GRANT SELECT ON SEQUENCE changefeed.error_id_seq TO odoo;
GRANT SELECT ON TABLE changefeed.event_00 TO odoo;
GRANT SELECT ON TABLE changefeed.event_01 TO odoo;
GRANT SELECT ON TABLE changefeed.event_02 TO odoo;
GRANT SELECT ON TABLE changefeed.event_03 TO odoo;
GRANT SELECT ON TABLE changefeed.event_04 TO odoo;
GRANT SELECT ON TABLE changefeed.event_05 TO odoo;
GRANT SELECT ON TABLE changefeed.event_06 TO odoo;
GRANT SELECT ON TABLE changefeed.event_07 TO odoo;
GRANT SELECT ON TABLE changefeed.event_08 TO odoo;
GRANT SELECT ON TABLE changefeed.event_09 TO odoo;
GRANT SELECT ON TABLE changefeed.event_10 TO odoo;
GRANT SELECT ON TABLE changefeed.event_11 TO odoo;
GRANT SELECT ON TABLE changefeed.event_12 TO odoo;
GRANT SELECT ON TABLE changefeed.event_13 TO odoo;
GRANT SELECT ON TABLE changefeed.event_14 TO odoo;
GRANT SELECT ON TABLE changefeed.event_15 TO odoo;
GRANT SELECT ON TABLE changefeed.event_record TO changefeed_service;
GRANT SELECT ON TABLE changefeed.event_record TO changefeed_monitor;
GRANT SELECT ON TABLE changefeed.event_record TO odoo;
GRANT SELECT ON TABLE changefeed.field_decision TO changefeed_definer;
GRANT SELECT ON TABLE changefeed.field_decision TO odoo;
GRANT SELECT ON SEQUENCE changefeed.field_decision_id_seq TO odoo;
GRANT SELECT ON TABLE changefeed.first_copy TO odoo;
GRANT SELECT ON TABLE changefeed.gap TO changefeed_service;
GRANT SELECT ON TABLE changefeed.gap TO changefeed_monitor;
GRANT SELECT ON TABLE changefeed.gap TO odoo;
GRANT SELECT ON SEQUENCE changefeed.gap_id_seq TO odoo;
GRANT SELECT ON TABLE changefeed.tracked_model TO changefeed_definer;
GRANT SELECT ON TABLE changefeed.tracked_model TO changefeed_reader;
GRANT SELECT ON TABLE changefeed.tracked_model TO odoo;
GRANT SELECT ON TABLE changefeed.granted TO changefeed_monitor;
GRANT SELECT ON TABLE changefeed.granted TO odoo;
GRANT SELECT ON TABLE changefeed.home TO changefeed_monitor;
GRANT SELECT ON TABLE changefeed.home TO odoo;
GRANT SELECT ON SEQUENCE changefeed.home_id_seq TO odoo;
GRANT SELECT ON TABLE changefeed.identity TO odoo;
GRANT SELECT ON TABLE changefeed.kept_access TO odoo;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE changefeed.kept_statement TO changefeed_definer;
GRANT SELECT ON TABLE changefeed.kept_statement TO odoo;
GRANT SELECT ON TABLE changefeed.kept_window TO odoo;
GRANT SELECT ON TABLE changefeed.migration TO changefeed_service;
GRANT SELECT ON TABLE changefeed.migration TO changefeed_monitor;
GRANT SELECT ON TABLE changefeed.migration TO odoo;
GRANT SELECT ON TABLE changefeed.model_decision TO changefeed_definer;
GRANT SELECT ON TABLE changefeed.model_decision TO odoo;
GRANT SELECT ON SEQUENCE changefeed.model_decision_id_seq TO odoo;
GRANT SELECT ON TABLE changefeed.odoo_fields TO changefeed_definer;
GRANT SELECT ON TABLE changefeed.odoo_fields TO odoo;
GRANT SELECT ON TABLE changefeed.orphan TO changefeed_service;
GRANT SELECT ON TABLE changefeed.orphan TO odoo;
GRANT SELECT ON TABLE changefeed.probe TO odoo;
GRANT SELECT ON TABLE changefeed.rate_limit TO odoo;
GRANT SELECT ON TABLE changefeed.rule_decision TO changefeed_definer;
GRANT SELECT ON TABLE changefeed.rule_decision TO odoo;
GRANT SELECT ON SEQUENCE changefeed.rule_decision_id_seq TO odoo;
GRANT SELECT ON TABLE changefeed.rule_finding TO odoo;
GRANT SELECT ON TABLE changefeed.slot TO changefeed_service;
GRANT SELECT ON TABLE changefeed.slot TO odoo;
GRANT SELECT ON TABLE changefeed.tracked TO changefeed_service;
GRANT SELECT ON TABLE changefeed.tracked TO changefeed_monitor;
GRANT SELECT ON TABLE changefeed.tracked TO odoo;
GRANT SELECT ON TABLE changefeed.v1_event TO changefeed_service;
GRANT SELECT ON TABLE changefeed.v1_event TO changefeed_monitor;
GRANT SELECT ON TABLE changefeed.v1_event TO odoo;
