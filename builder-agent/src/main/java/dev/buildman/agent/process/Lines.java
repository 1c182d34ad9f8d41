package dev.buildman.agent.process;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Cuts output into lines. A line longer than the limit is handed on in pieces, so that a program
 * which never ends its line costs no memory; a last line without an end is handed on at the end.
 */
public final class Lines implements OutputSink {
  private final Map<Channel, StringBuilder> begun = new EnumMap<>(Channel.class);
  private final int maxLine;
  private final BiConsumer<Channel, String> consumer;

  /**
   * @param maxLine characters of a line at most, at least 1
   * @param consumer gets each line without its end, on the channel's thread
   */
  public Lines(int maxLine, BiConsumer<Channel, String> consumer) {
    this.maxLine = maxLine;
    this.consumer = consumer;
    for (Channel channel : Channel.values()) {
      begun.put(channel, new StringBuilder());
    }
  }

  @Override
  public void accept(Channel channel, String text) {
    StringBuilder line = of(channel);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        flush(channel, line);
      } else {
        line.append(c);
        if (line.length() >= maxLine && !Character.isHighSurrogate(c)) {
          flush(channel, line);
        }
      }
    }
  }

  @Override
  public void end(Channel channel) {
    StringBuilder line = of(channel);
    if (!line.isEmpty()) {
      flush(channel, line);
    }
  }

  private StringBuilder of(Channel channel) {
    StringBuilder line = begun.get(channel);
    if (line == null) {
      throw new IllegalStateException("every channel was given a line");
    }
    return line;
  }

  private void flush(Channel channel, StringBuilder line) {
    int length = line.length();
    if (length > 0 && line.charAt(length - 1) == '\r') {
      line.setLength(length - 1);
    }
    String whole = line.toString();
    line.setLength(0);
    consumer.accept(channel, whole);
  }
}
