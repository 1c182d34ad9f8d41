package dev.buildman.agent.registry;

import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request.
 *
 * @param doing what it is for, as it stands in messages: {@code pulling blob sha256:...}
 * @param body null where the method has none
 * @param sink takes a successful body; null collects it in the answer
 * @param meter counts what moves
 */
record Request(
    String method,
    URI uri,
    String doing,
    Map<String, String> headers,
    @Nullable Body body,
    @Nullable Sink sink,
    Meter meter) {

  Request at(URI other) {
    return new Request(method, other, doing, headers, body, sink, meter);
  }
}
