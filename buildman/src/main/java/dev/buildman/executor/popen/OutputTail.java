package dev.buildman.executor.popen;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The end of a worker's output, fit to be kept: few lines, none long, no secret. */
final class OutputTail {
  private static final int LINES = 20;
  private static final int LINE_LENGTH = 500;
  private static final int BYTES = 16 * 1024;

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

  private OutputTail() {}

  /** The last lines, oldest first; none where there is no such file. */
  static List<String> read(Path file, String token) {
    byte[] bytes;
    boolean cut;
    try (RandomAccessFile output = new RandomAccessFile(file.toFile(), "r")) {
      long from = Math.max(0, output.length() - BYTES);
      cut = from > 0;
      output.seek(from);
      bytes = new byte[(int) (output.length() - from)];
      output.readFully(bytes);
    } catch (IOException e) {
      return List.of();
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    List<String> lines =
        // The first line of a cut text is a part of one, and so may be of a secret: left out.
        text.lines()
            .skip(cut ? 1 : 0)
            .map(line -> mask(line, token))
            .filter(l -> !l.isBlank())
            .toList();
    return lines.subList(Math.max(0, lines.size() - LINES), lines.size());
  }

  static String mask(String line, String token) {
    String plain = ESCAPES.matcher(line).replaceAll("");
    String masked = token.isEmpty() ? plain : plain.replace(token, MASK);
    masked = JWT.matcher(masked).replaceAll(MASK);
    masked = URL_LOGIN.matcher(masked).replaceAll(MASK + "@");
    masked = NAMED.matcher(masked).replaceAll("$1" + MASK);
    return masked.length() <= LINE_LENGTH ? masked : masked.substring(0, LINE_LENGTH) + "...";
  }
}
