package dev.buildman.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.Installation;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Nonce;
import org.junit.jupiter.api.Test;

class ExecutionNameTest {
  private static final BuildId BUILD = new BuildId("01234567-89ab-cdef-0123-456789abcdef");
  private static final Installation INSTALLATION = new Installation("0123456789ab", "state");
  private static final Nonce NONCE = nonce(1);

  @Test
  void isTheSameForTheSameAttemptAndAnotherForAnotherClaim() {
    AttemptId attempt = new AttemptId(BUILD, 2);

    ExecutionName name = ExecutionName.of(INSTALLATION, attempt, NONCE);

    assertThat(name).isEqualTo(ExecutionName.of(INSTALLATION, attempt, NONCE));
    // A failover that loses writes gives the attempt's number out again.
    assertThat(name).isNotEqualTo(ExecutionName.of(INSTALLATION, attempt, nonce(2)));
    assertThat(name.value()).startsWith(ExecutionName.prefix(INSTALLATION));
  }

  @Test
  void tellsItsAttempt() {
    AttemptId attempt = new AttemptId(BUILD, 17);

    assertThat(ExecutionName.of(INSTALLATION, attempt, NONCE).attempt()).contains(attempt);
    assertThat(new ExecutionName("something-else").attempt()).isEmpty();
  }

  @Test
  void isADnsLabelWhateverTheInstallationIsCalled() {
    // K24: 63 characters, ends alphanumeric; E4: a client token has 64 at most.
    Installation odd = new Installation("Our_Very.Long Installation, Ümlaut", "state");

    ExecutionName name = ExecutionName.of(odd, new AttemptId(BUILD, 9_999_999), NONCE);

    assertThat(name.value()).hasSizeLessThanOrEqualTo(63).matches("[a-z0-9-]*[a-z0-9]");
    assertThat(name.attempt()).isPresent();
  }

  @Test
  void refusesWhatIsNoLabel() {
    assertThatThrownBy(() -> new ExecutionName("-x")).isInstanceOf(IllegalArgumentException.class);
    assertThat(ExecutionName.parse("../x")).isEmpty();
    assertThat(ExecutionName.parse("x".repeat(64))).isEmpty();
  }

  private static Nonce nonce(long counter) {
    return new Nonce(new ManagerId("m"), counter, "00112233445566778899aabbccddeeff");
  }
}
