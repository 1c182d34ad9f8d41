package dev.buildman.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Arguments of a script, built in order. Not for use by several threads. */
public final class Arguments {
  private final List<byte[]> values = new ArrayList<>();

  /** Adds one argument as it is. */
  public Arguments add(byte[] value) {
    values.add(value);
    return this;
  }

  /** Adds one argument as UTF-8. */
  public Arguments add(String value) {
    return add(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds a name and its value, by {@link Object#toString}. */
  public Arguments with(String name, Object value) {
    return add(name).add(value.toString());
  }

  /** Adds a name and a length of time in milliseconds. */
  public Arguments with(String name, Duration value) {
    return add(name).add(Long.toString(value.toMillis()));
  }

  /** Adds a name and 1 or 0. */
  public Arguments with(String name, boolean value) {
    return add(name).add(value ? "1" : "0");
  }

  /** Adds a name and a value as it is. */
  public Arguments with(String name, byte[] value) {
    return add(name).add(value);
  }

  /** Adds all of the other's. */
  public Arguments addAll(Arguments other) {
    values.addAll(other.values);
    return this;
  }

  byte[][] toArray() {
    return values.toArray(byte[][]::new);
  }
}
