package dev.buildman.edge.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.testing.agent.SimulatedAgent;
import dev.buildman.testing.redis.TestRedis;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A manager with one worker that was launched, and an agent that has not registered yet. */
abstract class AnswersFixture {
  EdgeFixture edge;
  EdgeFixture.Launched worker;
  SimulatedAgent agent;

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

  static AbstractThrowableAssert<?, ?> assertStatus(ThrowingCallable call, Status.Code code) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class, e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
  }
}
