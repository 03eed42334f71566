package dev.countersign.bench;

import dev.countersign.support.ServerProcess;

/**
 * Whether a sign-in costs more the more accounts are stored: the same sign-ins beside so many other accounts. Compared is the
 * processor time of one, which does not depend on what else the machine does.
 */
final class ScaleLoad {
    private static final double MOST = 1.1;
    private static final int WARM_UP = 500;
    private static final int MEASURED = 1_000;
    private static final double LONGEST_SECONDS = 3_600;

    private final Report report;

    ScaleLoad(Report report) {
        this.report = report;
    }

    /** @param sizes how many other accounts; the first is what the others are compared with */
    void run(boolean postgresql, int... sizes) throws Exception {
        double[] first = new double[1];
        for (int size : sizes) {
            Commands.inDirectory(data -> Ground.in(data, postgresql, ground -> {
                double millis = millisOfSignIn(ground, size);
                if (size == sizes[0]) {
                    first[0] = millis;
                    report.note(
                            "%s, %d accounts: a sign-in takes %.1f ms of the server's processor time.",
                            ground.name(), size, millis);
                } else {
                    report.atMost(
                            "processor ms of a sign-in, " + ground.name() + ", " + size + " accounts",
                            millis,
                            first[0],
                            MOST,
                            "with " + sizes[0]);
                }
            }));
        }
    }

    private double millisOfSignIn(Ground ground, int size) throws Exception {
        new PeopleLoad(size, ground.postgresql(), report).fill(ground);
        SignInLoad load = SignInLoad.prepare(ground.options());
        try (ServerProcess server = ground.serve()) {
            load.run(server.port(), SignInLoad.Way.TWO_CALLS, LONGEST_SECONDS, WARM_UP);
            double before = ProcessorTime.seconds(server.pid());
            double databaseBefore = ground.databaseSeconds();
            SignInLoad.Result result = load.run(server.port(), SignInLoad.Way.TWO_CALLS, LONGEST_SECONDS, MEASURED);
            double millis = 1_000 * (ProcessorTime.seconds(server.pid()) - before) / result.signIns();
            report.note(
                    "%s, %d accounts: %.1f sign-ins a second, other replies %s; %.2f ms of PostgreSQL's processor time"
                            + " for each.",
                    ground.name(),
                    size,
                    result.perSecond(),
                    result.others(),
                    1_000 * (ground.databaseSeconds() - databaseBefore) / result.signIns());
            return millis;
        }
    }
}
