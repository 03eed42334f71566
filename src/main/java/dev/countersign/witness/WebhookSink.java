package dev.countersign.witness;

import dev.countersign.activity.LogKeys;
import dev.countersign.activity.LogLines;
import dev.countersign.activity.SealedCheckpoint;
import dev.countersign.push.PushPost;
import dev.countersign.store.Deadline;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;

/** Posts checkpoints as JSON lines; the request names the key and carries its signature of the body. */
final class WebhookSink implements Sink, AutoCloseable {
    private final URI address;
    private final LogKeys keys;
    private final PushPost post;
    private final Duration patience;

    WebhookSink(URI address, LogKeys keys, Duration patience) {
        this.address = address;
        this.keys = keys;
        this.post = new PushPost(SystemDefaultDnsResolver.INSTANCE, patience);
        this.patience = patience;
    }

    @Override
    public String name() {
        return "webhook " + address;
    }

    @Override
    public void tell(List<SealedCheckpoint> checkpoints) throws IOException {
        StringBuilder lines = new StringBuilder();
        checkpoints.forEach(each -> lines.append(LogLines.of(each)).append('\n'));
        String body = lines.toString();
        HttpPost request = new HttpPost(address);
        request.setHeader(
                "Countersign-Signature",
                "keyId=\"" + keys.publicKey().id() + "\", signature=\"" + keys.sign(body) + "\"");
        request.setEntity(new ByteArrayEntity(
                body.getBytes(StandardCharsets.UTF_8),
                ContentType.create("application/jsonl", StandardCharsets.UTF_8)));
        try (Deadline _ = new Deadline(patience.multipliedBy(6), request::cancel)) {
            int status = post.send(request).status();
            if (status < 200 || status > 299) {
                throw new IOException("the answer was " + status);
            }
        }
    }

    @Override
    public void close() throws IOException {
        post.close();
    }
}
