package dev.buildman.executor;

import java.util.regex.Pattern;

/** Makes a line that a worker printed fit to be shown: no secret, no escape sequence, not long. */
public final class OutputMask {
  private static final int LINE_LENGTH = 500;
  private static final String MASK = "***";
  // Quay's worker prints its tokens in clear; all of them are JWTs.
  private static final Pattern JWT =
      Pattern.compile("eyJ[A-Za-z0-9_-]{4,}\\.[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]*)?");
  private static final Pattern URL_LOGIN = Pattern.compile("(?<=://)[^/\\s@]+@");
  private static final Pattern NAMED =
      Pattern.compile(
          "(?i)\\b((?:[a-z_]*token|password|passwd|secret|authorization)[\"']?\\s*[:=]\\s*"
              + "(?:bearer |basic )?[\"']?)[^\\s\"',}]+");
  private static final Pattern ESCAPES = Pattern.compile("\u001b\\[[0-9;?]*[ -/]*[@-~]");

  private OutputMask() {}

  /** A line of a worker whose token is not at hand: tokens are known by their form. */
  public static String mask(String line) {
    return mask(line, "");
  }

  /**
   * A line of a worker.
   *
   * @param token of that worker; empty when it is not known any more
   */
  public static String mask(String line, String token) {
    String plain = ESCAPES.matcher(line).replaceAll("");
    String masked = token.isEmpty() ? plain : plain.replace(token, MASK);
    masked = JWT.matcher(masked).replaceAll(MASK);
    masked = URL_LOGIN.matcher(masked).replaceAll(MASK + "@");
    masked = NAMED.matcher(masked).replaceAll("$1" + MASK);
    return masked.length() <= LINE_LENGTH ? masked : masked.substring(0, LINE_LENGTH) + "...";
  }
}
