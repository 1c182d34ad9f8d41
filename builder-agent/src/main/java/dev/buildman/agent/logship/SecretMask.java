package dev.buildman.agent.logship;

import java.util.BitSet;
import java.util.List;

/**
 * Replaces secrets in a text that comes in pieces, also where a secret begins in one piece and ends
 * in another: the end of a piece that may be the beginning of a secret is kept back until more is
 * known. Overlapping secrets are covered together. For one thread.
 */
final class SecretMask {
  static final String MASK = "***";

  private final List<String> words;
  private final WrappedWords wrapped;
  private final StringBuilder pending = new StringBuilder();

  /** Which characters of {@code pending} belong to a secret that was masked. */
  private BitSet covered = new BitSet();

  /** Whether {@code pending} begins a line. */
  private boolean atLine;

  /** Whether the last thing that was given out is a mask, which may still go on. */
  private boolean open;

  SecretMask(Secrets secrets) {
    this.words = secrets.words();
    this.wrapped = new WrappedWords(secrets.encoded());
  }

  /** All of a text that stands for itself. */
  static String all(Secrets secrets, String text) {
    SecretMask mask = new SecretMask(secrets);
    return mask.feed(text) + mask.end();
  }

  /** The next piece; returns what can be shown by now. */
  String feed(String piece) {
    pending.append(piece);
    return giveOut(pending.length() - beginning(), new BitSet());
  }

  /** The text ends here; returns the rest. A rest that is a good part of a secret is masked too. */
  String end() {
    int rest = beginning();
    BitSet hidden = new BitSet();
    if (rest >= Secrets.SHORTEST) {
      for (int at = pending.length() - rest; at < pending.length(); at++) {
        hidden.set(at, pending.charAt(at) != '\n' && pending.charAt(at) != '\r');
      }
    }
    String shown = giveOut(pending.length(), hidden);
    open = false;
    covered = new BitSet();
    return shown;
  }

  private String giveOut(int length, BitSet hidden) {
    if (length == 0) {
      return "";
    }
    hidden.or(covered);
    words.forEach(word -> mark(word, hidden));
    wrapped.mark(pending, atLine, hidden);
    StringBuilder shown = new StringBuilder(length);
    boolean masked = open;
    for (int i = 0; i < length; i++) {
      if (!hidden.get(i)) {
        shown.append(pending.charAt(i));
      } else if (!masked) {
        shown.append(MASK);
      }
      masked = hidden.get(i);
    }
    open = masked;
    covered = hidden.get(length, pending.length());
    atLine = pending.charAt(length - 1) == '\n';
    pending.delete(0, length);
    return shown.toString();
  }

  private void mark(String word, BitSet hidden) {
    for (int at = pending.indexOf(word); at >= 0; at = pending.indexOf(word, at + 1)) {
      hidden.set(at, at + word.length());
    }
  }

  /** How long the end of what is pending is that may be the beginning of a secret. */
  private int beginning() {
    int longest = wrapped.beginning(pending, atLine);
    for (String word : words) {
      for (int n = Math.min(word.length() - 1, pending.length()); n > longest; n--) {
        if (endsWithBeginning(word, n)) {
          longest = n;
        }
      }
    }
    return longest;
  }

  private boolean endsWithBeginning(String word, int length) {
    int start = pending.length() - length;
    for (int i = 0; i < length; i++) {
      if (pending.charAt(start + i) != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
