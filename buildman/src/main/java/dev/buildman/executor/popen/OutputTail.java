package dev.buildman.executor.popen;

import dev.buildman.executor.OutputMask;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The end of a worker's output, fit to be kept: few lines, none long, no secret. */
final class OutputTail {
  private static final int LINES = 20;
  private static final int BYTES = 16 * 1024;

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
            .map(line -> OutputMask.mask(line, token))
            .filter(l -> !l.isBlank())
            .toList();
    return lines.subList(Math.max(0, lines.size() - LINES), lines.size());
  }
}
