package dev.buildman.schedule;

import dev.buildman.model.ManagerId;
import dev.buildman.model.Nonce;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** Makes a manager's claims unique: a counter that only grows, and random bytes. */
public final class Nonces {
  private static final int RANDOM_BYTES = 16;

  private final ManagerId manager;
  private final RandomGenerator random;
  private final AtomicLong counter = new AtomicLong();

  /**
   * @param manager of this process alone
   * @param random safe for several threads, and not to be guessed
   */
  public Nonces(ManagerId manager, RandomGenerator random) {
    this.manager = manager;
    this.random = random;
  }

  Nonce next() {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    return Nonce.of(manager, counter.incrementAndGet(), bytes);
  }
}
