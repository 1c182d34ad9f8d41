package dev.buildman.agent.engine.tree;

/**
 * Files that cannot be copied or read as asked. The message is a sentence for the author of the
 * Dockerfile.
 */
public final class TreeException extends Exception {

  private static final long serialVersionUID = 1L;

  public TreeException(String message) {
    super(message);
  }
}
