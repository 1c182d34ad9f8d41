package dev.buildman.agent.logship;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The words that no log line may show: each secret as it is, as it stands in a URL, in JSON and in
 * Base64, wherever it begins there and however that is broken into lines, and the lines of secrets
 * of many lines.
 */
public final class Secrets {
  /** Shorter ones are in every text: to mask them would tell more than it hides. */
  static final int SHORTEST = 4;

  /** A line of a key is masked by itself from here on; shorter ones are as good as common words. */
  private static final int SHORTEST_LINE = 12;

  private static final Pattern ESCAPED = Pattern.compile("%[0-9A-F]{2}");

  private final List<String> words;
  private final List<String> encoded;

  private Secrets(Collection<String> words, Collection<String> encoded) {
    Set<String> all = new LinkedHashSet<>(words);
    all.addAll(encoded);
    this.words = List.copyOf(all);
    this.encoded = List.copyOf(encoded);
  }

  /** Of these secrets. */
  public static Secrets of(Collection<String> secrets) {
    Set<String> words = new LinkedHashSet<>();
    Set<String> encoded = new LinkedHashSet<>();
    for (String secret : secrets) {
      if (secret.strip().indexOf('\n') < 0) {
        add(words, encoded, secret.strip(), SHORTEST);
      } else {
        secret.lines().forEach(line -> add(words, encoded, line.strip(), SHORTEST_LINE));
        base64(encoded, secret);
      }
    }
    return new Secrets(words, encoded);
  }

  private static void add(Set<String> words, Set<String> encoded, String secret, int shortest) {
    if (secret.length() < shortest) {
      return;
    }
    words.add(secret);
    String form = URLEncoder.encode(secret, UTF_8);
    // A form encodes a blank as +, a path as %20; some write the digits small.
    for (String escaped : List.of(form, form.replace("+", "%20").replace("%7E", "~"))) {
      words.add(escaped);
      words.add(small(escaped));
    }
    words.add(secret.replace("\\", "\\\\").replace("\"", "\\\""));
    base64(encoded, secret);
  }

  private static String small(String encoded) {
    return ESCAPED.matcher(encoded).replaceAll(hex -> hex.group().toLowerCase(Locale.ROOT));
  }

  /**
   * In Base64 a text looks different by where it stands in what was encoded: of each of the three
   * ways the characters that depend on the secret alone, in both alphabets.
   */
  private static void base64(Set<String> words, String secret) {
    byte[] bytes = secret.getBytes(UTF_8);
    words.add(Base64.getEncoder().withoutPadding().encodeToString(bytes));
    words.add(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    for (int before = 0; before < 3; before++) {
      byte[] shifted = new byte[before + bytes.length];
      System.arraycopy(bytes, 0, shifted, before, bytes.length);
      int from = (8 * before + 5) / 6;
      int to = 8 * shifted.length / 6;
      if (to - from >= SHORTEST) {
        words.add(Base64.getEncoder().encodeToString(shifted).substring(from, to));
        words.add(Base64.getUrlEncoder().encodeToString(shifted).substring(from, to));
      }
    }
  }

  List<String> words() {
    return words;
  }

  /** Those of them that are Base64. */
  List<String> encoded() {
    return encoded;
  }

  @Override
  public String toString() {
    return "Secrets[" + words.size() + "]";
  }
}
