package dev.countersign.mail;

import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/** What a queued mail says, as JSON that is sealed before it is stored. */
final class MailContents {
    private static final JsonMapper JSON = JsonMapper.builder()
            .addModule(new SimpleModule().addSerializer(new Writing()).addDeserializer(SecretText.class, new Reading()))
            .build();

    private MailContents() {}

    /** Somebody typed this name on the page for a forgotten password. */
    record ForgottenName(SecretText typed, Mail.Circumstances how) {
        static final String KIND = "forgotten-name";
    }

    static SecretBytes write(Object contents) {
        return SecretBytes.of(JSON.writeValueAsBytes(contents));
    }

    static Mail read(SecretBytes contents, String kind) {
        return JSON.readValue(contents.reveal(), Mail.ofKind(kind));
    }

    static ForgottenName readForgotten(SecretBytes contents) {
        return JSON.readValue(contents.reveal(), ForgottenName.class);
    }

    private static final class Writing extends StdSerializer<SecretText> {
        Writing() {
            super(SecretText.class);
        }

        @Override
        public void serialize(SecretText value, JsonGenerator to, SerializationContext context) {
            to.writeString(value.reveal());
        }
    }

    private static final class Reading extends StdDeserializer<SecretText> {
        Reading() {
            super(SecretText.class);
        }

        @Override
        public SecretText deserialize(JsonParser from, DeserializationContext context) {
            return SecretText.of(from.getString());
        }
    }
}
