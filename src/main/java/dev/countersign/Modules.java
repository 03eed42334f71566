package dev.countersign;

import dev.countersign.activity.ActivityLog;
import dev.countersign.alert.Alerts;
import dev.countersign.directory.Accounts;
import dev.countersign.factor.Factors;
import dev.countersign.factor.totp.TotpSettings;
import dev.countersign.policy.PolicyGate;
import dev.countersign.session.SessionSettings;
import dev.countersign.session.Sessions;
import dev.countersign.signin.SignInService;
import dev.countersign.throttle.Throttle;
import dev.countersign.vault.Randomness;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;

/** Everything below the doors: what the server and every command share. */
@Configuration(proxyBeanMethods = false)
@ComponentScan(
        basePackageClasses = {
            ActivityLog.class,
            Alerts.class,
            Accounts.class,
            Throttle.class,
            PolicyGate.class,
            Sessions.class,
            Factors.class,
            SignInService.class
        })
class Modules {
    @Bean
    Randomness randomness() {
        return new Randomness();
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
