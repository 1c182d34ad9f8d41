package dev.buildman.edge.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.Phase;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.PingReply;
import dev.buildman.proto.agent.PingRequest;
import dev.buildman.testing.agent.SimulatedAgent;
import dev.buildman.testing.redis.RedisTest;
import io.grpc.Status;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What RegisterBuildJob is answered, case by case, while Redis is there. */
@RedisTest
class RegisterAnswersIT extends AnswersFixture {
  @Test
  void allWell() {
    BuildPack pack = agent.register(worker.token());

    assertThat(pack.getBuildId()).isEqualTo(worker.build().value());
    assertThat(pack.getAttempt()).isEqualTo(1);
    assertThat(pack.getPushToken()).as("the opened secret").isEqualTo("canary-push-token");
    assertThat(pack.getJobJwt()).isNotEmpty();
  }

  @Test
  void theLogIsRaisedBeforeTheWorkIsHandedOut() throws Exception {
    agent.register(worker.token());
    SimulatedAgent second = SimulatedAgent.ours(edge.channel());
    second.register(worker.token());

    assertThat(agent.logs().ask(agent.lines("late")).getSuccess())
        .as("before the second session has written anything")
        .isFalse();
  }

  @Test
  void aLostAnswerMayBeAskedForAgainAndFencesTheFirstSession() throws Exception {
    agent.register(worker.token());
    SimulatedAgent again = SimulatedAgent.ours(edge.channel());
    again.register(worker.token());

    assertThat(agent.heartbeats().ask(agent.beat()).getReply()).isFalse();
    assertThat(again.heartbeats().ask(again.beat()).getReply()).isTrue();
  }

  @Test
  void onceTheSessionHasBeatTheTokenIsSpent() throws Exception {
    agent.register(worker.token());
    agent.heartbeats().ask(agent.beat());

    assertStatus(() -> agent.register(worker.token()), Status.Code.FAILED_PRECONDITION)
        .hasMessageContaining("TOKEN_SPENT");
  }

  @Test
  void anEndedBuildIsRefusedWithItsReason() {
    edge.orchestrator.cancel.run(worker.build(), "alice", "");

    assertStatus(() -> agent.register(worker.token()), Status.Code.FAILED_PRECONDITION)
        .hasMessageContaining("ENDED")
        .hasMessageContaining("CANCELLED");
  }

  @Test
  void anAgentThatLacksACapabilityIsToldWhichAndTheBuildEnds() {
    EdgeFixture.Launched demanding = edge.launched(Map.of("A", "1"));

    assertStatus(() -> agent.register(demanding.token()), Status.Code.FAILED_PRECONDITION)
        .hasMessageContaining("AGENT_LACKS_CAPABILITY")
        .hasMessageContaining("build_args");
    assertThat(edge.orchestrator.phase(demanding.build())).isEqualTo(Phase.ERROR);
  }

  @Test
  void anAgentThatHasItGetsTheWork() {
    EdgeFixture.Launched demanding = edge.launched(Map.of("A", "1"));
    BuildPack pack = SimulatedAgent.ours(edge.channel(), "build_args").register(demanding.token());

    assertThat(pack.getBuildArgsMap()).containsEntry("A", "1");
  }

  @Test
  void aBuildWhoseSecretsNoLongerOpenEndsAtOnceAndSaysWhatToDo() {
    EdgeFixture.Launched lost = edge.launchedUnderALostKey();

    assertStatus(() -> agent.register(lost.token()), Status.Code.FAILED_PRECONDITION)
        .hasMessageContaining("SECRETS_GONE")
        .hasMessageContaining("SECRET_KEYS");
    var standing = edge.orchestrator.record(lost.build()).standing();
    assertThat(standing.phase()).isEqualTo(Phase.ERROR);
    assertThat(standing.reason()).isEqualTo("SECRETS_GONE");
  }

  @Test
  void aForgedForeignOrMalformedTokenIsNobodys() {
    String token = worker.token();
    int middle = token.indexOf('.') + 10;
    char other = token.charAt(middle) == 'A' ? 'B' : 'A';
    String forged = token.substring(0, middle) + other + token.substring(middle + 1);

    for (String bad : List.of("", "REG-JWT", forged)) {
      assertStatus(() -> agent.register(bad), Status.Code.UNAUTHENTICATED);
    }
    String jobToken = agent.register(token).getJobJwt();
    assertStatus(() -> agent.register(jobToken), Status.Code.UNAUTHENTICATED);
  }

  @Test
  void aMessageThatIsTooLargeIsRefused() {
    SimulatedAgent large =
        SimulatedAgent.ours(edge.channel(), "x".repeat(AgentLimits.REGISTER_BYTES));

    assertStatus(() -> large.register(worker.token()), Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void tooManyCallsForOneBuildAreRefused() {
    assertStatus(
        () -> {
          for (int i = 0; i < 200; i++) {
            agent.register(worker.token());
          }
        },
        Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void pingSaysWhoAnswers() {
    PingReply reply = agent.calls().ping(PingRequest.getDefaultInstance());

    assertThat(reply.getReply()).isEqualTo("pong");
    assertThat(reply.getServer()).isEqualTo("buildman/test");
  }
}
