package dev.buildman.agent.logship;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SecretMaskTest {

  private static String masked(List<String> secrets, String... pieces) {
    SecretMask mask = new SecretMask(Secrets.of(secrets));
    StringBuilder shown = new StringBuilder();
    for (String piece : pieces) {
      shown.append(mask.feed(piece));
    }
    return shown.append(mask.end()).toString();
  }

  @Test
  void aSecretIsMaskedWhereverItStands() {
    assertThat(masked(List.of("hunter2"), "hunter2 and hunter2, not hunter1"))
        .isEqualTo("*** and ***, not hunter1");
  }

  @Test
  void aSecretIsMaskedAcrossThePiecesItComesIn() {
    assertThat(masked(List.of("hunter2"), "password: hun", "t", "er2\n"))
        .isEqualTo("password: ***\n");
  }

  @Test
  void whatOnlyBeganLikeASecretIsShownAsSoonAsThatIsClear() {
    SecretMask mask = new SecretMask(Secrets.of(List.of("hunter2")));

    assertThat(mask.feed("the hunt")).isEqualTo("the ");
    assertThat(mask.feed("ing season")).isEqualTo("hunting season");
  }

  @Test
  void aSecretThatIsCutOffAtTheEndIsMaskedAsFarAsItGoes() {
    assertThat(masked(List.of("correct-horse"), "it is correct-ho")).isEqualTo("it is ***");
    assertThat(masked(List.of("correct-horse"), "it is cor")).isEqualTo("it is cor");
  }

  @ParameterizedTest
  @CsvSource({
    "abcdXefgh, abcdXe, Xefgh", // overlap
    "secret-longer, secret, secret-longer", // one begins with the other
    "xxsecretxx, secret, xxsecretxx" // one holds the other
  })
  void secretsThatOverlapAreCoveredTogether(String text, String one, String other) {
    for (int cut = 0; cut <= text.length(); cut++) {
      assertThat(
              masked(List.of(one, other), "<" + text.substring(0, cut), text.substring(cut) + ">"))
          .isEqualTo("<***>");
    }
  }

  @Test
  void theUrlAndBase64FormsOfASecretAreMaskedToo() {
    assertThat(masked(List.of("p@ss/word!"), "https://u:p%40ss%2Fword%21@h cEBzcy93b3JkIQ=="))
        .isEqualTo("https://u:***@h ***==");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "xy", "xyz", "user:"})
  void aSecretIsMaskedWhereverItStandsInBase64(String before) {
    String secret = "correct-horse?>battery~staple";
    byte[] bytes = (before + secret + " and more").getBytes(UTF_8);

    for (Base64.Encoder encoder : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
      String shown = masked(List.of(secret), encoder.encodeToString(bytes));
      // What depends on the secret alone is gone: at most a character at each end tells a few bits.
      assertThat(shown).contains(SecretMask.MASK);
      assertThat(shown.replace(SecretMask.MASK, "").length()).isLessThanOrEqualTo(24);
    }
  }

  /** As {@code base64} and {@code openssl} write it; also with the line ends of Windows. */
  @ParameterizedTest
  @CsvSource({"76, ''", "76, x", "64, xy", "20, user:", "76, 'CR'"})
  void base64ThatIsBrokenIntoLinesIsMasked(int column, String before) {
    String secret = "correct-horse?>battery~staple and-a-second-one-of-some-length";
    String end = before.equals("CR") ? "\r\n" : "\n";
    for (int shift = 0; shift < column; shift++) {
      String plain = "p".repeat(shift) + before + secret + " and more";
      String text =
          Base64.getMimeEncoder(column / 4 * 4, end.getBytes(UTF_8))
                  .encodeToString(plain.getBytes(UTF_8))
              + end;
      String shown = masked(List.of(secret), text.split("(?<=\n)", -1));

      // As above, and at most three characters before a line end that cuts them off.
      int others = (plain.length() - secret.length()) * 4 / 3;
      assertThat(shown.replaceAll("[*\\r\\n]", "").length())
          .as(shown)
          .isLessThanOrEqualTo(others + 12);
      assertThat(shown.lines().count()).as("lines stay lines").isEqualTo(text.lines().count());
    }
  }

  @Test
  void aLineThatOnlyEndsLikeASecretIsShownWithTheNext() {
    SecretMask mask = new SecretMask(Secrets.of(List.of("correct-horse-battery")));

    // Base64 of "correct".
    assertThat(mask.feed("say Y29ycmVjd\n")).isEqualTo("say ");
    assertThat(mask.feed("no more\n")).isEqualTo("Y29ycmVjd\nno more\n");
  }

  @Test
  void everyWayToWriteASecretInAUrlOrInJsonIsMasked() {
    String secret = "p@ss w/\"q\"";

    assertThat(masked(List.of(secret), "p%40ss+w%2F%22q%22")).isEqualTo("***");
    assertThat(masked(List.of(secret), "p%40ss%20w%2f%22q%22")).isEqualTo("***");
    assertThat(masked(List.of(secret), "{\"p\":\"p@ss w/\\\"q\\\"\"}"))
        .isEqualTo("{\"p\":\"***\"}");
  }

  @Test
  void eachLineOfAKeyIsMasked() {
    String key = "-----BEGIN KEY-----\nb3BlbnNzaC1rZXktdjEAAAA\nzz\n-----END KEY-----\n";

    assertThat(masked(List.of(key), "log: b3BlbnNzaC1rZXktdjEAAAA zz")).isEqualTo("log: *** zz");
  }

  @Test
  void wordsThatAreTooShortToBeSecretsAreLeft() {
    assertThat(masked(List.of("", "a", "abc"), "a text with abc")).isEqualTo("a text with abc");
  }

  /** Lines that nearly are a wrapped secret: cut, repeated and mixed. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void piecesNeverChangeWhatIsShownOfLines(long seed) {
    Random random = new Random(seed);
    Secrets secrets = Secrets.of(List.of("correct-horse-battery-staple"));
    String encoded = secrets.encoded().getFirst();
    for (int round = 0; round < 2_000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(6); i >= 0; i--) {
        int from = random.nextInt(encoded.length());
        text.append(encoded, from, from + random.nextInt(encoded.length() - from + 1));
        text.append(List.of("\n", "\r\n", "", "x\n").get(random.nextInt(4)));
      }
      String whole = SecretMask.all(secrets, text.toString());
      SecretMask mask = new SecretMask(secrets);
      StringBuilder shown = new StringBuilder();
      for (String piece : pieces(random, text.toString())) {
        shown.append(mask.feed(piece));
      }
      assertThat(shown.append(mask.end()).toString())
          .as("seed=%s round=%s text=%s", seed, round, text)
          .isEqualTo(whole)
          .doesNotContain(encoded);
    }
  }

  /** Small alphabet, so that overlaps, repeats and near misses are all common. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void piecesNeverChangeWhatIsShown(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      List<String> secrets = new ArrayList<>();
      for (int i = random.nextInt(4); i >= 0; i--) {
        secrets.add(word(random, 4 + random.nextInt(5)));
      }
      String text = word(random, random.nextInt(60));
      String inPieces = masked(secrets, pieces(random, text));

      assertThat(inPieces)
          .as("seed=%s round=%s secrets=%s text=%s", seed, round, secrets, text)
          .isEqualTo(masked(secrets, text))
          .satisfies(shown -> secrets.forEach(secret -> assertThat(shown).doesNotContain(secret)));
      assertThat(masked(secrets, text + "|")).isEqualTo(naive(secrets, text + "|"));
    }
  }

  private static String naive(List<String> secrets, String text) {
    boolean[] hidden = new boolean[text.length()];
    for (String secret : secrets) {
      for (int at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) {
        Arrays.fill(hidden, at, at + secret.length(), true);
      }
    }
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (!hidden[i]) {
        shown.append(text.charAt(i));
      } else if (i == 0 || !hidden[i - 1]) {
        shown.append(SecretMask.MASK);
      }
    }
    return shown.toString();
  }

  private static String word(Random random, int length) {
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < length; i++) {
      word.append((char) ('a' + random.nextInt(2)));
    }
    return word.toString();
  }

  private static String[] pieces(Random random, String text) {
    List<String> pieces = new ArrayList<>();
    for (int at = 0; at < text.length(); ) {
      int end = Math.min(text.length(), at + 1 + random.nextInt(7));
      pieces.add(text.substring(at, end));
      at = end;
    }
    return pieces.toArray(String[]::new);
  }
}
