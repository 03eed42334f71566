package dev.countersign.account;

import dev.countersign.factor.companion.Phones;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.PhoneId;
import dev.countersign.signin.OwnFactors;
import dev.countersign.signin.SignInService;
import dev.countersign.web.Access;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.SignedIn;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** What one does to one's own phones: another name, and the end of one. */
@Controller
final class OwnPhonePages {
    private static final String REMOVE = "/account/phones/remove";

    private final Phones phones;
    private final OwnPhones own;
    private final OwnFactors factors;
    private final SignInService signIns;
    private final Clock clock;

    OwnPhonePages(Phones phones, OwnPhones own, OwnFactors factors, SignInService signIns, Clock clock) {
        this.phones = phones;
        this.own = own;
        this.factors = factors;
        this.signIns = signIns;
        this.clock = clock;
    }

    @PostMapping("/account/phones/rename")
    @Access(Access.Level.SESSION)
    ModelAndView rename(
            @RequestParam(name = "id", defaultValue = "") String id,
            @RequestParam(name = "name", defaultValue = "") String typed,
            HttpServletRequest request) {
        Optional<String> name = Phones.name(typed);
        if (name.isEmpty()) {
            return Redirects.to("/account?problem=phone-name");
        }
        boolean renamed = chosen(id, request)
                .filter(row -> phones.rename(SignedIn.of(request).account().id(), new PhoneId(row.id()), name.get()))
                .isPresent();
        return Redirects.to(renamed ? "/account?notice=phone-renamed" : "/account");
    }

    @GetMapping(REMOVE)
    @Access(Access.Level.SESSION)
    ModelAndView confirm(@RequestParam(name = "id", defaultValue = "") String id, HttpServletRequest request) {
        Optional<OwnPhones.Row> chosen = chosen(id, request);
        return chosen.isEmpty()
                ? Redirects.to("/account")
                : instead(chosen.get(), request)
                        .orElseGet(() -> new ModelAndView(
                                "account/remove-phone", Map.of("chosen", chosen.get(), "last", isLast(request))));
    }

    @PostMapping(REMOVE)
    @Access(Access.Level.SESSION)
    ModelAndView remove(@RequestParam(name = "id", defaultValue = "") String id, HttpServletRequest request) {
        SignedIn person = SignedIn.of(request);
        Optional<OwnPhones.Row> chosen = chosen(id, request);
        return chosen.isEmpty()
                ? Redirects.to("/account")
                : instead(chosen.get(), request).orElseGet(() -> {
                    OwnFactors.Removal removal = factors.removePhone(
                            person.account(),
                            new PhoneId(chosen.get().id()),
                            person.actor(),
                            RequestFacts.of(request).origin("account"),
                            clock.instant());
                    return Redirects.to(
                            switch (removal) {
                                case REMOVED -> "/account?notice=phone-removed";
                                case NO_SUCH -> "/account";
                                case NEEDED -> "/account?problem=phone-needed";
                            });
                });
    }

    /** Where it goes instead of removing: the policy demands the phone, or a fresh proof is missing. */
    private Optional<ModelAndView> instead(OwnPhones.Row chosen, HttpServletRequest request) {
        SignedIn person = SignedIn.of(request);
        Instant now = clock.instant();
        if (!own.mayRemovePhone(person, now)) {
            return Optional.of(Redirects.to("/account?problem=phone-needed"));
        }
        return signIns.isFresh(person.session(), now)
                ? Optional.empty()
                : Optional.of(Redirects.to("/sign-in/confirm?to=" + REMOVE + "?id=" + chosen.id()));
    }

    private boolean isLast(HttpServletRequest request) {
        return own.rows(SignedIn.of(request).account()).size() == 1;
    }

    private Optional<OwnPhones.Row> chosen(String id, HttpServletRequest request) {
        return own.rows(SignedIn.of(request).account()).stream()
                .filter(row -> Identifiers.isOne(id) && row.id().equals(id))
                .findFirst();
    }
}
