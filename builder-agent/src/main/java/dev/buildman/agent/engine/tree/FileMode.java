package dev.buildman.agent.engine.tree;

/** Values of {@code --chmod}: octal numbers. */
public final class FileMode {

  private FileMode() {}

  /**
   * The permission bits.
   *
   * @throws TreeException when the text is no octal number up to 7777
   */
  public static int parse(String text) throws TreeException {
    if (!text.matches("[0-7]{1,5}") || Integer.parseInt(text, 8) > 07777) {
      throw new TreeException("--chmod=" + text + " is no octal mode; write it as 755 or 0644");
    }
    return Integer.parseInt(text, 8);
  }
}
