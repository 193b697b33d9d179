-- What Odoo 19 has: made by scripts/odoo-facts.py from its own answers. Make it again instead of changing it.

CREATE OR REPLACE FUNCTION changefeed.odoo_facts_19() RETURNS TABLE (model text, groups text[], fields text)
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY VALUES
        ('account.journal'::text, '{}'::text[],
         ' access_token active alias_id bank_account_id bank_statements_source code color company_id '
         'create_date create_uid currency_id default_account_id id inbound_payment_method_line_ids '
         'incoming_einvoice_notification_email invoice_reference_model invoice_reference_type '
         'invoice_template_pdf_report_id is_self_billing journal_group_ids loss_account_id name '
         'non_deductible_account_id outbound_payment_method_line_ids payment_sequence profit_account_id '
         'refund_sequence restrict_mode_hash_table sequence sequence_override_regex show_on_dashboard '
         'suspense_account_id type write_date write_uid '),
        ('account.move'::text, '{}'::text[],
         ' access_token adjusting_entries_move_ids adjusting_entry_origin_move_ids always_tax_exigible '
         'amount_residual amount_residual_signed amount_tax amount_tax_signed amount_total '
         'amount_total_in_currency_signed amount_total_signed amount_untaxed amount_untaxed_in_currency_signed '
         'amount_untaxed_signed attachment_ids audit_trail_message_ids auto_post auto_post_origin_id '
         'auto_post_until campaign_id checked commercial_partner_id company_id create_date create_uid '
         'currency_id date delivery_date exchange_diff_partial_ids expense_ids fiscal_position_id id '
         'inalterable_hash incoterm_location invoice_cash_rounding_id invoice_currency_rate invoice_date '
         'invoice_date_due invoice_incoterm_id invoice_line_ids invoice_origin invoice_partner_display_name '
         'invoice_payment_term_id invoice_pdf_report_file invoice_source_email invoice_user_id '
         'is_manually_modified is_move_sent journal_id journal_line_ids line_ids made_sequence_gap '
         'matched_payment_ids medium_id message_main_attachment_id move_type name narration origin_payment_id '
         'partner_bank_id partner_id partner_shipping_id payment_ids payment_reference payment_state '
         'posted_before preferred_payment_method_line_id qr_code_method quick_edit_total_amount ref '
         'reversal_move_ids reversed_entry_id secure_sequence_number sending_data sequence_number '
         'sequence_prefix source_id state statement_line_id statement_line_ids stock_move_ids '
         'tax_cash_basis_created_move_ids tax_cash_basis_origin_move_id tax_cash_basis_rec_id '
         'taxable_supply_date team_id transaction_ids ubl_cii_xml_file write_date write_uid '),
        ('hr.employee'::text, '{}'::text[],
         ' active address_id child_ids coach_id color company_id create_date create_uid current_version_id '
         'department_id employee_id employee_skill_ids expense_manager_id friday_location_id id image_1024 '
         'image_128 image_1920 image_256 image_512 job_id job_title mobile_phone monday_location_id name '
         'parent_id resource_calendar_id resource_id resume_line_ids saturday_location_id sunday_location_id '
         'thursday_location_id today_location_name tuesday_location_id user_id wednesday_location_id '
         'work_contact_id work_email work_location_id work_phone write_date write_uid '),
        ('hr.employee'::text, '{hr.group_hr_manager}'::text[],
         ' contract_date_end contract_date_start contract_type_id structure_type_id trial_date_end wage '),
        ('hr.employee'::text, '{hr.group_hr_user}'::text[],
         ' additional_note bank_account_ids barcode birthday birthday_public_display category_ids certificate '
         'children contract_template_id country_id country_of_birth date_version departure_date '
         'departure_description departure_reason_id distance_home_work distance_home_work_unit driving_license '
         'emergency_contact emergency_phone employee_properties employee_type has_work_permit '
         'hr_responsible_id id_card identification_id is_custom_job_title is_flexible is_fully_flexible '
         'km_home_work lang last_modified_date last_modified_uid legal_name marital message_main_attachment_id '
         'passport_expiration_date passport_id permit_no pin place_of_birth private_car_plate private_city '
         'private_country_id private_email private_phone private_state_id private_street private_street2 '
         'private_zip salary_distribution sex skill_ids spouse_birthdate spouse_complete_name ssnid '
         'study_field study_school version_ids visa_expire visa_no work_permit_expiration_date '
         'work_permit_scheduled_activity '),
        ('hr.expense'::text, '{}'::text[],
         ' account_id account_move_id analytic_distribution approval_date approval_state attachment_ids '
         'company_id create_date create_uid currency_id date department_id description employee_id '
         'former_sheet_id id manager_id message_main_attachment_id name payment_method_line_id payment_mode '
         'price_unit product_id product_uom_id quantity sale_order_id sale_order_line_id '
         'split_expense_origin_id state tax_amount tax_amount_currency tax_ids total_amount '
         'total_amount_currency untaxed_amount untaxed_amount_currency vendor_id write_date write_uid '),
        ('product.category'::text, '{}'::text[],
         ' child_id complete_name create_date create_uid id name packaging_reserve_method parent_id parent_path '
         'product_properties_definition property_account_expense_categ_id property_account_income_categ_id '
         'property_cost_method property_price_difference_account_id property_stock_journal '
         'property_stock_valuation_account_id property_valuation putaway_rule_ids removal_strategy_id '
         'route_ids write_date write_uid '),
        ('product.product'::text, '{}'::text[],
         ' active additional_product_tag_ids barcode can_image_variant_1024_be_zoomed combination_indices '
         'create_date create_uid default_code id image_variant_1024 image_variant_128 image_variant_1920 '
         'image_variant_256 image_variant_512 is_favorite is_in_selected_section_of_order '
         'lot_properties_definition orderpoint_ids product_document_ids product_template_attribute_value_ids '
         'product_template_variant_value_ids product_tmpl_id product_uom_ids purchase_order_line_ids '
         'putaway_rule_ids stock_move_ids stock_quant_ids storage_category_capacity_ids volume weight '
         'write_date write_uid '),
        ('product.product'::text, '{base.group_user}'::text[],
         ' standard_price '),
        ('product.template'::text, '{}'::text[],
         ' account_tag_ids active attribute_line_ids can_be_expensed can_image_1024_be_zoomed categ_id color '
         'combo_ids company_id create_date create_uid default_code description description_picking '
         'description_pickingin description_pickingout description_purchase description_sale expense_policy '
         'has_configurable_attributes id image_1024 image_128 image_1920 image_256 image_512 invoice_policy '
         'is_favorite is_storable list_price lot_sequence_id lot_valuated name optional_product_ids '
         'pricelist_rule_ids product_document_ids product_properties product_tag_ids product_variant_ids '
         'property_account_expense_id property_account_income_id property_price_difference_account_id '
         'property_stock_inventory property_stock_production purchase_line_warn_msg purchase_method '
         'purchase_ok responsible_id route_ids sale_delay sale_line_warn_msg sale_ok seller_ids sequence '
         'service_to_purchase service_tracking service_type supplier_taxes_id taxes_id tracking type uom_id '
         'uom_ids variant_seller_ids volume weight write_date write_uid '),
        ('purchase.order'::text, '{}'::text[],
         ' access_token acknowledged amount_tax amount_total amount_total_cc amount_untaxed company_id '
         'create_date create_uid currency_id currency_rate date_approve date_calendar_start date_order '
         'date_planned dest_address_id effective_date fiscal_position_id id incoterm_id incoterm_location '
         'invoice_count invoice_ids invoice_status locked name note order_line origin partner_id partner_ref '
         'payment_term_id picking_ids picking_type_id priority receipt_reminder_email receipt_status '
         'reference_ids reminder_date_before_receipt state user_id write_date write_uid '),
        ('res.partner'::text, '{}'::text[],
         ' active autopost_bills bank_ids barcode buyer_id category_id channel_ids channel_member_ids child_ids '
         'city color comment commercial_company_name commercial_partner_id company_id company_name '
         'company_registry complete_name contract_ids country_id create_date create_uid customer_rank email '
         'email_normalized employee function global_location_number group_on group_rfq id '
         'ignore_abnormal_invoice_amount ignore_abnormal_invoice_date image_1024 image_128 image_1920 '
         'image_256 image_512 industry_id invoice_edi_format_store invoice_ids invoice_sending_method '
         'invoice_template_pdf_report_id is_company lang message_bounce name parent_id partner_latitude '
         'partner_longitude partner_share payment_token_ids peppol_eas peppol_endpoint phone phone_sanitized '
         'picking_warn_msg properties property_account_payable_id property_account_position_id '
         'property_account_receivable_id property_inbound_payment_method_line_id '
         'property_outbound_payment_method_line_id property_payment_term_id property_purchase_currency_id '
         'property_stock_customer property_stock_supplier property_supplier_payment_term_id purchase_line_ids '
         'purchase_warn_msg receipt_reminder_email ref ref_company_ids reminder_date_before_receipt '
         'rtc_session_ids sale_order_ids sale_warn_msg specific_property_product_pricelist state_id street '
         'street2 suggest_based_on suggest_days suggest_percent supplier_rank trust type tz user_id user_ids '
         'vat website write_date write_uid zip '),
        ('res.partner'::text, '{account.group_account_invoice,account.group_account_readonly}'::text[],
         ' credit_limit '),
        ('res.partner'::text, '{base.group_erp_manager}'::text[],
         ' signup_type '),
        ('res.partner'::text, '{hr.group_hr_user}'::text[],
         ' employee_ids '),
        ('sale.order'::text, '{}'::text[],
         ' access_token amount_tax amount_total amount_untaxed campaign_id client_order_ref commitment_date '
         'company_id create_date create_uid currency_id currency_rate customizable_pdf_form_fields date_order '
         'delivery_status effective_date expense_ids fiscal_position_id id incoterm incoterm_location '
         'invoice_status journal_id locked medium_id name note order_line origin partner_id partner_invoice_id '
         'partner_shipping_id payment_term_id pending_email_template_id picking_ids picking_policy '
         'preferred_payment_method_line_id prepayment_percent pricelist_id quotation_document_ids reference '
         'require_payment require_signature sale_order_template_id signature signed_by signed_on source_id '
         'state stock_reference_ids team_id user_id validity_date warehouse_id write_date write_uid '),
        ('sale.order'::text, '{account.group_account_invoice}'::text[],
         ' transaction_ids '),
        ('sale.order'::text, '{sales_team.group_sale_salesman}'::text[],
         ' tag_ids '),
        ('sale.order.line'::text, '{}'::text[],
         ' analytic_distribution analytic_line_ids collapse_composition collapse_prices combo_item_id '
         'company_id create_date create_uid currency_id customer_lead discount display_type expense_ids '
         'extra_tax_data id invoice_lines invoice_status is_downpayment is_expense is_optional linked_line_id '
         'linked_line_ids linked_virtual_id move_ids name order_id order_partner_id price_reduce_taxexcl '
         'price_reduce_taxinc price_subtotal price_tax price_total price_unit '
         'product_custom_attribute_value_ids product_document_ids product_id '
         'product_no_variant_attribute_value_ids product_uom_id product_uom_qty purchase_line_ids '
         'qty_delivered qty_delivered_method qty_invoiced qty_to_invoice route_ids salesman_id sequence state '
         'tax_ids technical_price_unit untaxed_amount_invoiced untaxed_amount_to_invoice virtual_id '
         'warehouse_id write_date write_uid '),
        ('stock.move'::text, '{}'::text[],
         ' account_move_id additional analytic_account_line_ids company_id create_date create_uid '
         'created_purchase_line_ids date date_deadline delay_alert_date description_picking_manual id '
         'inventory_name is_dropship is_in is_inventory is_out location_dest_id location_final_id location_id '
         'move_dest_ids move_line_ids move_orig_ids never_product_template_attribute_value_ids next_serial '
         'next_serial_count orderpoint_id origin origin_returned_move_id packaging_uom_id packaging_uom_qty '
         'partner_id picked picking_id picking_type_id price_unit priority procure_method product_id '
         'product_qty product_uom product_uom_qty propagate_cancel purchase_line_id quantity reference '
         'reference_ids reservation_date restrict_partner_id returned_move_ids route_ids rule_id sale_line_id '
         'scrap_id sequence state to_refund value warehouse_id write_date write_uid '),
        ('stock.picking'::text, '{}'::text[],
         ' backorder_id backorder_ids company_id create_date create_uid date_deadline date_done '
         'has_deadline_issue id is_locked location_dest_id location_id move_ids move_line_ids move_type name '
         'note origin owner_id package_history_ids partner_id picking_properties picking_type_id printed '
         'priority return_id return_ids sale_id scheduled_date shipping_weight signature state user_id '
         'write_date write_uid ');
END $$;
COMMENT ON FUNCTION changefeed.odoo_facts_19() IS
    'Stored fields of Odoo 19''s models, each name between spaces, '
    'and the groups of which a reader needs one; none: {}.';
