package dev.buildman.agent.logship;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;

/** However a text is cut into pieces, its secrets stay secret and the rest stays the same. */
public final class SecretMaskFuzz {
  private SecretMaskFuzz() {}

  /** One input, as the fuzzer calls it: the secrets by lines, a NUL character, and the text. */
  public static void fuzzerTestOneInput(byte[] data) {
    String input = new String(data, UTF_8);
    int end = input.indexOf('\0');
    if (end < 0) {
      return;
    }
    Secrets secrets = Secrets.of(List.of(input.substring(0, end).split("\n", -1)));
    String text = input.substring(end + 1);
    String whole = SecretMask.all(secrets, text);
    for (int size : new int[] {1, 2, 3, 7}) {
      if (!pieces(secrets, text, size).equals(whole)) {
        throw new AssertionError("cut into pieces of " + size + " it is another text");
      }
    }
    for (String word : secrets.words()) {
      // With stars in it, the mask itself could be a part of the secret.
      if (word.indexOf('*') < 0 && whole.contains(word)) {
        throw new AssertionError("a secret is shown");
      }
    }
    if (secrets.words().stream().noneMatch(word -> begins(text, word, 0))
        && secrets.encoded().stream().noneMatch(word -> begins(text, word, 3))
        && !whole.equals(text)) {
      throw new AssertionError("something was masked that is no secret");
    }
  }

  /** Where a line end cuts off up to three characters, the rest is masked by itself. */
  private static boolean begins(String text, String word, int missing) {
    for (int from = 0; from <= missing && from + 4 <= word.length(); from++) {
      if (text.contains(word.substring(from, from + 4))) {
        return true;
      }
    }
    return false;
  }

  private static String pieces(Secrets secrets, String text, int size) {
    SecretMask mask = new SecretMask(secrets);
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < text.length(); i += size) {
      shown.append(mask.feed(text.substring(i, Math.min(text.length(), i + size))));
    }
    return shown.append(mask.end()).toString();
  }
}
