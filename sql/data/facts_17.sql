-- What Odoo 17 has: made by scripts/odoo-facts.py from its own answers. Make it again instead of changing it.

CREATE OR REPLACE FUNCTION changefeed.odoo_facts_17() RETURNS TABLE (model text, groups text[], fields text)
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY VALUES
        ('account.journal'::text, '{}'::text[],
         ' access_token account_control_ids active alias_id bank_account_id bank_statements_source '
         'check_manual_sequencing check_sequence_id code color company_id create_date create_uid currency_id '
         'default_account_id id inbound_payment_method_line_ids invoice_reference_model invoice_reference_type '
         'journal_group_ids loss_account_id name outbound_payment_method_line_ids payment_sequence '
         'profit_account_id refund_sequence restrict_mode_hash_table sale_activity_note sale_activity_type_id '
         'sale_activity_user_id secure_sequence_id sequence sequence_override_regex show_on_dashboard '
         'suspense_account_id type write_date write_uid '),
        ('account.move'::text, '{}'::text[],
         ' access_token always_tax_exigible amount_residual amount_residual_signed amount_tax amount_tax_signed '
         'amount_total amount_total_in_currency_signed amount_total_signed amount_untaxed '
         'amount_untaxed_signed attachment_ids auto_post auto_post_origin_id auto_post_until campaign_id '
         'commercial_partner_id company_id create_date create_uid currency_id date delivery_date '
         'expense_sheet_id fiscal_position_id id inalterable_hash incoterm_location invoice_cash_rounding_id '
         'invoice_date invoice_date_due invoice_incoterm_id invoice_line_ids invoice_origin '
         'invoice_partner_display_name invoice_payment_term_id invoice_pdf_report_file invoice_source_email '
         'invoice_user_id is_move_sent is_storno journal_id line_ids medium_id message_main_attachment_id '
         'move_type name narration partner_bank_id partner_id partner_shipping_id payment_id payment_ids '
         'payment_reference payment_state posted_before preferred_payment_method_id qr_code_method '
         'quick_edit_total_amount ref reversal_move_id reversed_entry_id secure_sequence_number '
         'send_and_print_values sequence_number sequence_prefix source_id state statement_line_id '
         'statement_line_ids stock_move_id stock_valuation_layer_ids tax_cash_basis_created_move_ids '
         'tax_cash_basis_origin_move_id tax_cash_basis_rec_id team_id to_check transaction_ids '
         'ubl_cii_xml_file write_date write_uid '),
        ('hr.employee'::text, '{}'::text[],
         ' active address_id child_ids coach_id color company_id create_date create_uid department_id '
         'employee_properties employee_skill_ids expense_manager_id id image_1024 image_128 image_1920 '
         'image_256 image_512 job_id job_title mobile_phone name parent_id resource_calendar_id resource_id '
         'resume_line_ids skill_ids user_id work_contact_id work_email work_location_id work_phone write_date '
         'write_uid '),
        ('hr.employee'::text, '{hr.group_hr_user}'::text[],
         ' additional_note bank_account_id barcode birthday category_ids certificate children country_id '
         'country_of_birth departure_date departure_description departure_reason_id driving_license '
         'emergency_contact emergency_phone employee_type gender has_work_permit id_card identification_id '
         'km_home_work lang marital message_main_attachment_id notes passport_id permit_no pin place_of_birth '
         'private_car_plate private_city private_country_id private_email private_phone private_state_id '
         'private_street private_street2 private_zip sinid spouse_birthdate spouse_complete_name ssnid '
         'study_field study_school visa_expire visa_no work_permit_expiration_date '
         'work_permit_scheduled_activity '),
        ('hr.expense'::text, '{}'::text[],
         ' account_id analytic_distribution attachment_ids company_id create_date create_uid currency_id date '
         'description employee_id id message_main_attachment_id name payment_mode price_unit product_id '
         'product_uom_id quantity sale_order_id sheet_id state tax_amount tax_amount_currency tax_ids '
         'total_amount total_amount_currency untaxed_amount_currency write_date write_uid '),
        ('hr.expense'::text, '{account.group_account_invoice,account.group_account_readonly}'::text[],
         ' accounting_date '),
        ('product.category'::text, '{}'::text[],
         ' child_id complete_name create_date create_uid id name packaging_reserve_method parent_id parent_path '
         'product_properties_definition putaway_rule_ids removal_strategy_id route_ids write_date write_uid '),
        ('product.product'::text, '{}'::text[],
         ' active additional_product_tag_ids barcode can_image_variant_1024_be_zoomed combination_indices '
         'create_date create_uid default_code id image_variant_1024 image_variant_128 image_variant_1920 '
         'image_variant_256 image_variant_512 lot_properties_definition orderpoint_ids packaging_ids '
         'product_document_ids product_template_attribute_value_ids product_template_variant_value_ids '
         'product_tmpl_id purchase_order_line_ids putaway_rule_ids stock_move_ids stock_quant_ids '
         'stock_valuation_layer_ids storage_category_capacity_ids volume weight write_date write_uid '),
        ('product.template'::text, '{}'::text[],
         ' account_tag_ids active attribute_line_ids can_be_expensed can_image_1024_be_zoomed categ_id color '
         'company_id create_date create_uid default_code description description_picking description_pickingin '
         'description_pickingout description_purchase description_sale detailed_type expense_policy '
         'has_configurable_attributes id image_1024 image_128 image_1920 image_256 image_512 invoice_policy '
         'list_price name optional_product_ids priority product_document_ids product_properties '
         'product_tag_ids product_variant_ids purchase_line_warn purchase_line_warn_msg purchase_method '
         'purchase_ok route_ids sale_delay sale_line_warn sale_line_warn_msg sale_ok seller_ids sequence '
         'service_type supplier_taxes_id taxes_id tracking type uom_id uom_po_id variant_seller_ids volume '
         'weight write_date write_uid '),
        ('purchase.order'::text, '{}'::text[],
         ' access_token amount_tax amount_total amount_untaxed company_id create_date create_uid currency_id '
         'currency_rate date_approve date_calendar_start date_order date_planned dest_address_id '
         'effective_date fiscal_position_id group_id id incoterm_id incoterm_location invoice_count '
         'invoice_ids invoice_status mail_reception_confirmed mail_reminder_confirmed name notes order_line '
         'origin partner_id partner_ref payment_term_id picking_ids picking_type_id priority receipt_status '
         'state user_id write_date write_uid '),
        ('res.partner'::text, '{}'::text[],
         ' active additional_info bank_ids buyer_id category_id channel_ids child_ids city color comment '
         'commercial_company_name commercial_partner_id company_id company_name company_registry complete_name '
         'contract_ids country_id create_date create_uid customer_rank date debit_limit email email_normalized '
         'employee function id image_1024 image_128 image_1920 image_256 image_512 industry_id invoice_ids '
         'invoice_warn invoice_warn_msg is_company lang last_time_entries_checked message_bounce mobile name '
         'parent_id partner_gid partner_latitude partner_longitude partner_share payment_token_ids peppol_eas '
         'peppol_endpoint phone phone_sanitized picking_warn picking_warn_msg purchase_line_ids purchase_warn '
         'purchase_warn_msg ref ref_company_ids sale_order_ids sale_warn sale_warn_msg starred_message_ids '
         'state_id street street2 supplier_rank team_id title type tz ubl_cii_format user_id user_ids vat '
         'website write_date write_uid zip '),
        ('res.partner'::text, '{base.group_erp_manager}'::text[],
         ' signup_expiration signup_type '),
        ('res.partner'::text, '{hr.group_hr_user}'::text[],
         ' employee_ids '),
        ('sale.order'::text, '{}'::text[],
         ' access_token amount_tax amount_to_invoice amount_total amount_untaxed analytic_account_id '
         'campaign_id client_order_ref commitment_date company_id create_date create_uid currency_id '
         'currency_rate date_order delivery_status effective_date expense_ids fiscal_position_id id incoterm '
         'incoterm_location invoice_status journal_id locked medium_id name note order_line origin partner_id '
         'partner_invoice_id partner_shipping_id payment_term_id pending_email_template_id picking_ids '
         'picking_policy prepayment_percent pricelist_id procurement_group_id reference require_payment '
         'require_signature sale_order_option_ids sale_order_template_id signature signed_by signed_on '
         'source_id state tag_ids team_id transaction_ids user_id validity_date warehouse_id write_date '
         'write_uid '),
        ('sale.order.line'::text, '{}'::text[],
         ' analytic_distribution analytic_line_ids company_id create_date create_uid currency_id customer_lead '
         'discount display_type id invoice_lines invoice_status is_downpayment is_expense move_ids name '
         'order_id order_partner_id price_reduce_taxexcl price_reduce_taxinc price_subtotal price_tax '
         'price_total price_unit product_custom_attribute_value_ids product_id '
         'product_no_variant_attribute_value_ids product_packaging_id product_packaging_qty product_uom '
         'product_uom_qty purchase_line_ids qty_delivered qty_delivered_method qty_invoiced qty_to_invoice '
         'route_id sale_order_option_ids salesman_id sequence state tax_id untaxed_amount_invoiced '
         'untaxed_amount_to_invoice write_date write_uid '),
        ('stock.move'::text, '{}'::text[],
         ' account_move_ids additional analytic_account_line_ids company_id create_date create_uid '
         'created_purchase_line_ids date date_deadline delay_alert_date description_picking group_id id '
         'is_inventory location_dest_id location_id move_dest_ids move_line_ids move_orig_ids name next_serial '
         'next_serial_count orderpoint_id origin origin_returned_move_id package_level_id partner_id picked '
         'picking_id picking_type_id price_unit priority procure_method product_id product_packaging_id '
         'product_qty product_uom product_uom_qty propagate_cancel purchase_line_id quantity reference '
         'reservation_date restrict_partner_id returned_move_ids route_ids rule_id sale_line_id scrap_id '
         'scrapped sequence state stock_valuation_layer_ids to_refund warehouse_id write_date write_uid '),
        ('stock.picking'::text, '{}'::text[],
         ' backorder_id backorder_ids company_id create_date create_uid date date_deadline date_done group_id '
         'has_deadline_issue id is_locked location_dest_id location_id move_ids move_ids_without_package '
         'move_line_ids move_line_ids_without_package move_type name note origin owner_id package_level_ids '
         'package_level_ids_details partner_id picking_properties picking_type_id printed priority return_id '
         'return_ids sale_id scheduled_date signature state user_id write_date write_uid ');
END $$;
COMMENT ON FUNCTION changefeed.odoo_facts_17() IS
    'Stored fields of Odoo 17''s models, each name between spaces, '
    'and the groups of which a reader needs one; none: {}.';
