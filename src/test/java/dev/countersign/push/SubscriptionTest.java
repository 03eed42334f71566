package dev.countersign.push;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.configuration.SettingsLoader;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a browser says a subscription is. */
class SubscriptionTest {
    private static final Endpoints ENDPOINTS = new Endpoints(SettingsLoader.load(Map.of(), Map.of(), Optional.empty()));
    private static final String ENDPOINT = "https://push.example/secret-path";
    /** The receiver of RFC 8291 section 5. */
    private static final String KEY =
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

    private static final String AUTH = "BTBZMqHH6r4Tts7J_aSIgg";

    private static Subscription.Parsed parse(String endpoint, String key, String auth) {
        return Subscription.parse(endpoint, key, auth, ENDPOINTS);
    }

    private static Subscription accepted(String key, String auth) {
        return ((Subscription.Parsed.Accepted) parse(ENDPOINT, key, auth)).subscription();
    }

    private static void assertRefused(Subscription.Parsed parsed, Subscription.Problem problem) {
        assertThat(parsed).isInstanceOfSatisfying(Subscription.Parsed.Refused.class, refused -> {
            assertThat(refused.problem()).isEqualTo(problem);
            assertThat(refused.why()).isNotBlank().doesNotContain("secret-path");
        });
    }

    @Test
    void it_is_taken_with_padding_and_without() {
        assertThat(accepted(KEY, AUTH)
                        .secret()
                        .equalsSecretBytes(accepted(KEY + "=", AUTH + "==").secret()))
                .isTrue();
    }

    @Test
    void it_comes_back_from_what_is_sealed() {
        Subscription subscription = accepted(KEY, AUTH);
        Subscription again = Subscription.of(subscription.secret());
        assertThat(again.endpoint()).isEqualTo(ENDPOINT);
        assertThat(again.key()).isEqualTo(subscription.key());
        assertThat(again.auth().equalsSecretBytes(subscription.auth())).isTrue();
    }

    /** AC-098: whoever has the endpoint can write to the browser. */
    @Test
    void it_shows_itself_nowhere() {
        Subscription.Parsed parsed = parse(ENDPOINT, KEY, AUTH);
        assertThat(parsed.toString()).doesNotContain("push.example", KEY, AUTH);
        assertRefused(parse("http://push.example/secret-path", KEY, AUTH), Subscription.Problem.ENDPOINT);
        assertRefused(parse("https://push.example:22/secret-path", KEY, AUTH), Subscription.Problem.ENDPOINT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "BCVx",
                "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw8",
                "AiVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx",
                "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "BCVxsr7N/eNgVRqvHtD0zTZsEc6+VV+JvLexhqUzORcxaOzi6+AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
                "not base64 at all!"
            })
    void a_key_that_is_no_point_of_the_curve_is_refused(String key) {
        assertRefused(parse(ENDPOINT, key, AUTH), Subscription.Problem.KEY);
    }

    @Test
    void a_secret_of_another_length_is_refused() {
        assertRefused(parse(ENDPOINT, KEY, ""), Subscription.Problem.AUTH);
        assertRefused(parse(ENDPOINT, KEY, AUTH + AUTH), Subscription.Problem.AUTH);
        assertRefused(parse(ENDPOINT, KEY, "!".repeat(22)), Subscription.Problem.AUTH);
        String fifteen = Base64.getUrlEncoder().encodeToString(Arrays.copyOf(new byte[0], 15));
        assertRefused(parse(ENDPOINT, KEY, fifteen), Subscription.Problem.AUTH);
        assertRefused(parse(ENDPOINT, KEY, "A".repeat(1_000_000)), Subscription.Problem.AUTH);
        assertRefused(parse(ENDPOINT, "B".repeat(1_000_000), AUTH), Subscription.Problem.KEY);
        assertRefused(parse("https://push.example/" + "x".repeat(1_000_000), KEY, AUTH), Subscription.Problem.ENDPOINT);
    }
}
