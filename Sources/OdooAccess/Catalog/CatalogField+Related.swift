extension CatalogField {
    /// The path that a field without a column follows: what `ir_model_fields.related` says, and what Odoo's Python code computes
    /// that way (base: `res.company._compute_address`).
    func path(in model: String) -> String? {
        guard column == nil else { return nil }
        if let related { return related }
        let address = ["street", "street2", "zip", "city", "state_id", "country_id"]
        return model == "res.company" && address.contains(name) ? "partner_id.\(name)" : nil
    }
}
