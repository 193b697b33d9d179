extension CatalogField {
    /// The path that a field without a column follows: `ir_model_fields.related`, and fields that Odoo's Python code
    /// computes in this way (base: `res.company._compute_address`).
    func path(in model: String) -> String? {
        guard column == nil else { return nil }
        if let related { return related }
        let address = ["street", "street2", "zip", "city", "state_id", "country_id"]
        return model == "res.company" && address.contains(name) ? "partner_id.\(name)" : nil
    }
}
