-- What Odoo keeps in its Python code and not in the database, written down for the standard modules of Odoo 16 to 19:
-- which fields are secrets, who may read which field, how records are named,
-- and which records belong to a field of ids.

-- Of many at once: a call for each cost more than the look at it. By the letters of the names, whatever the database's
-- language: in Turkish, I is not the capital of i.
CREATE OR REPLACE FUNCTION changefeed.odoo_secret_fields(models text[], fields text[]) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN ARRAY(
        SELECT m.model || ' ' || f.field
        FROM (SELECT u.field,
                     u.field COLLATE "C" ~* (
                         'password|passwd|secret|token|totp|otp_|_otp|api_?key|private_?key|secret_?key|access_?key'
                         '|signing_?key|encryption_?key|credential|certificate_key|client_key|session_id') AS by_name
              FROM unnest(fields) u (field) OFFSET 0) f
        CROSS JOIN unnest(models) m (model)
        WHERE f.by_name OR (m.model, f.field) IN (
            ('hr.employee', 'pin'), ('res.users', 'auth_passkey_key_ids'), ('res.users', 'device_ids')));
END $$;
COMMENT ON FUNCTION changefeed.odoo_secret_fields(text[], text[]) IS
    'Which of the fields would be secrets of each of the models, as "model field": '
    'odoo_secret_field() of many at once.';

CREATE OR REPLACE FUNCTION changefeed.odoo_secret_field(model text, field text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN changefeed.odoo_secret_fields(ARRAY[model], ARRAY[field]) <> '{}';
END $$;
COMMENT ON FUNCTION changefeed.odoo_secret_field(text, text) IS
    'True for a field that does not leave the database unless the operator allows it by its name: passwords, '
    'tokens and keys, by their names.';

-- Of modules that no release was asked about, and of fields by company that stand in no column of Odoo 16 and 17. A
-- user needs one of the groups. A field of hr.employee that hr.employee.public lacks is of
-- hr.group_hr_user, listed or not.
CREATE OR REPLACE FUNCTION changefeed.odoo_other_groups() RETURNS TABLE (model text, fields text, groups text[])
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY VALUES
        ('res.partner'::text, 'signup_type signup_expiration'::text, '{base.group_erp_manager}'::text[]),
        ('res.partner', 'credit_limit use_partner_credit_limit',
         '{account.group_account_invoice,account.group_account_readonly}'),
        ('res.partner', 'employee_ids', '{hr.group_hr_user}'),
        ('product.product', 'standard_price', '{base.group_user}'),
        ('product.template', 'standard_price', '{base.group_user}'),
        -- Module sale_margin.
        ('sale.order', 'margin margin_percent', '{base.group_user}'),
        ('sale.order.line', 'margin margin_percent purchase_price', '{base.group_user}'),
        ('hr.expense', 'accounting_date', '{account.group_account_invoice,account.group_account_readonly}'),
        ('hr.employee',
         'private_street private_street2 private_city private_state_id private_zip private_country_id private_phone '
         'private_email private_lang private_car_plate address_home_id is_address_home_a_company lang country_id '
         'gender sex legal_name marital spouse_complete_name spouse_birthdate children place_of_birth country_of_birth '
         'birthday ssnid sinid identification_id passport_id passport_expiration_date bank_account_id bank_account_ids '
         'permit_no visa_no visa_expire work_permit_expiration_date has_work_permit work_permit_scheduled_activity '
         'additional_note certificate study_field study_school emergency_contact emergency_phone distance_home_work '
         'km_home_work distance_home_work_unit employee_type category_ids notes barcode departure_reason_id '
         'departure_description departure_date id_card driving_license employee_properties skill_ids version_id '
         'version_ids current_version_id contract_id contract_ids contract_warning first_contract_date vehicle '
         'message_main_attachment_id', '{hr.group_hr_user}');
END $$;
COMMENT ON FUNCTION changefeed.odoo_other_groups() IS
    'Fields that Odoo''s Python code restricts to groups in every release, '
    'whether or not the release''s facts have them.';

-- company_dependent=True in the code of Odoo 16 and 17. product.template.standard_price and barcode and
-- res.partner.property_product_pricelist are computed, whatever rows there are.
CREATE OR REPLACE FUNCTION changefeed.odoo_company_fields() RETURNS TABLE (model text, fields text)
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY VALUES
        ('product.category'::text,
         ' property_account_creditor_price_difference_categ property_account_expense_categ_id '
         'property_account_income_categ_id property_cost_method property_stock_account_input_categ_id '
         'property_stock_account_output_categ_id property_stock_journal property_stock_valuation_account_id '
         'property_valuation '::text),
        ('product.template',
         ' property_account_creditor_price_difference property_account_expense_id property_account_income_id '
         'property_stock_inventory property_stock_production responsible_id service_to_purchase '),
        ('product.product', ' standard_price '),
        ('res.partner',
         ' barcode credit_limit property_account_payable_id property_account_position_id '
         'property_account_receivable_id property_payment_method_id property_payment_term_id '
         'property_purchase_currency_id property_stock_customer property_stock_supplier '
         'property_supplier_payment_term_id receipt_reminder_email reminder_date_before_receipt trust '),
        ('account.tax.group',
         ' property_advance_tax_payment_account_id property_tax_payable_account_id '
         'property_tax_receivable_account_id '),
        ('account.cash.rounding', ' loss_account_id profit_account_id '),
        ('res.users', ' property_warehouse_id '),
        ('sale.order.template', ' journal_id ');
END $$;
COMMENT ON FUNCTION changefeed.odoo_company_fields() IS
    'Fields of the standard modules whose values by company stand in ir_property until Odoo 17; '
    'each name between spaces.';

-- Placeholders: {a.column} is the text of a column in the user's language, {a.column!} the column as it is, {a} the
-- table of the alias, {company} the root of the user's company, {lang} the user's language. c is the named record's own
-- table. Of several rows the first counts that is of this release (null: of every one), whose group the user is in
-- (null: whoever it is), and whose columns are there; where none is, complete_name, display_name, name, x_name or
-- "model,id" is used.
CREATE OR REPLACE FUNCTION changefeed.odoo_name_rules()
RETURNS TABLE (place int, model text, releases int[], in_group text, tables text[], joins text, expression text)
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT row_number() OVER ()::int, v.model, o.releases, o.in_group, v.tables, v.joins, v.expression FROM (VALUES
        ('res.users', '{p=res_partner}'::text[], 'JOIN {p} ON {p.id!} = {c.partner_id!}', '{p.name}'),
        ('res.country.state', '{n=res_country}', 'LEFT JOIN {n} ON {n.id!} = {c.country_id!}',
         'concat({c.name}, '' ('', {n.code}, '')'')'),
        ('res.partner.bank', '{b=res_bank}', 'LEFT JOIN {b} ON {b.id!} = {c.bank_id!}',
         'concat_ws('' - '', {c.acc_number}, {b.name})'),
        ('res.bank', '{}', '', 'concat_ws('' - '', {c.name}, nullif({c.bic}, ''''))'),
        ('mail.alias', '{}', '', 'coalesce(nullif({c.alias_full_name}, ''''), {c.alias_name}, ''Inactive Alias'')'),
        ('mail.alias', '{}', '', 'coalesce({c.alias_name}, ''Inactive Alias'')'),
        ('utm.campaign', '{}', '', '{c.title}'),
        ('payment.transaction', '{}', '', '{c.reference}'),
        ('product.template', '{}', '', 'concat(''['' || nullif({c.default_code}, '''') || ''] '', {c.name})'),
        ('product.product',
         '{t=product_template,v=product_variant_combination,a=product_template_attribute_value,'
         'l=product_template_attribute_line,d=product_attribute,u=product_attribute_value,'
         'o=product_template_attribute_value}',
         'JOIN {t} ON {t.id!} = {c.product_tmpl_id!}',
         -- The values by which the variant differs: not those of a line with a single value,
         -- nor those that make no variant.
         'concat(''['' || nullif({c.default_code}, '''') || ''] '', {t.name}, '' ('' || ('
         'SELECT string_agg({u.name}, '', '' ORDER BY {l.sequence!}, {d.sequence!}, {d.id!}, {l.id!}, '
         '{u.sequence!}, {a.id!}) '
         'FROM {v} JOIN {a} ON {a.id!} = {v.product_template_attribute_value_id!} '
         'JOIN {l} ON {l.id!} = {a.attribute_line_id!} JOIN {d} ON {d.id!} = {l.attribute_id!} '
         'JOIN {u} ON {u.id!} = {a.product_attribute_value_id!} '
         'WHERE {v.product_product_id!} = {c.id!} AND {d.create_variant!} <> ''no_variant'' '
         'AND (SELECT count(*) FROM {o} WHERE {o.attribute_line_id!} = {l.id!} '
         'AND ({o.ptav_active!} OR NOT {a.ptav_active!})) <> 1) || '')'')'),
        -- Odoo 16 has no order of the lines.
        ('product.product',
         '{t=product_template,v=product_variant_combination,a=product_template_attribute_value,'
         'l=product_template_attribute_line,d=product_attribute,u=product_attribute_value,'
         'o=product_template_attribute_value}',
         'JOIN {t} ON {t.id!} = {c.product_tmpl_id!}',
         'concat(''['' || nullif({c.default_code}, '''') || ''] '', {t.name}, '' ('' || ('
         'SELECT string_agg({u.name}, '', '' ORDER BY {d.sequence!}, {d.id!}, {l.id!}, {u.sequence!}, {a.id!}) '
         'FROM {v} JOIN {a} ON {a.id!} = {v.product_template_attribute_value_id!} '
         'JOIN {l} ON {l.id!} = {a.attribute_line_id!} JOIN {d} ON {d.id!} = {l.attribute_id!} '
         'JOIN {u} ON {u.id!} = {a.product_attribute_value_id!} '
         'WHERE {v.product_product_id!} = {c.id!} AND {d.create_variant!} <> ''no_variant'' '
         'AND (SELECT count(*) FROM {o} WHERE {o.attribute_line_id!} = {l.id!} '
         'AND ({o.ptav_active!} OR NOT {a.ptav_active!})) <> 1) || '')'')'),
        ('product.supplierinfo', '{p=res_partner}', 'LEFT JOIN {p} ON {p.id!} = {c.partner_id!}', '{p.complete_name}'),
        ('product.supplierinfo', '{p=res_partner}', 'LEFT JOIN {p} ON {p.id!} = {c.partner_id!}', '{p.display_name}'),
        ('product.pricelist', '{m=res_currency}', 'LEFT JOIN {m} ON {m.id!} = {c.currency_id!}',
         'concat({c.name}, '' ('', {m.name}, '')'')'),
        ('product.attribute.value', '{d=product_attribute}', 'LEFT JOIN {d} ON {d.id!} = {c.attribute_id!}',
         'concat_ws('': '', {d.name}, {c.name})'),
        ('product.template.attribute.value', '{u=product_attribute_value,d=product_attribute}',
         'LEFT JOIN {u} ON {u.id!} = {c.product_attribute_value_id!} LEFT JOIN {d} ON {d.id!} = {u.attribute_id!}',
         'concat_ws('': '', {d.name}, {u.name})'),
        ('product.template.attribute.line', '{d=product_attribute}',
         'LEFT JOIN {d} ON {d.id!} = {c.attribute_id!}', '{d.name}'),
        ('sale.order.line #16', '{s=sale_order,p=res_partner,r=product_product,t=product_template}',
         'LEFT JOIN {s} ON {s.id!} = {c.order_id!} LEFT JOIN {p} ON {p.id!} = {c.order_partner_id!} '
         'LEFT JOIN {r} ON {r.id!} = {c.product_id!} LEFT JOIN {t} ON {t.id!} = {r.product_tmpl_id!}',
         'concat({s.name}, '' - '', coalesce(nullif(split_part({c.name}, chr(10), 1), ''''), {t.name}), '
         ''' ('' || nullif({p.ref}, '''') || '')'')'),
        ('sale.order.line', '{s=sale_order,p=res_partner,m=res_partner}',
         'LEFT JOIN {s} ON {s.id!} = {c.order_id!} LEFT JOIN {p} ON {p.id!} = {c.order_partner_id!} '
         'LEFT JOIN {m} ON {m.id!} = {p.commercial_partner_id!}',
         'concat({s.name}, '' - '', split_part({c.name}, chr(10), 1), '
         ''' ('' || coalesce(nullif({m.ref}, ''''), {m.name}) || '')'')'),
        ('purchase.order', '{}', '', 'concat({c.name}, '' ('' || nullif({c.partner_ref}, '''') || '')'')'),
        -- The code belongs to the company from Odoo 18 on.
        ('account.account #19 account.group_account_readonly', '{}', '',
         'concat_ws('' '', nullif({c.code_store!} ->> {company}, ''''), {c.name})'),
        ('account.account #19', '{}', '', '{c.name}'),
        ('account.account', '{}', '', 'concat_ws('' '', nullif({c.code_store!} ->> {company}, ''''), {c.name})'),
        ('account.account', '{}', '', 'concat_ws('' '', {c.code}, {c.name})'),
        ('account.journal', '{o=res_company,m=res_currency}',
         'LEFT JOIN {o} ON {o.id!} = {c.company_id!} LEFT JOIN {m} ON {m.id!} = {c.currency_id!} '
         'AND {m.id!} <> {o.currency_id!}',
         'concat({c.name}, '' ('' || {m.name} || '')'')'),
        ('account.move', '{}', '',
         'concat(CASE WHEN {c.state!} = ''draft'' THEN CASE {c.move_type!} '
         'WHEN ''out_invoice'' THEN ''Draft Invoice '' '
         'WHEN ''out_refund'' THEN ''Draft Credit Note '' WHEN ''in_invoice'' THEN ''Draft Bill '' '
         'WHEN ''in_refund'' THEN ''Draft Vendor Credit Note '' WHEN ''out_receipt'' THEN ''Draft Sales Receipt '' '
         'WHEN ''in_receipt'' THEN ''Draft Purchase Receipt '' WHEN ''entry'' THEN ''Draft Entry '' END END, '
         'coalesce(nullif(nullif({c.name}, ''/''), ''''), concat(''(* '', {c.id!}, '')'')), '
         ''' ('' || nullif({c.ref}, '''') || '')'')'),
        ('account.move.line', '{m=account_move}', 'LEFT JOIN {m} ON {m.id!} = {c.move_id!}',
         'concat_ws('' '', nullif({m.name}, ''''), ''('' || nullif({c.ref}, '''') || '')'', nullif({c.name}, ''''))'),
        ('account.payment', '{}', '', 'coalesce(nullif({c.name}, ''''), ''Draft Payment'')'),
        ('account.payment', '{m=account_move}', 'LEFT JOIN {m} ON {m.id!} = {c.move_id!}',
         'coalesce(nullif(nullif({m.name}, ''/''), ''''), ''Draft Payment'')'),
        ('account.payment.method.line #18', '{o=account_journal}', 'LEFT JOIN {o} ON {o.id!} = {c.journal_id!}',
         'concat({c.name}, '' ('', {o.name}, '')'')'),
        ('account.payment.method.line #19', '{o=account_journal}', 'LEFT JOIN {o} ON {o.id!} = {c.journal_id!}',
         'concat({c.name}, '' ('', {o.name}, '')'')'),
        ('hr.department #19', '{p=hr_department}', '',
         'coalesce((SELECT string_agg({p.name}, '' / '' ORDER BY w.place) '
         'FROM unnest(CASE WHEN {c.parent_path!} ~ ''^([0-9]{1,9}/)+$'' '
         'THEN string_to_array(rtrim({c.parent_path!}, ''/''), ''/'')::int[] END) WITH ORDINALITY w (id, '
         'place) JOIN {p} ON {p.id!} = w.id), '
         '{c.name})'),
        ('hr.version', '{}', '', 'CASE WHEN {c.employee_id!} IS NULL THEN {c.name} ELSE '
         'changefeed.odoo_medium_date({c.date_version!}, {lang}) END'),
        ('account.bank.statement.line', '{m=account_move}', 'LEFT JOIN {m} ON {m.id!} = {c.move_id!}', '{m.name}'),
        ('account.analytic.account', '{p=res_partner,m=res_partner}',
         'LEFT JOIN {p} ON {p.id!} = {c.partner_id!} LEFT JOIN {m} ON {m.id!} = {p.commercial_partner_id!}',
         'concat(''['' || nullif({c.code}, '''') || ''] '', {c.name}, '' - '' || nullif({m.name}, ''''))'),
        ('account.incoterms', '{}', '', 'concat(''['' || nullif({c.code}, '''') || ''] '', {c.name})'),
        ('stock.picking.type', '{w=stock_warehouse}', 'LEFT JOIN {w} ON {w.id!} = {c.warehouse_id!}',
         'concat_ws('': '', {w.name}, {c.name})'),
        ('stock.move', '{k=stock_picking,r=product_product,f=stock_location,g=stock_location}',
         'LEFT JOIN {k} ON {k.id!} = {c.picking_id!} LEFT JOIN {r} ON {r.id!} = {c.product_id!} '
         'LEFT JOIN {f} ON {f.id!} = {c.location_id!} LEFT JOIN {g} ON {g.id!} = {c.location_dest_id!}',
         'concat(nullif({k.origin}, '''') || ''/'', nullif({r.default_code}, '''') || '': '', '
         '{f.name}, ''>'', {g.name})')
    ) AS n (text, tables, joins, expression)
    CROSS JOIN LATERAL (SELECT split_part(n.text, ' ', 1), n.tables, n.joins,
                               n.expression) v (model, tables, joins, expression)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN n.text LIKE '% #%' THEN ARRAY[substring(n.text FROM ' #([0-9]+)')::int] END,
               substring(n.text FROM ' #[0-9]+ (.*)')) o (releases, in_group);
END $$;
COMMENT ON FUNCTION changefeed.odoo_name_rules() IS
    'Display names that Odoo''s Python code makes up (_compute_display_name, name_get, _rec_name), '
    'as SQL with placeholders.';

-- CLDR's medium dates, as babel writes them; of a language that is not here, the date as it is stored.
CREATE OR REPLACE FUNCTION changefeed.odoo_medium_date(day date, lang text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    months text;
    form text;
BEGIN
    SELECT v.months, v.form INTO months, form FROM (VALUES
        ('en_US', 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec', 'M D, Y'),
        ('fr_FR', 'janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.', 'D M Y'),
        ('es_ES', 'ene feb mar abr may jun jul ago sept oct nov dic', 'D M Y'),
        ('it_IT', 'gen feb mar apr mag giu lug ago set ott nov dic', 'D M Y')) v (lang, months, form)
    WHERE v.lang = odoo_medium_date.lang;
    RETURN coalesce(replace(replace(replace(form, 'Y', extract(year FROM day)::text), 'D', extract(day FROM day)::text),
                            'M', split_part(months, ' ', extract(month FROM day)::int)), day::text);
END $$;
COMMENT ON FUNCTION changefeed.odoo_medium_date(date, text) IS
    'A date as Odoo words it in the names of versions of employees.';

-- column_name holds the parent's id. touched_since: the release since when Odoo writes the child's row, too, when it
-- writes the parent's. hr.employee's version_id is computed; without a date in the context it is current_version_id.
CREATE OR REPLACE FUNCTION changefeed.odoo_known_delegations()
RETURNS TABLE (model text, parent text, field text, column_name text, touched_since int)
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    VALUES ('product.product'::text, 'product.template'::text, 'product_tmpl_id'::text, 'product_tmpl_id'::text, 17),
           ('res.users', 'res.partner', 'partner_id', 'partner_id', NULL),
           ('product.document', 'ir.attachment', 'ir_attachment_id', 'ir_attachment_id', NULL),
           ('hr.employee', 'hr.version', 'version_id', 'current_version_id', NULL);
END $$;
COMMENT ON FUNCTION changefeed.odoo_known_delegations() IS
    'Models that carry the fields of another one (_inherits), the field that leads there, and the column behind it.';

-- Null stands for any model, field or comodel. Left out:
-- nobody but Odoo''s code knows which of the records the user may see.
CREATE OR REPLACE FUNCTION changefeed.odoo_field_conditions()
RETURNS TABLE (model text, field text, comodel text, tables text[], condition text, archived_too boolean,
               left_out boolean)
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    VALUES
        (NULL::text, NULL::text, 'ir.attachment', '{}'::text[], '{c.res_field!} IS NULL', false, false),
        (NULL, 'message_ids', 'mail.message', '{}', NULL, false, true),
        (NULL, 'website_message_ids', 'mail.message', '{}', NULL, false, true),
        (NULL, 'audit_trail_message_ids', 'mail.message', '{}', NULL, false, true),
        (NULL, NULL, 'mail.followers', '{}', NULL, false, true),
        (NULL, NULL, 'mail.activity', '{}', NULL, false, true),
        (NULL, NULL, 'rating.rating', '{}', NULL, false, true),
        ('product.template', 'taxes_id', NULL, '{}', '{c.type_tax_use!} = ''sale''', false, false),
        ('product.template', 'supplier_taxes_id', NULL, '{}', '{c.type_tax_use!} = ''purchase''', false, false),
        ('product.template', 'route_ids', NULL, '{}', '{c.product_selectable!}', false, false),
        ('product.category', 'route_ids', NULL, '{}', '{c.product_categ_selectable!}', false, false),
        ('product.product', 'product_template_variant_value_ids', NULL, '{o=product_template_attribute_value}',
         '(SELECT count(*) FROM {o} WHERE {o.attribute_line_id!} = {c.attribute_line_id!} AND {o.ptav_active!}) > 1',
         false, false),
        ('stock.picking', 'move_line_nosuggest_ids', NULL, '{}',
         '({c.reserved_qty!} = 0 OR {c.qty_done!} IS DISTINCT FROM 0)', false, false),
        ('stock.move', 'move_line_nosuggest_ids', NULL, '{}',
         '({c.reserved_qty!} = 0 OR {c.qty_done!} IS DISTINCT FROM 0)', false, false),
        ('hr.expense', 'tax_ids', NULL, '{}', '{c.type_tax_use!} = ''purchase''', false, false),
        ('sale.order.line', 'tax_id', NULL, '{}', NULL, true, false),
        ('sale.order.line', 'tax_ids', NULL, '{}', NULL, true, false),
        ('account.move', 'invoice_line_ids', NULL, '{}',
         '{c.display_type!} IN (''product'', ''line_section'', ''line_subsection'', ''line_note'')', false, false),
        ('account.journal', 'inbound_payment_method_line_ids', NULL, '{o=account_payment_method}',
         'EXISTS (SELECT FROM {o} WHERE {o.id!} = {c.payment_method_id!} AND {o.payment_type!} = ''inbound'')', false,
         false),
        ('account.journal', 'outbound_payment_method_line_ids', NULL, '{o=account_payment_method}',
         'EXISTS (SELECT FROM {o} WHERE {o.id!} = {c.payment_method_id!} AND {o.payment_type!} = ''outbound'')', false,
         false);
END $$;
COMMENT ON FUNCTION changefeed.odoo_field_conditions() IS
    'Which records a one2many or many2many field holds, '
    'where Odoo''s Python code says so (domain=, context= of the field).';
