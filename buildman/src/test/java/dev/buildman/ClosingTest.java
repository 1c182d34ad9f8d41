package dev.buildman;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ClosingTest {

  @Test
  void partsAreClosedInReverseOnceAndAFailureKeepsNoneOpen() {
    List<String> closed = new ArrayList<>();
    Closing closing = new Closing();
    add(closing, "first", () -> closed.add("first"));
    add(
        closing,
        "second",
        () -> {
          throw new IllegalStateException("does not close well");
        });
    add(closing, "third", () -> closed.add("third"));
    closing.close();
    closing.close();
    assertThat(closed).containsExactly("third", "first");
  }

  private static void add(Closing closing, String name, AutoCloseable part) {
    assertThat(closing.add(name, part)).isSameAs(part);
  }
}
