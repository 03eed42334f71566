package dev.countersign.signin;

import dev.countersign.factor.Subject;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Proof;
import dev.countersign.kernel.Proofs;
import dev.countersign.kernel.SessionId;
import dev.countersign.kernel.SignInId;
import dev.countersign.kernel.Target;
import dev.countersign.policy.Why;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The states that are stored, as one JSON object. A challenge is not stored in this form: the factors there are ask the same
 * question each time, so a {@link SignIn.Challenged} is kept as the {@link SignIn.Asked} it came from.
 */
final class SignInCodec {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private SignInCodec() {}

    private enum Stage {
        STARTED,
        ASKED,
        MUST_ENROL
    }

    private record StoredProof(FactorKind kind, Proof.Means means, long at) {}

    private record Stored(
            Stage stage,
            String id,
            String environment,
            Target.Place place,
            String path,
            Target.@Nullable Wish wish,
            String shownName,
            @Nullable String replaces,
            long expiresAt,
            @Nullable String account,
            @Nullable String decoy,
            List<StoredProof> proofs,
            List<FactorKind> kinds,
            Why.@Nullable Rule rule,
            @Nullable String argument) {}

    static String write(SignIn state) {
        return JSON.writeValueAsString(
                switch (state) {
                    case SignIn.Started started ->
                        stored(Stage.STARTED, started, Optional.empty(), Proofs.NONE, List.of(), Optional.empty());
                    case SignIn.Asked asked ->
                        stored(
                                Stage.ASKED,
                                asked,
                                Optional.of(asked.subject()),
                                asked.proofs(),
                                List.copyOf(asked.offer()),
                                Optional.of(asked.why()));
                    case SignIn.MustEnrol must ->
                        stored(
                                Stage.MUST_ENROL,
                                must,
                                Optional.of(new Subject.Known(must.account())),
                                must.proofs(),
                                List.of(must.kind()),
                                Optional.of(must.why()));
                    case SignIn.Challenged _, SignIn.Complete _, SignIn.Refused _ ->
                        throw new IllegalStateException(
                                "a sign-in that is " + state.getClass().getSimpleName() + " is not stored");
                });
    }

    static SignIn read(String json) {
        Stored stored = JSON.readValue(json, Stored.class);
        SignIn.Heading heading = new SignIn.Heading(
                new SignInId(stored.id()),
                new EnvironmentId(stored.environment()),
                new Target(stored.place(), stored.path(), Optional.ofNullable(stored.wish())),
                stored.shownName(),
                Optional.ofNullable(stored.replaces()).map(SessionId::new),
                Instant.ofEpochMilli(stored.expiresAt()));
        return switch (stored.stage()) {
            case STARTED -> new SignIn.Started(heading);
            case ASKED ->
                new SignIn.Asked(heading, subject(stored), proofs(stored), Set.copyOf(stored.kinds()), why(stored));
            case MUST_ENROL ->
                new SignIn.MustEnrol(
                        heading, account(stored), proofs(stored), stored.kinds().getFirst(), why(stored));
        };
    }

    private static Stored stored(
            Stage stage,
            SignIn state,
            Optional<Subject> subject,
            Proofs proofs,
            List<FactorKind> kinds,
            Optional<Why> why) {
        SignIn.Heading heading = state.heading();
        Target target = heading.target();
        return new Stored(
                stage,
                heading.id().value(),
                heading.environment().value(),
                target.place(),
                target.path(),
                target.wish().orElse(null),
                heading.shownName(),
                heading.replaces().map(SessionId::value).orElse(null),
                heading.expiresAt().toEpochMilli(),
                subject.flatMap(SignInCodec::accountOf).orElse(null),
                subject.flatMap(SignInCodec::decoyOf).orElse(null),
                proofs.all().stream()
                        .map(proof -> new StoredProof(
                                proof.kind(), proof.means(), proof.at().toEpochMilli()))
                        .toList(),
                kinds,
                why.map(Why::rule).orElse(null),
                why.flatMap(Why::argument).orElse(null));
    }

    private static Optional<String> accountOf(Subject subject) {
        return switch (subject) {
            case Subject.Known(AccountId account) -> Optional.of(account.value());
            case Subject.Decoy _ -> Optional.empty();
        };
    }

    private static Optional<String> decoyOf(Subject subject) {
        return switch (subject) {
            case Subject.Known _ -> Optional.empty();
            case Subject.Decoy(String bucket) -> Optional.of(bucket);
        };
    }

    private static Subject subject(Stored stored) {
        String decoy = stored.decoy();
        return decoy == null ? new Subject.Known(account(stored)) : new Subject.Decoy(decoy);
    }

    private static AccountId account(Stored stored) {
        String account = stored.account();
        if (account == null) {
            throw new IllegalStateException("a stored sign-in of stage " + stored.stage() + " names no account");
        }
        return new AccountId(account);
    }

    private static Proofs proofs(Stored stored) {
        if (stored.proofs().isEmpty()) {
            return Proofs.NONE;
        }
        AccountId account = account(stored);
        return new Proofs(stored.proofs().stream()
                .map(proof -> new Proof(proof.kind(), account, proof.means(), Instant.ofEpochMilli(proof.at())))
                .collect(Collectors.toList()));
    }

    private static Why why(Stored stored) {
        Why.Rule rule = stored.rule();
        if (rule == null) {
            throw new IllegalStateException("a stored sign-in of stage " + stored.stage() + " has no reason");
        }
        return new Why(rule, Optional.ofNullable(stored.argument()));
    }
}
