package dev.buildman;

/** The manager cannot run in its present surroundings; the message says why and what to do. */
public final class StartRefused extends RuntimeException {

  private static final long serialVersionUID = 1L;

  StartRefused(String message) {
    super(message);
  }
}
