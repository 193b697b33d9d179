/// The meaning of domains, by the release of Odoo. Measured on Odoo 16, 17 and 19; for 18 its source was read.
struct DomainDialect: Sendable {
    /// The nearest release that is known.
    let release: Int

    init(release: Int) { self.release = min(max(release, 16), 19) }

    /// `any` and `not any`, and paths that are combined before evaluation.
    var hasAny: Bool { release >= 17 }
    /// `not =like` and `not =ilike`, and `any` of `id`.
    var hasPatternNegations: Bool { release >= 19 }
    /// `False` is 0 for a number and the empty text for a text, like null.
    var takesBlankForFalse: Bool { release >= 18 }
    /// `False` in a list matches records without any; in earlier releases it has no effect there.
    var findsRecordsWithoutAny: Bool { release >= 19 }
    /// A list or records after `=` and a single value after `in` are interpreted as intended.
    var takesAnyValueForList: Bool { release >= 19 }
    /// Values may be records, whose ids count.
    var takesRecords: Bool { release >= 19 }
    /// `!` negates what is true, including null; otherwise null stays unknown.
    var negatesUnknown: Bool { release >= 19 }
    /// `!` before a path negates the last operator.
    var negatesPaths: Bool { release <= 16 }
    /// Company-dependent fields have no column: their values are in `ir_property`.
    var hasProperties: Bool { release <= 17 }
    /// A day is the user's, not that of UTC, and may be relative to now: `today +5d`.
    var hasRelativeDates: Bool { release >= 19 }

    /// Names in addition to `user`, `company_id` and `company_ids`. Odoo 18 itself has only `time`, but modules add
    /// others.
    func knows(name: String) -> Bool {
        switch name {
        case "time": release <= 18
        case "uid", "datetime", "context_today", "relativedelta", "timedelta": release == 18
        default: true
        }
    }

    /// The field of a user's groups, including implied ones; nil: not a field of this release.
    func closesGroups(_ name: String) -> Bool? {
        switch name {
        case "groups_id": release <= 18 ? true : nil
        case "all_group_ids": release >= 19 ? true : nil
        // Those that were assigned to the user.
        case "group_ids": release >= 19 ? false : nil
        default: nil
        }
    }

    /// From Odoo 19 on a one2many field contains only records that match its `domain`. It is in the code of the
    /// standard modules; no table of Odoo contains it.
    func shown(by field: String, of model: String) -> Domain? {
        guard release >= 19 else { return nil }
        func term(_ path: String, _ op: Domain.Operator, _ value: DomainValue) -> Domain {
            .term(Domain.Term(path: path, op: op, value: .plain(value)))
        }
        switch (model, field) {
        case ("res.partner", "child_ids"): return term("active", .equal, .yes)
        case ("account.move", "invoice_line_ids"):
            let types = ["product", "line_section", "line_subsection", "line_note"]
            return term("display_type", .isIn, .list(types.map { .value(.text($0)) }))
        default: return nil
        }
    }
}
