package dev.buildman.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A script's answer: a status word, then names and values. Values may be lists of answers. */
public final class Reply {
  private final String status;
  private final List<Object> rest;
  private final Map<String, Object> fields;

  private Reply(String status, List<Object> rest) {
    this.status = status;
    this.rest = rest;
    this.fields = HashMap.newHashMap(rest.size() / 2);
    for (int i = 0; i + 1 < rest.size(); i += 2) {
      fields.put(utf8(rest.get(i)), rest.get(i + 1));
    }
  }

  /** Reads what Lettuce gives for a script that returns a table. */
  static Reply of(List<Object> raw) {
    return new Reply(utf8(raw.getFirst()), raw.subList(1, raw.size()));
  }

  private static String utf8(Object value) {
    return value instanceof byte[] bytes
        ? new String(bytes, StandardCharsets.UTF_8)
        : String.valueOf(value);
  }

  /** The first word. */
  public String status() {
    return status;
  }

  /** The words after the status, when they are no names and values. */
  public List<String> words() {
    return rest.stream().map(Reply::utf8).toList();
  }

  /** A field as text; empty when absent. */
  public String text(String field) {
    Object value = fields.get(field);
    return value == null ? "" : utf8(value);
  }

  /** A field as text, absent when it is empty. */
  public Optional<String> optional(String field) {
    return Optional.of(text(field)).filter(text -> !text.isEmpty());
  }

  /** A field as a number; 0 when absent or empty. */
  public long number(String field) {
    String text = text(field);
    return text.isEmpty() ? 0 : Long.parseLong(text);
  }

  /** A field as a number that fits. */
  public int integer(String field) {
    return Math.toIntExact(number(field));
  }

  /** Whether a field is 1. */
  public boolean flag(String field) {
    return text(field).equals("1");
  }

  /** A field in milliseconds since 1970; empty when absent, empty or 0. */
  public Optional<Instant> time(String field) {
    long millis = number(field);
    return millis == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
  }

  /** A field in milliseconds; absent when it is empty. */
  public Optional<Duration> span(String field) {
    return optional(field).map(Long::parseLong).map(Duration::ofMillis);
  }

  /** A field as it is; empty when absent. */
  public byte[] bytes(String field) {
    return fields.get(field) instanceof byte[] bytes ? bytes.clone() : new byte[0];
  }

  /** A field that is a list of words. */
  public List<String> list(String field) {
    return elements(field).stream().map(Reply::utf8).toList();
  }

  /** A field that is a list of names and values each. */
  public List<Reply> children(String field) {
    List<Reply> children = new ArrayList<>();
    for (Object element : elements(field)) {
      if (element instanceof List<?> child) {
        children.add(new Reply("", List.copyOf(child)));
      }
    }
    return children;
  }

  private List<?> elements(String field) {
    return fields.get(field) instanceof List<?> list ? list : List.of();
  }
}
