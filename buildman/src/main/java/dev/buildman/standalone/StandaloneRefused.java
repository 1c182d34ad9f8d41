package dev.buildman.standalone;

/** Standalone cannot run here; the message says why and what to do. */
public final class StandaloneRefused extends RuntimeException {

  private static final long serialVersionUID = 1L;

  StandaloneRefused(String message) {
    super(message);
  }

  StandaloneRefused(String message, Throwable cause) {
    super(message + ": " + cause.getMessage(), cause);
  }
}
