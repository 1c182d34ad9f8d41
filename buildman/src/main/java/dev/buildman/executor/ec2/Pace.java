package dev.buildman.executor.ec2;

import java.time.Duration;

/**
 * How often the provider is asked, and how long its answers count.
 *
 * @param watched between two looks while there are workers
 * @param idle the same while there are none
 * @param fresh age of a look that answers whether a worker is gone
 * @param settled how long an instance has to be missing until it is not there: the provider's lists
 *     lag behind, by minutes at worst (E5)
 * @param console how long an end waits for the last words on its console
 */
record Pace(Duration watched, Duration idle, Duration fresh, Duration settled, Duration console) {
  static final Pace USUAL =
      new Pace(
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofSeconds(1),
          Duration.ofMinutes(5),
          Duration.ofSeconds(20));
}
