package dev.buildman.cli;

import dev.buildman.client.PackedContext;
import java.util.Locale;

/**
 * Shows how far a folder is sent: a line that counts on a terminal, one line at the end elsewhere.
 */
final class UploadProgress implements AutoCloseable {

  private static final String CLEAR = "\r\u001b[K";
  private static final int STEP = 1 << 20;

  private final Terminal terminal;
  private final PackedContext packed;
  private final boolean quiet;
  private long shown;

  private UploadProgress(Terminal terminal, PackedContext packed, boolean quiet) {
    this.terminal = terminal;
    this.packed = packed;
    this.quiet = quiet;
  }

  static UploadProgress of(Terminal terminal, PackedContext packed, boolean quiet) {
    return new UploadProgress(terminal, packed, quiet);
  }

  void sent(long bytes) {
    if (quiet || !terminal.live() || bytes - shown < STEP) {
      return;
    }
    shown = bytes;
    terminal.err().print(CLEAR + "sending %s of %s".formatted(size(bytes), size(packed.size())));
    terminal.err().flush();
  }

  void done(boolean existing) {
    clear();
    if (!quiet) {
      terminal
          .err()
          .println(
              "context: %d entries, %s%s"
                  .formatted(
                      packed.entries(),
                      size(packed.size()),
                      existing ? ", there already" : ", sent"));
    }
  }

  private void clear() {
    if (shown > 0) {
      terminal.err().print(CLEAR);
      shown = 0;
    }
  }

  @Override
  public void close() {
    clear();
  }

  /** {@code 812 B}, {@code 3.4 MB}. */
  static String size(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    if (bytes < 1_000_000) {
      return String.format(Locale.ROOT, "%.1f kB", bytes / 1e3);
    }
    return bytes < 1_000_000_000
        ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
        : String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }
}
