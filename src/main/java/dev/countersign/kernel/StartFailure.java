package dev.countersign.kernel;

import org.jspecify.annotations.Nullable;

/** Why the program cannot start, in one line that says what to do, with a distinct exit code. */
public final class StartFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The exit codes, as listed in {@code docs/admin/command-line.md}. */
    public enum Kind {
        USAGE(2),
        NOT_FOUND(3),
        REFUSED(4),
        CONFIGURATION(10),
        PORT_BUSY(11),
        DIRECTORY_NOT_WRITABLE(12),
        KEY_FILE(13),
        SCHEMA_NEWER(14),
        DATABASE(15),
        FILE_PERMISSIONS(16),
        TLS(17),
        /** The doctor found something red. */
        UNHEALTHY(20),
        /** The log is not as it was sealed. */
        LOG_ALTERED(21);

        private final int exitCode;

        Kind(int exitCode) {
            this.exitCode = exitCode;
        }

        public int exitCode() {
            return exitCode;
        }
    }

    private final Kind kind;

    public StartFailure(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public StartFailure(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
