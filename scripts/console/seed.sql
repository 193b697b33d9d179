-- A feed that has something to show, for scripts/screenshots.sh: on a database of Tests/Fixtures/odoo.sql alone.
INSERT INTO changefeed.event (xid, occurred_at, epoch, slot, model, event, ids)
SELECT pg_current_xact_id(), now() - (3500 - i) * interval '1 second', 1, 0,
       (ARRAY['sale.order', 'res.partner', 'stock.picking', 'res.partner', 'account.move', 'product.product',
              'sale.order', 'purchase.order'])[1 + (i * i / 7 + i / 3) % 8],
       (ARRAY['write', 'write', 'create', 'write', 'write', 'unlink'])[1 + (i * 5 / 3) % 6],
       CASE WHEN i % 41 = 0 THEN ARRAY(SELECT generate_series(1, 24)) ELSE ARRAY[1 + i % 900] END
FROM generate_series(1, 3480) i WHERE (i / 240) % 5 <> 3 OR i % 3 = 0;
-- A rule that hides an order, for the page Access.
INSERT INTO ir_rule (id, name, model_id, domain_force)
SELECT r.id, r.name, m.id, r.domain FROM ir_model m, (VALUES
    (901, 'Orders that are not cancelled', $$[('state', '!=', 'cancel')]$$),
    (902, 'Personal orders', $$[('user_id', '=', user.id)]$$)) r (id, name, domain) WHERE m.model = 'sale.order';
INSERT INTO rule_group_rel VALUES (902, 2);
UPDATE sale_order SET user_id = 2 WHERE id = 3;
SELECT changefeed.track('sale.order');
SELECT changefeed.reset_device(u, CASE i % 3 WHEN 0 THEN 'tablet-' WHEN 1 THEN 'phone-' ELSE 'kiosk-' END || i, 'now')
FROM unnest(ARRAY[2, 6]) u, generate_series(1, 14) i;
UPDATE changefeed.device SET last_resync_reason = 'scope_changed', last_resync_at = now() - interval '2 hours',
    resync = '{"sale.order": {"code": "scope_changed", "mode": "apply_differences"}}' WHERE id % 9 = 0;
UPDATE changefeed.device SET last_resync_reason = NULL, last_pull_at = now() - id * interval '7 minutes',
    last_acknowledgement_at = now() - id * interval '7 minutes', app_type = 'sales' WHERE id % 9 <> 0;
SELECT changefeed.endpoint_add('orders-to-erp', 'https://erp.example.com/hooks/orders', 2, models => '{sale.order}'),
       changefeed.endpoint_add('partners', 'https://crm.example.com/hook', 6, models => '{res.partner}'),
       changefeed.endpoint_add('warehouse', 'https://wms.example.com/in', 2, models => '{stock.picking}');
UPDATE changefeed.endpoint SET secret = '\x00', secret_key = 'none';
SELECT changefeed.endpoint_set_state('warehouse', 'paused');
UPDATE changefeed.endpoint_progress p
SET delivered = 18231, failed = 14, last_delivery_at = now() - interval '40 seconds',
    owned_until = now() + interval '1 hour'
FROM changefeed.endpoint e WHERE e.id = p.endpoint AND e.name <> 'partners';
UPDATE changefeed.endpoint_progress p
SET delivered = 902, failed = 61, failing_since = now() - interval '50 minutes', owned_until = now() + interval '1 hour',
    last_failure_at = now() - interval '3 minutes', last_failure = 'HTTP status 503',
    last_delivery_at = now() - interval '51 minutes'
FROM changefeed.endpoint e WHERE e.id = p.endpoint AND e.name = 'partners';
INSERT INTO changefeed.endpoint_queue (endpoint, model, record_id, event_id, kind, occurred_at, attempts, is_dead, due_at,
                                       last_status, last_error)
SELECT e.id, 'res.partner', 40 + i, 4096 * i, 'write', now() - interval '50 minutes', 9 - i, i < 3,
       now() + i * interval '7 minutes', 503, 'HTTP status 503'
FROM changefeed.endpoint e, generate_series(1, 6) i WHERE e.name = 'partners';
INSERT INTO changefeed.endpoint_attempt (endpoint, at, message_id, model, record_id, attempt, milliseconds, status, error)
SELECT e.id, now() - i * interval '9 minutes', 'msg_' || i, 'res.partner', 40 + i, greatest(1, 9 - i), 120 + i,
       CASE WHEN i < 6 THEN 503 ELSE 200 END, CASE WHEN i < 6 THEN 'HTTP status 503' END
FROM changefeed.endpoint e, generate_series(1, 8) i WHERE e.name = 'partners';
INSERT INTO changefeed.console_audit (at, user_id, login, client, action, arguments, outcome, detail)
VALUES (now() - interval '3 days', 2, 'admin', '192.0.2.7', 'sign_in', '{}', 'done', NULL),
       (now() - interval '3 days', 2, 'admin', '192.0.2.7', 'pause', '{"reason": "disk is full"}', 'done', 'paused'),
       (now() - interval '71 hours', 2, 'admin', '192.0.2.7', 'resume', '{}', 'done', 'resumed'),
       (now() - interval '5 hours', 6, 'sales', '192.0.2.31', 'sign_in', '{}', 'refused', NULL),
       (now() - interval '1 hour', 2, 'admin', '192.0.2.7', 'endpoint_pause', '{"name": "warehouse"}', 'done', 'paused');
