package dev.buildman.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** One request and its answer. */
final class Call {

  static final String DIGEST = "Docker-Content-Digest";

  private static final JsonMapper JSON = new JsonMapper();

  private final HttpExchange exchange;

  private final InputStream body;
  private final OutputStream answer;

  /** Takes both streams at once: closing an exchange without them would drop the connection. */
  Call(HttpExchange exchange) {
    this.exchange = exchange;
    this.body = exchange.getRequestBody();
    this.answer = exchange.getResponseBody();
  }

  String method() {
    return exchange.getRequestMethod();
  }

  boolean isHead() {
    return method().equals("HEAD");
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
  }

  /** A parameter of the query; of one that is there twice the first counts. */
  Optional<String> query(String name) {
    String query = exchange.getRequestURI().getRawQuery();
    return query == null
        ? Optional.empty()
        : Arrays.stream(query.split("&", -1))
            .map(part -> part.split("=", 2))
            .filter(part -> decoded(part[0]).equals(name))
            .map(part -> part.length < 2 ? "" : decoded(part[1]))
            .findFirst();
  }

  InputStream body() {
    return body;
  }

  /** Sets a header of the answer. */
  Call with(String name, String value) {
    exchange.getResponseHeaders().set(name, value);
    return this;
  }

  /** Answers without a body. */
  void answer(int status) throws IOException {
    exchange.sendResponseHeaders(status, -1);
  }

  /** Answers with a body, or for HEAD with its length alone. */
  void answer(int status, byte[] content) throws IOException {
    try (OutputStream out = begin(status, content.length)) {
      if (!isHead()) {
        out.write(content);
      }
    }
  }

  void json(int status, Object value) throws IOException {
    try {
      with("Content-Type", "application/json").answer(status, JSON.writeValueAsBytes(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps and lists of texts can be written", e);
    }
  }

  /** Begins an answer of a known length; for HEAD nothing may be written. */
  OutputStream begin(int status, long length) throws IOException {
    if (isHead() || length == 0) {
      with("Content-Length", Long.toString(length));
      exchange.sendResponseHeaders(status, -1);
    } else {
      exchange.sendResponseHeaders(status, length);
    }
    return answer;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }
}
