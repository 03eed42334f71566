package dev.countersign.web;

import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Target;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import java.time.ZoneId;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSource;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.LocaleResolver;

/** What every page shows around its own content. */
@ControllerAdvice(annotations = Controller.class)
final class PageModel {
    /** Messages a redirect may ask the next page to show; anything else in the address is ignored. */
    private static final Set<String> PROBLEMS = Set.of(
            "sign-in-failed",
            "sign-in-expired",
            "session-ended-policy",
            "code-wrong-enrol",
            "last-group-wrong",
            "nothing-selected",
            "version-changed",
            "approval-not-yet",
            "approval-held-back",
            "approval-refused",
            "phone-not-paired",
            "phone-refused",
            "phone-name",
            "phone-needed",
            "mail-gone",
            "activity-days");

    private static final Set<String> NOTICES = Set.of(
            "signed-out",
            "sessions-ended",
            "language-saved",
            "confirmation-sent",
            "saved",
            "api-key-revoked",
            "password-changed",
            "app-set-up",
            "phone-paired",
            "phone-removed",
            "phone-renamed",
            "app-removed",
            "recovery-code-new",
            "restarted",
            "address-confirmed",
            "not-me-done",
            "password-set",
            "mail-saved",
            "mail-off",
            "mail-retried",
            "mail-deleted");

    /** Why the administration refused something; each has its sentence. */
    private static final Pattern REFUSAL = Pattern.compile("admin-[a-z-]{1,40}");

    private final LocaleResolver languages;
    private final MessageSource messages;

    PageModel(LocaleResolver languages, MessageSource messages) {
        this.messages = messages;
        this.languages = languages;
    }

    /** A language to choose. */
    record Language(String tag, String name, boolean current) {}

    /** The person in the page's header. */
    record Person(String username, String displayName, boolean console) {}

    /** Whether a page is made of the answer; those of REST are written as they are, and need nothing around them. */
    static boolean isFor(HttpServletRequest request) {
        return !(request.getAttribute(HandlerMapping.BEST_MATCHING_HANDLER_ATTRIBUTE) instanceof HandlerMethod handler
                && handler.getBeanType().isAnnotationPresent(RestController.class));
    }

    @ModelAttribute
    void add(HttpServletRequest request, Model model) {
        if (!isFor(request)) {
            return;
        }
        Locale locale = languages.resolveLocale(request);
        model.addAttribute(
                "environmentName",
                RequestFacts.find(request)
                        .map(facts -> facts.environment().displayName())
                        .orElse("Countersign"));
        model.addAttribute("currentPath", currentPath(request));
        model.addAttribute("locales", languages(locale));
        model.addAttribute("zone", ZoneId.of("UTC"));
        model.addAttribute(
                "signedIn", SignedIn.find(request).map(PageModel::person).orElse(null));
        model.addAttribute(
                "consoleSections",
                SignedIn.find(request).map(PageModel::sections).orElse(Set.of()));
        boolean failed = request.getDispatcherType() == DispatcherType.ERROR;
        addMessage(model, "problem", failed ? null : request.getParameter("problem"), PROBLEMS);
        addMessage(model, "notice", failed ? null : request.getParameter("notice"), NOTICES);
        model.addAttribute("problemArguments", new Object[0]);
    }

    private void addMessage(Model model, String kind, @Nullable String asked, Set<String> known) {
        boolean refusal = asked != null && REFUSAL.matcher(asked).matches() && isText(kind + '.' + asked);
        model.addAttribute(kind, asked != null && (known.contains(asked) || refusal) ? kind + '.' + asked : null);
    }

    private boolean isText(String key) {
        return messages.getMessage(key, null, null, Locale.ROOT) != null;
    }

    private static String currentPath(HttpServletRequest request) {
        return Optional.of(request.getRequestURI()).filter(Target::isLocalPath).orElse("/");
    }

    private static List<Language> languages(Locale current) {
        return Languages.ALL.stream()
                .map(locale -> new Language(
                        locale.toLanguageTag(),
                        nameOf(locale),
                        locale.getLanguage().equals(current.getLanguage())))
                .toList();
    }

    /** The language's name in itself, with a capital. */
    private static String nameOf(Locale locale) {
        String name = locale.getDisplayLanguage(locale);
        return name.substring(0, 1).toUpperCase(locale) + name.substring(1);
    }

    /** The pages of the console the person's role may open. */
    private static Set<String> sections(SignedIn person) {
        Set<String> sections = new LinkedHashSet<>();
        if (person.rights().may(Permission.VIEW_PEOPLE)) {
            sections.add("people");
        }
        if (person.rights().may(Permission.VIEW_ACTIVITY)) {
            sections.add("activity");
        }
        if (person.rights().may(Permission.VIEW_SETTINGS)) {
            sections.add("security");
            sections.add("mail");
        }
        if (person.rights().may(Permission.MANAGE_API_KEYS)) {
            sections.add("api-keys");
        }
        return sections;
    }

    private static Person person(SignedIn person) {
        return new Person(
                person.account().username(),
                person.account().displayName(),
                person.rights().openConsole());
    }
}
