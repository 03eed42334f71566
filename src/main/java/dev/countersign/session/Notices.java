package dev.countersign.session;

import dev.countersign.kernel.AccountId;
import java.time.Instant;
import java.util.List;

/** Says what a signed-in person is reminded of on every page until it is done. */
public interface Notices {
    /** What this account is reminded of now, the most pressing first. */
    List<Notice> of(AccountId account, Instant now);
}
