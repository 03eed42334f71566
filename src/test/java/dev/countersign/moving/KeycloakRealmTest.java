package dev.countersign.moving;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Reading what Keycloak exports, and what only looks like it. Hashes in the example were made with Python's hashlib. */
class KeycloakRealmTest {
    static final String REALM = """
            {
             "id": "x",
             "realm": "northwind",
             "notBefore": 0,
             "roles": {
              "realm": [
               {
                "name": "admin",
                "attributes": {
                 "groups": [
                  "x"
                 ]
                }
               }
              ]
             },
             "groups": [
              {
               "id": "1",
               "name": "Sales",
               "path": "/Sales",
               "attributes": {},
               "subGroups": [
                {
                 "id": "2",
                 "name": "North",
                 "path": "/Sales/North",
                 "subGroups": []
                }
               ]
              },
              {
               "id": "3",
               "name": "Empty",
               "path": "/Empty",
               "subGroups": []
              }
             ],
             "users": [
              {
               "id": "u1",
               "createdTimestamp": 1,
               "username": "bea",
               "enabled": true,
               "emailVerified": true,
               "firstName": "Bea",
               "lastName": "Lindner",
               "email": "bea@northwind.example",
               "attributes": {
                "locale": [
                 "de"
                ],
                "phone": [
                 "1"
                ]
               },
               "credentials": [
                {
                 "type": "password",
                 "secretData": "{\\"value\\": \\"H5R9LZ0QvKxHLm1Lg0IeQXdtUAa+9gf2NeOZns+WHBTpnlaWE/+JwnJ/2OXEjNPW5EusP1xxGLqEqjWDbIcGlg==\\", \\"salt\\": \\"MDEyMzQ1Njc4OWFiY2RlZg==\\", \\"additionalParameters\\": {}}",
                 "credentialData": "{\\"hashIterations\\": 27500, \\"algorithm\\": \\"pbkdf2-sha256\\", \\"additionalParameters\\": {}}",
                 "createdDate": 1
                },
                {
                 "type": "otp",
                 "secretData": "{\\"value\\": \\"mySecretFromKeycloak\\"}",
                 "credentialData": "{\\"subType\\": \\"totp\\", \\"digits\\": 6, \\"counter\\": 0, \\"period\\": 30, \\"algorithm\\": \\"HmacSHA1\\"}",
                 "createdDate": 1,
                 "userLabel": "phone"
                }
               ],
               "requiredActions": [],
               "realmRoles": [
                "admin"
               ],
               "groups": [
                "/Sales",
                "/Sales/North"
               ]
              },
              {
               "username": "carl",
               "enabled": false,
               "email": "carl@northwind.example",
               "credentials": [
                {
                 "type": "password",
                 "secretData": "{\\"value\\": \\"OM0FAoIqCVK1sWtxDiffVlBejtLa+ks4TP71JiecwuSZCG8iLbnlIEPOMoVX+i2B2wkSxjQ8CRGR9OkNGuIPMQ==\\", \\"salt\\": \\"MDEyMzQ1Njc4OWFiY2RlZg==\\"}",
                 "credentialData": "{\\"hashIterations\\": 1000, \\"algorithm\\": \\"pbkdf2-sha512\\"}",
                 "createdDate": 1
                }
               ],
               "requiredActions": [
                "UPDATE_PASSWORD"
               ]
              },
              {
               "username": "dora",
               "enabled": true,
               "email": "dora@northwind.example",
               "credentials": []
              },
              {
               "username": "service-account-app",
               "enabled": true,
               "email": "s@northwind.example",
               "serviceAccountClientId": "app"
              },
              {
               "username": "noemail",
               "enabled": true
              },
              {
               "username": "odd",
               "email": "odd@northwind.example",
               "credentials": [
                {
                 "type": "password",
                 "secretData": "{\\"value\\": \\"x\\", \\"salt\\": \\"y\\"}",
                 "credentialData": "{\\"hashIterations\\": 1, \\"algorithm\\": \\"md4\\"}",
                 "createdDate": 1
                }
               ]
              }
             ],
             "scopeMappings": [
              {
               "clientScope": "offline",
               "roles": [
                "x"
               ]
              }
             ],
             "keycloakVersion": "26.0.0"
            }
            """;

    private static List<Item> read(String text) throws IOException {
        return read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<Item> read(InputStream stream) throws IOException {
        List<Item> items = new ArrayList<>();
        try (KeycloakRealm realm = new KeycloakRealm(stream)) {
            for (Optional<Item> item = realm.next(); item.isPresent(); item = realm.next()) {
                items.add(item.get());
            }
        }
        return items;
    }

    @Test
    void groups_and_people_are_found_and_the_rest_is_passed_over() throws IOException {
        List<Item> items = read(REALM);
        assertThat(items.stream().filter(Item.Group.class::isInstance))
                .extracting(item -> ((Item.Group) item).path())
                .containsExactly("/Sales", "/Sales/North", "/Empty");
        assertThat(items.stream().filter(Item.Person.class::isInstance)).hasSize(4);
        assertThat(items.stream().filter(Item.Unreadable.class::isInstance)).hasSize(2);
        assertThat(items.toString()).doesNotContain("mySecretFromKeycloak").doesNotContain("pbkdf2");
    }

    @Test
    void argon2_as_keycloak_26_hashes_and_an_app_with_a_secret_in_base_32() throws IOException {
        Item.Person person = (Item.Person) read("""
                {"users":[{"username":"a","credentials":[{"type":"password","secretData":"{\\"value\\":\\"aGFzaA==\\",\\"salt\\":\\"c2FsdA==\\"}",
                "credentialData":"{\\"hashIterations\\":5,\\"algorithm\\":\\"argon2\\",\\"additionalParameters\\":{\\"hashLength\\":[\\"32\\"],\\"memory\\":[\\"7168\\"],\\"type\\":[\\"id\\"],\\"version\\":[\\"1.3\\"],\\"parallelism\\":[\\"1\\"]}}"},
                {"type":"otp","secretData":"{\\"value\\":\\"GEZDGNBVGY3TQOJQ\\"}","credentialData":"{\\"subType\\":\\"totp\\",\\"digits\\":8,\\"period\\":60,\\"algorithm\\":\\"HmacSHA256\\",\\"secretEncoding\\":\\"BASE32\\"}"}]}]}""").getFirst();
        assertThat(person.arrival().passwordHash().orElseThrow().reveal())
                .isEqualTo("$argon2id$v=19$m=7168,t=5,p=1$c2FsdA==$aGFzaA==");
        assertThat(person.arrival().totp().orElseThrow().reveal())
                .isEqualTo("otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ&algorithm=SHA256&digits=8&period=60");
    }

    @Test
    void a_file_that_breaks_off_gives_what_came_before_and_says_where() throws IOException {
        List<Item> items = read("{\"users\":[{\"username\":\"a\"},{\"username\":\"b\"");
        assertThat(items).hasSize(2);
        assertThat(items.getFirst()).isInstanceOf(Item.Person.class);
        assertThat(items.getLast()).isInstanceOf(Item.Broken.class);
        assertThat(read("[]")).singleElement().isInstanceOf(Item.Broken.class);
        assertThat(read("")).singleElement().isInstanceOf(Item.Broken.class);
        assertThat(read("{\"x\":" + "[".repeat(100_000))).singleElement().isInstanceOf(Item.Broken.class);
        assertThat(read("{}")).isEmpty();
    }

    @Test
    void a_user_of_a_million_fields_and_texts_costs_no_memory() throws IOException {
        StringBuilder text = new StringBuilder("{\"users\":[{\"username\":\"a\"");
        for (int i = 0; i < 200_000; i++) {
            text.append(",\"f").append(i).append("\":\"").append("x".repeat(20)).append('"');
        }
        text.append(",\"groups\":[").append("\"/a\",".repeat(2_000)).append("\"/a\"]},{\"username\":\"b\"}]}");
        List<Item> items = read(text.toString());
        assertThat(items.getFirst())
                .isInstanceOfSatisfying(
                        Item.Unreadable.class,
                        item -> assertThat(item.reason().english()).contains("more than 500"));
        assertThat(items.getLast()).isInstanceOf(Item.Person.class);
        assertThat(read("{\"users\":[{\"username\":\"a\",\"username\":\"b\"}]}"))
                .singleElement()
                .isInstanceOf(Item.Unreadable.class);
    }
}
