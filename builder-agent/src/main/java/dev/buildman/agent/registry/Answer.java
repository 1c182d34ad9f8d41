package dev.buildman.agent.registry;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A registry's answer; its body is empty when it went to a sink. */
final class Answer {
  private final int status;
  private final HttpHeaders headers;
  private final byte[] body;
  private final URI uri;
  private final String askedAs;

  Answer(int status, HttpHeaders headers, byte[] body, URI uri) {
    this(status, headers, body, uri, "");
  }

  private Answer(int status, HttpHeaders headers, byte[] body, URI uri, String askedAs) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.uri = uri;
    this.askedAs = askedAs;
  }

  /** The same with a remark for a refusal's message. */
  Answer askedAs(String remark) {
    return new Answer(status, headers, body, uri, remark);
  }

  /**
   * With whose credentials it was asked, as it stands in a message; empty where that is nothing.
   */
  String askedAs() {
    return askedAs;
  }

  int status() {
    return status;
  }

  boolean ok() {
    return status >= 200 && status < 300;
  }

  HttpHeaders headers() {
    return headers;
  }

  Optional<String> header(String name) {
    return headers.firstValue(name);
  }

  byte[] body() {
    return body;
  }

  String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  URI uri() {
    return uri;
  }
}
