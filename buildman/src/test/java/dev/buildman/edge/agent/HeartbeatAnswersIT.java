package dev.buildman.edge.agent;

import static dev.buildman.proto.agent.Phase.UNPACKING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.model.JobRef;
import dev.buildman.model.Usage;
import dev.buildman.proto.agent.HeartbeatResponse;
import dev.buildman.proto.agent.ResourceUsage;
import dev.buildman.testing.agent.StreamProbe;
import dev.buildman.testing.redis.RedisTest;
import io.grpc.Status;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What each beat is answered, case by case, while Redis is there. */
@RedisTest
class HeartbeatAnswersIT extends AnswersFixture {
  @Test
  void allWell() throws Exception {
    agent.register(worker.token());
    var beats = agent.heartbeats();

    for (int i = 0; i < 5; i++) {
      assertThat(beats.ask(agent.beat()).getReply()).isTrue();
    }
  }

  @Test
  void whatTheAgentUsesIsNoted() throws Exception {
    agent.register(worker.token());
    var usage = ResourceUsage.newBuilder().setCpuMillis(250).setMemoryBytes(-1).setDiskBytes(7);
    agent.heartbeats().ask(agent.beat().toBuilder().setUsage(usage).build());

    assertThat(edge.orchestrator.jobOf(worker.build()).agent().orElseThrow().usage())
        .isEqualTo(new Usage(250, 0, 7));
  }

  @Test
  void aSessionThatIsOverIsToldAtEveryBeatAndTheStreamStaysOpen() throws Exception {
    agent.register(worker.token());
    var beats = agent.heartbeats();
    beats.ask(agent.beat());
    edge.orchestrator.cancel.run(worker.build(), "alice", "");

    for (int i = 0; i < 10; i++) {
      HeartbeatResponse answer = beats.ask(agent.beat());
      assertThat(answer.getReply()).isFalse();
      assertThat(answer.getCancelled()).isTrue();
    }
    assertThat(beats.isOpen()).isTrue();
  }

  @Test
  void aCancelReachesAnOpenStreamWithoutABeat() throws Exception {
    agent.register(worker.token());
    var beats = agent.heartbeats();
    beats.ask(agent.beat());

    edge.orchestrator.cancel.run(worker.build(), "alice", "");

    HeartbeatResponse pushed = beats.next();
    assertThat(pushed.getReply()).isFalse();
    assertThat(pushed.getCancelled()).isTrue();
    assertThat(beats.isOpen()).isTrue();
  }

  /** Its own end may have been missed: whatever is heard of its build later tells it, too. */
  @Test
  void theNextAttemptIsToldToTheEarlierOnesOpenStreamWithoutABeat() throws Exception {
    agent.register(worker.token());
    var beats = agent.heartbeats();
    beats.ask(agent.beat());
    edge.orchestrator.advance(Duration.ofSeconds(61));
    edge.orchestrator.expire.run(worker.build());
    assertThat(beats.next().getCancelled()).isTrue();
    edge.orchestrator.advance(Duration.ofSeconds(10));
    edge.orchestrator.wakeDelayed.run(worker.build());
    JobRef next = edge.orchestrator.launched();
    assertThat(next.attempt().number()).isEqualTo(2);
    await().during(Duration.ofMillis(300)).until(() -> wasQuiet(beats));

    edge.orchestrator.registered(next);

    assertThat(beats.next().getCancelled()).isTrue();
  }

  /** Takes what has come. */
  private static boolean wasQuiet(StreamProbe<?, ?> stream) throws Exception {
    boolean quiet = stream.isQuiet();
    while (!stream.isQuiet()) {
      stream.next();
    }
    return quiet;
  }

  @Test
  void aHintAboutALiveSessionTellsNothing() throws Exception {
    agent.register(worker.token());
    var beats = agent.heartbeats();
    beats.ask(agent.beat());

    agent.enter(UNPACKING);

    assertThat(beats.ask(agent.beat()).getReply()).isTrue();
    assertThat(beats.isQuiet()).isTrue();
  }

  @Test
  void aForgedTokenEndsTheStream() throws Exception {
    var beats = agent.withJobToken("JOB-JWT-1").heartbeats();
    beats.send(agent.beat());
    assertThat(beats.end().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);

    var registration = agent.withJobToken(worker.token()).heartbeats();
    registration.send(agent.beat());
    assertThat(registration.end().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
  }

  @Test
  void tooManyBeatsEndTheStream() throws Exception {
    agent.register(worker.token());
    var beats = agent.heartbeats();
    for (int i = 0; i < 100; i++) {
      beats.send(agent.beat());
    }

    assertThat(beats.end().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void whoEndsItsSideIsAnsweredAndCountedNoMore() throws Exception {
    agent.register(worker.token());
    var beats = agent.heartbeats();
    beats.ask(agent.beat());
    assertThat(edge.metrics.scrape()).contains("buildman_agents_connected 1.0");

    beats.complete();

    assertThat(beats.end().isOk()).isTrue();
    await()
        .untilAsserted(
            () -> assertThat(edge.metrics.scrape()).contains("buildman_agents_connected 0.0"));
  }
}
