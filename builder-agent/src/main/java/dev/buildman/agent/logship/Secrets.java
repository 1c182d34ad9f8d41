package dev.buildman.agent.logship;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The words that no log line may show: each secret as it is, as it stands in a URL and in Base64,
 * and the lines of secrets of many lines.
 */
public final class Secrets {
  /** Shorter ones are in every text: to mask them would tell more than it hides. */
  static final int SHORTEST = 4;

  /** A line of a key is masked by itself from here on; shorter ones are as good as common words. */
  private static final int SHORTEST_LINE = 12;

  private final List<String> words;

  private Secrets(Collection<String> words) {
    this.words = List.copyOf(words);
  }

  /** Of these secrets. */
  public static Secrets of(Collection<String> secrets) {
    Set<String> words = new LinkedHashSet<>();
    for (String secret : secrets) {
      if (secret.strip().indexOf('\n') < 0) {
        add(words, secret.strip(), SHORTEST);
      } else {
        secret.lines().forEach(line -> add(words, line.strip(), SHORTEST_LINE));
      }
    }
    return new Secrets(words);
  }

  private static void add(Set<String> words, String secret, int shortest) {
    if (secret.length() < shortest) {
      return;
    }
    words.add(secret);
    words.add(URLEncoder.encode(secret, UTF_8));
    words.add(Base64.getEncoder().withoutPadding().encodeToString(secret.getBytes(UTF_8)));
  }

  List<String> words() {
    return words;
  }

  @Override
  public String toString() {
    return "Secrets[" + words.size() + "]";
  }
}
