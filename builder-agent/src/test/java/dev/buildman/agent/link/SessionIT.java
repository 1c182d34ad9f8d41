package dev.buildman.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.buildman.agent.link.ManagerLink.Introduction;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.runtime.Ticker;
import dev.buildman.agent.runtime.Time;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.Failure;
import dev.buildman.proto.agent.HeartbeatResponse;
import dev.buildman.proto.agent.Phase;
import dev.buildman.proto.agent.ResourceUsage;
import dev.buildman.proto.agent.SetPhaseRequest;
import io.grpc.Status;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The link against a real server that fails in every way it can. */
final class SessionIT {
  private static final BuildPack OURS =
      BuildPack.newBuilder().setJobJwt("job").setBuildId("b").setHeartbeatSeconds(1).build();
  private static final BuildPack QUAYS = BuildPack.newBuilder().setJobJwt("job").build();
  private static final HeartbeatResponse NO = HeartbeatResponse.getDefaultInstance();

  /** Real clocks; pauses are cut short. */
  private static final Time TIME =
      new Time(
          Ticker.system(),
          InstantSource.system(),
          span -> Sleeper.system().sleep(span.dividedBy(20)),
          new Random(1));

  private TestManager manager;
  private ManagerLink link;

  @BeforeEach
  void start() throws Exception {
    serve(OURS);
  }

  private void serve(BuildPack pack) throws Exception {
    manager = new TestManager(pack);
    link = link(Duration.ofSeconds(30));
  }

  private ManagerLink link(Duration window) throws Exception {
    return ManagerLink.open(manager.address(), "1.2", window, TIME);
  }

  @AfterEach
  void stop() throws Exception {
    link.close();
    manager.close();
  }

  private Session register() throws Exception {
    return link.register(
        new Introduction("token", "1.2", "host", Set.of("target", "labels")),
        () -> ResourceUsage.newBuilder().setMemoryBytes(7).build());
  }

  private static void awaitEnd(Session session, SessionEnd.Kind kind) {
    await()
        .untilAsserted(
            () -> assertThat(session.lease().ended()).map(SessionEnd::kind).contains(kind));
  }

  @Test
  void everyBeatTellsWhatTheWorkerUses() throws Exception {
    try (Session session = register()) {
      await().until(() -> manager.beats() > 0);

      assertThat(manager.lastBeat().getUsage().getMemoryBytes()).isEqualTo(7);
      assertThat(session.lease().ended()).isEmpty();
    }
  }

  @Test
  void registersWithWhatItIsAndCanDo() throws Exception {
    try (Session session = register()) {
      assertThat(session.pack()).isEqualTo(OURS);
    }
    assertThat(manager.registrations())
        .singleElement()
        .satisfies(
            args -> {
              assertThat(args.getRegisterJwt()).isEqualTo("token");
              assertThat(args.getAgentVersion()).isEqualTo("1.2");
              assertThat(args.getHostname()).isEqualTo("host");
              assertThat(args.getCapabilitiesList()).containsExactly("labels", "target");
            });
  }

  @Test
  void asksAgainWhenTheAnswerToItsRegistrationWasLost() throws Exception {
    manager.onRegister(Fault.ANSWER_LOST, Fault.UNAVAILABLE);

    register().close();

    assertThat(manager.registrations()).hasSize(3);
  }

  @Test
  void waitsForAManagerThatIsNotThereYet() throws Exception {
    manager.die();
    CompletableFuture<Session> session = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                session.complete(register());
              } catch (Exception e) {
                session.completeExceptionally(e);
              }
            });
    await().during(Duration.ofMillis(200)).until(() -> !session.isDone());

    manager.rise();

    assertThat(session).succeedsWithin(Duration.ofSeconds(15)).satisfies(Session::close);
  }

  @Test
  void givesUpWhenNoManagerAnsweredInTheWindow() throws Exception {
    manager.die();
    link.close();
    link = link(Duration.ofMillis(300));

    assertThatThrownBy(this::register)
        .isInstanceOf(ManagerException.Lost.class)
        .hasMessageContaining("RegisterBuildJob");
  }

  @Test
  void aRefusedRegistrationIsNotRepeated() {
    manager.onRegister(Fault.FAILED_PRECONDITION);

    assertThatThrownBy(this::register)
        .isInstanceOf(ManagerException.Refused.class)
        .hasMessageContaining("CANCELLED");
    assertThat(manager.registrations()).hasSize(1);
  }

  @Test
  void beatsAtThePauseThatTheManagerWants() throws Exception {
    try (Session session = register()) {
      await().untilAsserted(() -> assertThat(manager.beats()).isGreaterThanOrEqualTo(3));
      assertThat(session.lease().ended()).isEmpty();
      assertThat(manager.heartbeatStreams()).isEqualTo(1);
    }
  }

  @Test
  void opensItsHeartbeatStreamAgainWhenItEnds() throws Exception {
    try (Session session = register()) {
      await().untilAsserted(() -> assertThat(manager.beats()).isPositive());
      manager.endStreams();
      int before = manager.beats();
      await().untilAsserted(() -> assertThat(manager.beats()).isGreaterThan(before));
      assertThat(manager.heartbeatStreams()).isEqualTo(2);
      assertThat(session.lease().ended()).isEmpty();
    }
  }

  @Test
  void beatsOnAfterTheManagerWasRestarted() throws Exception {
    try (Session session = register()) {
      await().untilAsserted(() -> assertThat(manager.beats()).isPositive());
      manager.die();
      int before = manager.beats();
      manager.rise();
      await().untilAsserted(() -> assertThat(manager.beats()).isGreaterThan(before + 1));
      assertThat(session.lease().ended()).isEmpty();
    }
  }

  @Test
  void threeRefusedBeatsInARowEndTheSession() throws Exception {
    manager.onBeat(NO, NO, HeartbeatResponse.newBuilder().setReply(true).build(), NO, NO, NO);
    try (Session session = register()) {
      awaitEnd(session, SessionEnd.Kind.STOPPED);
      assertThat(manager.beats()).isEqualTo(6);
    }
  }

  @Test
  void aCancelEndsTheSessionBetweenTwoBeats() throws Exception {
    manager.onBeat(HeartbeatResponse.newBuilder().setReply(true).setNextSeconds(600).build());
    try (Session session = register()) {
      await().untilAsserted(() -> assertThat(manager.beats()).isEqualTo(1));
      manager.cancel();
      awaitEnd(session, SessionEnd.Kind.STOPPED);
    }
  }

  @Test
  void aTokenThatIsNotTakenAnyMoreEndsTheSession() throws Exception {
    manager.failHeartbeats(Status.UNAUTHENTICATED);
    try (Session session = register()) {
      awaitEnd(session, SessionEnd.Kind.REFUSED);
    }
  }

  @Test
  void endsByItselfWhenTheManagerStaysAway() throws Exception {
    link.close();
    link = link(Duration.ofMillis(1500));
    try (Session session = register()) {
      await().untilAsserted(() -> assertThat(manager.beats()).isPositive());
      manager.failHeartbeats(Status.UNAVAILABLE);
      awaitEnd(session, SessionEnd.Kind.MANAGER_LOST);
    }
  }

  @Test
  void aBeatWithoutAnAnswerDoesNotHoldTheLease() throws Exception {
    stop();
    serve(OURS.toBuilder().setLeaseSeconds(1).build());
    manager.holdBeats(true);
    try (Session session = register()) {
      await().until(() -> !session.lease().good(Duration.ZERO));
      manager.holdBeats(false);
      manager.endStreams();
      await().until(() -> session.lease().good(Duration.ZERO));
    }
  }

  @Test
  void repeatsAPhaseWithTheSameNumberUntilItIsAnswered() throws Exception {
    manager.onSetPhase(Fault.ANSWER_LOST, Fault.UNAVAILABLE);
    try (Session session = register()) {
      session.phases().enter(Phase.UNPACKING);
      session.phases().enter(Phase.PULLING);
    }
    assertThat(manager.phaseRequests())
        .map(SetPhaseRequest::getSequenceNumber)
        .containsExactly(1, 1, 1, 2);
    assertThat(manager.phases()).containsExactly(Phase.UNPACKING, Phase.PULLING);
  }

  @Test
  void aRefusedPhaseCarriesItsReason() throws Exception {
    manager.refusePhases("SESSION_FENCED");
    try (Session session = register()) {
      assertThatThrownBy(() -> session.phases().enter(Phase.PUSHING))
          .isInstanceOf(ManagerException.Refused.class)
          .hasMessageContaining("PUSHING")
          .hasMessageContaining("SESSION_FENCED");
    }
  }

  @Test
  void saysWhyABuildFailed() throws Exception {
    Failure failure =
        Failure.newBuilder().setCode("io.quay.builder.builderror").setExitCode(2).build();
    try (Session session = register()) {
      session.phases().failed(failure);
    }
    assertThat(manager.lastPhase().getPhase()).isEqualTo(Phase.ERROR);
    assertThat(manager.lastPhase().getFailure()).isEqualTo(failure);
  }

  @Test
  void everyLineArrivesOnceAndInOrderWhateverBreaks() throws Exception {
    manager.onLogMessage(Fault.ANSWER_LOST, Fault.UNAVAILABLE);
    List<String> lines = IntStream.range(0, 40).mapToObj(i -> "line " + i).toList();
    try (Session session = register()) {
      session.logLines().send(lines.subList(0, 10));
      manager.endStreams();
      session.logLines().send(lines.subList(10, 20));
      manager.die();
      manager.rise();
      session.logLines().send(lines.subList(20, 30));
      manager.onLogMessage(Fault.ANSWER_LOST);
      session.logLines().send(lines.subList(30, 40));
      session.logLines().close();
    }
    assertThat(manager.logLines()).isEqualTo(lines);
  }

  @Test
  void aLogThatIsClosedIsToldAsSuch() throws Exception {
    manager.onLogMessage(Fault.UNAUTHENTICATED);
    try (Session session = register()) {
      assertThatThrownBy(() -> session.logLines().send(List.of("x")))
          .isInstanceOf(ManagerException.Refused.class);
    }
  }

  @Test
  void quaysManagerGetsOneLineAtATime() throws Exception {
    stop();
    serve(QUAYS);
    try (Session session = register()) {
      assertThat(session.logLines().batchLimit()).isEqualTo(1);
      session.logLines().send(List.of("a"));
      session.logLines().send(List.of("b"));
      session.phases().enter(Phase.UNPACKING);
      await().untilAsserted(() -> assertThat(manager.beats()).isPositive());
    }
    assertThat(manager.logLines()).containsExactly("a", "b");
    assertThat(manager.maxBatch()).isEqualTo(1);
  }
}
