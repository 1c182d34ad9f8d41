package dev.buildman.testing.ec2;

import java.time.Duration;
import java.util.Optional;

/**
 * What a request gets beside, or instead of, its true answer.
 *
 * @param instead of the answer
 * @param doIt the request is carried out all the same
 * @param cut the connection ends without an answer
 * @param delay before anything happens
 */
public record Ec2Fault(Optional<Ec2Error> instead, boolean doIt, boolean cut, Duration delay) {

  /** An error, and nothing is done. */
  public static Ec2Fault refuse(Ec2Error error) {
    return new Ec2Fault(Optional.of(error), false, false, Duration.ZERO);
  }

  /** All is done, and then the service fails. */
  public static Ec2Fault failAfterwards() {
    return new Ec2Fault(Optional.of(Ec2Error.internal()), true, false, Duration.ZERO);
  }

  /** All is done, and the answer is lost (E4). */
  public static Ec2Fault loseTheAnswer() {
    return new Ec2Fault(Optional.empty(), true, true, Duration.ZERO);
  }

  /** The connection ends before anything is done. */
  public static Ec2Fault breakOff() {
    return new Ec2Fault(Optional.empty(), false, true, Duration.ZERO);
  }

  /** The true answer, late: after a client's time has passed, it is lost (E4). */
  public static Ec2Fault late(Duration delay) {
    return new Ec2Fault(Optional.empty(), true, false, delay);
  }
}
