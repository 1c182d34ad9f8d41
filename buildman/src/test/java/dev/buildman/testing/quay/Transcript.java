package dev.buildman.testing.quay;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a worker said, in order, one word or two for each message. Thread-safe. */
public final class Transcript {
  private final List<String> said = new CopyOnWriteArrayList<>();

  void add(String what) {
    said.add(what);
  }

  /** All of it. */
  public List<String> all() {
    return List.copyOf(said);
  }

  /** Only what starts with the word. */
  public List<String> of(String word) {
    return said.stream().filter(one -> one.startsWith(word)).toList();
  }

  /** Without what starts with one of the words. */
  public List<String> without(String... words) {
    return said.stream().filter(one -> Arrays.stream(words).noneMatch(one::startsWith)).toList();
  }

  @Override
  public String toString() {
    return String.join("\n", said);
  }
}
