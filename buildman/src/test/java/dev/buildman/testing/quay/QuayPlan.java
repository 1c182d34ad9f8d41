package dev.buildman.testing.quay;

import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * What a simulated worker meets on its way.
 *
 * @param dial makes the connection
 * @param token the registration token
 * @param fault what goes wrong in the worker itself
 * @param lines what its engine prints: while it pulls, builds and pushes
 * @param beat pause between heartbeats; the real one's is 2 s
 * @param building holds the worker in {@code building} until it is open
 * @param pushing holds the worker in {@code pushing} until it is open
 */
public record QuayPlan(
    Supplier<ManagedChannel> dial,
    String token,
    Fault fault,
    Lines lines,
    Duration beat,
    CountDownLatch building,
    CountDownLatch pushing) {
  /** Where the worker fails by itself. */
  public enum Fault {
    NONE,
    UNKNOWN_RUNTIME,
    ENGINE_DOWN,
    PACKAGE_IS_NO_ARCHIVE,
    PARSER_PANIC,
    BASE_MISSING,
    BUILD_FAILS,
    PUSH_DENIED
  }

  /** {@code log_message}s as the engine's JSON. */
  public record Lines(List<String> pulling, List<String> building, List<String> pushing) {
    static final Lines NONE = new Lines(List.of(), List.of(), List.of());
  }

  /** A worker that succeeds at once and prints nothing. */
  public static QuayPlan smooth(Supplier<ManagedChannel> dial, String token) {
    return new QuayPlan(
        dial,
        token,
        Fault.NONE,
        Lines.NONE,
        Duration.ofMillis(50),
        new CountDownLatch(0),
        new CountDownLatch(0));
  }

  public QuayPlan with(Fault other) {
    return new QuayPlan(dial, token, other, lines, beat, building, pushing);
  }

  public QuayPlan with(Lines other) {
    return new QuayPlan(dial, token, fault, other, beat, building, pushing);
  }

  /** Prints so many lines while it builds. */
  public QuayPlan printing(int count) {
    List<String> printed =
        IntStream.rangeClosed(1, count)
            .mapToObj(i -> "{\"stream\":\"line " + i + "\\n\",\"progressDetail\":{}}")
            .toList();
    return with(new Lines(List.of(), printed, List.of()));
  }

  /** Pauses so long between heartbeats. */
  public QuayPlan beating(Duration pause) {
    return new QuayPlan(dial, token, fault, lines, pause, building, pushing);
  }

  public QuayPlan holdBuilding() {
    return new QuayPlan(dial, token, fault, lines, beat, new CountDownLatch(1), pushing);
  }

  public QuayPlan holdPushing() {
    return new QuayPlan(dial, token, fault, lines, beat, building, new CountDownLatch(1));
  }
}
