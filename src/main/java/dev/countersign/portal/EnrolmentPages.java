package dev.countersign.portal;

import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.factor.Answer;
import dev.countersign.factor.password.PasswordRules;
import dev.countersign.factor.recovery.RecoveryCodes;
import dev.countersign.factor.totp.Base32;
import dev.countersign.factor.totp.OtpauthUri;
import dev.countersign.factor.totp.QrPicture;
import dev.countersign.factor.totp.Totp;
import dev.countersign.kernel.Target;
import dev.countersign.policy.Why;
import dev.countersign.signin.Held;
import dev.countersign.signin.Material;
import dev.countersign.signin.SignIn;
import dev.countersign.signin.SignInService;
import dev.countersign.signin.Step;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import dev.countersign.web.Access;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Clock;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** The pages that register: the app, the recovery code, a new password. Each secret is shown to its sign-in alone. */
@Controller
final class EnrolmentPages {
    private static final Set<String> UNFIT = Set.of("too-short", "too-long", "common", "like-name");

    private final SignInService signIns;
    private final SignInReplies replies;
    private final Accounts accounts;
    private final Explanations explanations;
    private final Clock clock;

    EnrolmentPages(
            SignInService signIns, SignInReplies replies, Accounts accounts, Explanations explanations, Clock clock) {
        this.signIns = signIns;
        this.replies = replies;
        this.accounts = accounts;
        this.explanations = explanations;
        this.clock = clock;
    }

    @GetMapping("/sign-in/enrol")
    @Access(Access.Level.SIGN_IN)
    ModelAndView app(
            @RequestParam(name = "known", required = false) @Nullable String known,
            HttpServletRequest request,
            Locale locale) {
        Optional<Held> held = replies.held(request);
        if (!(held.flatMap(Held::material).orElse(null) instanceof Material.App(SecretBytes secret))) {
            return elsewhere(held, request);
        }
        String link = link(held.get(), secret, request);
        Map<String, Object> model = new HashMap<>();
        model.put("why", enrolWhy(held.get()));
        model.put("phoneOffered", !wishesApp(held.get()));
        model.put("qrSvg", QrPicture.of(link).svg());
        model.put("secretGroups", Base32.groups(Base32.encode(secret)));
        model.put("otpauthLink", link);
        model.put("issuer", RequestFacts.of(request).environment().displayName());
        model.put("accountLabel", account(held.get()).username());
        model.putAll(explanations.of(known, held.get(), locale));
        return new ModelAndView("portal/enrol-app", model);
    }

    /** Who asked for the app by name is not offered a phone in its place. */
    private static boolean wishesApp(Held held) {
        return held.state()
                .heading()
                .target()
                .wish()
                .filter(wish -> wish == Target.Wish.SET_UP_APP)
                .isPresent();
    }

    @GetMapping("/sign-in/enrol/qr.png")
    @Access(Access.Level.SIGN_IN)
    ResponseEntity<byte[]> picture(HttpServletRequest request) {
        Optional<Held> held = replies.held(request);
        if (!(held.flatMap(Held::material).orElse(null) instanceof Material.App(SecretBytes secret))) {
            return ResponseEntity.notFound().build();
        }
        return ResponseEntity.ok()
                .contentType(MediaType.IMAGE_PNG)
                .header(HttpHeaders.CONTENT_DISPOSITION, "inline; filename=\"qr.png\"")
                .body(QrPicture.of(link(held.get(), secret, request)).png());
    }

    @PostMapping("/sign-in/enrol")
    @Access(Access.Level.SIGN_IN)
    ModelAndView confirmApp(
            @RequestParam(name = "code", defaultValue = "") String code,
            HttpServletRequest request,
            HttpServletResponse response) {
        return enrol(code, Screens.ENROL, "code-wrong-enrol", request, response);
    }

    @GetMapping("/sign-in/recovery-code")
    @Access(Access.Level.SIGN_IN)
    ModelAndView recoveryCode(HttpServletRequest request) {
        Optional<Held> held = replies.held(request);
        if (!(held.flatMap(Held::material).orElse(null) instanceof Material.RecoveryCode(SecretText code))) {
            return elsewhere(held, request);
        }
        return new ModelAndView(
                "portal/recovery-code",
                Map.of(
                        "groups",
                        RecoveryCodes.groups(code),
                        "accountLabel",
                        account(held.get()).username()));
    }

    @GetMapping("/sign-in/recovery-code.txt")
    @Access(Access.Level.SIGN_IN)
    ResponseEntity<String> recoveryCodeFile(HttpServletRequest request) {
        Optional<Held> held = replies.held(request);
        if (!(held.flatMap(Held::material).orElse(null) instanceof Material.RecoveryCode(SecretText code))) {
            return ResponseEntity.notFound().build();
        }
        String name = RequestFacts.of(request).environment().displayName();
        String text = name + "\n" + account(held.get()).username() + "\n\n"
                + String.join(" ", RecoveryCodes.groups(code)) + "\n";
        return ResponseEntity.ok()
                .contentType(MediaType.parseMediaType("text/plain;charset=UTF-8"))
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"recovery-code.txt\"")
                .body(text);
    }

    @PostMapping("/sign-in/recovery-code")
    @Access(Access.Level.SIGN_IN)
    ModelAndView confirmRecoveryCode(
            @RequestParam(name = "lastGroup", defaultValue = "") String lastGroup,
            HttpServletRequest request,
            HttpServletResponse response) {
        return enrol(lastGroup, Screens.RECOVERY_CODE, "last-group-wrong", request, response);
    }

    @GetMapping("/sign-in/new-password")
    @Access(Access.Level.SIGN_IN)
    ModelAndView newPassword(@RequestParam(name = "unfit", required = false) String unfit, HttpServletRequest request) {
        Optional<Held> held = replies.held(request);
        if (!Screens.NEW_PASSWORD.equals(screen(held, request))) {
            return elsewhere(held, request);
        }
        Map<String, Object> model = new HashMap<>();
        model.put("why", passwordWhy(held.orElseThrow()));
        model.put("shortest", PasswordRules.SHORTEST);
        model.put("username", held.orElseThrow().state().heading().shownName());
        if (unfit != null && UNFIT.contains(unfit)) {
            model.put("problem", "problem.password-" + unfit);
            model.put("problemArguments", limits(unfit));
        }
        if ("differ".equals(unfit)) {
            model.put("problem", "problem.passwords-differ");
        }
        return new ModelAndView("portal/new-password", model);
    }

    @PostMapping("/sign-in/new-password")
    @Access(Access.Level.SIGN_IN)
    ModelAndView setPassword(
            @RequestParam(name = "password", defaultValue = "") String password,
            @RequestParam(name = "again", defaultValue = "") String again,
            HttpServletRequest request,
            HttpServletResponse response) {
        if (!password.equals(again)) {
            return Redirects.to(Screens.NEW_PASSWORD + "?unfit=differ");
        }
        return enrol(password, Screens.NEW_PASSWORD, "sign-in-failed", request, response);
    }

    private ModelAndView enrol(
            String typed, String screen, String problem, HttpServletRequest request, HttpServletResponse response) {
        Optional<Held> held = replies.held(request);
        if (held.isEmpty()) {
            return replies.reply(new Step.Gone(), screen, problem, request, response);
        }
        if (!screen.equals(screen(held, request))) {
            return elsewhere(held, request);
        }
        Step step =
                signIns.enrol(held.get(), Answer.Typed.of(typed), replies.caller(request, response), clock.instant());
        return replies.reply(step, screen, problem, request, response);
    }

    /** The bound that was not kept, as the argument of the message. */
    private static Object[] limits(String unfit) {
        return switch (unfit) {
            case "too-short" -> new Object[] {PasswordRules.SHORTEST};
            case "too-long" -> new Object[] {PasswordRules.LONGEST};
            default -> new Object[0];
        };
    }

    private static String screen(Optional<Held> held, HttpServletRequest request) {
        return held.map(h -> Screens.of(
                        h.state(), RequestFacts.of(request).environment().style()))
                .orElse(Screens.START);
    }

    private static ModelAndView elsewhere(Optional<Held> held, HttpServletRequest request) {
        return held.isEmpty() ? SignInReplies.gone(request) : Redirects.to(screen(held, request));
    }

    private String link(Held held, SecretBytes secret, HttpServletRequest request) {
        String issuer = RequestFacts.of(request).environment().displayName();
        return OtpauthUri.of(Totp.DEFAULT, secret, issuer, account(held).username());
    }

    private Account account(Held held) {
        if (held.state() instanceof SignIn.MustEnrol must) {
            return accounts.get(must.account());
        }
        throw new IllegalStateException("sign-in " + held.state().heading().id() + " registers nothing");
    }

    private static Why.Rule rule(Held held) {
        return held.state() instanceof SignIn.MustEnrol must ? must.why().rule() : Why.Rule.REQUESTED;
    }

    private static String enrolWhy(Held held) {
        return switch (rule(held)) {
            case REQUIRED_GROUP, REQUIRED_PERSON -> "enrol.why.chosen";
            case CONSOLE -> "enrol.why.console";
            case RECOVERED -> "enrol.why.recovered";
            case PHONE_REPLACED -> "enrol.why.replaced";
            case REQUESTED, OPTIONAL_SET_UP, OPTIONAL_NOT_SET_UP -> "enrol.why.requested";
            case APPROVAL_ALWAYS,
                    APPROVAL_DRAWN,
                    APPROVAL_INTERVAL,
                    APPROVAL_NEW_BROWSER,
                    APPROVAL_NEW_NETWORK,
                    APPROVAL_AFTER_FAILURES,
                    APPROVAL_ADMINISTRATOR,
                    OFF,
                    REQUIRED_EVERYONE,
                    EXEMPT,
                    NOT_COVERED,
                    NO_RECOVERY_CODE,
                    PASSWORD_FIRST,
                    PASSWORD_GUESSED,
                    PASSWORD_REQUIRED,
                    DISABLED -> "enrol.why.required";
        };
    }

    private static String passwordWhy(Held held) {
        return switch (rule(held)) {
            case PASSWORD_GUESSED -> "password.why.guessed";
            case PASSWORD_REQUIRED -> "password.why.required";
            case OFF,
                    OPTIONAL_NOT_SET_UP,
                    OPTIONAL_SET_UP,
                    REQUIRED_EVERYONE,
                    REQUIRED_GROUP,
                    REQUIRED_PERSON,
                    CONSOLE,
                    EXEMPT,
                    NOT_COVERED,
                    RECOVERED,
                    PHONE_REPLACED,
                    NO_RECOVERY_CODE,
                    PASSWORD_FIRST,
                    REQUESTED,
                    APPROVAL_ALWAYS,
                    APPROVAL_DRAWN,
                    APPROVAL_INTERVAL,
                    APPROVAL_NEW_BROWSER,
                    APPROVAL_NEW_NETWORK,
                    APPROVAL_AFTER_FAILURES,
                    APPROVAL_ADMINISTRATOR,
                    DISABLED -> "password.why.requested";
        };
    }
}
