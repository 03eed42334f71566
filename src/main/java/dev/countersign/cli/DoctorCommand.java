package dev.countersign.cli;

import dev.countersign.configuration.Settings;
import dev.countersign.diagnosis.Diagnosis;
import dev.countersign.diagnosis.Finding;
import dev.countersign.diagnosis.MachineCheck;
import dev.countersign.directory.Environment;
import dev.countersign.kernel.StartFailure;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code countersign doctor}: what is well and what is not, also when the server does not start. */
@Command(
        name = "doctor",
        description = "Look at clock, keys, database, disk, proxies, certificate, mail and administrators.",
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    @Mixin
    private InstallationOptions installation = new InstallationOptions();

    @Option(
            names = "--environment",
            paramLabel = "NAME",
            defaultValue = Environment.DEFAULT_NAME,
            description = "Environment; 'default' unless named.")
    private String environment = Environment.DEFAULT_NAME;

    @Option(
            names = "--deep",
            description = "Also open every sealed value, and name those that were altered, moved or put back.")
    private boolean deep;

    @Option(names = "--json", description = "Answer in JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        List<Finding> findings = new ArrayList<>();
        try {
            look(findings);
        } catch (StartFailure e) {
            findings.add(new Finding(
                    e.kind() == StartFailure.Kind.CONFIGURATION ? Finding.Subject.SETTINGS : Finding.Subject.DATABASE,
                    Finding.Level.RED,
                    "does-not-open",
                    String.valueOf(e.getMessage()),
                    "Put this right; until then the server does not start."));
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? JSON.writeValueAsString(findings) : text(findings));
        out.flush();
        boolean red = findings.stream().anyMatch(finding -> finding.level() == Finding.Level.RED);
        return red ? StartFailure.Kind.UNHEALTHY.exitCode() : CommandLine.ExitCode.OK;
    }

    private void look(List<Finding> findings) {
        Program.Parts parts = ((Program) spec.root().userObject()).parts();
        Settings settings = installation.settings(Map.of());
        MachineCheck.Checked machine = MachineCheck.run(settings, parts.clock().instant());
        findings.addAll(machine.findings());
        if (machine.databaseUsable()) {
            try (Workbench bench = Workbench.open(settings, environment, parts)) {
                Diagnosis diagnosis = bench.get(Diagnosis.class);
                findings.addAll(diagnosis.of(bench.environment(), bench.now()));
                if (deep) {
                    findings.add(diagnosis.deep());
                }
            }
        }
    }

    private static String text(List<Finding> findings) {
        List<List<String>> rows = new ArrayList<>();
        for (Finding finding : findings) {
            String level = switch (finding.level()) {
                case GREEN -> "ok";
                case WARNING -> "warning";
                case RED -> "NOT OK";
            };
            String text = finding.advice().isEmpty() ? finding.text() : finding.text() + " " + finding.advice();
            rows.add(List.of(level, finding.subject().name().toLowerCase(Locale.ROOT), text));
        }
        return Table.of(List.of(), rows);
    }
}
