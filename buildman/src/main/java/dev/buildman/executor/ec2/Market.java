package dev.buildman.executor.ec2;

import java.util.Locale;

/** On which terms an instance is had. */
enum Market {
  /** Cheaper, and taken back by the provider at two minutes' notice. */
  SPOT,
  ON_DEMAND;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
