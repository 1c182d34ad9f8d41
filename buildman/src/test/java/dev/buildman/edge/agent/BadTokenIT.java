package dev.buildman.edge.agent;

import static dev.buildman.proto.agent.Phase.UNPACKING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.model.AgentKind;
import dev.buildman.model.Phase;
import dev.buildman.model.Secret;
import dev.buildman.model.SessionRef;
import dev.buildman.proto.agent.CachedTagRequest;
import dev.buildman.testing.agent.SimulatedAgent;
import dev.buildman.testing.agent.StreamProbe;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import dev.buildman.token.Grant;
import dev.buildman.token.TokenFault;
import dev.buildman.token.Tokens;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tokens that speak for nobody, at every call: the agent is told why, and nothing is changed. */
@RedisTest
class BadTokenIT {
  private static final Duration LIFE = Duration.ofMinutes(10);

  /** How a token is bad, made from the grants that a good one would hold. */
  enum Bad {
    NONE(TokenFault.MALFORMED),
    NO_TOKEN(TokenFault.MALFORMED),
    FORGED(TokenFault.FORGED),
    EXPIRED(TokenFault.EXPIRED),
    FOREIGN(TokenFault.FOREIGN),
    UNKNOWN_KEY(TokenFault.UNKNOWN_KEY);

    private final TokenFault fault;

    Bad(TokenFault fault) {
      this.fault = fault;
    }

    String make(Function<Tokens, String> mint) {
      return switch (this) {
        case NONE -> "";
        case NO_TOKEN -> "JOB-JWT-1";
        case FORGED -> altered(mint.apply(own()));
        case EXPIRED -> mint.apply(hoursAgo());
        case FOREIGN -> mint.apply(elsewhere());
        case UNKNOWN_KEY -> mint.apply(otherSecret());
      };
    }

    private static Tokens own() {
      return EdgeFixture.tokens(EdgeFixture.SECRET, EdgeFixture.AUDIENCE, InstantSource.system());
    }

    private static Tokens hoursAgo() {
      InstantSource before = InstantSource.offset(InstantSource.system(), Duration.ofHours(-2));
      return EdgeFixture.tokens(EdgeFixture.SECRET, EdgeFixture.AUDIENCE, before);
    }

    private static Tokens elsewhere() {
      return EdgeFixture.tokens(EdgeFixture.SECRET, "elsewhere:1", InstantSource.system());
    }

    private static Tokens otherSecret() {
      return EdgeFixture.tokens(
          Secret.of("somebody else's secret"), EdgeFixture.AUDIENCE, InstantSource.system());
    }

    /** Another signature. */
    private static String altered(String token) {
      int at = token.lastIndexOf('.') + 10;
      char other = token.charAt(at) == 'A' ? 'B' : 'A';
      return token.substring(0, at) + other + token.substring(at + 1);
    }
  }

  private EdgeFixture edge;
  private EdgeFixture.Launched worker;
  private SimulatedAgent agent;

  @BeforeEach
  void start(TestRedis redis) {
    edge = new EdgeFixture(redis);
    worker = edge.launched();
    agent = SimulatedAgent.ours(edge.channel());
  }

  @AfterEach
  void stop() {
    edge.close();
  }

  @ParameterizedTest
  @EnumSource
  void registersNobody(Bad bad) {
    String before = edge.orchestrator.dump(worker.build());
    String token = bad.make(tokens -> tokens.mint(worker.grant(), LIFE));

    assertRefused(() -> agent.register(token), bad.fault);

    assertThat(edge.orchestrator.dump(worker.build())).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource
  void movesNoPhaseAndAsksForNoTag(Bad bad) {
    SimulatedAgent impostor = impostor(bad);
    String before = edge.orchestrator.dump(worker.build());

    assertRefused(() -> impostor.enter(UNPACKING), bad.fault);
    assertRefused(
        () ->
            impostor
                .calls()
                .determineCachedTag(
                    CachedTagRequest.newBuilder().setJobJwt(impostor.jobToken()).build()),
        bad.fault);

    assertThat(edge.orchestrator.dump(worker.build())).isEqualTo(before);
    assertThat(edge.orchestrator.phase(worker.build())).isEqualTo(Phase.BUILD_SCHEDULED);
  }

  @ParameterizedTest
  @EnumSource
  void neitherBeatsNorLogs(Bad bad) throws Exception {
    SimulatedAgent impostor = impostor(bad);
    String before = edge.orchestrator.dump(worker.build());

    var beats = impostor.heartbeats();
    beats.send(impostor.beat());
    assertEnded(beats, bad.fault);
    var logs = impostor.logs();
    logs.send(impostor.lines("forged"));
    assertEnded(logs, bad.fault);

    assertThat(edge.orchestrator.dump(worker.build())).isEqualTo(before);
    assertThat(edge.output(worker.build())).isEmpty();
  }

  @Test
  void aTokenOfTheOtherKindIsNamedAsSuch() {
    String job = agent.register(worker.token()).getJobJwt();
    SimulatedAgent confused = SimulatedAgent.ours(edge.channel()).withJobToken(worker.token());

    assertRefused(() -> confused.register(job), TokenFault.WRONG_KIND);
    assertRefused(() -> confused.enter(UNPACKING), TokenFault.WRONG_KIND);
  }

  /** Whoever finds the registration token of a worker that works has nothing. */
  @Test
  void aReusedTokenSaysSo() throws Exception {
    agent.register(worker.token());
    agent.heartbeats().ask(agent.beat());
    SimulatedAgent thief = SimulatedAgent.ours(edge.channel());

    assertThatThrownBy(() -> thief.register(worker.token()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION))
        .hasMessageContaining("TOKEN_SPENT");
    assertThat(agent.heartbeats().ask(agent.beat()).getReply()).as("the first lives on").isTrue();
  }

  /** With the token of a session that speaks for this build and this attempt, if it were good. */
  private SimulatedAgent impostor(Bad bad) {
    String good = agent.register(worker.token()).getJobJwt();
    SessionRef session =
        new SessionRef(worker.grant().job().attempt(), 1, worker.grant().job().nonce());
    Grant.Job grant = new Grant.Job(session, worker.grant().executor(), AgentKind.OURS);
    String token = bad.make(tokens -> tokens.mint(grant, LIFE));
    assertThat(token).isNotEqualTo(good);
    return SimulatedAgent.ours(edge.channel()).withJobToken(token);
  }

  private static void assertRefused(ThrowingCallable call, TokenFault fault) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class, e -> assertUnauthenticated(e.getStatus(), fault));
  }

  private static void assertEnded(StreamProbe<?, ?> stream, TokenFault fault) throws Exception {
    assertUnauthenticated(stream.end(), fault);
  }

  private static void assertUnauthenticated(Status status, TokenFault fault) {
    assertThat(status.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(status.getDescription()).isEqualTo(fault.sentence());
  }
}
