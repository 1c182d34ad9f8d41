package dev.buildman.agent.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Set;
import java.util.regex.Pattern;

/** What is let through to git is an address of the web or of ssh, and nothing else. */
public final class GitUrlFuzz {
  private static final Pattern WEB =
      Pattern.compile("https?://[^\\s\\p{Cntrl}@/][^\\s\\p{Cntrl}]*");
  private static final Pattern SSH =
      Pattern.compile("ssh://([A-Za-z0-9_][A-Za-z0-9_.-]*@)?[^\\s\\p{Cntrl}@/-][^\\s\\p{Cntrl}]*");
  private static final Pattern SCP =
      Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9_\\[][^:/\\s]*.*:[^-:\\s].*");

  private GitUrlFuzz() {}

  /** One input, as the fuzzer calls it. */
  public static void fuzzerTestOneInput(byte[] data) {
    String text = new String(data, UTF_8);
    try {
      GitUrl url = GitUrl.parse(text);
      check(url);
      if (!GitUrl.parse(url.address()).address().equals(url.address())) {
        throw new AssertionError("an address is another one when read again: " + url.address());
      }
    } catch (SourceFailure e) {
      if (e.message().length() > 1000) {
        throw new AssertionError("a refusal without end: " + e.message().length(), e);
      }
    }
    revision(text);
  }

  private static void check(GitUrl url) {
    Pattern allowed = url.isWeb() ? WEB : url.address().startsWith("ssh://") ? SSH : SCP;
    boolean fine =
        Set.of("http", "https", "ssh").contains(url.scheme())
            && allowed.matcher(url.address()).matches()
            && !url.host().isEmpty()
            && !url.host().startsWith("-");
    if (!fine) {
      throw new AssertionError("let through: " + url.address());
    }
    String server = url.toString().replaceFirst("^https?://", "").replaceFirst("/.*", "");
    if (url.isWeb() && server.contains("@")) {
      throw new AssertionError("a login is shown: " + url);
    }
  }

  private static void revision(String text) {
    try {
      String name = Revision.checked(text);
      if (name.startsWith("-") || name.contains("..") || name.contains(" ") || name.contains(":")) {
        throw new AssertionError("let through: " + name);
      }
    } catch (SourceFailure e) {
      return;
    }
  }
}
