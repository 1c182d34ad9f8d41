package dev.buildman.testing.quay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.testing.quay.QuayPlan.Fault;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the simulated worker against what the real one said and did in the same place. */
class SimulatedQuayBuilderIT {
  private Server server;

  @AfterEach
  void stop() throws InterruptedException {
    if (server != null) {
      server.shutdownNow().awaitTermination();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "success-podman, NONE",
    "success-docker, NONE",
    "cached-podman, NONE",
    "log-refused, NONE",
    "log-stream-broken, NONE",
    "log-odd-bytes-docker, NONE",
    "phase-refused-uncounted, NONE",
    "phase-refused, NONE",
    "register-refused, NONE",
    "register-without-package, NONE",
    "runtime-unknown, UNKNOWN_RUNTIME",
    "engine-down-podman, ENGINE_DOWN",
    "package-404, PACKAGE_IS_NO_ARCHIVE",
    "dockerfile-panic, PARSER_PANIC",
    "base-missing-podman, BASE_MISSING",
    "run-fails-podman, BUILD_FAILS",
    "push-denied-podman, PUSH_DENIED"
  })
  void itSaysAndDoesWhatTheRealOneDid(String name, Fault fault) throws Exception {
    Recording recording = Recording.of(name);
    QuayPlan plan = plan(recording, start(recording, 0)).with(fault);

    try (SimulatedQuayBuilder builder = SimulatedQuayBuilder.start(plan)) {
      assertThat(builder.awaitExit()).isEqualTo(recording.exit());
      // A panic's streams are reset by the real one's library as it dies; see the class.
      List<String> expected =
          fault == Fault.NONE ? recording.transcript() : withoutResets(recording.transcript());
      assertThat(builder.transcript().without("Heartbeat", "LogMessage", "("))
          .containsExactlyElementsOf(
              expected.stream().filter(said -> !said.endsWith("reset")).toList());
      assertThat(builder.transcript().all().stream().filter(said -> said.endsWith("reset")))
          .containsExactlyElementsOf(
              expected.stream().filter(said -> said.endsWith("reset")).toList());
      assertThat(builder.transcript().of("LogMessage ").stream().filter(s -> !s.endsWith("reset")))
          .hasSize(recording.requests("LogMessage").size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"heartbeat-refused", "heartbeat-refused-twice"})
  void threeRefusedBeatsInARowEndItAndTwoDoNot(String name) throws Exception {
    Recording recording = Recording.of(name);
    QuayPlan plan = plan(recording, start(recording, 0)).holdBuilding();

    try (SimulatedQuayBuilder builder = SimulatedQuayBuilder.start(plan)) {
      if (recording.exit() == 0) {
        int recorded = recording.requests("Heartbeat").size();
        await().until(() -> builder.transcript().of("Heartbeat").size() >= recorded);
        builder.release();
      }
      assertThat(builder.awaitExit()).isEqualTo(recording.exit());
      assertThat(builder.transcript().without("Heartbeat", "LogMessage"))
          .containsExactlyElementsOf(
              recording.transcript().stream().filter(said -> !said.endsWith("reset")).toList());
      if (recording.exit() == 1) {
        assertThat(builder.transcript().of("Heartbeat"))
            .hasSize(recording.requests("Heartbeat").size());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"heartbeat-stream-broken", "heartbeat-stream-ended"})
  void withoutItsHeartbeatStreamItGoesOnAndNeverOpensAnother(String name) throws Exception {
    Recording recording = Recording.of(name);
    int recorded = recording.requests("Heartbeat").size();
    QuayPlan plan = plan(recording, start(recording, 0)).holdBuilding();

    try (SimulatedQuayBuilder builder = SimulatedQuayBuilder.start(plan)) {
      await().until(() -> builder.transcript().of("Heartbeat").size() >= recorded);
      builder.release();

      assertThat(builder.awaitExit()).isEqualTo(recording.exit()).isZero();
      assertThat(builder.transcript().of("Heartbeat")).hasSize(recorded);
      assertThat(builder.transcript().without("Heartbeat", "LogMessage"))
          .containsExactlyElementsOf(withoutResets(recording.transcript()));
    }
  }

  @Test
  void aManagerThatIsGoneEndsItAtItsNextPhase() throws Exception {
    Recording recording = Recording.of("manager-killed");
    QuayPlan plan = plan(recording, start(recording, 0)).holdBuilding();

    try (SimulatedQuayBuilder builder = SimulatedQuayBuilder.start(plan)) {
      awaitPhase(builder, "BUILDING");
      server.shutdownNow().awaitTermination();
      builder.release();

      assertThat(builder.awaitExit()).isEqualTo(recording.exit()).isEqualTo(1);
      // The phase that found nobody is in no recording of the manager's side.
      assertThat(builder.transcript().without("Heartbeat", "LogMessage", "(", "SetPhase 5"))
          .containsExactlyElementsOf(recording.transcript());
    }
  }

  @Test
  void aManagerThatCameBackGetsThePhasesAndNothingElse() throws Exception {
    Recording recording = Recording.of("manager-restarted");
    Supplier<ManagedChannel> dial = start(recording, 0);
    int port = server.getPort();
    RecordedManager second = new RecordedManager(recording);

    try (SimulatedQuayBuilder builder =
        SimulatedQuayBuilder.start(plan(recording, dial).holdBuilding())) {
      awaitPhase(builder, "BUILDING");
      int beats = builder.transcript().of("Heartbeat").size();
      server.shutdownNow().awaitTermination();
      listen(second, port);
      builder.release();

      builder.awaitExit();
      assertThat(builder.transcript().without("Heartbeat", "LogMessage", "("))
          .startsWith(recording.transcript().subList(0, 6).toArray(String[]::new))
          .contains("SetPhase 5 PUSHING");
      assertThat(builder.transcript().of("Heartbeat").size())
          .as("the heartbeat stream is not opened again")
          .isLessThanOrEqualTo(beats + 1);
    }
  }

  private static void awaitPhase(SimulatedQuayBuilder builder, String phase) {
    await()
        .until(() -> builder.transcript().of("SetPhase").stream().anyMatch(s -> s.endsWith(phase)));
  }

  private static List<String> withoutResets(List<String> transcript) {
    return transcript.stream().filter(said -> !said.endsWith("reset")).toList();
  }

  private QuayPlan plan(Recording recording, Supplier<ManagedChannel> dial) {
    return QuayPlan.smooth(dial, "REG-JWT")
        .with(
            new QuayPlan.Lines(
                recording.printed("PULLING"),
                recording.printed("BUILDING"),
                recording.printed("PUSHING")));
  }

  private Supplier<ManagedChannel> start(Recording recording, int port) throws Exception {
    listen(new RecordedManager(recording), port);
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort());
    return () -> NettyChannelBuilder.forAddress(address).usePlaintext().build();
  }

  private void listen(RecordedManager manager, int port) throws Exception {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .addService(manager)
            .build()
            .start();
  }
}
