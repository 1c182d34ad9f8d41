package dev.buildman.edge.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Ticker;
import dev.buildman.testing.agent.SimulatedAgent;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import dev.buildman.testing.tls.TestCertificate;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RedisTest
class AgentListenerIT {
  private EdgeFixture edge;
  private SimulatedAgent agent;

  @BeforeEach
  void start(TestRedis redis) {
    edge = new EdgeFixture(redis);
    agent = SimulatedAgent.ours(edge.channel());
    agent.register(edge.launched().token());
  }

  @AfterEach
  void stop() {
    edge.close();
  }

  /** G6: a server's end must not hang on its open streams. */
  @Test
  void aDrainingManagerKeepsItsStreamsAndThenSendsAgentsElsewhere() throws Exception {
    var beats = agent.heartbeats();
    beats.ask(agent.beat());
    CompletableFuture<Integer> drained = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                drained.complete(edge.listener.drain(Ticker.system(), Sleeper.system()));
              } catch (InterruptedException e) {
                drained.completeExceptionally(e);
              }
            });

    assertThat(beats.ask(agent.beat()).getReply()).as("kept while draining").isTrue();
    assertThat(beats.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(drained.get(20, TimeUnit.SECONDS)).as("streams left").isEqualTo(1);
    assertThatThrownBy(() -> agent.heartbeats().ask(agent.beat()));
  }

  @Test
  void withoutStreamsThereIsNothingToDrain() throws Exception {
    assertThat(edge.listener.drain(Ticker.system(), Sleeper.system())).isZero();
  }

  @Test
  void agentsAreToldNothingByReflection() throws Exception {
    CompletableFuture<Status> end = new CompletableFuture<>();
    var requests =
        ServerReflectionGrpc.newStub(edge.channel())
            .serverReflectionInfo(
                new StreamObserver<ServerReflectionResponse>() {
                  @Override
                  public void onNext(ServerReflectionResponse answer) {
                    end.complete(Status.OK);
                  }

                  @Override
                  public void onError(Throwable cause) {
                    end.complete(Status.fromThrowable(cause));
                  }

                  @Override
                  public void onCompleted() {
                    end.complete(Status.OK);
                  }
                });
    requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());

    assertThat(end.get(10, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  /** G2: a server of default settings answers the third ping within 5 min with GOAWAY. */
  @Test
  void anAgentMayPingEverySecond() throws Exception {
    try (Http2Pings pings = new Http2Pings(edge.listener.port())) {
      for (int i = 1; i <= 4; i++) {
        pings.ping();
        int expected = i;
        await()
            .untilAsserted(() -> assertThat(pings.frames(Http2Pings.PING_ACK)).hasSize(expected));
        pings.rest();
      }
      assertThat(pings.frames(Http2Pings.GOAWAY)).isEmpty();
    }
  }

  /** G9: beyond what is parsed at all the call ends with a reason. */
  @Test
  void aMessageBeyondTheListenersLimitIsRefusedWithAReason() {
    SimulatedAgent large =
        SimulatedAgent.ours(edge.channel(), "x".repeat(AgentLimits.MESSAGE_BYTES + 1));

    assertThatThrownBy(() -> large.register("token"))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED))
        .hasMessageContaining(String.valueOf(AgentLimits.MESSAGE_BYTES));
  }

  @Test
  void aTakenAddressIsNamed() {
    int port = edge.listener.port();

    assertThatThrownBy(() -> edge.listen(settings(port, Optional.empty())))
        .hasMessageContaining("AGENTS_LISTEN")
        .hasMessageContaining(String.valueOf(port));
  }

  @Test
  void overTlsItIsTheSame(@TempDir Path folder) throws Exception {
    TestCertificate made = TestCertificate.in(folder);
    AgentListenerSettings.Tls files = new AgentListenerSettings.Tls(made.certificate(), made.key());

    try (AgentListener tls = edge.listen(settings(0, Optional.of(files)))) {
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", tls.port())
              .sslContext(
                  GrpcSslContexts.forClient().trustManager(files.certificates().toFile()).build())
              .build();
      try {
        SimulatedAgent secret = SimulatedAgent.ours(channel).withJobToken(agent.jobToken());
        assertThat(secret.heartbeats().ask(secret.beat()).getReply()).isTrue();
      } finally {
        channel.shutdownNow();
      }
    }
  }

  @Test
  void filesThatAreNoCertificateAreNamed(@TempDir Path folder) throws Exception {
    Path nonsense = Files.writeString(folder.resolve("cert.pem"), "nonsense");
    var files = new AgentListenerSettings.Tls(nonsense, folder.resolve("missing.pem"));

    assertThatThrownBy(() -> edge.listen(settings(0, Optional.of(files))))
        .hasMessageContaining("AGENTS_TLS")
        .hasMessageContaining("cert.pem")
        .hasMessageContaining("missing.pem");
  }

  private static AgentListenerSettings settings(int port, Optional<AgentListenerSettings.Tls> tls) {
    return new AgentListenerSettings(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
        tls,
        Duration.ofSeconds(1),
        AgentRates.DEFAULT,
        "test");
  }
}
