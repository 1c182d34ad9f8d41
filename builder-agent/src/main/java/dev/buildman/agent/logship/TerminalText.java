package dev.buildman.agent.logship;

import dev.buildman.agent.runtime.Ticker;
import java.time.Duration;

/**
 * Makes what programs print for a terminal readable in a log, over any cut into pieces. Colours
 * stay. What moves the cursor, clears or names the window goes. Of a line that is overwritten again
 * and again ({@code \r} and a new state of a progress bar) one state a second is kept, and always
 * the last. Bytes of no text, which arrive as control characters and broken pairs, become the sign
 * for an unknown character, one for a run of them. For one thread.
 */
final class TerminalText {
  private static final char ESCAPE = '\u001b';
  private static final char BELL = '\u0007';
  private static final char UNKNOWN = '\uFFFD';
  private static final Duration STATE_PAUSE = Duration.ofSeconds(1);

  /** No sequence of any terminal is longer; what follows such a beginning is text again. */
  private static final int LONGEST_SEQUENCE = 256;

  private enum Mode {
    TEXT,
    ESCAPED,
    CONTROL,
    STRING
  }

  private final Ticker ticker;
  private final StringBuilder shown = new StringBuilder();
  private final StringBuilder sequence = new StringBuilder();

  /** The present state of a line that is being overwritten; what came before it was given out. */
  private final StringBuilder state = new StringBuilder();

  private Mode mode = Mode.TEXT;
  private char high;
  private boolean returned;
  private boolean overwriting;
  private boolean unknown;
  private long stateAt;
  private boolean stateGiven;

  TerminalText(Ticker ticker) {
    this.ticker = ticker;
  }

  /** The next piece; returns what can be shown by now. */
  String feed(String piece) {
    int i = 0;
    while (i < piece.length()) {
      int plain = plain(piece, i);
      if (plain > i) {
        unknown = false;
        line().append(piece, i, plain);
        i = plain;
      } else {
        take(piece.charAt(i++));
      }
    }
    return taken();
  }

  /** Where the run of ordinary characters ends that begins here: nearly all of every log. */
  private int plain(String piece, int from) {
    int end = from;
    if (mode == Mode.TEXT && high == 0 && !returned) {
      while (end < piece.length() && piece.charAt(end) >= ' ' && piece.charAt(end) <= '~') {
        end++;
      }
    }
    return end;
  }

  /** The text ends here; returns the rest. */
  String end() {
    if (high != 0) {
      high = 0;
      unknown();
    }
    mode = Mode.TEXT;
    sequence.setLength(0);
    returned = false;
    shown.append(state);
    state.setLength(0);
    overwriting = false;
    stateGiven = false;
    unknown = false;
    return taken();
  }

  private String taken() {
    String text = shown.toString();
    shown.setLength(0);
    return text;
  }

  private void take(char c) {
    switch (mode) {
      case TEXT -> text(c);
      case ESCAPED -> escaped(c);
      case CONTROL -> control(c);
      case STRING -> string(c);
    }
  }

  private void text(char c) {
    if (high != 0) {
      char first = high;
      high = 0;
      if (Character.isLowSurrogate(c)) {
        unknown = false;
        line().append(first).append(c);
        return;
      }
      unknown();
    }
    if (returned && c != '\n' && c != '\r') {
      overwrite();
    }
    switch (c) {
      case '\n' -> newline();
      case '\r' -> returned = true;
      case ESCAPE -> mode = Mode.ESCAPED;
      case '\t' -> visible("\t");
      default -> character(c);
    }
  }

  private void character(char c) {
    if (Character.isHighSurrogate(c)) {
      high = c;
    } else if (Character.isLowSurrogate(c) || Character.isISOControl(c) || c == UNKNOWN) {
      unknown();
    } else {
      visible(String.valueOf(c));
    }
  }

  private void visible(String text) {
    unknown = false;
    line().append(text);
  }

  private void unknown() {
    if (!unknown) {
      unknown = true;
      line().append(UNKNOWN);
    }
  }

  private StringBuilder line() {
    return overwriting ? state : shown;
  }

  private void newline() {
    shown.append(state).append('\n');
    state.setLength(0);
    overwriting = false;
    returned = false;
    unknown = false;
  }

  /** The cursor is at the line's begin, and something is printed over what stands there. */
  private void overwrite() {
    returned = false;
    if (overwriting && !state.isEmpty() && isDue()) {
      shown.append(state);
      stateAt = ticker.nanos();
      stateGiven = true;
    }
    state.setLength(0);
    state.append('\r');
    overwriting = true;
  }

  private boolean isDue() {
    return !stateGiven || ticker.since(stateAt).compareTo(STATE_PAUSE) >= 0;
  }

  private void escaped(char c) {
    sequence.setLength(0);
    mode =
        switch (c) {
          case '[' -> Mode.CONTROL;
          // Operating system commands, device control, and other strings that end with ST or BEL.
          case ']', 'P', 'X', '^', '_' -> Mode.STRING;
          case ESCAPE -> Mode.ESCAPED;
          default -> Mode.TEXT;
        };
    if (mode == Mode.TEXT && (c == '\n' || c == '\r')) {
      text(c);
    }
  }

  private void control(char c) {
    boolean last = c >= '@' && c <= '~';
    if (last) {
      mode = Mode.TEXT;
      if (c == 'm') {
        visible(ESCAPE + "[" + sequence + "m");
      }
    } else if (c < ' ' || c > '~' || sequence.length() >= LONGEST_SEQUENCE) {
      mode = Mode.TEXT;
      text(c);
    } else {
      sequence.append(c);
    }
  }

  private void string(char c) {
    if (c == BELL || (c == '\\' && endsWithEscape()) || sequence.length() >= LONGEST_SEQUENCE) {
      mode = Mode.TEXT;
    } else if (c == '\n') {
      mode = Mode.TEXT;
      text(c);
    } else {
      sequence.append(c);
    }
  }

  private boolean endsWithEscape() {
    return !sequence.isEmpty() && sequence.charAt(sequence.length() - 1) == ESCAPE;
  }
}
