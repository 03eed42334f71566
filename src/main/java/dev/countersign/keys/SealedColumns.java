package dev.countersign.keys;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The one list of what is sealed and what is hashed with a key. A test compares it with the schema: nothing is forgotten when keys change. */
final class SealedColumns {
    private SealedColumns() {}

    /** In the order in which they are sealed anew: first what opening the installation looks at. */
    static final List<SealedColumn> ALL = List.of(
            SealedColumn.once("installation", "sealed_check", "id", "''", "''"),
            SealedColumn.once("installation_secret", "sealed", "name", "''", "''"),
            SealedColumn.ofAccount("password", "sealed_hash", "account_id", "'password'")
                    .closing("password_hash"),
            SealedColumn.ofAccount("totp", "sealed_secret", "account_id", "'totp'")
                    .hashedFor("totp-secret"),
            SealedColumn.ofAccount("former_totp", "sealed_secret", "account_id", "'former_totp'"),
            SealedColumn.ofAccount("recovery_code", "sealed_binding", "account_id", "'recovery_code'")
                    .confirming("code_hash"),
            SealedColumn.ofAccount("phone", "sealed_binding", "id", "'phone/' || id")
                    .confirming("thumbprint || '\n' || public_key"),
            SealedColumn.ofAccount("phone", "sealed_codes", "id", "'phone/' || id"),
            SealedColumn.ofAccount("phone", "sealed_subscription", "id", "'subscription/' || id"),
            SealedColumn.once("mail_settings", "sealed_password", "environment_id", "environment_id", "''")
                    .ownedBy("environment_id", "'mail_settings'"),
            SealedColumn.once("mail_queue", "sealed_contents", "id", "environment_id", "coalesce(account_id, '')"),
            SealedColumn.once("pending_sign_in", "sealed_data", "id", "environment_id", "coalesce(account_id, '')"),
            SealedColumn.once("idempotent_request", "sealed_answer", "key_hash", "environment_id", "''"),
            SealedColumn.once(
                    "import_file_piece",
                    "sealed_piece",
                    "file_id || '/' || number",
                    "(SELECT f.environment_id FROM import_file f WHERE f.id = file_id)",
                    "''"));

    /** What becomes of a hash when keys change. */
    enum Change {
        /** Says which key made it, and is checked with that; it is renewed when its owner gets a new code. */
        CHECKED_WITH_ITS_KEY,
        /** Is computed anew when the value beside it is sealed anew. */
        COMPUTED_ANEW,
        /** Is over within a day of a new key; until then it is found by each key. */
        OVER_IN_A_DAY,
        /** Has no key: it is the SHA-256 of a token of 256 random bits, or of what is not secret. */
        NO_KEY,
        /** Is sealed as it is: see {@link #ALL}. */
        SEALED
    }

    /** Every column of the schema that holds a hash. */
    static final Map<String, Change> HASHES = Map.ofEntries(
            Map.entry("recovery_code.code_hash", Change.CHECKED_WITH_ITS_KEY),
            Map.entry("recovery_resumption.code_hash", Change.CHECKED_WITH_ITS_KEY),
            Map.entry("replacement_code.code_hash", Change.CHECKED_WITH_ITS_KEY),
            Map.entry("totp.secret_hash", Change.COMPUTED_ANEW),
            Map.entry("phone_pairing.code_hash", Change.OVER_IN_A_DAY),
            Map.entry("idempotent_request.key_hash", Change.OVER_IN_A_DAY),
            Map.entry("idempotent_request.request_hash", Change.OVER_IN_A_DAY),
            Map.entry("password.password_hash", Change.SEALED),
            Map.entry("password.sealed_hash", Change.SEALED),
            Map.entry("recovery_resumption.browser_hash", Change.NO_KEY),
            Map.entry("pending_sign_in.token_hash", Change.NO_KEY),
            Map.entry("session.token_hash", Change.NO_KEY),
            Map.entry("known_browser.token_hash", Change.NO_KEY),
            Map.entry("setup_link.token_hash", Change.NO_KEY),
            Map.entry("mail_link.token_hash", Change.NO_KEY),
            Map.entry("api_key.token_hash", Change.NO_KEY),
            Map.entry("import_run.file_hash", Change.NO_KEY),
            Map.entry("phone_proof.proof_hash", Change.NO_KEY));

    static Optional<SealedColumn> of(String table, String column) {
        return ALL.stream()
                .filter(each -> each.table().equals(table) && each.column().equals(column))
                .findFirst();
    }
}
