package dev.buildman.edge.agent;

import static dev.buildman.proto.agent.Phase.UNPACKING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.proto.agent.BuildManagerGrpc;
import dev.buildman.proto.agent.HeartbeatRequest;
import dev.buildman.proto.agent.HeartbeatResponse;
import dev.buildman.proto.agent.LogMessageRequest;
import dev.buildman.proto.agent.LogMessageResponse;
import dev.buildman.testing.agent.SimulatedAgent;
import dev.buildman.testing.agent.StreamProbe;
import dev.buildman.testing.redis.OwnRedis;
import dev.buildman.testing.redis.RedisTest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The table of what agents are answered, cell by cell, while Redis is away. In real time. */
@RedisTest
class RedisAwayIT {
  /** Held 8 s; the last try may wait for its own time limit, and the machine may be busy. */
  private static final Duration HELD_AT_LEAST = Duration.ofSeconds(7);

  private static final Duration HELD_AT_MOST = Duration.ofMillis(11_500);

  private OwnRedis redis;
  private EdgeFixture edge;
  private SimulatedAgent ours;
  private SimulatedAgent quays;
  private StreamProbe<HeartbeatRequest, HeartbeatResponse> ourBeats;
  private StreamProbe<HeartbeatRequest, HeartbeatResponse> quaysBeats;
  private StreamProbe<LogMessageRequest, LogMessageResponse> ourLogs;
  private StreamProbe<LogMessageRequest, LogMessageResponse> quaysLogs;
  private EdgeFixture.Launched quaysWorker;
  private EdgeFixture.Launched unregistered;

  @BeforeEach
  void start(OwnRedis own) throws Exception {
    redis = own;
    edge = new EdgeFixture(own);
    ours = SimulatedAgent.ours(edge.channel());
    ours.register(edge.launched().token());
    quays = SimulatedAgent.quays(edge.channel());
    quaysWorker = edge.launched();
    quays.register(quaysWorker.token());
    unregistered = edge.launched();
    ourBeats = ours.heartbeats();
    quaysBeats = quays.heartbeats();
    ourLogs = ours.logs();
    quaysLogs = quays.logs();
    assertThat(ourBeats.ask(ours.beat()).getReply()).isTrue();
    assertThat(quaysBeats.ask(quays.beat()).getReply()).isTrue();
    ourLogs.ask(ours.lines("before\n"));
    quaysLogs.ask(quays.lines("before\n"));
  }

  @AfterEach
  void stop() {
    edge.close();
  }

  @Test
  void anAgentIsHeldForEightSecondsAndQuaysForAsLongAsItTakes() throws Exception {
    redis.process().kill();
    long killed = System.nanoTime();
    ourBeats.send(ours.beat());
    quaysBeats.send(quays.beat());
    ourLogs.send(ours.lines("ours, meanwhile\n"));
    quaysLogs.send(quays.lines("quays, meanwhile\n"));
    CompletableFuture<Status> phase = status(() -> ours.enter(UNPACKING));
    SimulatedAgent late = SimulatedAgent.ours(edge.channel());
    CompletableFuture<Status> registration = status(() -> late.register(unregistered.token()));

    assertThat(ourBeats.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(ourLogs.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(phase.get(20, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(registration.get(20, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(Duration.ofNanos(System.nanoTime() - killed)).isBetween(HELD_AT_LEAST, HELD_AT_MOST);
    assertThat(quaysBeats.isQuiet()).as("held on").isTrue();
    assertThat(quaysLogs.isQuiet()).as("held on").isTrue();

    redis.process().start();
    assertThat(quaysBeats.next().getReply()).isTrue();
    assertThat(quaysLogs.next().getSequenceNumber()).isEqualTo(2);
    assertThat(edge.output(quaysWorker.build()))
        .as("nothing was dropped")
        .containsExactly("before\n", "quays, meanwhile\n");
    assertThat(late.register(unregistered.token()).getJobJwt()).isNotEmpty();
  }

  @Test
  void aShortOutageIsNoticedByNobody() throws Exception {
    redis.process().kill();
    ourBeats.send(ours.beat());
    ourLogs.send(ours.lines("meanwhile\n"));
    CompletableFuture<Status> phase = status(() -> ours.enter(UNPACKING));
    redis.process().start();

    assertThat(ourBeats.next().getReply()).isTrue();
    assertThat(ourLogs.next().getSuccess()).isTrue();
    assertThat(phase.get(20, TimeUnit.SECONDS).isOk()).isTrue();
  }

  @Test
  void aRedisThatHangsIsAwayToo() throws Exception {
    redis.process().pause();
    try {
      ourBeats.send(ours.beat());
      assertThat(ourBeats.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    } finally {
      redis.process().resume();
    }
    var again = ours.heartbeats();
    assertThat(again.ask(ours.beat()).getReply()).as("redialled").isTrue();
  }

  @Test
  void healthSendsLoadBalancersElsewhereMeanwhile() {
    assertThat(health()).isEqualTo(ServingStatus.SERVING);
    redis.process().kill();
    ourBeats.send(ours.beat());
    await().untilAsserted(() -> assertThat(health()).isEqualTo(ServingStatus.NOT_SERVING));

    redis.process().start();
    await().untilAsserted(() -> assertThat(health()).isEqualTo(ServingStatus.SERVING));
  }

  private ServingStatus health() {
    return HealthGrpc.newBlockingStub(edge.channel())
        .check(HealthCheckRequest.newBuilder().setService(BuildManagerGrpc.SERVICE_NAME).build())
        .getStatus();
  }

  /** Without the deadline that a test's call has: it must be the manager that ends it. */
  private static CompletableFuture<Status> status(Callable<?> call) {
    CompletableFuture<Status> status = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                call.call();
                status.complete(Status.OK);
              } catch (StatusRuntimeException e) {
                status.complete(e.getStatus());
              } catch (Exception e) {
                status.completeExceptionally(e);
              }
            });
    return status;
  }
}
