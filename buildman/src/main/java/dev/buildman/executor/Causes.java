package dev.buildman.executor;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Looks into what a client library threw, which wraps what happened in words of its own. */
public final class Causes {
  private static final int TOLD = 500;

  private Causes() {}

  /** Whether a failure or one of its causes is such. */
  public static boolean any(Throwable failure, Predicate<Throwable> such) {
    return chain(failure).anyMatch(such);
  }

  /** What says most to a person: the innermost trouble of input or output, else the last cause. */
  public static Throwable root(Throwable failure) {
    Throwable root = failure;
    for (Throwable one : chain(failure).toList()) {
      if (one instanceof IOException || one.getCause() == null) {
        root = one;
      }
    }
    return root;
  }

  private static Stream<Throwable> chain(Throwable failure) {
    return Stream.iterate(
            Optional.of(failure), Optional::isPresent, one -> one.flatMap(Causes::next))
        .flatMap(Optional::stream);
  }

  private static Optional<Throwable> next(Throwable one) {
    return Optional.ofNullable(one.getCause()).filter(cause -> cause != one);
  }

  /** Somebody's words on one line, and not without end. */
  public static String cut(String words) {
    String line = words.replaceAll("\\s+", " ").strip();
    return line.length() <= TOLD ? line : line.substring(0, TOLD) + "...";
  }
}
