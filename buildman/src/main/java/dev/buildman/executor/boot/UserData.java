package dev.buildman.executor.boot;

import dev.buildman.model.Secret;

/** What a machine is handed at its launch, or why there is none. */
public sealed interface UserData {

  /**
   * A document of Ignition, as text.
   *
   * @param text holds the registration token and the credentials of the worker's image
   * @param packed whether it had to be compressed to fit
   */
  record Made(Secret text, boolean packed) implements UserData {}

  /** It cannot be handed over; the sentence says what to do and carries no secret. */
  record Refused(String sentence) implements UserData {}
}
