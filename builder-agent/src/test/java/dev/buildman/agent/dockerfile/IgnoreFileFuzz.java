package dev.buildman.agent.dockerfile;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Any text is an ignore file or an error with its line, and no pattern takes long. */
public final class IgnoreFileFuzz {
  private IgnoreFileFuzz() {}

  /** One input, as the fuzzer calls it: the rules, a NUL character, and a path. */
  public static void fuzzerTestOneInput(byte[] data) {
    String text = new String(data, UTF_8);
    int end = text.indexOf('\0');
    String rules = end < 0 ? text : text.substring(0, end);
    String path = end < 0 ? "a/b" : text.substring(end + 1);
    try {
      IgnoreFile file = IgnoreFile.parse(rules);
      boolean hidden = file.ignores(path);
      if (file.prunes(path) && !(hidden && file.ignores(path + "/below"))) {
        throw new AssertionError("a folder is left out whose files are wanted: " + path);
      }
      if (hidden && IgnoreFile.parse(rules + "\n!**").ignores(path)) {
        throw new AssertionError("an exception of everything did not except: " + path);
      }
    } catch (DockerfileException e) {
      if (e.line() < 1 || e.line() > rules.lines().count() + 1) {
        throw new AssertionError("an error without its place: " + e.line(), e);
      }
    }
  }
}
