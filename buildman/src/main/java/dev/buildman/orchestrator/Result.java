package dev.buildman.orchestrator;

import java.util.Optional;
import java.util.function.Function;

/**
 * The answer of a transition. Whatever it is, the script ran whole; where no answer comes ({@link
 * dev.buildman.redis.RedisUnavailable}) the caller repeats the same command unchanged.
 *
 * @param <T> what the caller learns when the transition holds
 */
public sealed interface Result<T> {
  /** The transition was made by this command. */
  record Applied<T>(T value) implements Result<T> {}

  /** The same command had been applied before: nothing was written. */
  record AlreadyThere<T>(T value) implements Result<T> {}

  /**
   * The state does not allow it: nothing was written.
   *
   * @param detail what the script adds, for example the reason code of an end; may be empty
   */
  record Refused<T>(Refusal refusal, String detail) implements Result<T> {}

  /** The value of a transition that holds, now or since before; empty when refused. */
  default Optional<T> held() {
    return switch (this) {
      case Applied<T>(T value) -> Optional.of(value);
      case AlreadyThere<T>(T value) -> Optional.of(value);
      case Refused<T> _ -> Optional.empty();
    };
  }

  /** Why not; empty when the transition holds. */
  default Optional<Refusal> why() {
    return this instanceof Refused<T>(Refusal refusal, String _)
        ? Optional.of(refusal)
        : Optional.empty();
  }

  /** Whether it was refused for exactly this. */
  default boolean refused(Refusal refusal) {
    return this instanceof Refused<T> refused && refused.refusal() == refusal;
  }

  /** The same answer with another value. */
  default <R> Result<R> map(Function<? super T, ? extends R> function) {
    return switch (this) {
      case Applied<T>(T value) -> new Applied<>(function.apply(value));
      case AlreadyThere<T>(T value) -> new AlreadyThere<>(function.apply(value));
      case Refused<T>(Refusal refusal, String detail) -> new Refused<>(refusal, detail);
    };
  }
}
