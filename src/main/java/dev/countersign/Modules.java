package dev.countersign;

import dev.countersign.activity.ActivityLog;
import dev.countersign.administration.Safeguard;
import dev.countersign.alert.Alerts;
import dev.countersign.apikey.ApiKeys;
import dev.countersign.diagnosis.Diagnosis;
import dev.countersign.directory.Accounts;
import dev.countersign.entitlement.Entitlements;
import dev.countersign.factor.Factors;
import dev.countersign.factor.totp.TotpSettings;
import dev.countersign.figures.Figures;
import dev.countersign.keys.KeyChanges;
import dev.countersign.mail.MailQueue;
import dev.countersign.moving.MovingIn;
import dev.countersign.node.Nodes;
import dev.countersign.people.People;
import dev.countersign.phrases.RuleWords;
import dev.countersign.policy.PolicyGate;
import dev.countersign.push.PushSender;
import dev.countersign.safekeeping.Restored;
import dev.countersign.session.SessionSettings;
import dev.countersign.session.Sessions;
import dev.countersign.signal.Signals;
import dev.countersign.signin.SignInService;
import dev.countersign.store.SecretVersions;
import dev.countersign.throttle.Throttle;
import dev.countersign.vault.Randomness;
import dev.countersign.whereabouts.Whereabouts;
import dev.countersign.witness.Witnesses;
import java.nio.charset.StandardCharsets;
import org.springframework.context.MessageSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.ResourceBundleMessageSource;

/** Everything below the doors: what the server and every command share. */
@Configuration(proxyBeanMethods = false)
@ComponentScan(
        basePackageClasses = {
            ActivityLog.class,
            Alerts.class,
            Accounts.class,
            MailQueue.class,
            KeyChanges.class,
            Throttle.class,
            PolicyGate.class,
            Sessions.class,
            Factors.class,
            SignInService.class,
            SecretVersions.class,
            ApiKeys.class,
            Entitlements.class,
            People.class,
            Safeguard.class,
            Figures.class,
            MovingIn.class,
            Whereabouts.class,
            Diagnosis.class,
            Restored.class,
            RuleWords.class,
            PushSender.class,
            Nodes.class,
            Witnesses.class,
            Signals.class
        })
class Modules {
    @Bean
    Randomness randomness() {
        return new Randomness();
    }

    /** The texts of pages and mails, in every language. */
    @Bean
    static MessageSource messageSource() {
        ResourceBundleMessageSource messages = new ResourceBundleMessageSource();
        messages.setBasename("messages/messages");
        messages.setDefaultEncoding(StandardCharsets.UTF_8.name());
        messages.setFallbackToSystemLocale(false);
        messages.setAlwaysUseMessageFormat(true);
        return messages;
    }

    @Bean
    SessionSettings sessionSettings() {
        return SessionSettings.DEFAULT;
    }

    @Bean
    TotpSettings totpSettings() {
        return TotpSettings.DEFAULT;
    }
}
