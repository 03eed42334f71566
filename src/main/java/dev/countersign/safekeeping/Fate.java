package dev.countersign.safekeeping;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What becomes of the rows of a table when a backup is restored. Every table is copied; a new one needs a decision here, which a
 * test asks for, and stands in {@code docs/admin/backup.md}.
 */
public enum Fate {
    /** They are as they were when the backup was made. */
    KEPT,
    /** Some are changed, so that nothing that was used works again. */
    CHANGED,
    /** All go. */
    ENDED;

    private static final Map<String, Fate> OF = new LinkedHashMap<>();

    static {
        for (String table : new String[] {
            "installation",
            "installation_secret",
            "environment",
            "account",
            "account_word",
            "account_group",
            "group_member",
            "group_nesting",
            "password",
            "former_totp",
            "totp_named_step",
            "policy",
            "policy_subject",
            "policy_version",
            "policy_exemption",
            "automatic_start",
            "approval_rule",
            "approval_restraint",
            "start_announcement",
            "entitlement",
            "mail_settings",
            "activity",
            "activity_settings",
            "activity_checkpoint",
            "activity_head",
            "activity_sink",
            "daily_figure",
            "alert",
            "alert_acknowledgement",
            "api_key",
            "guess_budget",
            "phone_proof",
            "import_run",
            "import_refusal",
            "restoration",
            "secret_version"
        }) {
            OF.put(table, KEPT);
        }
        for (String table :
                new String[] {"totp", "phone", "replacement_code", "approval", "bulk_job", "bulk_job_item"}) {
            OF.put(table, CHANGED);
        }
        for (String table : RestoredStore.ENDED) {
            OF.put(table, ENDED);
        }
    }

    /** All tables there are, by name. */
    static Map<String, Fate> ofAll() {
        return Map.copyOf(OF);
    }
}
