package dev.buildman.edge.agent;

import static dev.buildman.proto.agent.Phase.UNPACKING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.buildlogs.LogPage;
import dev.buildman.proto.agent.LogMessageResponse;
import dev.buildman.testing.agent.SimulatedAgent;
import dev.buildman.testing.redis.RedisTest;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What log lines are answered, case by case, while Redis is there. */
@RedisTest
class LogAnswersIT extends AnswersFixture {
  @Test
  void linesAreStoredInOrderAndAcknowledged() throws Exception {
    agent.register(worker.token());
    var logs = agent.logs();

    assertThat(logs.ask(agent.lines("one\n"))).isEqualTo(stored(1));
    assertThat(logs.ask(agent.lines("two\n", "three\n"))).isEqualTo(stored(3));
    assertThat(edge.output(worker.build())).containsExactly("one\n", "two\n", "three\n");
  }

  @Test
  void aStreamMayOpenBeforeAnyTokenExistsAndStaySilent() throws Exception {
    var logs = agent.logs();
    agent.register(worker.token());
    agent.enter(UNPACKING);

    assertThat(logs.isOpen()).isTrue();
    assertThat(logs.ask(agent.lines("late\n"))).isEqualTo(stored(1));
  }

  @Test
  void aReplayIsAcknowledgedWithTheStoredSequenceAndStoredOnce() throws Exception {
    agent.register(worker.token());
    var logs = agent.logs();
    logs.ask(agent.lines(3, "a\n", "b\n", "c\n"));

    assertThat(logs.ask(agent.lines(2, "a\n", "b\n"))).isEqualTo(stored(3));
    assertThat(logs.ask(agent.lines(4, "c\n", "d\n"))).isEqualTo(stored(4));
    assertThat(edge.output(worker.build())).containsExactly("a\n", "b\n", "c\n", "d\n");
  }

  /** Sequences begin at 1: a batch of three cannot end with 2. */
  @Test
  void aBatchWithMoreLinesThanItsNumberIsRefused() throws Exception {
    agent.register(worker.token());
    var logs = agent.logs();

    assertThat(logs.ask(agent.lines(2, "a\n", "b\n", "c\n")).getSuccess()).isFalse();
    assertThat(edge.output(worker.build())).isEmpty();
    assertThat(logs.ask(agent.lines(3, "a\n", "b\n", "c\n"))).isEqualTo(stored(3));
  }

  @Test
  void manyMessagesAtOnceKeepTheirOrder() throws Exception {
    agent.register(worker.token());
    var logs = agent.logs();
    for (int i = 1; i <= 300; i++) {
      logs.send(agent.lines(i, "line " + i));
    }

    List<LogMessageResponse> answers = logs.next(300);
    assertThat(answers.getLast()).isEqualTo(stored(300));
    assertThat(answers).allMatch(LogMessageResponse::getSuccess);
    assertThat(edge.output(worker.build())).hasSize(300).startsWith("line 1").endsWith("line 300");
  }

  @Test
  void aSessionThatIsOverIsRefusedWithTheLinesNumberAndTheStreamStaysOpen() throws Exception {
    agent.register(worker.token());
    var logs = agent.logs();
    SimulatedAgent.ours(edge.channel()).register(worker.token());

    LogMessageResponse answer = logs.ask(agent.lines(5, "x"));
    assertThat(answer.getSuccess()).isFalse();
    assertThat(answer.getSequenceNumber()).isEqualTo(5);
    assertThat(logs.isOpen()).isTrue();
  }

  @Test
  void aForgedTokenEndsTheStream() throws Exception {
    var logs = agent.withJobToken("JOB-JWT-1").logs();
    logs.send(agent.lines("x"));

    assertThat(logs.end().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
  }

  @Test
  void aLineThatIsTooLongIsDividedAndTheStreamGoesOn() throws Exception {
    agent.register(worker.token());
    var logs = agent.logs();
    String text = "x".repeat(5 << 20) + "\n";

    assertThat(logs.ask(agent.lines(text))).isEqualTo(stored(1));
    assertThat(logs.ask(agent.lines("after\n")))
        .as("one number for all parts")
        .isEqualTo(stored(2));
    List<String> output = edge.output(worker.build());
    assertThat(output).allMatch(part -> part.length() <= 16 << 10);
    assertThat(output.getLast()).isEqualTo("after\n");
    assertThat(String.join("", output)).isEqualTo(text + "after\n");
  }

  @Test
  void linesKeepTheLease() throws Exception {
    agent.register(worker.token());
    edge.orchestrator.advance(Duration.ofSeconds(30));
    agent.logs().ask(agent.lines("alive"));

    await()
        .untilAsserted(
            () ->
                assertThat(edge.orchestrator.jobOf(worker.build()).times().deadline())
                    .isAfterOrEqualTo(edge.orchestrator.now().plusSeconds(60)));
  }

  @Test
  void theAgentsEndIsAnsweredAfterItsLastLine() throws Exception {
    agent.register(worker.token());
    var logs = agent.logs();
    logs.send(agent.lines("last"));
    logs.complete();

    assertThat(logs.next()).isEqualTo(stored(1));
    assertThat(logs.end().isOk()).isTrue();
  }

  @Test
  void onlyItsEndAndNoBreakOfItSaysThatAllLinesAreThere() throws Exception {
    agent.register(worker.token());
    var broken = agent.logs();
    broken.ask(agent.lines("first"));
    broken.cancel();
    await()
        .during(Duration.ofMillis(200))
        .untilAsserted(() -> assertThat(logState()).isEqualTo(LogPage.State.OPEN));

    var whole = agent.logs();
    whole.ask(agent.lines("second"));
    whole.complete();
    await().untilAsserted(() -> assertThat(logState()).isEqualTo(LogPage.State.FINISHED));
  }

  private LogPage.State logState() {
    return edge.logs.read(worker.build(), 0, 1).state();
  }

  private static LogMessageResponse stored(int sequence) {
    return LogMessageResponse.newBuilder().setSuccess(true).setSequenceNumber(sequence).build();
  }
}
