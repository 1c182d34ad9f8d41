package dev.buildman.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.ManagerId;
import dev.buildman.model.Nonce;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NoncesTest {

  @Test
  void growAndNeverRepeat() {
    Nonces nonces = new Nonces(new ManagerId("m"), new Random(1));

    Nonce first = nonces.next();
    Nonce second = nonces.next();

    assertThat(first.counter()).isEqualTo(1);
    assertThat(second.counter()).isEqualTo(2);
    assertThat(second.random()).isNotEqualTo(first.random());
    assertThat(first.manager()).isEqualTo(new ManagerId("m"));
  }
}
